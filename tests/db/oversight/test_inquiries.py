"""Who looked at a plate, at a case, or what a person looked at, in one step (R54)."""

from datetime import datetime, timedelta

import pytest

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.oversight.actions import answer_inquiry, view_own_record
from plateward.oversight.inquiry import Inquiry, Subject
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused
from plateward.reads.actions import open_read
from plateward.search.actions import run_search
from plateward.search.analysis_actions import run_incidents, run_travel
from plateward.search.incidents import Incident, IncidentsQuery
from plateward.search.rules import SearchQuery
from plateward.search.travel import TravelQuery
from tests.drives import drives, more_cameras
from tests.personas import Town
from tests.sightings import seen

pytestmark = pytest.mark.django_db


def searches(
    town: Town,
    username: str,
    plate: str,
    now: datetime,
    reference: str = "",
    *,
    tolerance: Tolerance = Tolerance.AS_WRITTEN,
    days: int = 1,
) -> None:
    query = SearchQuery(
        pattern=PlatePattern.parse(plate),
        tolerance=tolerance,
        from_at=now - timedelta(days=days),
        until_at=now,
        purpose="stolen-plate",
        reason="Seen leaving the robbery at 1st and Main",
        reference=reference,
    )
    run_search(by=town.actor(username, now), query=query, now=now)


def asks(town: Town, now: datetime, subject: Subject, wanted: str) -> list[tuple[str, str]]:
    """Who did what on the answer's time line, newest first, as username and kind of object."""
    question = Inquiry(
        subject=subject,
        wanted=wanted,
        purpose="oversight-discovery",
        reason="Subpoena 26-118, defense counsel",
    )
    answer = answer_inquiry(by=town.actor("cole", now), inquiry=question, now=now)
    return [(entry.record.username, entry.record.subject.partition(":")[0]) for entry in answer.entries]


