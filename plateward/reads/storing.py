"""Inbox items become reads and pictures, many at once, in the caller's transaction. Part of `actions`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from plateward.devices.models import Device
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.plates import plate_key
from plateward.reads import imaging, rules
from plateward.reads.adapters import ADAPTERS, Message, Sent, SentPicture, Unreadable, sha256
from plateward.reads.imaging import PictureFacts
from plateward.reads.models import Direction, InboxItem, InboxState, Picture, PictureRole, Read
from plateward.reads.store import PictureKey, PictureStore

_COLUMNS = tuple(field.column for field in Read._meta.concrete_fields if field.column)  # noqa: SLF001  Django's documented API
_JSON = frozenset({"characters", "candidates", "plate_box", "vehicle", "payload"})
_NAMES = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))

# Emptied at the end of each transaction, and before use where one transaction stores twice.
_STAGING = """
    CREATE TEMPORARY TABLE IF NOT EXISTS reads_staging (LIKE reads_read INCLUDING DEFAULTS)
    ON COMMIT DELETE ROWS;
    DELETE FROM reads_staging
"""
_COPY = sql.SQL("COPY reads_staging ({}) FROM STDIN").format(_NAMES)
# The primary key folds a redelivered event; another plate under the same event is left out, never stored
# beside the first. The range lets the planner leave other weeks alone.
_INSERT = sql.SQL("""
    INSERT INTO reads_read ({names})
    SELECT {names} FROM reads_staging AS fresh
    WHERE NOT EXISTS (
        SELECT FROM reads_read AS stored
        WHERE stored.captured_at BETWEEN %s AND %s
          AND stored.captured_at = fresh.captured_at AND stored.id = fresh.id AND stored.plate <> fresh.plate
    )
    ON CONFLICT DO NOTHING
    RETURNING id
""").format(names=_NAMES)


class OneByOneError(Exception):
    """Something in a batch contradicts what is stored: its items are to be stored each alone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture that belongs to a read, inspected, with the place where it is to lie."""

    read: Read
    picture: SentPicture
    facts: PictureFacts
    key: PictureKey


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item taken apart: its reads, and their pictures, nothing written yet."""

    item: InboxItem
    reads: tuple[Read, ...]
    pictures: tuple[Taken, ...]
    note: str = ""
    """Why it rightly has no read."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The reads an item became, or the ones stored before that it repeats."""

    item: InboxItem
    reads: tuple[Read, ...]
    is_duplicate: bool
    """True when every read was stored before."""
    is_changed: bool
    """True for a repetition whose payload says other things than the one stored."""
    note: str = ""


def prepare(item: InboxItem, now: datetime) -> Prepared:
    """Take an item apart and check it; writes nothing. Raises Unreadable."""
    adapter = ADAPTERS[item.adapter]
    parsed = adapter.parse(
        Message(
            body=bytes(item.body or b""),
            content_type=item.content_type,
            received_at=item.received_at,
            zone=_zone(item.agency_id) if adapter.is_zoned else "UTC",
        )
    )
    reads = [
        (_read(item, sent, rules.checked_capture(sent.read.captured_at, item.received_at), now), sent)
        for sent in parsed.reads
    ]
    pictures = tuple(_taken(read, picture) for read, sent in reads for picture in sent.pictures)
    return Prepared(item, tuple(read for read, _ in reads), pictures, parsed.note)


def _zone(agency: str) -> str:
    """The time zone of the agency's policy, in which its cameras' clocks are set. Raises Unreadable."""
    try:
        return profile_for(agency).agency.time_zone
    except PolicyUnavailableError as error:
        raise Unreadable(
            f"The agency's time zone, which this maker's times need, is not known: {error}",
            "Have a policy put in force; then replay this payload.",
        ) from error


