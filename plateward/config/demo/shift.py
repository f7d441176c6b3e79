"""Alerts of the last days as dispatch and officers worked them; one is still at work, one came late."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from plateward.accounts.models import User
from plateward.alerts import actions as alerts
from plateward.alerts import check_actions as checks
from plateward.alerts.hit_rules import HitResult, Urgency
from plateward.alerts.models import Alert
from plateward.alerts.picture_rules import Sameness
from plateward.alerts.rules import ConfirmationResult
from plateward.config.demo.arrivals import Receiver, Sighting, receiving, take_up
from plateward.config.demo.cast import BARSTOW, CAR, HUNTINGTON_PARK
from plateward.devices.models import Device
from plateward.field import actions as field
from plateward.field.actions import Sent
from plateward.field.rules import ActKind
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.hotlists import actions as hotlists
from plateward.hotlists.models import Entry, HotlistKind
from plateward.reads.check_actions import check_read
from plateward.reads.upload_actions import upload

BEFORE_ANSWER: Final = ("confirm", "advise-pending", "describe")
MISREADING: Final = "L Street & Main"
LATE: Final = (
    ("8WZJ264", 34.8951, -117.0301),
    ("8GKL204", 34.8993, -117.0389),
    ("6TFM218", 34.8990, -117.0251),
    ("7SBC640", 34.8962, -117.0214),
)
"""What the car read on its round, a quarter of an hour apart: one vehicle is looked for, one is of a case."""


@dataclass(frozen=True, slots=True)
class Work:
    """An alert at work, its acts dated in minutes after it was raised."""

    alert: Alert
    began: datetime

    def at(self, minute: float) -> datetime:
        """So many minutes after it was raised."""
        return self.began + timedelta(minutes=minute)

    def steps(self, *steps: str, minute: float) -> None:
        """Dispatcher Dunn works these steps, half a minute apart."""
        for number, step in enumerate(steps):
            at = self.at(minute + number / 2)
            alerts.work_step(alert=self.alert, step=step, by=_actor("dunn", at), now=at)

    def confirmed(self, username: str, minute: float) -> None:
        """CLETS says that the record is active."""
        at = self.at(minute)
        alerts.record_confirmation(
            alert=self.alert,
            channel="clets-terminal",
            result=ConfirmationResult.CONFIRMED,
            by=_actor(username, at),
            now=at,
        )

    def hand_to(self, username: str, note: str, *, minute: float, acknowledged: float | None = None) -> None:
        """Dunn hands it to an officer, who acknowledges it or has not yet."""
        at, officer = self.at(minute), User.objects.get(username=username)
        field.hand_over(
            alert=self.alert, officer=officer.pk, unit=None, note=note, by=_actor("dunn", at), now=at
        )
        if acknowledged is not None:
            done = self.at(acknowledged)
            sent = Sent(act=uuid4(), kind=ActKind.ACKNOWLEDGE, done_at=done, sent_at=done, given={})
            field.take_act(alert=self.alert, sent=sent, by=_actor(username, done), now=done)

    def asked(self, entering_agency: str, urgency: Urgency, *, minute: float) -> UUID:
        """Dunn asks the agency that entered the record whether it holds."""
        at = self.at(minute)
        made = checks.ask_entering_agency(
            alert=self.alert,
            entering_agency=entering_agency,
            urgency=urgency,
            by=_actor("dunn", at),
            now=at,
        )
        return made.pk

    def disposed(self, code: str, username: str, *, minute: float, note: str = "", stop: str = "") -> None:
        """It is closed with its outcome; `stop` is why a vehicle was stopped."""
        at = self.at(minute)
        alerts.dispose(
            alert=self.alert,
            code=code,
            note=note,
            stop_made=bool(stop),
            stop_reason=stop,
            by=_actor(username, at),
            now=at,
        )


def seed_shift(now: datetime) -> None:
    """Have alerts come and be worked, from two days ago until now; once.

    What a start that was killed had begun is left as it stands: only what it did not come to is added.
    """
    with receiving() as receiver:
        parts: dict[str, Callable[[], None]] = {
            "8XAN675": lambda: _recovered(receiver, now - timedelta(hours=43)),
            "6VPF467": lambda: _misread(receiver, now - timedelta(hours=20)),
            "9XQK417": lambda: _answered(receiver, now - timedelta(hours=7)),
            "CAF3290": lambda: _elsewhere(receiver, now - timedelta(hours=6)),
            "8WZJ264": lambda: _late(now - timedelta(minutes=6)),
            "652G80": lambda: _under_way(receiver, now - timedelta(minutes=5)),
        }
        for plate, work in parts.items():
            if not _begun(plate):
                work()


def _begun(plate: str) -> bool:
    """Whether an entry of a vehicle was asked for, or an alert of it was raised."""
    asked = Entry.objects.filter(plate=plate, hotlist__kind=HotlistKind.CUSTOM)
    return asked.exists() or Alert.objects.filter(plate=plate).exists()


def _actor(username: str, at: datetime) -> Actor:
    return actor_for(User.objects.get(username=username), at=at)


def _raised(receiver: Receiver, agency: str, *sightings: Sighting) -> Work:
    """The alert that these sightings raise."""
    receiver.arrive(agency, *sightings)
    found = Alert.objects.get(agency=agency, plate=sightings[0].plate, raised_at__gte=sightings[0].at)
    return Work(found, found.raised_at)


def _recovered(receiver: Receiver, at: datetime) -> None:
    """A stolen car, stopped by the officer it was handed to, who then takes its entry off the hotlist."""
    before = at - timedelta(hours=4)
    entry = hotlists.request_entry(
        plate="8XAN675",
        region="US-CA",
        vehicle_description="Gold SUV",
        purpose="stolen-or-wanted-vehicle",
        reason="Stolen from the lot of the station on Barstow Road",
        case_number="26-004398",
        by=_actor("ortiz", before),
        now=before,
    )
    approval = before + timedelta(minutes=9)
    hotlists.approve(entry=entry, by=_actor("lane", approval), now=approval)
    first = Sighting(camera="Main & 1st", at=at, plate="8XAN675", picture="scene-042.jpg")
    work = _raised(receiver, BARSTOW.agency, first)
    work.steps(*BEFORE_ANSWER, minute=0.5)
    work.hand_to("ortiz", "Take it north of First", minute=2, acknowledged=2.5)
    work.confirmed("dunn", 3)
    work.steps("advise-verified", minute=3.5)
    receiver.arrive(
        BARSTOW.agency,
        Sighting(camera="Main & Barstow Rd", at=work.at(4), plate="8XAN675", picture="scene-023.jpg"),
    )
    work.steps("update-direction", minute=4.5)
    stop = "Stolen vehicle, confirmed in CLETS"
    work.disposed("recovered", "ortiz", minute=16, note="Driver arrested, vehicle towed.", stop=stop)
    hotlists.remove(
        entry=entry, note="Recovered on Main Street.", by=_actor("ortiz", work.at(25)), now=work.at(25)
    )


def _misread(receiver: Receiver, at: datetime) -> None:
    """A 1 that was read as a 7; the same camera's other reads were looked at then, one of another state."""
    before = at - timedelta(hours=6)
    entry = hotlists.request_entry(
        plate="6VPF467",
        region="US-CA",
        vehicle_description="Red sedan",
        purpose="stolen-or-wanted-vehicle",
        reason="Taken in a carjacking at the outlet stores",
        case_number="26-004409",
        by=_actor("diaz", before),
        now=before,
    )
    approved = hotlists.approve(entry=entry, by=_actor("cole", before), now=before)
    hotlists.enter(entry=approved, by=_actor("diaz", before), now=before)
    seen = Sighting(camera=MISREADING, at=at, plate="6VPF467", confidence=0.71, picture="scene-038.jpg")
    work = _raised(receiver, BARSTOW.agency, seen)
    work.steps("confirm", minute=0.5)
    checks.compare_picture(
        alert=work.alert,
        hit=work.alert.hits.get().pk,
        characters=Sameness.NO,
        region=Sameness.YES,
        make=Sameness.CANNOT_TELL,
        color=Sameness.YES,
        by=_actor("dunn", work.at(1)),
        now=work.at(1),
    )
    work.disposed("misread", "dunn", minute=2, note="The picture shows 6VPF461.")
    others = receiver.arrive(
        BARSTOW.agency,
        Sighting(camera=MISREADING, at=work.at(5), plate="9GWU677", picture="scene-041.jpg"),
        Sighting(camera=MISREADING, at=work.at(7), plate="CAH0292", picture="scene-021.jpg"),
        Sighting(camera=MISREADING, at=work.at(11), plate="6LNC935", picture="scene-040.jpg"),
    )
    _checked(work.alert.hits.get().read_id, "6VPF461", "US-CA", "The last digit has no bar: it is a 1.", at)
    for read, region in zip(others, ("US-CA", "US-AZ", "US-CA"), strict=True):
        why = "" if region == read.region else "The plate says Arizona."
        _checked(read.id, read.plate, region, why, at)


