"""What is held, told by the database: the condition that a purge obeys, and what a hold covers now.

The condition is one for reads that are there, come late or come in the future: nothing is marked, so nothing
can be forgotten. Where a canvass of a held case drew an area, the box around it is held: rather a read more.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from plateward.devices.models import Device
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import BLOCKING
from plateward.reads.models import Read
from plateward.walls import scope as walls

__all__ = (
    "BLOCKING",
    "PURGED",
    "Held",
    "HeldByDevice",
    "held_condition",
    "held_count",
    "held_since_condition",
    "holds_of",
    "ids_of",
    "later_pictures",
    "lock_holds",
    "purged_since",
    "reads_of",
    "unbooked",
    "unpacked",
    "what_is_held",
)

Purged = Callable[[str, datetime | None, datetime | None], Iterable[str]]
PURGED: Final[list[Purged]] = []
"""Who can say what was purged of an agency's reads in a time: `retention`, which lies above this folder.

Each is called with the agency, the beginning and the end of the time (None: open) and gives sentences.
"""

_BLOCKS: Final = "held_by.state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(BLOCKING)))
_PACKED: Final = """
SELECT packed.agency_id, packed.read_id FROM evidence_packageread AS packed
JOIN evidence_package AS ordered ON ordered.id = packed.package_id WHERE ordered.state = 'BUILDING'"""
"""What is ordered as evidence or for a release stays until it is packed."""
_whole = walls.beyond("A hold covers what is deleted logically too.")
_UNCOMPILED: Final = "SET LOCAL jit = off"
_SCOPES: Final = """
FROM evidence_holdscope AS held_scope JOIN evidence_hold AS held_by ON held_by.id = held_scope.hold_id"""
_HITS: Final = f"""{_SCOPES}
JOIN hotlists_entry AS held_entry ON held_entry.agency_id = held_scope.agency_id
     AND upper(held_entry.case_number) = upper(held_scope.reference) AND held_entry.case_number <> ''
JOIN alerts_alert AS held_alert ON held_alert.entry_id = held_entry.id
JOIN alerts_hit AS held_hit ON held_hit.alert_id = held_alert.id"""
_OPENED: Final = f"""{_SCOPES}
JOIN audit_accessrecord AS held_access ON held_access.agency = held_scope.agency_id
     AND upper(held_access.reference) = upper(held_scope.reference) AND held_access.reference <> ''
     AND starts_with(held_access.subject, 'reads.Read:')"""
_OPENED_ID: Final = "substr(held_access.subject, 12)::uuid"
# A meter is taken for more degrees than it is: the box is never too small.
_CANVASSED: Final = f"""{_SCOPES}
JOIN search_canvass AS held_canvass ON held_canvass.agency_id = held_scope.agency_id
     AND upper(held_canvass.reference) = upper(held_scope.reference) AND held_canvass.reference <> ''