def store_prepared(batch: Sequence[Prepared], store: PictureStore) -> list[Stored]:
    """Put the pictures on disc, then the reads in the database, in one COPY.

    Raises OSError, django.db.Error; where a read contradicts one stored before, Unreadable for a batch of
    one item and OneByOneError for a larger one.
    """
    reads = [read for one in batch for read in one.reads]
    if not reads:
        return [Stored(one.item, (), is_duplicate=False, is_changed=False, note=one.note) for one in batch]
    for week in sorted({rules.week_of(read.captured_at) for read in reads}):
        ensure_partition(week)
    for taken in (taken for one in batch for taken in one.pictures):
        store.put(taken.key, taken.picture.data)
    first = _first_of_each(reads, is_alone=len(batch) == 1)
    fresh = _insert(list(first.values()))
    earlier = _earlier([read for read in reads if read.id not in fresh or read is not first[read.id]])
    stored = [_stored(one, fresh, first, earlier, is_alone=len(batch) == 1) for one in batch]
    _insert_pictures(batch)
    return stored


def _first_of_each(reads: Sequence[Read], *, is_alone: bool) -> dict[UUID, Read]:
    """Each event once; the first of a batch counts."""
    first: dict[UUID, Read] = {}
    for read in reads:
        if first.setdefault(read.id, read).plate != read.plate:
            raise _contradiction(read, first[read.id].plate) if is_alone else OneByOneError
    return first


def _stored(
    one: Prepared,
    fresh: frozenset[UUID],
    first: Mapping[UUID, Read],
    earlier: Mapping[UUID, Read],
    *,
    is_alone: bool,
) -> Stored:
    is_new = [read.id in fresh and read is first[read.id] for read in one.reads]
    repeated = [read for read, new in zip(one.reads, is_new, strict=True) if not new]
    for read in repeated:
        if earlier[read.id].plate != read.plate:
            raise _contradiction(read, earlier[read.id].plate) if is_alone else OneByOneError
    is_changed = any(earlier[read.id].payload != read.payload for read in repeated)
    is_duplicate = bool(repeated) and not any(is_new)
    return Stored(one.item, one.reads, is_duplicate=is_duplicate, is_changed=is_changed, note=one.note)


def _contradiction(read: Read, plate: str) -> Unreadable:
    return Unreadable(
        f"event_id: “{read.source_event_id}” at this very instant is already stored with the plate "
        f"{plate}, and this payload says {read.plate}",
        "Give each capture an event_id of its own, and other readings of it as candidates; then replay.",
    )


def _insert(reads: Sequence[Read]) -> frozenset[UUID]:
    """Insert reads, each event once; returns the ids of those that were not stored before."""
    times = [read.captured_at for read in reads]
    with connection.cursor() as cursor:
        cursor.execute(_STAGING)
        with cursor.copy(_COPY) as copy:
            for read in reads:
                copy.write_row(list(_row(read)))
        cursor.execute(_INSERT, [min(times), max(times)])
        return frozenset(row[0] for row in cursor.fetchall())


def _row(read: Read) -> Iterator[Any]:
    for column in _COLUMNS:
        value = getattr(read, column)
        yield Jsonb(value) if column in _JSON and value is not None else value


def _earlier(reads: Sequence[Read]) -> dict[UUID, Read]:
    """What is stored under the ids of these reads."""
    if not reads:
        return {}
    times = [read.captured_at for read in reads]
    found = Read.objects.filter(
        captured_at__range=(min(times), max(times)), id__in=[read.id for read in reads]
    )
    return {read.id: read for read in found}


def _insert_pictures(batch: Sequence[Prepared]) -> None:
    rows = [
        Picture(
            agency_id=taken.read.agency_id,
            read_id=taken.read.id,
            captured_at=taken.read.captured_at,
            role=PictureRole[taken.picture.role.upper()],
            sha256=taken.key.sha256,
            media_type=taken.facts.media_type,
            size=len(taken.picture.data),
            width=taken.facts.width,
            height=taken.facts.height,
        )
        for one in batch
        for taken in one.pictures
    ]
    Picture.objects.bulk_create(rows, ignore_conflicts=True)


