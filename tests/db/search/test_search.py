"""Searching: what is found, and that its access record comes first."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection

from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.who import Who
from plateward.devices.actions import register
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused
from plateward.search import finding, queries
from plateward.search.actions import SearchResult, run_search, show_results
from plateward.search.models import Search
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import SearchQuery, TooVagueError
from tests.personas import Town
from tests.sightings import seen

REASON = "Vehicle seen leaving the robbery at 1st and Main"


def asks(plate: str, now: datetime, **changes: object) -> SearchQuery:
    asked = {
        "pattern": PlatePattern.parse(plate),
        "from_at": now - timedelta(days=30),
        "until_at": now,
        "purpose": "stolen-or-wanted-vehicle",
        "reason": REASON,
        "reference": "26-01234",
    }
    return SearchQuery(**(asked | changes))  # type: ignore[arg-type]  # one story differs in one field


def plates(result: SearchResult) -> list[str]:
    return [read.plate for read in result.found.reads]


def second_camera(town: Town, now: datetime) -> Device:
    device, _ = register(
        agency=town.agency,
        facts=DeviceFacts(
            name="Car 12", kind=DeviceKind.MOBILE, location="Patrol car 12", owner=town.agency.name
        ),
        by=Who.system("tests"),
        now=now,
    )
    return device


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_whole_and_partial_plates_are_found_newest_first(barstow: Town, now: datetime) -> None:
    for hours, plate in enumerate(["7ABC123", "7ABD123", "7ABC123", "6XYZ789"], start=1):
        seen(barstow.camera, plate, now - timedelta(hours=hours))
    ortiz = barstow.actor("ortiz", now)

    whole = run_search(by=ortiz, query=asks("7abc-123", now), now=now)
    assert plates(whole) == ["7ABC123", "7ABC123"]
    assert whole.found.reads[0].captured_at > whole.found.reads[1].captured_at

    assert plates(run_search(by=ortiz, query=asks("7AB?123", now), now=now)) == [
        "7ABC123",
        "7ABD123",
        "7ABC123",
    ]
    assert plates(run_search(by=ortiz, query=asks("*YZ*", now), now=now)) == ["6XYZ789"]
    assert plates(run_search(by=ortiz, query=asks("ABC*", now), now=now)) == []


@pytest.mark.parametrize(
    ("plate", "tolerance", "found"),
    [
        ("7ABC123", Tolerance.AS_WRITTEN, {"7ABC123"}),
        ("7ABC123", Tolerance.LOOK_ALIKES, {"7ABC123", "7A8CI23"}),
        ("7ABC123", Tolerance.ONE_CHARACTER, {"7ABC123", "7A8CI23", "7ABC124", "7A8C12", "37ABC123"}),
        ("7A8?1*", Tolerance.AS_WRITTEN, {"7A8C12"}),
        ("7A8?1*", Tolerance.LOOK_ALIKES, {"7ABC123", "7A8CI23", "7ABC124", "7A8C12"}),
    ],
)
def test_look_alikes_and_one_character_count_where_that_is_asked(
    barstow: Town, now: datetime, plate: str, tolerance: Tolerance, found: set[str]
) -> None:
    for read in ("7ABC123", "7A8CI23", "7ABC124", "7A8C12", "37ABC123", "7ABD224"):
        seen(barstow.camera, read, now - timedelta(hours=1))
    asked = asks(plate, now, tolerance=tolerance)
    result = run_search(by=barstow.actor("ortiz", now), query=asked, now=now)
    assert set(plates(result)) == found
    assert AccessRecord.objects.get().elements["tolerance"] == tolerance
    assert result.search.tolerance == tolerance


def test_a_vehicle_narrows_a_search_and_one_that_was_not_recognized_is_not_hidden(
    barstow: Town, now: datetime
) -> None:
    hour = now - timedelta(hours=1)
    seen(barstow.camera, "7ABC111", hour, color="dark blue", make="FORD", type="pickup")
    seen(barstow.camera, "7ABC222", hour, color="red", make="Ford")
    seen(barstow.camera, "7ABC333", hour)
    ortiz = barstow.actor("ortiz", now)

    def found(**asked: str) -> set[str]:
        return {
            plate[-3:] for plate in plates(run_search(by=ortiz, query=asks("7ABC*", now, **asked), now=now))
        }

    assert found(make="ford") == {"111", "222", "333"}
    assert found(color="Blue") == {"111", "333"}
    assert found(vehicle_type="pickup", color="red") == {"222", "333"}
    assert found(make="100%") == {"333"}
    seen(barstow.camera, "7ABC444", hour, color="Light Grey")
    seen(barstow.camera, "7ABC555", hour, color="gray")
    assert found(color="grey") == found(color="gray") == {"333", "444", "555"}


def test_a_pattern_that_would_look_at_every_plate_of_a_year_is_not_run(
    barstow: Town, now: datetime, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    ortiz = barstow.actor("ortiz", now)
    year = now - timedelta(days=365)
    with pytest.raises(TooVagueError, match="side by side"), django_assert_num_queries(0):
        run_search(by=ortiz, query=asks("*7*3*", now, from_at=year), now=now)
    assert not AccessRecord.objects.exists()
    run_search(by=ortiz, query=asks("*73*", now, from_at=year), now=now)


def test_time_camera_and_state_narrow_a_search(barstow: Town, now: datetime) -> None:
    car = second_camera(barstow, now)
    seen(barstow.camera, "7ABC123", now - timedelta(days=1))
    seen(car, "7ABC123", now - timedelta(days=2), region="US-NV")
    seen(car, "7ABC123", now - timedelta(days=3), region="")
    seen(car, "7ABC123", now - timedelta(days=40))
    ortiz = barstow.actor("ortiz", now)

    def count(**changes: object) -> int:
        return run_search(by=ortiz, query=asks("7ABC123", now, **changes), now=now).found.count

    assert count() == 3
    assert count(from_at=now - timedelta(days=50)) == 4
    assert count(until_at=now - timedelta(days=1)) == 2, "the end itself is not searched"
    assert count(from_at=now - timedelta(days=1)) == 1, "the beginning is"
    assert count(device_ids=(car.pk,)) == 2
    assert count(region="US-NV") == 2, "a plate whose state could not be read is not hidden"


def test_another_agencys_reads_and_cameras_do_not_exist(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    seen(huntington_park.camera, "7ABC123", now - timedelta(hours=1))
    ortiz = barstow.actor("ortiz", now)
    assert run_search(by=ortiz, query=asks("7ABC123", now), now=now).found.count == 0
    with pytest.raises(Device.DoesNotExist):
        run_search(by=ortiz, query=asks("7ABC123", now, device_ids=(huntington_park.camera.pk,)), now=now)


@pytest.mark.clause("B-466.3.1(d)", "H-426.2.1(d)", "B-466.6(a)", "H-426.5(a)")
def test_access_record_holds_everything_the_statute_asks_for(barstow: Town, now: datetime) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    ortiz = barstow.actor("ortiz", now)
    asked = asks("7AB*", now, region="US-CA", device_ids=(barstow.camera.pk,))

    result = run_search(by=ortiz, query=asked, now=now)

    record = AccessRecord.objects.get(pk=result.access.pk)
    assert record.accessed_at == now
    assert record.elements == {
        "plate": "7AB*",
        "tolerance": "AS_WRITTEN",
        "state": "US-CA",
        "make": "",
        "color": "",
        "vehicle_type": "",
        "from_at": asked.from_at.isoformat(),
        "until_at": asked.until_at.isoformat(),
        "cameras": [{"id": str(barstow.camera.pk), "name": barstow.camera.name}],
        "page": 1,
    }
    assert (record.username, record.name, record.title) == ("ortiz", "Olivia Ortiz", "patrol-officer")
    assert record.organization == barstow.agency.name
    assert record.address == "127.0.0.1"
    assert (record.purpose, record.reason, record.reference) == (asked.purpose, REASON, "26-01234")
    assert (record.result_count, record.is_count_bounded) == (1, False)
    assert record.profile_version == ortiz.profile.version
    assert record.plate == "7AB*"
    kept = Search.objects.get(pk=result.search.pk)
    assert (kept.access_record_id, kept.result_count, kept.pattern) == (record.pk, 1, "7AB*")
    assert record.subject == f"search.Search:{kept.pk}"


def test_finding_nothing_is_on_record_too(barstow: Town, now: datetime) -> None:
    run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now)
    assert AccessRecord.objects.get().result_count == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_record_is_committed_before_the_result_is_returned(barstow: Town, now: datetime) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    result = run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_accessrecord WHERE id = %s", [result.access.pk])
            assert cursor.fetchone() == (1,)
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_without_its_record_a_search_shows_nothing(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("the disk of the journal is full")

    before = AuditRecord.objects.count()
    monkeypatch.setattr(audit.AccessRecord, "save", fail)
    with pytest.raises(DatabaseError, match="journal is full"):
        run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now)
    assert not Search.objects.exists()
    assert AuditRecord.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_a_search_never_runs_inside_anothers_transaction(barstow: Town, now: datetime) -> None:
    from django.db import transaction  # noqa: PLC0415  the story of this test alone

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now)


@pytest.mark.clause("B-466.3", "H-426.2")
def test_crime_analysis_runs_in_barstow_and_is_refused_in_huntington_park(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    analysis = asks("7ABC123", now, purpose="crime-analysis")
    run_search(by=barstow.actor("diaz", now), query=analysis, now=now)
    with pytest.raises(Refused) as refused:
        run_search(by=huntington_park.actor("hale", now), query=analysis, now=now)
    assert refused.value.decision.clause == "H-426.2"
    assert not AccessRecord.objects.filter(agency="huntington-park-pd").exists()


@pytest.mark.clause("B-466.4(d)")
def test_without_training_nobody_searches(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        run_search(by=barstow.actor("ruiz", now), query=asks("7ABC123", now), now=now)
    assert refused.value.decision.clause == "B-466.4(d)"
    assert not Search.objects.exists()


@pytest.mark.clause("B-466.4(a)", "B-466.6(b)")
def test_a_reason_that_tells_of_misuse_is_marked_for_review(barstow: Town, now: datetime) -> None:
    asked = asks("7ABC123", now, reason="Looking for my ex again")
    result = run_search(by=barstow.actor("ortiz", now), query=asked, now=now)
    assert [flag.use for flag in result.flags] == ["personal"]
    record = AccessRecord.objects.get()
    assert record.flags == ["Personal use: my ex"]
    assert AuditRecord.objects.get(pk=record.audit_id).detail["flags"] == record.flags


def test_pages_follow_each_other_without_gap_and_each_is_an_access(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    same = now - timedelta(hours=9)
    moments = [same, same, same, now - timedelta(hours=2), now - timedelta(hours=1)]
    made = [seen(barstow.camera, "7ABC123", moment) for moment in moments]
    ortiz = barstow.actor("ortiz", now)

    result = run_search(by=ortiz, query=asks("7ABC123", now), now=now)
    shown = [*result.found.reads]
    while result.found.next:
        result = show_results(by=ortiz, search_id=result.search.pk, after=result.found.next, now=now)
        shown += result.found.reads
    assert [read.id for read in shown] == [
        read.id for read in sorted(made, key=lambda read: (read.captured_at, read.id), reverse=True)
    ]
    records = AccessRecord.objects.order_by("pk")
    assert [record.elements["page"] for record in records] == [1, 2, 3]
    assert [(record.result_count, record.is_count_bounded) for record in records] == [
        (2, True),
        (4, True),
        (5, False),
    ]
    assert Search.objects.count() == 1


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_showing_a_search_again_is_an_access_of_its_own(barstow: Town, now: datetime) -> None:
    ortiz = barstow.actor("ortiz", now)
    asked = asks("7AB*", now, device_ids=(barstow.camera.pk,), region="US-CA")
    first = run_search(by=ortiz, query=asked, now=now)
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))

    later = now + timedelta(hours=1)
    again = show_results(by=ortiz, search_id=first.search.pk, after=None, now=later)
    assert again.query == asked
    assert (again.access.accessed_at, again.access.result_count) == (later, 1)
    assert again.access.pk != first.access.pk


def test_only_the_person_who_searched_returns_to_a_search(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    search = run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now).search
    for other in (barstow.actor("quinn", now), huntington_park.actor("hart", now)):
        with pytest.raises(Search.DoesNotExist):
            show_results(by=other, search_id=search.pk, after=None, now=now)
    with pytest.raises(Search.DoesNotExist):
        show_results(by=barstow.actor("ortiz", now), search_id=uuid4(), after=None, now=now)


def test_a_search_that_takes_too_long_is_stopped_and_shows_nothing(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(queries, "TIME_LIMIT", "50ms")
    monkeypatch.setattr(finding, "newest", slow)
    with pytest.raises(SearchTooBroad, match="more of the plate"):
        run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now)
    assert not AccessRecord.objects.exists()
    assert not Search.objects.exists()


def test_other_statements_keep_their_own_time_limit(barstow: Town, now: datetime) -> None:
    run_search(by=barstow.actor("ortiz", now), query=asks("7ABC123", now), now=now)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