CROSS JOIN LATERAL (
    SELECT min(latitude) - pad AS south, max(latitude) + pad AS north,
           min(longitude) - pad / cos(radians(max(abs(latitude)) + 1)) AS west,
           max(longitude) + pad / cos(radians(max(abs(latitude)) + 1)) AS east
    FROM (
        SELECT (point ->> 0)::float8 AS latitude, (point ->> 1)::float8 AS longitude,
               coalesce((held_canvass.area ->> 'radius_m')::float8,
                        (held_canvass.area ->> 'width_m')::float8 / 2, 0) / 110000 AS pad
        FROM jsonb_array_elements(coalesce(
            held_canvass.area -> 'points',
            jsonb_build_array(jsonb_build_array(
                held_canvass.area -> 'latitude', held_canvass.area -> 'longitude'))
        )) AS point
    ) AS corner GROUP BY pad
) AS held_box"""  # noqa: S608  our own constants and checked names


def held_condition(alias: str) -> str:
    """SQL that is true of a row of `reads_read` under `alias` while any hold blocks it; no parameters.

    Also of what waits to be packed.

    It uses the columns agency_id, id, plate_key, captured_at, device_id, latitude and longitude. Lists of
    what is held are hashed once for a statement; what they let through is looked at more closely. Compiling
    it takes the database longer than answering: ask in a transaction without jit, as `lock_holds` sets it.

    Raises ValueError for an alias that is no plain name.
    """
    return f"({_condition(alias, _BLOCKS)} OR ({alias}.agency_id, {alias}.id) IN ({_PACKED}))"


def held_since_condition(alias: str, since: datetime) -> str:
    """SQL that is true of a read covered by a hold that was asked for after `since`, ended or not."""
    return _condition(alias, f"held_by.requested_at > '{since.isoformat()}'::timestamptz")


def _condition(alias: str, which: str) -> str:
    """As `held_condition`, of the holds that `which` says of `held_by`."""
    if not alias.isidentifier() or alias.startswith("held_"):
        raise ValueError(f"{alias!r} is no plain name for a table")
    keys = f"({alias}.agency_id, {alias}.id)"

    def of(kind: str) -> str:
        return f"WHERE held_scope.kind = '{kind}' AND {which}"

    window = _in_window(alias, "held_scope")
    return f"""(
    {keys} IN (SELECT held_scope.agency_id, held_scope.read_id {_SCOPES} {of("READ")})
    OR ({alias}.agency_id, {alias}.plate_key) IN (
            SELECT held_scope.agency_id, held_scope.plate_key {_SCOPES} {of("PLATE")})
       AND EXISTS (SELECT {_SCOPES} {of("PLATE")} AND held_scope.agency_id = {alias}.agency_id
                   AND held_scope.plate_key = {alias}.plate_key AND {window})
    OR {_within(alias, "held_scope.from_at, held_scope.until_at", f"{_SCOPES} {of('CAMERA_WINDOW')}")}
       AND EXISTS (SELECT {_SCOPES} {of("CAMERA_WINDOW")} AND held_scope.agency_id = {alias}.agency_id
                   AND held_scope.device_id = {alias}.device_id AND {window})
    OR {keys} IN (SELECT held_hit.agency_id, held_hit.read_id {_HITS} {of("CASE")})
    OR {keys} IN (SELECT held_scope.agency_id, {_OPENED_ID} {_OPENED} {of("CASE")})
    OR {_within(alias, "held_canvass.from_at, held_canvass.until_at", f"{_CANVASSED} {of('CASE')}")}
       AND EXISTS (SELECT {_CANVASSED} {of("CASE")} AND {_in_canvass(alias)})
)"""


def _within(alias: str, times: str, of_them: str) -> str:
    """Whether a read lies in any of the times at all, put together once for a statement; never null."""
    return f"coalesce({alias}.captured_at <@ (SELECT range_agg(tstzrange({times})) {of_them}), false)"


def _in_window(alias: str, scope: str) -> str:
    return (
        f"({scope}.from_at IS NULL OR {scope}.from_at <= {alias}.captured_at) "
        f"AND ({scope}.until_at IS NULL OR {alias}.captured_at < {scope}.until_at)"
    )


def _in_canvass(alias: str) -> str:
    """A read in the time and the box; where nobody knows its place, its camera's, and else it is held."""

    def place(name: str) -> str:
        device = f"(SELECT held_device.{name} FROM devices_device AS held_device"  # noqa: S608  our own constants and checked names
        return f"coalesce({alias}.{name}, {device} WHERE held_device.id = {alias}.device_id))"

    latitude, longitude = place("latitude"), place("longitude")
    return (
        f"held_canvass.agency_id = {alias}.agency_id "
        f"AND {alias}.captured_at >= held_canvass.from_at AND {alias}.captured_at < held_canvass.until_at "
        f"AND coalesce({latitude} BETWEEN held_box.south AND held_box.north "
        f"AND {longitude} BETWEEN held_box.west AND held_box.east, true)"
    )


def lock_holds(agency: str, *, alone: bool) -> None:
    """Until the transaction ends keep purges off while a hold is made (`alone=False`), or holds off a purge.

    A purge takes it alone first and decides afterwards what is held: what it then sees includes every hold
    that was asked for before.
    """
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(_UNCOMPILED)
        cursor.execute(f"SELECT {function}(hashtext('evidence.holds'), hashtext(%s))", [agency])


