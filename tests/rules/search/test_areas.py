"""Places a search may be limited to, held against plain geometry."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from plateward.devices.geography import EARTH_RADIUS_M, Point
from plateward.search.areas import (
    Area,
    AreaError,
    Circle,
    Corridor,
    Polygon,
    area_from,
)

BARSTOW = (34.8986, -117.0228)
METERS_A_DEGREE = math.radians(1) * EARTH_RADIUS_M

centers = st.tuples(st.floats(-60, 60), st.floats(-179, 179))
offsets = st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000))


def shifted(origin: Point, east_m: float, north_m: float) -> Point:
    """A point so many meters east and north of another."""
    latitude = origin[0] + north_m / METERS_A_DEGREE
    return latitude, origin[1] + east_m / METERS_A_DEGREE / math.cos(math.radians(origin[0]))


def apart_m(one: Point, other: Point) -> float:
    """Distance by the angle between two vectors from the center of the earth."""
    vectors = [
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
        for lat, lon in ((math.radians(one[0]), math.radians(one[1])), tuple(map(math.radians, other)))
    ]
    crossed = (
        vectors[0][1] * vectors[1][2] - vectors[0][2] * vectors[1][1],
        vectors[0][2] * vectors[1][0] - vectors[0][0] * vectors[1][2],
        vectors[0][0] * vectors[1][1] - vectors[0][1] * vectors[1][0],
    )
    dot = sum(a * b for a, b in zip(*vectors, strict=True))
    return EARTH_RADIUS_M * math.atan2(math.hypot(*crossed), dot)


def from_leg_m(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from a leg, all in meters on a plane."""
    across, along = (end[0] - start[0], end[1] - start[1]), (point[0] - start[0], point[1] - start[1])
    length = across[0] ** 2 + across[1] ** 2
    share = min(1.0, max(0.0, (across[0] * along[0] + across[1] * along[1]) / length))
    return math.hypot(along[0] - share * across[0], along[1] - share * across[1])


def winding(points: tuple[Point, ...], at: Point) -> float:
    """How often a line around the corners goes around a point, by the angles it is seen under."""
    angles = [math.atan2(lat - at[0], lon - at[1]) for lat, lon in points]
    turns = (
        math.remainder(after - before, math.tau)
        for before, after in zip(angles, (*angles[1:], angles[0]), strict=True)
    )
    return sum(turns) / math.tau


@given(center=centers, radius=st.floats(10, 2000), offset=offsets)
def test_a_circle_holds_what_is_no_farther_than_its_radius(
    center: Point, radius: float, offset: Point
) -> None:
    circle, point = Circle(*center, radius), shifted(center, *offset)
    distance = apart_m(center, point)
    assume(abs(distance - radius) > 0.01)
    assert circle.contains(*point) == (distance < radius)
    assert circle.bounds.contains(*point) or not circle.contains(*point)


@example(center=(0.0, 0.0), spokes=[100.0, 100.0, 100.0], offset=(100.0, 0.0))
@given(
    center=centers,
    spokes=st.lists(st.floats(100, 2500), min_size=3, max_size=12),
    offset=offsets,
)
def test_a_drawn_area_holds_what_its_line_goes_around(
    center: Point, spokes: list[float], offset: Point
) -> None:
    ends = [
        (length * math.cos(turn), length * math.sin(turn))
        for turn, length in zip(
            (math.tau * index / len(spokes) for index in range(len(spokes))), spokes, strict=True
        )
    ]
    # On the line itself neither answer is wrong, and at a corner the winding is any share of a turn.
    assume(all(from_leg_m(offset, *leg) > 0.01 for leg in pairwise([*ends, ends[0]])))
    corners, point = tuple(shifted(center, *end) for end in ends), shifted(center, *offset)
    turns = winding(corners, point)
    area = Polygon(corners)
    assert area.contains(*point) == (round(turns) != 0)
    assert area.bounds.contains(*point) or not area.contains(*point)


@given(
    center=centers,
    way=st.lists(offsets, min_size=2, max_size=6, unique=True),
    width=st.floats(50, 1000),
    offset=offsets,
)
def test_a_route_holds_what_is_within_half_its_width_of_some_point_of_it(
    center: Point, way: list[Point], width: float, offset: Point
) -> None:
    route = tuple(shifted(center, *each) for each in way)
    assume(all(apart_m(a, b) > 1 for a, b in pairwise(route)))
    point = shifted(center, *offset)
    nearest = min(
        apart_m(point, (a[0] + (b[0] - a[0]) * step / 500, a[1] + (b[1] - a[1]) * step / 500))
        for a, b in pairwise(route)
        for step in range(501)
    )
    assume(abs(nearest - width / 2) > 15)
    corridor = Corridor(route, width)
    assert corridor.contains(*point) == (nearest < width / 2)
    assert corridor.bounds.contains(*point) or not corridor.contains(*point)


