"""Places that a search may be limited to: around a point, a drawn area, or along a route (WGS 84).

Sides of areas and legs of routes are straight in degrees of longitude and latitude, as far as a town or a
county no more than a few meters from straight on a map. Areas that cross the 180th meridian or come near a
pole, where that would not hold, are refused.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any, Final

from plateward.devices.geography import EARTH_RADIUS_M, Point, distance_m

FARTHEST_NORTH: Final = 80.0
SMALLEST_RADIUS_M: Final = 10
LARGEST_RADIUS_M: Final = 50_000
SMALLEST_WIDTH_M: Final = 10
LARGEST_WIDTH_M: Final = 10_000
FARTHEST_ACROSS_M: Final = 200_000
SMALLEST_SIZE_M2: Final = 100
FEWEST_CORNERS: Final = 3
FEWEST_STOPS: Final = 2
MOST_POINTS: Final = 100


class AreaError(ValueError):
    """No such area can be searched; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest box of degrees around an area, its edges included."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the box."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True)
class Circle:
    """All within `radius_m` of a point, its rim included. Raises AreaError."""

    latitude: float
    longitude: float
    radius_m: float

    def __post_init__(self) -> None:
        _check_points([(self.latitude, self.longitude)])
        _check_measure("radius", self.radius_m, SMALLEST_RADIUS_M, LARGEST_RADIUS_M)
        _check_bounds(self.bounds)

    def contains(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the circle."""
        return distance_m((self.latitude, self.longitude), (latitude, longitude)) <= self.radius_m

    @cached_property
    def bounds(self) -> Bounds:
        """The box around it."""
        angle = self.radius_m / EARTH_RADIUS_M
        up = math.degrees(angle)
        aside = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(self.latitude)))))
        return Bounds(self.latitude - up, self.longitude - aside, self.latitude + up, self.longitude + aside)

    def as_json(self) -> dict[str, Any]:
        """What `area_from` reads."""
        return {
            "kind": "CIRCLE",
            "latitude": self.latitude,
            "longitude": self.longitude,
            "radius_m": self.radius_m,
        }

    def __str__(self) -> str:
        return f"within {length_words(self.radius_m)} of {_place((self.latitude, self.longitude))}"


@dataclass(frozen=True)
class Polygon:
    """All inside a line through corners that returns to the first. Raises AreaError."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        _check_points(self.points)
        if len(set(self.points)) < FEWEST_CORNERS:
            raise AreaError("A drawn area needs at least three different corners. Add the missing ones.")
        if len(set(self.points)) < len(self.points):
            raise AreaError("A drawn area passes each corner once. Take the repeated corner out.")
        _check_bounds(self.bounds)
        if _crosses(list(self._sides())):
            raise AreaError(
                "The sides of the drawn area cross or touch each other. Give its corners in the order in "
                "which one would walk around it."
            )
        if self._size_m2() < SMALLEST_SIZE_M2:
            raise AreaError(
                f"The drawn area is smaller than {SMALLEST_SIZE_M2} m². Move its corners apart, or search "
                "around a point."
            )

    def contains(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies inside; of the points on its sides some count and some do not."""
        if not self.bounds.contains(latitude, longitude):
            return False
        is_inside = False
        for (lat1, lon1), (lat2, lon2) in self._sides():
            # Does this side cross the ray that leaves the point eastward?
            if (lat1 > latitude) != (lat2 > latitude):
                at = lon1 + (latitude - lat1) / (lat2 - lat1) * (lon2 - lon1)
                is_inside ^= longitude < at
        return is_inside

    @cached_property
    def bounds(self) -> Bounds:
        """The box around it."""
        return _box(self.points)

    def as_json(self) -> dict[str, Any]:
        """What `area_from` reads."""
        return {"kind": "POLYGON", "points": [list(point) for point in self.points]}

    def __str__(self) -> str:
        corners = "; ".join(_place(point) for point in self.points)
        return f"inside the drawn area with the corners {corners}"

    def _sides(self) -> Iterator[tuple[Point, Point]]:
        return pairwise((*self.points, self.points[0]))

    def _size_m2(self) -> float:
        flat = [_flat(point, self.points[0]) for point in self.points]
        turns = (x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*flat, flat[0]]))
        return abs(sum(turns)) / 2


@dataclass(frozen=True)
class Corridor:
    """All along a route: within half of `width_m` of one of its legs, ends rounded. Raises AreaError."""

    points: tuple[Point, ...]
    width_m: float

    def __post_init__(self) -> None:
        _check_points(self.points)
        _check_measure("width", self.width_m, SMALLEST_WIDTH_M, LARGEST_WIDTH_M)
        if len(set(self.points)) < FEWEST_STOPS:
            raise AreaError("A route needs at least two different points. Add where it leads.")
        if any(first == second for first, second in pairwise(self.points)):
            raise AreaError("A route has the same point twice in a row. Take one of the two out.")
        _check_bounds(self.bounds)

    def contains(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies along the route."""
        if not self.bounds.contains(latitude, longitude):
            return False
        here = (latitude, longitude)
        legs = ((_flat(start, here), _flat(end, here)) for start, end in pairwise(self.points))
        return any(_from_origin(start, end) <= self.width_m / 2 for start, end in legs)

    @cached_property
    def bounds(self) -> Bounds:
        """The box around it."""
        box = _box(self.points)
        up = math.degrees(self.width_m / 2 / EARTH_RADIUS_M)
        farthest = min(max(-box.south, box.north) + up, FARTHEST_NORTH)
        aside = up / math.cos(math.radians(farthest))
        return Bounds(box.south - up, box.west - aside, box.north + up, box.east + aside)

    def as_json(self) -> dict[str, Any]:
        """What `area_from` reads."""
        return {
            "kind": "CORRIDOR",
            "points": [list(point) for point in self.points],
            "width_m": self.width_m,
        }

    def __str__(self) -> str:
        route = "; ".join(_place(point) for point in self.points)
        return f"within {length_words(self.width_m / 2)} of the route {route}"


Area = Circle | Polygon | Corridor


def area_from(mapping: Mapping[str, Any]) -> Area:
    """The area that `as_json` wrote, or that a program gives in the same form. Raises AreaError."""
    kind, given = mapping.get("kind"), {name: value for name, value in mapping.items() if name != "kind"}
    wanted = _FIELDS.get(kind) if isinstance(kind, str) else None
    if wanted is None:
        raise AreaError(f"An area's kind is one of {', '.join(_FIELDS)}. Give one of these.")
    if given.keys() != wanted:
        raise AreaError(f"An area of kind {kind} has exactly {', '.join(sorted(wanted))}. Give these.")
    if kind == "CIRCLE":
        return Circle(*(_number(given[name]) for name in ("latitude", "longitude", "radius_m")))
    points = _points(given["points"])
    return Polygon(points) if kind == "POLYGON" else Corridor(points, _number(given["width_m"]))


_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "CIRCLE": frozenset({"latitude", "longitude", "radius_m"}),
    "POLYGON": frozenset({"points"}),
    "CORRIDOR": frozenset({"points", "width_m"}),
}


_EARTH: Final = Bounds(-90, -180, 90, 180)
_PAIR: Final = 2


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AreaError("Coordinates and measures of an area are numbers, such as 34.89859.")
    try:
        return float(value)
    except OverflowError as error:
        raise AreaError("A number of the area is far beyond any measure on earth. Write it anew.") from error


def _points(value: object) -> tuple[Point, ...]:
    pairs = value if isinstance(value, list | tuple) else ()
    if not pairs or not all(isinstance(pair, list | tuple) and len(pair) == _PAIR for pair in pairs):
        raise AreaError(
            "Points of an area are pairs of latitude and longitude, such as [34.89859, -117.0228]."
        )
    return tuple((_number(latitude), _number(longitude)) for latitude, longitude in pairs)


def _check_points(points: Sequence[Point]) -> None:
    if len(points) > MOST_POINTS:
        raise AreaError(f"An area has at most {MOST_POINTS} points. Leave some out.")
    for latitude, longitude in points:
        if not (math.isfinite(latitude) and math.isfinite(longitude)):
            raise AreaError("Latitude and longitude are numbers, such as 34.89859 and -117.02280.")
        if not _EARTH.contains(latitude, longitude):
            raise AreaError(
                f"{latitude}, {longitude} is no place on earth: latitudes go from -90 to 90, longitudes from "
                "-180 to 180. Write the latitude first."
            )


def _check_measure(name: str, value: float, smallest: float, largest: float) -> None:
    if not smallest <= value <= largest:
        raise AreaError(f"The {name} of an area is {smallest:,} to {largest:,} m. Choose one in between.")


def _check_bounds(box: Bounds) -> None:
    if max(-box.south, box.north) > FARTHEST_NORTH:
        raise AreaError(
            f"Areas beyond {FARTHEST_NORTH:.0f} degrees north or south cannot be searched. Choose cameras "
            "instead."
        )
    if box.west < _EARTH.west or box.east > _EARTH.east or box.east - box.west > _EARTH.east:
        raise AreaError(
            "An area that crosses the 180th meridian cannot be searched as one. Search each side of it."
        )
    across = distance_m((box.south, box.west), (box.north, box.east))
    if across > FARTHEST_ACROSS_M:
        raise AreaError(
            f"The area is {across / 1000:,.0f} km across, more than {FARTHEST_ACROSS_M // 1000} km. Search a "
            "smaller one, or search without an area."
        )


def _box(points: Sequence[Point]) -> Bounds:
    latitudes, longitudes = zip(*points, strict=True)
    return Bounds(min(latitudes), min(longitudes), max(latitudes), max(longitudes))


def _flat(point: Point, origin: Point) -> Point:
    """East and north of an origin in meters, as on a map that is true to scale there."""
    north = math.radians(point[0] - origin[0]) * EARTH_RADIUS_M
    east = math.radians(point[1] - origin[1]) * EARTH_RADIUS_M * math.cos(math.radians(origin[0]))
    return east, north


def _from_origin(start: Point, end: Point) -> float:
    """Distance of (0, 0) from a leg."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    length = dx * dx + dy * dy
    along = min(1.0, max(0.0, -(x * dx + y * dy) / length)) if length else 0.0
    return math.hypot(x + along * dx, y + along * dy)


def _crosses(sides: Sequence[tuple[Point, Point]]) -> bool:
    """Whether two sides have a point in common that is not the corner between them."""
    last = len(sides) - 1
    for (i, one), (j, other) in combinations(enumerate(sides), 2):
        if j == i + 1 or (i == 0 and j == last):
            shared = one[1] if j == i + 1 else one[0]
            far_one = one[0] if shared == one[1] else one[1]
            far_other = other[1] if shared == other[0] else other[0]
            if _side_of(shared, far_one, far_other) == 0 and _ahead(shared, far_one, far_other):
                return True
        elif _meet(one, other):
            return True
    return False


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    turns = _side_of(a, b, c), _side_of(a, b, d), _side_of(c, d, a), _side_of(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _box([start, end]).contains(*point) for turn, start, end, point in ends)


def _side_of(start: Point, end: Point, point: Point) -> int:
    """1 where a point is left of a line, -1 right of it, 0 on it."""
    turn = (end[1] - start[1]) * (point[0] - start[0]) - (end[0] - start[0]) * (point[1] - start[1])
    return (turn > 0) - (turn < 0)


def _ahead(corner: Point, one: Point, other: Point) -> bool:
    """Whether two sides leave a corner in the same direction and not in opposite ones."""
    along = (one[0] - corner[0]) * (other[0] - corner[0]) + (one[1] - corner[1]) * (other[1] - corner[1])
    return along > 0


def _place(point: Point) -> str:
    return f"{point[0]:.5f}, {point[1]:.5f}"


def length_words(meters: float) -> str:
    """A length in words: "450 m (0.28 mi)"."""
    miles = meters / 1609.344
    return f"{meters:,.0f} m ({miles:,.2f} mi)"
