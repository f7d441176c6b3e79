"""Searches limited to a place, and canvasses: every read of a place, whatever its plate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plateward.audit.models import AccessRecord
from plateward.audit.who import Who
from plateward.devices.actions import change, register
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused
from plateward.reads.models import Plate, Read
from plateward.search.actions import query_of, run_search
from plateward.search.areas import Circle, Corridor, Polygon
from plateward.search.finding import Window, newest, reads_of
from plateward.search.places import ground_of
from plateward.search.rules import Cursor, SearchQuery, TooVagueError
from tests.ownership import the_owner
from tests.personas import Town
from tests.sightings import seen

SCENE = (34.8986, -117.0228)
NEAR, FAR = (34.8990, -117.0230), (34.9500, -117.1000)
AROUND = Circle(*SCENE, 500)
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def asks(now: datetime, plate: str = "", **changes: object) -> SearchQuery:
    asked = {
        "pattern": PlatePattern.parse(plate) if plate else None,
        "from_at": now - timedelta(hours=2),
        "until_at": now,
        "purpose": "suspect-interdiction",
        "reason": "Homicide at 1st and Main, every car nearby",
        "area": AROUND,
    }
    return SearchQuery(**(asked | changes))  # type: ignore[arg-type]  # one story differs in one field


def device(
    town: Town,
    name: str,
    now: datetime,
    at: tuple[float, float] | None = None,
    kind: DeviceKind = DeviceKind.FIXED,
) -> Device:
    latitude, longitude = at or (None, None)
    facts = DeviceFacts(
        name=name, kind=kind, location=name, owner="Police", latitude=latitude, longitude=longitude
    )
    return register(agency=town.agency, facts=facts, by=Who.system("tests"), now=now)[0]


def plates(town: Town, query: SearchQuery, now: datetime) -> list[str]:
    result = run_search(by=town.actor("ortiz", now), query=query, now=now)
    return [read.plate for read in result.found.reads]


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_a_canvass_finds_every_read_of_a_place_by_where_it_was_made(barstow: Town, now: datetime) -> None:
    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    corner, edge = device(barstow, "Corner", now, NEAR), device(barstow, "City edge", now, FAR)
    car = device(barstow, "Car 12", now, kind=DeviceKind.MOBILE)
    moved = device(barstow, "Trailer", now, NEAR)
    elsewhere = replace(moved.facts, latitude=FAR[0], longitude=FAR[1])
    change(device=moved, revision=1, facts=elsewhere, by=Who.system("tests"), now=ago(75))

    seen(corner, "1COR111", ago(10))
    seen(corner, "2COR222", ago(20), at=NEAR)
    seen(corner, "3ELS333", ago(30), at=FAR)
    seen(edge, "4EDG444", ago(15))
    seen(car, "5CAR555", ago(5), at=NEAR)
    seen(car, "6CAR666", ago(6), at=FAR)
    seen(car, "7CAR777", ago(7))
    seen(moved, "8MOV888", ago(90), at=NEAR)
    seen(moved, "9MOV999", ago(60), at=FAR)
    seen(corner, "1LAT111", ago(180))

    assert plates(barstow, asks(now), now) == ["5CAR555", "1COR111", "2COR222", "8MOV888"]
    assert plates(barstow, asks(now, device_ids=(car.pk,)), now) == ["5CAR555"]
    assert plates(barstow, asks(now, area=None, device_ids=(edge.pk,)), now) == ["4EDG444"]


def test_a_plate_is_searched_only_in_the_area_drawn(barstow: Town, now: datetime) -> None:
    corner, edge = device(barstow, "Corner", now, NEAR), device(barstow, "City edge", now, FAR)
    seen(corner, "7ABC123", now - timedelta(minutes=10))
    seen(edge, "7ABC123", now - timedelta(minutes=20))
    drawn = Polygon(((34.89, -117.03), (34.89, -117.01), (34.91, -117.01), (34.91, -117.03)))
    route = Corridor(((34.9501, -117.2), (34.9501, -117.0)), 100)

    for plate in ("7ABC123", "7A*", "*BC*"):
        assert len(plates(barstow, asks(now, plate, area=None), now)) == 2
        (read,) = run_search(
            by=barstow.actor("ortiz", now), query=asks(now, plate, area=drawn), now=now
        ).found.reads
        assert read.device == corner
        (read,) = run_search(
            by=barstow.actor("ortiz", now), query=asks(now, plate, area=route), now=now
        ).found.reads
        assert read.device == edge


def test_another_agencys_reads_of_the_place_are_not_found(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    corner = device(huntington_park, "Corner", now, NEAR)
    seen(corner, "1COR111", now - timedelta(minutes=10))
    assert plates(barstow, asks(now), now) == []


def test_the_access_record_names_the_area_and_that_every_plate_was_asked_for(
    barstow: Town, now: datetime
) -> None:
    result = run_search(by=barstow.actor("ortiz", now), query=asks(now), now=now)
    elements = AccessRecord.objects.get(pk=result.access.pk).elements
    assert elements["plate"] == ""
    assert elements["area"] == {
        "kind": "CIRCLE",
        "latitude": 34.8986,
        "longitude": -117.0228,
        "radius_m": 500,
        "text": "within 500 m (0.31 mi) of 34.89860, -117.02280",
    }
    assert query_of(result.search) == asks(now)


def test_a_canvass_over_too_long_a_time_is_refused_with_advice(barstow: Town, now: datetime) -> None:
    with pytest.raises(TooVagueError, match="at most 7 days"):
        plates(barstow, asks(now, from_at=now - timedelta(days=8)), now)


def test_a_canvass_for_a_purpose_the_policy_does_not_know_is_refused(
    huntington_park: Town, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        run_search(
            by=huntington_park.actor("hale", now), query=asks(now, purpose="investigatory-lead"), now=now
        )
    assert refused.value.decision.clause == "H-426.2"


spots = st.sampled_from([None, SCENE, NEAR, FAR, (34.8986, -117.0283), (34.9031, -117.0228)])


@given(
    st.lists(st.tuples(st.integers(0, 3), spots, st.integers(0, 400)), min_size=1, max_size=25),
    st.sampled_from([AROUND, Circle(*SCENE, 30), Corridor((SCENE, FAR), 300)]),
    st.integers(1, 4),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_canvass_equals_looking_at_every_read(
    barstow: Town,
    now: datetime,
    reads: list[tuple[int, tuple[float, float] | None, int]],
    area: Circle | Corridor,
    size: int,
) -> None:
    Read.objects.all().delete()
    Plate.objects.all().delete()
    Device.objects.filter(agency=barstow.agency, name__startswith="Made").delete()
    devices = [
        device(barstow, "Made near", now, NEAR),
        device(barstow, "Made far, a car", now, FAR, DeviceKind.MOBILE),
        device(barstow, "Made somewhere", now),
        device(barstow, "Made car", now, kind=DeviceKind.MOBILE),
    ]
    # A fixed camera reads where the register says that it stands.
    reads = [(which, None if which == 0 else at, minutes) for which, at, minutes in reads]
    stored = [
        (devices[which], seen(devices[which], f"7ABC{n:03}", MONDAY + timedelta(minutes=m), at=at))
        for n, (which, at, m) in enumerate(reads)
    ]
    asked = asks(MONDAY + timedelta(hours=6), from_at=MONDAY, area=area)
    expected = sorted(
        (
            (read.captured_at, read.id)
            for by, read in stored
            if asked.from_at <= read.captured_at < asked.until_at
            and (spot := (read.latitude or by.latitude, read.longitude or by.longitude))[0]
            and area.contains(*spot)
        ),
        reverse=True,
    )
    found: list[tuple[datetime, UUID]] = []
    after = None
    while page := newest(barstow.agency.pk, asked, after, size):
        found += [key[:2] for key in page]
        after = Cursor(*found[-1], page=2)
    assert found == expected


def test_fixed_cameras_are_looked_up_by_device_and_time_in_the_weeks_asked_for(barstow: Town) -> None:
    corner, busy = device(barstow, "Corner", MONDAY, NEAR), device(barstow, "City edge", MONDAY, FAR)
    for week in range(3):
        seen(corner, "7ABC123", MONDAY + timedelta(weeks=week, hours=1))
        seen(busy, "7BUS777", MONDAY + timedelta(weeks=week))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reads_read
            SELECT plate_key, captured_at + number * interval '1 minute', gen_random_uuid(), agency_id,
                device_id, received_at, stored_at, clock_skew_s, plate, plate, confidence, characters,
                candidates, region, region_confidence, plate_box, direction, heading_deg, latitude, longitude,
                vehicle, source_event_id, model, payload
            FROM reads_read, generate_series(1, 2000) AS number WHERE plate = '7BUS777'
            """
        )
        with the_owner():
            cursor.execute("ANALYZE reads_read")
    later = MONDAY + timedelta(weeks=1)
    asked = asks(later + timedelta(hours=2), from_at=later)
    ground = ground_of(barstow.agency.pk, asked)
    window = Window(asked.from_at, asked.until_at, frozenset())
    told = reads_of(barstow.agency.pk, asked, [corner.pk], window, None, ground).explain()
    assert "reads_read_20260608" in told
    assert "device_id_captured_at_idx" in told
    for other in ("20260601", "20260615"):
        assert f"reads_read_{other}" not in told
    with CaptureQueriesContext(connection) as asked_for:
        assert len(newest(barstow.agency.pk, asked, None, 10)) == 1
    assert "reads_searched_plates" not in str(asked_for.captured_queries)
