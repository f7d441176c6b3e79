"""Who travels with a vehicle: what is found, behind which walls, by which index, and on which record."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.devices.models import Device
from plateward.policy import Refused
from plateward.search import analysis_queries
from plateward.search.analysis_actions import run_travel, show_analysis
from plateward.search.analysis_models import Analysis
from plateward.search.meetings import AnalysisError, Look
from plateward.search.travel import TravelQuery
from tests.drives import drives, more_cameras
from tests.ownership import the_owner
from tests.personas import Town
from tests.sightings import seen

MONDAY = datetime(2026, 6, 1, 18, tzinfo=UTC)
REASON = "Burglary series on Main Street, two vehicles"


def asks(**changes: object) -> TravelQuery:
    asked = {
        "plate": "7ABC123",
        "within": timedelta(minutes=2),
        "fewest": 3,
        "from_at": MONDAY - timedelta(days=1),
        "until_at": MONDAY + timedelta(days=20),
        "purpose": "crime-analysis",
        "reason": REASON,
        "reference": "26-01234",
    }
    return TravelQuery(**(asked | changes))  # type: ignore[arg-type]  # one story differs in one field


@pytest.mark.clause("B-466.3")
def test_a_vehicle_that_passes_the_same_cameras_within_minutes_is_found(barstow: Town, now: datetime) -> None:
    cameras = more_cameras(barstow, 3, now)
    for day in (0, 3):
        drives(cameras, "7ABC123", MONDAY + timedelta(days=day))
        drives(cameras[day and 1 :], "8XYZ789", MONDAY + timedelta(days=day, minutes=day and 10), late=40)
    drives(cameras[:2], "5TWO222", MONDAY, late=10)
    drives(cameras, "6LATE11", MONDAY, late=200)
    for n, camera in enumerate(cameras):
        seen(camera, f"9CROWD{n}", MONDAY + timedelta(minutes=10 * n, seconds=30))

    result = run_travel(by=barstow.actor("diaz", now), query=asks(), now=now)

    assert [one.plate for one in result.companions] == ["8XYZ789"]
    (companion,) = result.companions
    assert (len(companion.passes), companion.cameras, companion.days) == (7, 4, 2)
    assert {one.seconds for one in companion.passes} == {40}
    assert [one.vehicles for one in companion.passes] == [3, 3, 2, 2, 1, 1, 1]
    assert result.count == 1
    assert set(result.cameras) == {camera.pk for camera in cameras}


def test_look_alikes_of_the_plate_are_the_vehicle_itself(barstow: Town, now: datetime) -> None:
    cameras = more_cameras(barstow, 3, now)
    drives(cameras, "7ABC123", MONDAY)
    drives(cameras, "7A8CI23", MONDAY, late=3)
    drives(cameras, "8XYZ789", MONDAY, late=30)
    result = run_travel(by=barstow.actor("diaz", now), query=asks(), now=now)
    assert [one.plate for one in result.companions] == ["8XYZ789"]
    assert len(result.passes) == 4


def test_a_vehicle_that_was_not_seen_has_no_companions_and_that_is_on_record(
    barstow: Town, now: datetime
) -> None:
    result = run_travel(by=barstow.actor("diaz", now), query=asks(plate="1NOT111"), now=now)
    assert (result.companions, result.passes) == ((), ())
    assert AccessRecord.objects.get().result_count == 0


@pytest.mark.clause("B-466.6(a)")
def test_the_access_record_holds_what_was_asked_and_which_plates_were_shown(
    barstow: Town, now: datetime
) -> None:
    cameras = more_cameras(barstow, 3, now)
    drives(cameras, "7ABC123", MONDAY)
    drives(cameras, "8XYZ789", MONDAY, late=30)
    result = run_travel(by=barstow.actor("diaz", now), query=asks(), now=now)
    record = AccessRecord.objects.get()
    assert record.pk == result.access.pk == Analysis.objects.get().access_record_id
    assert (record.plate, record.result_count, record.reference) == ("7ABC123", 1, "26-01234")
    assert record.elements["analysis"] == "Traveling together"
    assert record.elements["within_s"] == 120
    assert record.elements["shown"] == ["8XYZ789"]

    again = show_analysis(by=barstow.actor("diaz", now), analysis_id=result.analysis.pk, now=now)
    assert [one.plate for one in again.companions] == ["8XYZ789"]
    assert AccessRecord.objects.count() == 2


@pytest.mark.clause("B-466.6(a)")
def test_nothing_is_shown_when_the_record_cannot_be_written(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise OSError("the journal is down")

    monkeypatch.setattr(audit, "record_access", fails)
    with pytest.raises(OSError, match="journal is down"):
        run_travel(by=barstow.actor("diaz", now), query=asks(), now=now)
    assert not Analysis.objects.exists()


@pytest.mark.clause("H-426.2")
def test_where_crime_analysis_is_no_purpose_no_purpose_makes_it_one(
    huntington_park: Town, now: datetime
) -> None:
    for purpose in ("crime-analysis", "stolen-plate"):
        with pytest.raises(Refused) as refused:
            run_travel(by=huntington_park.actor("hale", now), query=asks(purpose=purpose), now=now)
        assert refused.value.decision.clause == "H-426.2"
    assert not AccessRecord.objects.exists()


@pytest.mark.clause("B-466.10(limited)(b)")
def test_who_may_not_search_may_not_analyze(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused):
        run_travel(by=barstow.actor("dunn", now), query=asks(), now=now)


def test_another_persons_analysis_is_not_shown(barstow: Town, now: datetime) -> None:
    made = run_travel(by=barstow.actor("diaz", now), query=asks(), now=now).analysis
    with pytest.raises(Analysis.DoesNotExist):
        show_analysis(by=barstow.actor("ortiz", now), analysis_id=made.pk, now=now)


@pytest.mark.clause("B-466.7")
def test_another_agencys_reads_are_neither_passes_nor_companions(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    theirs = more_cameras(huntington_park, 3, now)
    ours = more_cameras(barstow, 3, now)
    drives(theirs, "7ABC123", MONDAY)
    drives(theirs, "8XYZ789", MONDAY, late=30)
    drives(ours[:1], "7ABC123", MONDAY)
    result = run_travel(by=barstow.actor("diaz", now), query=asks(), now=now)
    assert result.companions == ()
    assert [one.device_id for one in result.passes] == [ours[0].pk]


def test_a_vehicle_that_passes_all_day_is_refused_with_advice_which_is_on_record(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.search.travel.MOST_TIME", timedelta(minutes=30))
    for n in range(10):
        seen(barstow.camera, "7ABC123", MONDAY + timedelta(hours=n))
    with pytest.raises(AnalysisError, match=r"passed cameras 10 times.*Take fewer minutes") as refused:
        run_travel(by=barstow.actor("diaz", now), query=asks(), now=now)
    record = AccessRecord.objects.get()
    assert (record.plate, record.result_count) == ("7ABC123", 0)
    assert record.elements["told"] == str(refused.value)
    assert not Analysis.objects.exists()


_TRAFFIC = """
INSERT INTO reads_read
SELECT 'P' || (number %% 977), captured_at + number * interval '12 minutes', gen_random_uuid(), agency_id, %s,
    received_at, stored_at, clock_skew_s, 'P', 'P', confidence, characters, candidates, region,
    region_confidence, plate_box, direction, heading_deg, latitude, longitude, vehicle, source_event_id,
    model, payload
