"""How reads of a whole or partial plate are found, newest first, without looking at every read.

What is asked is first looked for in the directory of plates, those seen last first. Their reads are then
looked up by key in windows of time, newest first, until the page is full. As many plates of the directory as
the page has places already settle how far back it can reach: each of them has a read that late. Parts of a
plate so vague that almost any few reads hold a match are looked for in the newest reads themselves, as long
as the matches of the newest hour say that a page is near. A canvass, for which every plate counts, looks
through the reads of the devices that may have been in its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Reverse

from plateward.plates import color_spellings
from plateward.plates.matching import Tolerance, near_keys
from plateward.plates.pattern import PlatePattern
from plateward.plates.text import plate_key
from plateward.reads.models import SearchedPlate, SearchedRead
from plateward.search.places import Ground, Key, devices_asked, ground_of, keys_of
from plateward.search.prepared import any_of, prepared
from plateward.search.rules import Cursor, SearchQuery

VAGUE: Final = 3
"""With fewer grams than this a pattern is first looked for in the newest reads."""
PROBE: Final = timedelta(hours=1)
FARTHEST: Final = timedelta(hours=24)
"""Newest reads are looked at one by one over this time, and at most over that."""
GLANCE: Final = timedelta(minutes=5)
"""A canvass begins with so much of the newest time."""
MORE: Final = 20
"""Plates, and time, are taken up in steps that grow by this factor."""
_INSTANT: Final = timedelta(microseconds=1)


class _HasGrams(Func):
    """`plateward_grams(plate_key)` contains the given ones; answered by the GIN index of that expression."""

    template = "(plateward_grams(%(expressions)s::text[]))"
    arg_joiner = ") @> ("
    output_field = BooleanField()


class _Like(Func):
    template = "(%(expressions)s)"
    arg_joiner = " LIKE "
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Seen:
    """A plate of the directory."""

    plate_key: str
    first_seen_at: datetime
    last_seen_at: datetime
    read_count: int


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, its end not included, and the keys of all plates asked for that were seen in it."""

    from_at: datetime
    until_at: datetime
    plate_keys: frozenset[str]


def newest(agency: str, query: SearchQuery, after: Cursor | None, size: int) -> list[Key]:
    """The newest `size` matches, or those right after a cursor, newest first."""
    until_at = min(query.until_at, after.captured_at + _INSTANT) if after else query.until_at
    ground = ground_of(agency, query)
    if query.pattern is None:
        return canvassed(agency, query, ground, after, until_at, size)
    if len(query.pattern.folded.sql_grams) < VAGUE and not query.pattern.is_exact:
        near = _one_by_one(agency, query, ground, after, until_at, size)
        if near is not None:
            return near
    found: list[Key] = []
    for window in windows(agency, query, until_at, size):
        with prepared():
            found += keys_of(reads_in(agency, query, window, after, ground), ground)
        if len(found) >= size:
            break
    return sorted(found, reverse=True)[:size]


def windows(agency: str, query: SearchQuery, until_at: datetime, size: int) -> Iterator[Window]:
    """Stretches of the time asked, newest first and without gap, each with the plates to look up in it."""
    limit: int | None = size + 1
    while True:
        plates = list(plates_seen(agency, query, until_at, limit))
        # Beyond the last of a full list others may have been seen; none of them at a later instant.
        is_whole = limit is None or len(plates) < limit
        bottom = query.from_at if is_whole else max(query.from_at, plates[-1].last_seen_at + _INSTANT)
        yield from _steps(plates, bottom, until_at, size)
        if is_whole:
            return
        until_at = min(until_at, bottom)
        limit = limit * MORE if limit and limit < size * MORE**2 else None


def _steps(plates: Sequence[Seen], bottom: datetime, top: datetime, size: int) -> Iterator[Window]:
    """Windows from `top` down to `bottom`, the first as long as `size` reads of the plates probably take."""
    shown = [plate for plate in plates if plate.last_seen_at >= bottom and plate.first_seen_at < top]
    if not shown:
        return
    first, last = min(one.first_seen_at for one in shown), max(one.last_seen_at for one in shown)
    bottom, top = max(bottom, first), min(top, last + _INSTANT)
    expected = sum(one.read_count for one in shown)
    reach = (last - first) * min(1, 2 * size / expected) + _INSTANT
    while top > bottom:
        from_at = max(bottom, top - reach)
        seen = {one.plate_key for one in shown if one.last_seen_at >= from_at and one.first_seen_at < top}
        yield Window(from_at, top, frozenset(seen))
        top, reach = from_at, reach * MORE


def plates_seen(agency: str, query: SearchQuery, until_at: datetime, limit: int | None) -> Iterator[Seen]:
    """The agency's plates that a search describes, seen in its time before `until_at`, last seen first."""
    plates = SearchedPlate.objects.filter(
        agency_id=agency, last_seen_at__gte=query.from_at, first_seen_at__lt=until_at
    )
    pattern = _asked(query)
    if query.tolerance is Tolerance.ONE_CHARACTER:
        plates = plates.filter(any_of("plate_key", near_keys(plate_key(pattern.text))))
    elif pattern.is_exact:
        plates = plates.filter(_as_asked(query), plate_key=plate_key(pattern.text))
    else:
        plates = plates.filter(_as_asked(query))
        if ending := pattern.folded.ending:
            plates = plates.filter(_Like(Reverse(F("plate_key")), Value(f"{ending[::-1]}%")))
        elif grams := pattern.folded.sql_grams:
            plates = plates.filter(_HasGrams(F("plate_key"), Value(grams)))
    facts = plates.values_list("plate_key", "first_seen_at", "last_seen_at", "read_count")
    return (Seen(*row) for row in facts.order_by("-last_seen_at")[:limit])


