"""A unit in a car of a town, as it talks to the server; and the acts of units."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
from django.http import HttpResponse
from django.test import Client

from plateward.devices import actions as devices
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.units import actions, answer_actions, journal_actions, key_actions, sign_in_actions
from plateward.units.models import SignIn, Unit
from plateward.unitwire.calls import (
    Acknowledged,
    Enroll,
    Enrolled,
    JournalPortion,
    Thinned,
    TransferReport,
    event_id,
)
from plateward.unitwire.documents import Document, Signed
from plateward.unitwire.journal import BEGINNING, Entry, linked
from plateward.unitwire.signing import DocumentKey, opened
from tests.payloads import inbox_item
from tests.personas import SETUP, Town
from tests.stage import Act, Stage

_T = TypeVar("_T", bound=Document)


def car(town: Town, now: datetime, name: str = "Car 12") -> Device:
    facts = DeviceFacts(name=name, kind=DeviceKind.MOBILE, location="Patrol car 12", owner="Police")
    made, _ = devices.register(agency=town.agency, facts=facts, by=SETUP, now=now)
    return made


def manager_of(town: Town) -> str:
    return "imani" if "imani" in town.users else "hayes"


def code_for(device: Device, town: Town, now: datetime) -> str:
    return actions.make_code(device=device, by=town.actor(manager_of(town), now), now=now)


@dataclass
class Car:
    """An enrolled unit with its key; what it is told is opened as a unit opens it."""

    enrolled: Enrolled
    client: Client = field(default_factory=Client)

    @property
    def device(self) -> Device:
        return Device.objects.get(pk=self.enrolled.device_id)

    @property
    def unit(self) -> Unit:
        return Unit.objects.select_related("device", "agency").get(pk=self.enrolled.device_id)

    def get(self, address: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/unit/v1/{address}", headers=self._key() | headers)

    def post(self, address: str, told: Any = None, **headers: str) -> HttpResponse:
        body = told if isinstance(told, bytes) else msgspec.json.encode(told or {})
        sent = self._key() | headers
        return self.client.post(f"/unit/v1/{address}", body, "application/json", headers=sent)

    def told(self, response: HttpResponse, kind: type[_T], after: int = 0) -> _T:
        assert response.status_code == HTTPStatus.OK, response.content
        signed = msgspec.json.decode(response.content, type=Signed)
        keys = {self.enrolled.signing_key_id: self.enrolled.signing_key}
        mine = self.enrolled
        return opened(signed, keys, kind, device_id=mine.device_id, agency=mine.agency, after=after)

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.enrolled.key}"}


def enrolled(town: Town, now: datetime, name: str = "Car 12") -> Car:
    """A car registered and enrolled over the wire."""
    code = code_for(car(town, now, name), town, now)
    response = Client().post(
        "/unit/v1/enroll",
        msgspec.json.encode(Enroll(code=code, name="mdt-12", version="0.1")),
        "application/json",
    )
    assert response.status_code == HTTPStatus.CREATED, response.content
    return Car(msgspec.json.decode(response.content, type=Enrolled))


def arrived(device: Device, spool: UUID, *sequences: int, now: datetime) -> None:
    """The receiver took in these reads of the spool."""
    for sequence in sequences:
        inbox_item(device, b"{}", now, key=event_id(spool, sequence))


def unit_in(town: Town, now: datetime) -> Unit:
    """The same without the network, for what is no matter of it."""
    device = car(town, now)
    actions.enroll(
        sent=Enroll(code=code_for(device, town, now), name="mdt-12", version="0.1"), address="", now=now
    )
    return Unit.objects.select_related("device", "agency").get(pk=device.pk)


def signing_in(town: Town, now: datetime) -> tuple[Unit, sign_in_actions.Begun, SignIn]:
    """Officer Ortiz was asked whether it is she who sits in the car."""
    unit = unit_in(town, now)
    begun = sign_in_actions.begin(unit=unit, now=now)
    found = sign_in_actions.find(typed=begun.user_code, by=town.actor("ortiz", now), now=now)
    return unit, begun, found


def signed_in(town: Town, now: datetime, *, by: str = "ortiz") -> tuple[Unit, SignIn]:
    unit, begun, found = signing_in(town, now)
    sign_in_actions.decide(sign_in=found, is_confirmed=True, by=town.actor(by, now), now=now)
    sign_in_actions.take_up(unit=unit, device_code=begun.device_code, now=now)
    found.refresh_from_db()
    return unit, found


def make_code(s: Stage) -> Act:
    device = car(s.town, s.now)
    return lambda: code_for(device, s.town, s.now)


def enroll(s: Stage) -> Act:
    code = code_for(car(s.town, s.now), s.town, s.now)
    return lambda: actions.enroll(
        sent=Enroll(code=code, name="mdt-12", version="0.1"), address="192.0.2.1", now=s.now
    )


def decide(s: Stage) -> Act:
    _, _, found = signing_in(s.town, s.now)
    return lambda: sign_in_actions.decide(sign_in=found, is_confirmed=True, **s.by("ortiz"))


def take_up(s: Stage) -> Act:
    unit, begun, found = signing_in(s.town, s.now)
    sign_in_actions.decide(sign_in=found, is_confirmed=True, **s.by("ortiz"))
    return lambda: sign_in_actions.take_up(unit=unit, device_code=begun.device_code, now=s.now)


def end(s: Stage) -> Act:
    unit, found = signed_in(s.town, s.now)
    return lambda: sign_in_actions.end(unit=unit, session=found.pk, now=s.now)


def rotate(s: Stage) -> Act:
    old, new = DocumentKey(bytes(32)), DocumentKey(bytes([7]) * 32)
    return lambda: key_actions.rotate_signing_key(old=old, new=new, **s.setup)


def merge(s: Stage) -> Act:
    unit = unit_in(s.town, s.now)
    portion = JournalPortion(journal=uuid4(), entries=tuple(chain(act(s.now, verb="unit.started"))))
    profile = s.actor("ortiz").profile
    return lambda: journal_actions.merge(unit=unit, portion=portion, profile=profile, now=s.now)


def take_answer(s: Stage) -> Act:
    unit, found = signed_in(s.town, s.now)
    answer = Acknowledged(id=uuid4(), session=found.pk, at=s.now, assignment=uuid4())
    return lambda: answer_actions.take_answer(unit=unit, answer=answer, now=s.now)


def limit(s: Stage) -> Act:
    unit = unit_in(s.town, s.now)
    return lambda: actions.limit_upload(unit=unit, kilobytes_per_s=200, **s.by("imani"))


UNIT_ACTS = {
    "units.limit_upload": limit,
    "units.merge": merge,
    "units.take_answer": take_answer,
    "units.make_code": make_code,
    "units.enroll": enroll,
    "units.refuse_code": lambda s: lambda: actions.refuse_code(address="", why="It is over.", now=s.now),
    "units.decide": decide,
    "units.take_up": take_up,
    "units.end": end,
    "units.rotate_signing_key": rotate,
}


def thinned(spool: UUID, now: datetime, *sequences: int, highest: int = 9) -> TransferReport:
    """A report of pictures given up."""
    told = [
        Thinned(sequence=n, what="pictures", why="No room.", at=now - timedelta(hours=1)) for n in sequences
    ]
    return TransferReport(spool=spool, highest_sequence=highest, thinned=tuple(told))


def unit_row(town: Town) -> Unit:
    """The town's camera as a unit, as a row alone."""
    camera = town.camera
    facts = {"agency_id": camera.agency_id, "enrolled_at": camera.registered_at, "host": "pc"}
    return Unit.objects.get_or_create(device=camera, defaults=facts)[0]


def waiting(town: Town) -> SignIn:
    """A sign-in that waits at the town's camera, as a row alone."""
    camera = town.camera
    return SignIn.objects.create(
        agency_id=camera.agency_id,
        device=unit_row(town).device,
        device_code_sha256=uuid4().hex,
        user_code_sha256=uuid4().hex,
        begun_at=camera.registered_at,
        expires_at=camera.registered_at + timedelta(minutes=10),
        interval_s=5,
    )


def act(at: datetime, **facts: Any) -> Entry:
    """An entry of a unit's journal before it stands in a chain."""
    blank: dict[str, Any] = {
        "n": 1,
        "at": at,
        "clock_offset_s": 0.0,
        "user": None,
        "session": None,
        "verb": "unit.started",
        "subject": "",
        "detail": {},
        "previous": BEGINNING,
        "hash": BEGINNING,
    }
    return Entry(**blank | facts)


def chain(*acts: Entry, after: int = 0, previous: str = BEGINNING) -> list[Entry]:
    """The entries in a row, each with its number and hashes."""
    made: list[Entry] = []
    for one in acts:
        last = made[-1].hash if made else previous
        made.append(linked(msgspec.structs.replace(one, n=after + len(made) + 1, previous=last)))
    return made