@_whole
def held_count(agency: str, from_at: datetime, until_at: datetime) -> int:
    """How many of an agency's reads captured in the time, its end not included, are held now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UNCOMPILED)
        cursor.execute(
            "SELECT count(*) FROM reads_read AS r WHERE r.agency_id = %s AND r.captured_at >= %s "  # noqa: S608  our own constants and checked names
            f"AND r.captured_at < %s AND {held_condition('r')}",
            [agency, from_at, until_at],
        )
        return int(cursor.fetchone()[0])


@_whole
def holds_of(read: Read) -> list[Hold]:
    """The holds that block this read now, oldest first."""
    return _holds_of(read, _BLOCKS)


def _holds_of(read: Read, which: str) -> list[Hold]:
    condition = _condition("r", f"held_by.id = hold.id AND {which}")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UNCOMPILED)
        found = Hold.objects.raw(
            "SELECT hold.* FROM evidence_hold AS hold WHERE hold.agency_id = %s AND EXISTS ("  # noqa: S608  our own constants and checked names
            f"SELECT FROM reads_read AS r WHERE r.plate_key = %s AND r.captured_at = %s AND r.id = %s "
            f"AND r.agency_id = hold.agency_id AND {condition}) ORDER BY hold.number",
            [read.agency_id, read.plate_key, read.captured_at, read.id],
        )
        return list(found)


@dataclass(frozen=True, slots=True)
class HeldByDevice:
    """What one device captured of what is held."""

    device: Device
    reads: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What a hold covers of the reads that are there now, by device."""

    devices: tuple[HeldByDevice, ...]

    @property
    def reads(self) -> int:
        """How many reads."""
        return sum(one.reads for one in self.devices)

    @property
    def first_at(self) -> datetime | None:
        """When the first of them was captured."""
        return min((one.first_at for one in self.devices), default=None)

    @property
    def last_at(self) -> datetime | None:
        """When the last of them was captured."""
        return max((one.last_at for one in self.devices), default=None)


# The other way round: from the hold to its reads, each part by an index of the reads. An id carries the
# capture's millisecond in its first 48 bits.
_CAPTURED_AT: Final = f"""
to_timestamp(('x' || left(replace(({_OPENED_ID})::text, '-', ''), 12))::bit(48)::bigint / 1000.0)"""
_KEYS: Final = "SELECT r.plate_key, r.captured_at, r.id"
_OF_HOLD: Final = f"""
{_KEYS} {_SCOPES}
JOIN reads_read AS r ON r.agency_id = held_scope.agency_id
     AND r.captured_at = held_scope.captured_at AND r.id = held_scope.read_id
WHERE held_scope.kind = 'READ' AND held_by.id = %(hold)s
UNION {_KEYS} {_SCOPES}
JOIN reads_read AS r ON r.agency_id = held_scope.agency_id
     AND r.plate_key = held_scope.plate_key AND {_in_window("r", "held_scope")}
WHERE held_scope.kind = 'PLATE' AND held_by.id = %(hold)s
UNION {_KEYS} {_SCOPES}
JOIN reads_read AS r ON r.agency_id = held_scope.agency_id
     AND r.device_id = held_scope.device_id AND r.captured_at >= held_scope.from_at
     AND r.captured_at < coalesce(held_scope.until_at, 'infinity')
WHERE held_scope.kind = 'CAMERA_WINDOW' AND held_by.id = %(hold)s
UNION {_KEYS} {_HITS}
JOIN reads_read AS r ON r.agency_id = held_hit.agency_id
     AND r.captured_at = held_hit.captured_at AND r.id = held_hit.read_id
WHERE held_scope.kind = 'CASE' AND held_by.id = %(hold)s
UNION {_KEYS} {_OPENED}
JOIN reads_read AS r ON r.agency_id = held_scope.agency_id
     AND r.captured_at = {_CAPTURED_AT} AND r.id = {_OPENED_ID}
WHERE held_scope.kind = 'CASE' AND held_by.id = %(hold)s
UNION {_KEYS} {_CANVASSED}
JOIN reads_read AS r ON {_in_canvass("r")}
WHERE held_scope.kind = 'CASE' AND held_by.id = %(hold)s
"""


