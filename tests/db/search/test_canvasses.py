"""A canvass of a crime scene: on record, looked at, and cars sent to it."""

from datetime import datetime, timedelta

import pytest

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.presenters import sentence
from plateward.audit.who import Who
from plateward.devices.actions import register, set_enabled
from plateward.devices.models import Device, DeviceProblem
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.notices.models import Notice
from plateward.policy import Refused
from plateward.search import canvass_actions, canvass_queries
from plateward.search.canvass_rules import CanvassError, CrimeKind, Why
from plateward.search.models import Canvass, Search
from plateward.search.rules import TooVagueError
from tests.canvasses import WHY, asked, assigned, opened
from tests.personas import Town
from tests.sightings import seen

NEAR, FAR = (34.8990, -117.0230), (34.9500, -117.1000)


def device(
    town: Town, name: str, now: datetime, at: tuple[float, float] | None, kind: DeviceKind = DeviceKind.FIXED
) -> Device:
    latitude, longitude = at or (None, None)
    facts = DeviceFacts(
        name=name, kind=kind, location=name, owner="Police", latitude=latitude, longitude=longitude
    )
    return register(agency=town.agency, facts=facts, by=Who.system("tests"), now=now)[0]


def verbs(town: Town) -> list[str]:
    rows = AuditRecord.objects.filter(agency=town.agency.pk, verb__startswith="search.").order_by("pk")
    return [row.verb for row in rows]


@pytest.mark.clause("B-466.4(c)")
def test_a_canvass_is_on_record_and_each_look_names_the_incident(barstow: Town, now: datetime) -> None:
    corner = device(barstow, "Corner", now, NEAR)
    for minutes, plate in enumerate(["7ABC123", "6XYZ789", "7ABC123"], start=10):
        seen(corner, plate, now - timedelta(minutes=minutes))
    found = opened(barstow, "ortiz", now)
    assert AccessRecord.objects.count() == 0
    row = AuditRecord.objects.filter(verb="search.canvass.opened").get()
    assert "opened a canvass for Homicide at 1st and Main: within 500 m" in sentence(row)

    seen_there = canvass_actions.list_plates(by=barstow.actor("ortiz", now), canvass=found, why=WHY, now=now)
    assert [(one.plate, one.reads) for one in seen_there.plates] == [("7ABC123", 2), ("6XYZ789", 1)]
    assert seen_there.plates[0].first_at < seen_there.plates[0].last_at
    assert seen_there.plates[0].devices == ("Corner",)
    result = canvass_actions.search_canvass(by=barstow.actor("diaz", now), canvass=found, why=WHY, now=now)
    assert len(result.found.reads) == 3
    for record in AccessRecord.objects.all():
        incident = {"canvass": str(found.pk), "crime": "HOMICIDE", "place": "1st and Main"}
        assert record.elements["incident"] == incident
        assert record.elements["area"]["kind"] == "CIRCLE"
    accessed = AuditRecord.objects.filter(verb="audit.access.recorded").latest("pk")
    assert "looked at reads of all plates for suspect-interdiction" in sentence(accessed)


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_the_record_of_a_look_holds_what_the_looker_states_not_why_the_canvass_was_opened(
    barstow: Town, now: datetime
) -> None:
    found = opened(barstow, "ortiz", now, reference="26-01234")
    later, own = (
        now + timedelta(days=300),
        Why("missing-person", "Child last seen at 1st and Main", "26-09999"),
    )
    diaz = barstow.actor("diaz", now)
    canvass_actions.search_canvass(by=diaz, canvass=found, why=own, now=later)
    seen_there = canvass_actions.list_plates(by=diaz, canvass=found, why=own, now=later)
    canvass_actions.show_plates(by=diaz, search_id=seen_there.search.pk, page=1, now=later)
    records = AccessRecord.objects.all()
    assert len(records) == 3
    for record in records:
        assert Why(record.purpose, record.reason, record.reference) == own
        assert record.elements["incident"]["canvass"] == str(found.pk)


def test_plates_of_several_places_are_added_up(barstow: Town, now: datetime) -> None:
    corner, second = device(barstow, "Corner", now, NEAR), device(barstow, "Second", now, NEAR)
    car = device(barstow, "Car 12", now, None, DeviceKind.MOBILE)
    for minutes, by, at in ((50, second, None), (40, car, NEAR), (30, corner, None), (20, car, FAR)):
        seen(by, "7ABC123", now - timedelta(minutes=minutes), at=at)
    (one,) = canvass_queries.distinct_plates(barstow.agency.pk, asked(now))
    assert (one.reads, one.devices) == (3, ("Second", "Car 12", "Corner"))
    assert (one.first_at, one.last_at) == (now - timedelta(minutes=50), now - timedelta(minutes=30))