@pytest.mark.parametrize(
    "area",
    [
        Circle(*BARSTOW, 500),
        Polygon((BARSTOW, shifted(BARSTOW, 500, 0), shifted(BARSTOW, 500, 500))),
        Corridor((BARSTOW, shifted(BARSTOW, 5000, 100)), 200),
    ],
    ids=["circle", "polygon", "corridor"],
)
def test_an_area_is_kept_and_comes_back_as_it_was(area: Area) -> None:
    assert area_from(area.as_json()) == area
    assert "34.8986" in str(area)


def corners(*offsets_m: Point) -> tuple[Point, ...]:
    return tuple(shifted(BARSTOW, *offset) for offset in offsets_m)


@pytest.mark.parametrize(
    ("points", "advice"),
    [
        ((), "three different corners"),
        (corners((0, 0), (500, 0)), "three different corners"),
        (corners((0, 0), (500, 0), (0, 0)), "three different corners"),
        (corners((0, 0), (500, 0), (500, 500), (0, 0)), "Take the repeated corner out"),
        (corners((0, 0), (500, 500), (500, 0), (0, 500)), "in the order in which one would walk"),
        (corners((0, 0), (500, 0), (0, 500), (600, 500), (300, 100)), "in the order in which"),
        (corners((0, 0), (0, 1000), (0, 500)), "in the order in which"),
        (corners((0, 0), (5, 0), (0, 5)), "Move its corners apart"),
        (corners((0, 0), (0, 300_000), (1000, 0)), "Search a smaller one"),
    ],
)
def test_an_area_that_encloses_nothing_or_crosses_itself_is_refused_with_advice(
    points: tuple[Point, ...], advice: str
) -> None:
    with pytest.raises(AreaError, match=advice):
        Polygon(points)


@pytest.mark.parametrize(
    ("latitude", "longitude", "radius", "advice"),
    [
        (10, 179.999, 1000, "Search each side of it"),
        (10, -179.999, 1000, "Search each side of it"),
        (90, 0, 1000, "Choose cameras instead"),
        (-81, 0, 1000, "Choose cameras instead"),
        (117, -34, 1000, "Write the latitude first"),
        (math.nan, 0, 1000, "are numbers"),
        (*BARSTOW, 1, "Choose one in between"),
        (*BARSTOW, math.inf, "Choose one in between"),
    ],
)
def test_places_where_an_area_means_nothing_are_refused(
    latitude: float, longitude: float, radius: float, advice: str
) -> None:
    with pytest.raises(AreaError, match=advice):
        Circle(latitude, longitude, radius)


def test_an_area_across_the_180th_meridian_is_refused() -> None:
    with pytest.raises(AreaError, match="Search each side of it"):
        Polygon(((10, 179.99), (10, -179.99), (10.01, 179.99)))
    with pytest.raises(AreaError, match="Search each side of it"):
        Corridor(((10, 179.99), (10, -179.99)), 100)


@pytest.mark.parametrize("route", [corners((0, 0)), corners((0, 0), (0, 0)), corners((0, 0), (9, 0), (9, 0))])
def test_a_route_that_leads_nowhere_is_refused(route: tuple[Point, ...]) -> None:
    with pytest.raises(AreaError, match=r"Add where it leads|Take one of the two out"):
        Corridor(route, 100)


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"kind": "SQUARE"},
        {"kind": ["CIRCLE"]},
        {"kind": "CIRCLE", "latitude": 34.9, "longitude": -117.0},
        {"kind": "CIRCLE", "latitude": "34.9", "longitude": -117.0, "radius_m": 100},
        {"kind": "CIRCLE", "latitude": True, "longitude": -117.0, "radius_m": 100},
        {"kind": "POLYGON", "points": "34.9,-117.0"},
        {"kind": "POLYGON", "points": [[34.9], [34.8], [34.7]]},
        {"kind": "CORRIDOR", "points": [[34.9, -117.0], [34.9, -117.1]], "width_m": None},
    ],
)
def test_what_is_no_area_is_refused(mapping: dict[str, object]) -> None:
    with pytest.raises(AreaError):
        area_from(mapping)


def test_a_number_that_no_computer_holds_is_told_of() -> None:
    with pytest.raises(AreaError, match="beyond any measure"):
        area_from({"kind": "CIRCLE", "latitude": 10**400, "longitude": -117.0, "radius_m": 500})
