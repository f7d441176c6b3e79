"""Places with their counts, the order of places of one plate, and where marks stand along the time."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.search.passes import Camera, fold
from plateward.search.spots import spots_of, way_of
from plateward.search.timeline import MOST_TICKS, timeline_of
from tests.rules.search.test_passes import FAR_CAMERA, FRONT_CAMERA, NOON, sighted

HERE = ZoneInfo("America/Los_Angeles")
CAR = Camera(id=UUID(int=9), name="Car 12", location="Patrol car 12")


def test_places_are_counted_the_fullest_first() -> None:
    passes = fold(
        [
            sighted(1, "7ABC123", 0),
            *(sighted(n, "7ABC123", 98 + n, FAR_CAMERA) for n in (2, 3)),
            sighted(4, "6XYZ789", 200, FAR_CAMERA),
        ]
    )
    first, second = spots_of(passes)
    assert (first.number, first.name, len(first.passes), first.reads) == (1, "Barstow Rd", 2, 3)
    assert (first.first_at, first.last_at) == (NOON + timedelta(seconds=100), NOON + timedelta(seconds=200))
    assert (second.number, second.place) == (2, FRONT_CAMERA.place)


def test_a_car_is_where_it_was_and_on_no_map_where_it_did_not_say() -> None:
    told = [(34.9, -117.02), (34.9001, -117.0201), (34.95, -117.02), None]
    cars = [sighted(n, f"7ABC12{n}", 60 * n, CAR, place=CAR.place_of(place)) for n, place in enumerate(told)]
    spots = spots_of(fold(cars))
    assert sorted(len(spot.passes) for spot in spots) == [1, 1, 2]
    assert [spot.place for spot in spots if spot.place is None] == [None]


def test_a_position_that_is_the_cameras_but_for_a_trifle_is_the_cameras() -> None:
    assert FRONT_CAMERA.place_of((34.89581, -117.01731)) == FRONT_CAMERA.place
    assert FRONT_CAMERA.place_of(None) == FRONT_CAMERA.place
    moved = (34.95, -117.2)
    assert FRONT_CAMERA.place_of(moved) == moved


def test_the_way_of_one_plate_goes_from_place_to_place() -> None:
    seen = [(0, FRONT_CAMERA), (60, FRONT_CAMERA), (120, FAR_CAMERA), (180, FRONT_CAMERA)]
    passes = fold(sighted(n, "7ABC123", at, camera) for n, (at, camera) in enumerate(seen))
    way = way_of(spots_of(passes))
    assert [(stop.spot.name, stop.passes) for stop in way] == [
        ("Main St", 2),
        ("Barstow Rd", 1),
        ("Main St", 1),
    ]
    assert (way[0].from_at, way[0].until_at) == (NOON, NOON + timedelta(seconds=60))


def test_several_plates_have_no_way_in_common() -> None:
    passes = fold([sighted(1, "7ABC123", 0), sighted(2, "6XYZ789", 60, FAR_CAMERA)])
    assert way_of(spots_of(passes)) == ()
    assert way_of(()) == ()


def test_times_of_the_scale_are_round_and_local() -> None:
    passes = fold([sighted(1, "7ABC123", 0), sighted(2, "7ABC123", 3 * 3600, FAR_CAMERA)])
    timeline = timeline_of(spots_of(passes), HERE)
    assert [(tick.text, tick.under) for tick in timeline.ticks] == [
        ("04:00", "Nov 22"),
        ("05:00", ""),
        ("06:00", ""),
        ("07:00", ""),
    ]
    assert [tick.anchor for tick in timeline.ticks] == ["start", "middle", "middle", "end"]
    assert [(line.spot.name, [dot.at for dot in line.dots]) for line in timeline.lines] == [
        ("Main St", ["4.00"]),
        ("Barstow Rd", ["96.00"]),
    ]


def test_one_moment_stands_in_the_middle_with_its_own_time() -> None:
    timeline = timeline_of(spots_of(fold([sighted(1, "7ABC123", 0.25)])), HERE)
    assert [(tick.at, tick.text) for tick in timeline.ticks] == [("50.00", "04:00:00")]
    assert timeline.lines[0].dots[0].at == "50.00"
    assert timeline_of((), HERE).lines == ()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu"])
@given(
    start=st.integers(0, 730 * 86400),
    spans=st.lists(st.integers(0, 400 * 86400), min_size=1, max_size=5),
)
def test_marks_and_scale_stay_inside_and_do_not_crowd(zone: str, start: int, spans: list[int]) -> None:
    passes = fold(sighted(n, "7ABC123", start + span) for n, span in enumerate(spans))
    timeline = timeline_of(spots_of(passes), ZoneInfo(zone))
    places = [float(dot.at) for line in timeline.lines for dot in line.dots]
    ticks = [float(tick.at) for tick in timeline.ticks]
    assert all(4 <= place <= 96 for place in places + ticks)
    assert ticks == sorted(ticks)
    assert 1 <= len(ticks) <= MOST_TICKS + 1