@_whole
def what_is_held(hold: Hold) -> Held:
    """What the hold covers of the reads that are there now, whatever its state."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UNCOMPILED)
        cursor.execute(
            "SELECT r.device_id, count(*), min(captured_at), max(captured_at) "  # noqa: S608  our own constants and checked names
            f"FROM ({_OF_HOLD}) AS held JOIN reads_read AS r USING (plate_key, captured_at, id) "
            "GROUP BY r.device_id",
            {"hold": hold.pk},
        )
        rows: list[tuple[UUID, int, datetime, datetime]] = cursor.fetchall()
    devices = Device.objects.in_bulk([row[0] for row in rows])
    found = (HeldByDevice(devices[row[0]], *row[1:]) for row in rows)
    return Held(tuple(sorted(found, key=lambda one: (-one.reads, one.device.name))))


@_whole
def reads_of(hold: Hold, *, limit: int, offset: int = 0) -> list[Read]:
    """Reads that the hold covers, the newest first, with their devices."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT plate_key, captured_at, id FROM ({_OF_HOLD}) AS held "  # noqa: S608  our own constants and checked names
            "ORDER BY captured_at DESC, id LIMIT %(limit)s OFFSET %(offset)s",
            {"hold": hold.pk, "limit": limit, "offset": offset},
        )
        keys: list[tuple[Any, ...]] = cursor.fetchall()
    found = Read.objects.filter(pk__in=keys).select_related("device") if keys else Read.objects.none()
    by_key = {(one.plate_key, one.captured_at, one.id): one for one in found}
    return [by_key[key] for key in keys]


@_whole
def ids_of(hold: Hold) -> list[UUID]:
    """Every read that the hold covers now, by its id."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({_OF_HOLD}) AS held", {"hold": hold.pk})  # noqa: S608  our own constants and checked names
        return [row[0] for row in cursor.fetchall()]


@_whole
def unpacked(
    hold: Hold, devices: Collection[UUID], *, since: datetime | None = None, until: datetime | None = None
) -> tuple[int, datetime | None, frozenset[UUID]]:
    """Reads of the hold by these devices that no built package of it has, captured after `since`, by `until`.

    Their number, when the first was captured (None: there are none), and which devices captured them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(r.captured_at), array_agg(DISTINCT r.device_id) "  # noqa: S608  our own constants and checked names
            f"FROM ({_OF_HOLD}) AS held JOIN reads_read AS r USING (plate_key, captured_at, id) "
            "WHERE r.device_id = ANY(%(devices)s) "
            "AND r.captured_at > coalesce(%(since)s::timestamptz, '-infinity') "
            "AND r.captured_at <= coalesce(%(until)s::timestamptz, 'infinity') AND NOT EXISTS ("
            "SELECT FROM evidence_packageread AS packed "
            "JOIN evidence_package AS package ON package.id = packed.package_id "
            "WHERE packed.read_id = r.id AND package.hold_id = %(hold)s AND package.state = 'BUILT')",
            {"hold": hold.pk, "devices": list(devices), "since": since, "until": until},
        )
        count, first_at, found = cursor.fetchone()
    return int(count), first_at, frozenset(found or ())


@_whole
def unbooked(hold: Hold) -> int:
    """How many reads that the hold covers now are in no package of it that was booked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({_OF_HOLD}) AS held WHERE NOT EXISTS ("  # noqa: S608  our own constants and checked names
            "SELECT FROM evidence_packageread AS packed "
            "JOIN evidence_booking AS booking ON booking.package_id = packed.package_id "
            "WHERE booking.hold_id = %(hold)s AND packed.read_id = held.id)",
            {"hold": hold.pk},
        )
        return int(cursor.fetchone()[0])


@_whole
def later_pictures(hold: Hold) -> int:
    """How many pictures the reads of the hold's booked packages have that were not there to be packed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(min(greatest(0, (SELECT count(*) FROM evidence_packageread AS packed "
            "JOIN reads_picture AS picture ON picture.read_id = packed.read_id "
            "WHERE packed.package_id = package.id) - package.picture_count)), 0) "
            "FROM evidence_booking AS booking JOIN evidence_package AS package "
            "ON package.id = booking.package_id WHERE booking.hold_id = %s",
            [hold.pk],
        )
        return int(cursor.fetchone()[0])


def opened_under(hold: Hold) -> Iterator[UUID]:
    """Ids of the reads that were opened under a case of the hold, as far as the records still tell."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT {_OPENED_ID} {_OPENED} WHERE held_scope.kind = 'CASE' AND held_by.id = %s",
            [hold.pk],
        )
        yield from (row[0] for row in cursor.fetchall())


def purged_since(agency: str, windows: Iterable[tuple[datetime | None, datetime | None]]) -> list[str]:
    """What retention says was purged already in any of the times: a hold cannot bring it back."""
    told = (line for window in windows for ask in PURGED for line in ask(agency, *window))
    return list(dict.fromkeys(told))