FROM reads_read, generate_series(1, 2000) AS number WHERE plate = '1FIRST1'
"""


@pytest.fixture
def traffic(barstow: Town, now: datetime) -> list[Device]:
    """Some weeks of reads at several cameras, enough for the planner to prefer an index."""
    cameras = more_cameras(barstow, 4, now)
    first = MONDAY.replace(hour=0)
    for week in range(4):
        seen(barstow.camera, "1FIRST1" if not week else "2WEEK22", first + timedelta(weeks=week))
    with connection.cursor() as cursor:
        for camera in cameras:
            cursor.execute(_TRAFFIC, [camera.pk])
        with the_owner():
            cursor.execute("ANALYZE reads_read")
    return cameras


def plan(town: Town, looks: list[Look]) -> str:
    values = analysis_queries.values(town.agency.pk, looks, fewest=3, without="7A8C123")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {analysis_queries.MET}", values)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_only_the_weeks_asked_for_are_looked_at_and_by_camera_and_time(
    barstow: Town, traffic: list[Device]
) -> None:
    at = MONDAY + timedelta(weeks=1)
    looks = [
        Look(n, n % 5, traffic[n % 5].pk, at + timedelta(hours=n), at + timedelta(hours=n, minutes=4))
        for n in range(40)
    ]
    told = plan(barstow, looks)
    assert "device_id_captured_at_idx" in told
    assert "Seq Scan on reads_read" not in told
    assert "reads_read_20260608" in told
    for other in ("20260601", "20260615", "20260622"):
        assert f"reads_read_{other}" not in told


def test_the_vehicles_own_passes_are_looked_up_by_key(barstow: Town, traffic: list[Device]) -> None:
    assert traffic
    from_at = MONDAY + timedelta(weeks=1)
    told = analysis_queries.reads_of(barstow.agency.pk, "P12", from_at, from_at + timedelta(days=3)).explain()
    assert "_pkey" in told
    assert "Seq Scan" not in told
    assert "reads_read_20260622" not in told