def test_plates_seen_belong_to_who_searched_all_plates(barstow: Town, now: datetime) -> None:
    found = opened(barstow, "ortiz", now)
    seen_there = canvass_actions.list_plates(by=barstow.actor("ortiz", now), canvass=found, why=WHY, now=now)
    with pytest.raises(Search.DoesNotExist):
        canvass_actions.show_plates(
            by=barstow.actor("diaz", now), search_id=seen_there.search.pk, page=1, now=now
        )


@pytest.mark.clause("H-426.3(c)", "H-426.2")
def test_a_canvass_outside_the_policy_or_over_too_long_a_time_is_refused(
    huntington_park: Town, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        opened(huntington_park, "hale", now, purpose="investigatory-lead")
    assert refused.value.decision.clause == "H-426.2"
    with pytest.raises(TooVagueError, match="at most 7 days"):
        opened(huntington_park, "hale", now, from_at=now - timedelta(days=8))
    with pytest.raises(CanvassError, match="needs an area"):
        opened(huntington_park, "hale", now, area=None, device_ids=(huntington_park.camera.pk,))
    assert not Canvass.objects.exists()
    assert opened(huntington_park, "hale", now).is_major


@pytest.mark.clause("B-466.4(c)")
def test_homicides_shootings_and_major_incidents_come_first(barstow: Town, now: datetime) -> None:
    for hours, crime in enumerate(
        [CrimeKind.BURGLARY, CrimeKind.SHOOTING, CrimeKind.OTHER, CrimeKind.HOMICIDE]
    ):
        canvass_actions.open_canvass(
            by=barstow.actor("ortiz", now),
            crime=crime,
            place=crime.label,
            query=asked(now),
            now=now + timedelta(hours=hours),
        )
    listed = canvass_queries.canvasses_of(barstow.agency.pk)
    assert [one.place for one in listed] == ["Homicide", "Shooting", "Other crime", "Burglary"]


def test_what_covers_a_place_says_who_was_silent_and_which_cars_are_near(
    barstow: Town, now: datetime
) -> None:
    corner, quiet = device(barstow, "Corner", now, NEAR), device(barstow, "Quiet", now, NEAR)
    edge = device(barstow, "City edge", now, FAR)
    car = device(barstow, "Car 12", now, None, DeviceKind.MOBILE)
    seen(corner, "7ABC123", now - timedelta(minutes=10))
    seen(edge, "7ABC123", now - timedelta(minutes=20))
    seen(car, "6XYZ789", now - timedelta(minutes=5), at=NEAR)
    DeviceProblem.objects.create(
        agency=barstow.agency,
        device=quiet,
        kind="SILENT",
        text="No read for 3 hours.",
        since_at=now - timedelta(hours=1),
    )
    covered = canvass_queries.coverage(barstow.agency.pk, asked(now), now)
    assert {one.device.name: one.has_read for one in covered.fixed} == {"Corner": True, "Quiet": False}
    assert [(one.device, one.has_moved_away) for one in covered.passing] == [(car, False)]
    assert quiet in [one.device for one in covered.silent]
    (about_quiet,) = [one.problems for one in covered.fixed if one.device == quiet]
    assert [problem.kind for problem in about_quiet] == ["SILENT"]
    assert [one.device for one in covered.near] == [car]
    assert covered.near[0].distance_m < 100


@pytest.mark.clause("B-466.4(c)")
def test_a_car_is_sent_and_its_person_has_it_before_them_until_it_is_done(
    barstow: Town, now: datetime
) -> None:
    found = opened(barstow, "diaz", now)
    car = device(barstow, "Car 12", now, None, DeviceKind.MOBILE)
    made = assigned(barstow, found, "diaz", "quinn", now, device=car)
    notice = Notice.objects.get(user_id=barstow.users["quinn"].pk, kind="canvass-assignment")
    assert (notice.is_task, notice.done_at, notice.due_at) == (True, None, made.until_at)
    assert "1st and Main" in notice.text
    assert list(canvass_queries.own_tasks(barstow.agency.pk, barstow.users["quinn"].pk)) == [made]

    with pytest.raises(CanvassError, match="Only the person assigned"):
        canvass_actions.end_assignment(
            by=barstow.actor("ortiz", now), assignment=made, is_done=True, note="", now=now
        )
    seen(car, "7PAR111", now + timedelta(minutes=30), at=NEAR)
    seen(car, "7PAR222", now + timedelta(minutes=31), at=FAR)
    later = now + timedelta(hours=1)
    ended = canvass_actions.end_assignment(
        by=barstow.actor("quinn", later), assignment=made, is_done=True, note="Main St closed", now=later
    )
    notice.refresh_from_db()
    assert (ended.state, notice.done_at) == ("DONE", later)
    result = canvass_actions.search_canvass(
        by=barstow.actor("diaz", later), canvass=found, why=WHY, assignment=ended, now=later
    )
    assert [read.plate for read in result.found.reads] == ["7PAR111"]
    with pytest.raises(CanvassError, match="is done already"):
        canvass_actions.end_assignment(
            by=barstow.actor("diaz", later), assignment=ended, is_done=False, note="", now=later
        )
    assert verbs(barstow) == [
        "search.canvass.opened",
        "search.assignment.made",
        "search.assignment.finished",
    ]


@pytest.mark.clause("B-466.4(c)")
def test_the_person_sent_acknowledges_and_nobody_else_does(barstow: Town, now: datetime) -> None:
    made = assigned(barstow, opened(barstow, "diaz", now), "diaz", "quinn", now)
    later = now + timedelta(minutes=1)
    with pytest.raises(CanvassError, match="Only the person assigned"):
        canvass_actions.acknowledge(by=barstow.actor("diaz", later), assignment=made, now=later)
    going = canvass_actions.acknowledge(by=barstow.actor("quinn", later), assignment=made, now=later)
    assert (going.state, going.acknowledged_at) == ("ACKNOWLEDGED", later)
    assert list(canvass_queries.own_tasks(barstow.agency.pk, barstow.users["quinn"].pk)) == [made]
    with pytest.raises(CanvassError, match="is acknowledged already"):
        canvass_actions.acknowledge(by=barstow.actor("quinn", later), assignment=made, now=later)
    ended = canvass_actions.end_assignment(
        by=barstow.actor("quinn", later), assignment=made, is_done=True, note="", now=later
    )
    assert ended.state == "DONE"


@pytest.mark.clause("B-466.4(c)")
def test_a_canvass_is_closed_once_nobody_is_sent_and_stays_to_be_looked_at(
    barstow: Town, now: datetime
) -> None:
    found, diaz = opened(barstow, "diaz", now), barstow.actor("diaz", now)
    made = assigned(barstow, found, "diaz", "quinn", now)
    with pytest.raises(CanvassError, match="1 assignment has not ended"):
        canvass_actions.close_canvass(by=diaz, canvass=found, note="Done", now=now)
    canvass_actions.end_assignment(by=diaz, assignment=made, is_done=False, note="", now=now)
    with pytest.raises(CanvassError, match="Say how the canvass ended"):
        canvass_actions.close_canvass(by=diaz, canvass=found, note=" ", now=now)
    closed = canvass_actions.close_canvass(by=diaz, canvass=found, note="Suspect vehicle found", now=now)
    assert (closed.closed_at, closed.closing_note) == (now, "Suspect vehicle found")
    with pytest.raises(CanvassError, match="closed already"):
        canvass_actions.close_canvass(by=diaz, canvass=found, note="Again", now=now)
    with pytest.raises(CanvassError, match="This canvass is closed"):
        assigned(barstow, found, "diaz", "quinn", now)
    seen(
        device(barstow, "Car 12", now, None, DeviceKind.MOBILE), "7ABC123", now - timedelta(hours=1), at=NEAR
    )
    result = canvass_actions.search_canvass(by=diaz, canvass=found, why=WHY, now=now)
    assert len(result.found.reads) == 1
    newer = opened(barstow, "diaz", now)
    assert list(canvass_queries.canvasses_of(barstow.agency.pk)) == [newer, found]


@pytest.mark.clause("B-466.4(d)")
def test_nobody_is_sent_who_may_not_use_alpr_nor_a_car_that_is_none(barstow: Town, now: datetime) -> None:
    found = opened(barstow, "diaz", now)
    with pytest.raises(CanvassError, match=r"Rey Ruiz cannot canvass .*Choose somebody else"):
        assigned(barstow, found, "diaz", "ruiz", now)
    with pytest.raises(CanvassError, match="no ALPR-equipped car"):
        assigned(barstow, found, "diaz", "quinn", now, device=barstow.camera)
    parked = device(barstow, "Car 13", now, None, DeviceKind.MOBILE)
    set_enabled(device=parked, enabled=False, by=barstow.actor("cole", now).who, now=now)
    parked.refresh_from_db()
    with pytest.raises(CanvassError, match="no ALPR-equipped car"):
        assigned(barstow, found, "diaz", "quinn", now, device=parked)
    with pytest.raises(CanvassError, match="over already"):
        assigned(barstow, found, "diaz", "quinn", now, from_at=now - timedelta(hours=2), until_at=now)
    with pytest.raises(Refused):
        assigned(barstow, found, "imani", "quinn", now)
    assert not Notice.objects.filter(kind="canvass-assignment").exists()
