"""Distances and directions between places in WGS 84, on a sphere."""

import math
from typing import Final

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius (IUGG)."""

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def distance_m(one: Point, other: Point) -> float:
    """Great-circle distance (haversine)."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(lat), math.radians(lon)) for lat, lon in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def bearing_deg(one: Point, other: Point) -> float:
    """Initial direction of the great circle from one place to another, clockwise from north, 0 to 360."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(lat), math.radians(lon)) for lat, lon in (one, other))
    east = math.sin(lon2 - lon1) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    return math.degrees(math.atan2(east, north)) % 360