def ensure_partition(instant: datetime) -> None:
    """Have the owner's function make the weekly partition of an instant unless it exists."""
    start = rules.week_of(instant)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"reads_read_{start:%Y%m%d}"])
        if not cursor.fetchone()[0]:
            cursor.execute("SELECT plateward_add_reads_partition(%s)", [start])


def _taken(read: Read, picture: SentPicture) -> Taken:
    try:
        facts = imaging.inspect(picture.data)
    except imaging.NotAPictureError as error:
        raise Unreadable(f"{picture.where}: {error}") from error
    day, digest = read.captured_at.astimezone(UTC).date(), sha256(picture.data)
    return Taken(read, picture, facts, PictureKey(read.agency_id, day, digest, facts.media_type))


def _read(item: InboxItem, sent: Sent, captured_at: datetime, now: datetime) -> Read:
    native, device = sent.read, item.device
    at = (native.latitude, native.longitude)
    latitude, longitude = at if at != (None, None) else (device.latitude, device.longitude)
    direction = Direction[native.direction.upper()] if native.direction else Direction.UNKNOWN
    return Read(
        plate_key=plate_key(native.plate),
        captured_at=captured_at,
        id=rules.read_id(captured_at, device.pk, native.event_id),
        agency_id=item.agency_id,
        device_id=item.device_id,
        received_at=item.received_at,
        stored_at=now,
        clock_skew_s=(native.captured_at - item.received_at) / timedelta(seconds=1),
        plate_raw=native.plate,
        plate=sent.plate,
        confidence=native.confidence,
        characters=msgspec.to_builtins(native.characters),
        candidates=msgspec.to_builtins(native.candidates),
        region=(native.region or "").upper(),
        region_confidence=native.region_confidence,
        plate_box=msgspec.to_builtins(native.plate_box),
        direction=direction,
        heading_deg=_heading(native.heading_deg, direction, device),
        latitude=latitude,
        longitude=longitude,
        vehicle={k: v for k, v in msgspec.to_builtins(native.vehicle or {}).items() if v is not None},
        source_event_id=native.event_id,
        model=native.model or "",
        lane=native.lane or "",
        speed_kmh=native.speed_kmh,
        is_late=native.is_late is True,
        adapter=item.adapter,
        payload=sent.payload,
    )


def _heading(sent: float | None, direction: Direction, device: Device) -> float | None:
    """The vehicle's heading as sent; else from where a camera looks and whether the vehicle comes or goes."""
    if sent is not None or device.heading_deg is None or direction is Direction.UNKNOWN:
        return sent
    turned = 180 if direction is Direction.APPROACHING else 0
    return float((device.heading_deg + turned) % 360)


_FINISH = """
    UPDATE reads_inboxitem AS item
    SET read_ids = done.read_ids, plate_keys = done.plate_keys, state = done.state, reason = done.reason,
        processed_at = %s, retry_at = NULL, body = CASE WHEN done.is_changed THEN item.body END
    FROM jsonb_to_recordset(%s::jsonb) AS done (
        id uuid, read_ids uuid[], plate_keys varchar[], state text, reason text, is_changed boolean
    )
    WHERE item.id = done.id
"""


def finish(stored: Sequence[Stored], now: datetime) -> None:
    """Write into the inbox what became of these items, and empty their bodies."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [now, json.dumps([_outcome(one) for one in stored])])


def _outcome(one: Stored) -> dict[str, Any]:
    reason = one.note
    if one.is_duplicate:
        reason = f"Repeats read {', '.join(str(read.id) for read in one.reads[:3])}, stored before."
    if one.is_changed:
        reason = f"{reason} Its payload differs from the one stored and is therefore kept here.".strip()
    return {
        "id": str(one.item.pk),
        "read_ids": [str(read.id) for read in one.reads],
        "plate_keys": [read.plate_key for read in one.reads],
        # A repetition is matched, or about to be, through the item that stored it; without a read nothing is.
        "state": InboxState.MATCHED if one.is_duplicate or not one.reads else InboxState.STORED,
        "reason": reason,
        "is_changed": one.is_changed,
    }