def _checked(read_id: UUID, shows: str, region: str, why: str, at: datetime) -> None:
    """Detective Diaz says what the picture shows."""
    now = at + timedelta(hours=2)
    check_read(by=_actor("diaz", now), read_id=read_id, shows=shows, shows_region=region, reason=why, now=now)


def _answered(receiver: Receiver, at: datetime) -> None:
    """A stolen plate of the state's list: the agency that entered it was asked, and confirmed."""
    work = _raised(receiver, BARSTOW.agency, Sighting(camera="Armory & Muriel", at=at, plate="9XQK417"))
    work.steps(*BEFORE_ANSWER, minute=0.5)
    work.confirmed("dunn", 3)
    work.steps("advise-verified", minute=3.5)
    request = work.alert.hit_confirmations.get(
        pk=work.asked("Victorville Station (invented)", Urgency.ROUTINE, minute=5)
    )
    answered = work.at(27)
    checks.record_hit_answer(
        request=request,
        result=HitResult.CONFIRMED,
        note="Still stolen, hold the plate for them.",
        by=_actor("dunn", answered),
        now=answered,
    )
    work.disposed("not-located", "dunn", minute=50)


def _elsewhere(receiver: Receiver, at: datetime) -> None:
    """Huntington Park, whose policy names no steps: the dispatcher asks CLETS and closes the alert.

    In Barstow two pass for whom nobody looks: without a read of the last day their cameras would count as
    silent.
    """
    work = _raised(
        receiver,
        HUNTINGTON_PARK.agency,
        Sighting(camera="Gage & State", at=at, plate="CAF3290", region="US-AZ", picture="scene-029.jpg"),
    )
    work.confirmed("hyde", 4)
    work.disposed("not-located", "hyde", minute=35)
    later = work.at(180)
    receiver.arrive(
        BARSTOW.agency,
        Sighting(camera="Main & 1st", at=later, plate="7PAT782", picture="scene-004.jpg"),
        Sighting(camera="Main & Barstow Rd", at=later, plate="7YTD533", picture="scene-010.jpg"),
    )