def reads_in(
    agency: str,
    query: SearchQuery,
    window: Window,
    after: Cursor | None = None,
    ground: Ground | None = None,
) -> QuerySet[SearchedRead]:
    """The matches of one window, unordered; its times prune partitions, its keys are looked up.

    Given a `ground`, some may lie outside its area. Ordering here, with a limit, would tempt the planner to
    walk all of the time for a rare plate.
    """
    reads = _narrowed(agency, query, after, ground).filter(
        any_of("plate_key", window.plate_keys),
        captured_at__gte=window.from_at,
        captured_at__lt=window.until_at,
    )
    return reads.filter(_as_asked(query)) if query.tolerance is Tolerance.AS_WRITTEN else reads


def canvassed(
    agency: str,
    query: SearchQuery,
    ground: Ground | None,
    after: Cursor | None,
    until_at: datetime,
    size: int,
) -> list[Key]:
    """The newest `size` reads of a place, whatever their plates, newest first."""
    found: list[Key] = []
    devices, reach = devices_asked(agency, query, ground), GLANCE
    while devices and until_at > query.from_at and len(found) < size:
        from_at = max(query.from_at, until_at - reach)
        reads = reads_of(agency, query, devices, Window(from_at, until_at, frozenset()), after, ground)
        newer = list(keys_of(reads, ground))
        found += newer
        reach = _farther(reach, len(newer), size - len(found))
        until_at = from_at
    return sorted(found, reverse=True)[:size]


def reads_of(
    agency: str,
    query: SearchQuery,
    devices: Sequence[UUID],
    window: Window,
    after: Cursor | None,
    ground: Ground | None,
) -> QuerySet[SearchedRead]:
    """All reads of some devices in one window, unordered, found by device and time."""
    return _narrowed(agency, query, after, ground).filter(
        device_id__in=devices, captured_at__gte=window.from_at, captured_at__lt=window.until_at
    )


def _farther(reach: timedelta, found: int, wanted: int) -> timedelta:
    """The next stretch of time: a little longer than `found` reads in this one let expect."""
    return reach * (min(MORE, max(1, 1.25 * wanted / found)) if found else MORE)


def _one_by_one(
    agency: str,
    query: SearchQuery,
    ground: Ground | None,
    after: Cursor | None,
    until_at: datetime,
    size: int,
) -> list[Key] | None:
    """The newest matches by looking at each of the newest reads; None where they are too rare for that."""
    matching = _narrowed(agency, query, after, ground).filter(_as_asked(query), captured_at__lt=until_at)
    newest_first = matching.order_by("-captured_at", "-id")
    reach = PROBE
    while reach <= FARTHEST:
        from_at = max(query.from_at, until_at - reach)
        reads = newest_first.filter(captured_at__gte=from_at)
        # Some in the box around an area lie outside it, so that their number says nothing yet.
        found = list(islice(keys_of(reads if ground else reads[:size], ground), size))
        if len(found) == size or from_at == query.from_at:
            return found
        # A little farther than their number lets expect, and never less than twice as far.
        reach *= max(2, 1.25 * size / len(found)) if found else MORE**2
    return None


def _narrowed(
    agency: str, query: SearchQuery, after: Cursor | None, ground: Ground | None
) -> QuerySet[SearchedRead]:
    """The agency's reads that agree with all but plate and time; what was not recognized agrees."""
    reads = SearchedRead.objects.filter(agency_id=agency).order_by()
    if ground:
        reads = ground.narrowed(reads)
    if query.device_ids:
        reads = reads.filter(any_of("device_id", query.device_ids))
    if query.stored_from_at:
        reads = reads.filter(stored_at__gte=query.stored_from_at)
    if query.region:
        reads = reads.filter(region__in=(query.region, ""))
    reads = reads.filter(said_of(make=query.make, color=query.color, vehicle_type=query.vehicle_type))
    if after:
        older = Q(captured_at__lt=after.captured_at) | Q(captured_at=after.captured_at, id__lt=after.id)
        reads = reads.filter(older)
    return reads


def said_of(**facts: str) -> Q:
    """Reads on whose vehicle nothing says otherwise, facts by their columns; "" asks for nothing.

    A color is the same in either spelling of its sender.
    """
    agreed = Q()
    for name, wanted in facts.items():
        if not wanted:
            continue
        fits = Q(**{name: ""})
        for spelled in color_spellings(wanted) if name == "color" else (wanted,):
            fits |= Q(**{f"{name}__icontains": spelled})
        agreed &= fits
    return agreed


def _as_asked(query: SearchQuery) -> Func:
    """The plate, or its key where look-alikes count, is as the pattern says."""
    if query.tolerance is Tolerance.AS_WRITTEN:
        return _Like(F("plate"), Value(_asked(query).sql_like))
    return _Like(F("plate_key"), Value(_asked(query).folded.sql_like))


def _asked(query: SearchQuery) -> PlatePattern:
    """The pattern of a search that has one."""
    if query.pattern is None:
        raise ValueError("A canvass asks for no plate.")
    return query.pattern