@pytest.mark.clause("B-466.3.1(d)", "H-426.2.1(d)", "CC-1798.90.52")
def test_who_looked_at_a_plate_finds_every_way_of_looking(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    searches(barstow, "ortiz", "7ABC123", now)
    searches(barstow, "quinn", "7A8C123", now + timedelta(minutes=1))
    searches(barstow, "diaz", "7AB*", now + timedelta(minutes=2))
    searches(barstow, "soto", "9XYZ*", now + timedelta(minutes=3))
    open_read(
        by=barstow.actor("diaz", now),
        read_id=read.id,
        purpose="stolen-plate",
        reason="Compare the car",
        reference="",
        now=now + timedelta(minutes=4),
    )

    assert asks(barstow, now + timedelta(hours=1), Subject.PLATE, "7ABC123") == [
        ("diaz", "reads.Read"),
        ("diaz", "search.Search"),
        ("quinn", "search.Search"),
        ("ortiz", "search.Search"),
    ]


@pytest.mark.clause("B-466.3.1(d)", "CC-1798.90.52")
def test_who_looked_at_a_plate_finds_what_showed_it_without_asking_for_it(
    barstow: Town, now: datetime
) -> None:
    begun = now - timedelta(days=2)
    cameras = more_cameras(barstow, 2, now)
    drives(cameras, "9XYZ789", begun)
    drives(cameras, "7ABC123", begun, late=30)
    stated = {"purpose": "crime-analysis", "reason": "Burglary series on Main Street"}
    hour = timedelta(hours=1)
    travel = TravelQuery(
        plate="9XYZ789",
        within=timedelta(minutes=2),
        fewest=3,
        from_at=begun - hour,
        until_at=begun + hour,
        **stated,
    )
    places = tuple(
        Incident(name=one.name, from_at=begun - hour, until_at=begun + hour, device_ids=(one.pk,))
        for one in cameras[:2]
    )
    run_travel(by=barstow.actor("diaz", now), query=travel, now=now)
    incidents = IncidentsQuery(incidents=places, fewest=2, **stated)
    run_incidents(by=barstow.actor("quinn", now), query=incidents, now=now + hour)
    searches(barstow, "ortiz", "7ABC124", now + 2 * hour, tolerance=Tolerance.ONE_CHARACTER, days=3)

    later = now + 3 * hour
    assert asks(barstow, later, Subject.PLATE, "7ABC123") == [
        ("ortiz", "search.Search"),
        ("quinn", "search.Analysis"),
        ("diaz", "search.Analysis"),
    ]
    assert asks(barstow, later, Subject.PLATE, "5NOT555") == []


@pytest.mark.clause("B-466.3.1(d)", "CC-1798.90.52")
def test_who_saw_an_old_read_is_found_however_often_the_plate_was_read_since(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.oversight.queries.MOST_SIGHTINGS", 2)
    old = now - timedelta(days=3)
    for hours in (72, 30, 20, 10):
        seen(barstow.camera, "7ABC123", now - timedelta(hours=hours))
    for username, until_at in (("diaz", old + timedelta(hours=1)), ("soto", old), ("ortiz", now)):
        query = SearchQuery(
            pattern=None,
            device_ids=(barstow.camera.pk,),
            from_at=until_at - timedelta(hours=15),
            until_at=until_at,
            purpose="suspect-interdiction",
            reason="Every car at the scene",
        )
        run_search(by=barstow.actor(username, now), query=query, now=now)
    found = asks(barstow, now, Subject.PLATE, "7ABC123")
    assert sorted(found) == [("diaz", "search.Search"), ("ortiz", "search.Search")]


def test_the_asking_is_an_access_that_whoever_asks_next_finds(barstow: Town, now: datetime) -> None:
    asks(barstow, now, Subject.PLATE, "7ABC123")

    asked = AccessRecord.objects.latest("pk")
    assert (asked.purpose, asked.plate, asked.result_count) == ("oversight-discovery", "7ABC123", 0)
    assert asks(barstow, now, Subject.PLATE, "7ABC123") == [("cole", "oversight.Inquiry")]


def test_who_looked_for_a_case_takes_its_number_however_it_was_capitalized(
    barstow: Town, now: datetime
) -> None:
    searches(barstow, "ortiz", "7ABC123", now, reference="BPD-26-0311")
    searches(barstow, "quinn", "7ABC123", now, reference="BPD-26-0312")

    assert asks(barstow, now, Subject.CASE, "bpd-26-0311") == [("ortiz", "search.Search")]


def test_what_a_person_looked_at_is_theirs_alone(barstow: Town, now: datetime) -> None:
    searches(barstow, "ortiz", "7ABC123", now)
    searches(barstow, "quinn", "7ABC123", now)

    assert asks(barstow, now, Subject.PERSON, "ortiz") == [("ortiz", "search.Search")]


def test_nothing_of_another_agency_answers(barstow: Town, huntington_park: Town, now: datetime) -> None:
    searches(huntington_park, "hart", "7ABC123", now, reference="26-7")

    assert asks(barstow, now, Subject.PLATE, "7ABC123") == []
    assert asks(barstow, now, Subject.CASE, "26-7") == []
    assert asks(barstow, now, Subject.PERSON, "hart") == []


def test_a_patrol_officer_may_not_ask_about_others(barstow: Town, now: datetime) -> None:
    question = Inquiry(
        subject=Subject.PERSON, wanted="quinn", purpose="oversight-audit", reason="Curious about Quinn"
    )
    with pytest.raises(Refused):
        answer_inquiry(by=barstow.actor("ortiz", now), inquiry=question, now=now)


def test_everybody_sees_their_own_record_and_the_looking_is_journaled(barstow: Town, now: datetime) -> None:
    searches(barstow, "ortiz", "7ABC123", now)
    searches(barstow, "quinn", "7ABC123", now)

    entries, is_cut = view_own_record(by=barstow.actor("ortiz", now), now=now)

    assert [entry.record.username for entry in entries] == ["ortiz"]
    assert not is_cut
    assert AuditRecord.objects.latest("pk").verb == "oversight.record.viewed"