def _late(now: datetime) -> None:
    """At the end of the shift Sergeant Soto uploads what the car read on its round."""
    lines = ["captured_at,plate,state,confidence,latitude,longitude"]
    for number, (plate, latitude, longitude) in enumerate(LATE):
        at = now - timedelta(minutes=95 - 15 * number)
        lines.append(f"{at.isoformat()},{plate},CA,0.93,{latitude},{longitude}")
    upload(
        by=_actor("soto", now),
        device=Device.objects.get(agency_id=BARSTOW.agency, name=CAR),
        name="Car 12 round.csv",
        data="\n".join(lines).encode(),
        now=now,
    )
    take_up(now)


def _under_way(receiver: Receiver, at: datetime) -> None:
    """A car stolen in Nevada: confirmed in CLETS, handed to two officers, its own agency asked urgently."""
    first = Sighting(camera="Armory & Muriel", at=at, plate="652G80", region="US-NV", picture="scene-048.jpg")
    work = _raised(receiver, BARSTOW.agency, first)
    work.steps(*BEFORE_ANSWER, minute=0.5)
    receiver.arrive(
        BARSTOW.agency,
        Sighting(
            camera="Barstow Rd & I-15",
            at=work.at(2),
            plate="652G80",
            region="US-NV",
            picture="scene-011.jpg",
        ),
    )
    work.confirmed("dunn", 2.5)
    work.steps("advise-verified", minute=3)
    work.hand_to("ortiz", "Southbound to the ramp", minute=3.5, acknowledged=4)
    work.hand_to("cruz", "Wait at Lenwood", minute=4)
    work.asked("Las Vegas (invented)", Urgency.URGENT, minute=4.5)
