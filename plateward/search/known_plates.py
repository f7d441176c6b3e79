"""How many of an agency's known plates a partial plate fits, from the directory of plates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from plateward.hotlists.filters import VehicleFilter
from plateward.plates import PlatePattern
from plateward.reads.models import SearchedRead
from plateward.search.finding import said_of

MOST: Final = 2_000
"""A pattern that fits more known plates than this is told as "at least": it is no clue."""

_FITTING: Final = """
SELECT DISTINCT plate_key FROM reads_searched_plates
WHERE agency_id = %(agency)s AND last_seen_at >= %(since)s AND plate_key LIKE %(like)s
  AND plateward_grams(plate_key) @> %(grams)s
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Known:
    """How many plates fit, at least so many if bounded, and how many more only without their vehicle."""

    plates: int
    unlike: int
    is_bounded: bool


def fitting(agency: str, plate: str, vehicle: VehicleFilter, since: datetime, now: datetime) -> Known:
    """Count the plates seen from `since` to `now` that a partial plate fits, look-alikes as one."""
    pattern = PlatePattern(plate).folded
    asked: dict[str, Any] = {"agency": agency, "since": since, "most": MOST + 1}
    asked |= {"like": pattern.sql_like, "grams": pattern.sql_grams}
    with connection.cursor() as cursor:
        cursor.execute(_FITTING, asked)
        keys = [key for (key,) in cursor.fetchall()]
    is_bounded, keys = len(keys) > MOST, keys[:MOST]
    alike = _alike(agency, keys, vehicle, since, now) if vehicle and keys else len(keys)
    return Known(alike, len(keys) - alike, is_bounded)


def _alike(agency: str, keys: list[str], vehicle: VehicleFilter, since: datetime, now: datetime) -> int:
    """How many of the plates were read at least once on a vehicle that nothing says is another."""
    reads = SearchedRead.objects.filter(
        agency_id=agency, plate_key__in=keys, captured_at__gte=since, captured_at__lte=now
    )
    reads = reads.filter(said_of(color=vehicle.color, make=vehicle.make, vehicle_type=vehicle.type))
    if vehicle.region:
        reads = reads.filter(region__in=(vehicle.region, ""))
    return reads.order_by().values("plate_key").distinct().count()
