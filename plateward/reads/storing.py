"""One inbox item becomes a read and its pictures, in the caller's transaction. Part of `actions`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from plateward.devices.models import Device
from plateward.plates import plate_key
from plateward.reads import imaging, rules
from plateward.reads.imaging import PictureFacts
from plateward.reads.models import Direction, InboxItem, Picture, PictureRole, Read
from plateward.reads.rules import Sent, SentPicture, Unreadable
from plateward.reads.store import PictureKey, PictureStore

_COLUMNS = tuple(field.column for field in Read._meta.concrete_fields if field.column)  # noqa: SLF001  Django's documented API

# The primary key folds a redelivered event; another plate under the same event is refused, never overwritten.
_INSERT = sql.SQL("""
    INSERT INTO reads_read ({columns})
    SELECT {values}
    WHERE NOT EXISTS (
        SELECT FROM reads_read WHERE captured_at = {captured_at} AND id = {id} AND plate <> {plate}
    )
    ON CONFLICT DO NOTHING
    RETURNING id
""").format(
    columns=sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)),
    values=sql.SQL(", ").join(map(sql.Placeholder, _COLUMNS)),
    captured_at=sql.Placeholder("captured_at"),
    id=sql.Placeholder("id"),
    plate=sql.Placeholder("plate"),
)

ADVISORY_LOCK = 0x706C6174  # one maker of partitions at a time


@dataclass(frozen=True, slots=True)
class Stored:
    """The read an item became, or the one stored before that it repeats."""

    read: Read
    is_duplicate: bool
    is_changed: bool
    """True for a duplicate whose payload says other things than the one stored."""


def store_item(item: InboxItem, store: PictureStore, now: datetime) -> Stored:
    """Write the item's pictures, then its read. Raises Unreadable, OSError, django.db.Error."""
    sent = rules.parse(bytes(item.body or b""), item.content_type)
    captured_at = rules.checked_capture(sent.read.captured_at, item.received_at)
    pictures = [(picture, _inspected(picture)) for picture in sent.pictures]
    read = _read(item, sent, captured_at, now)
    ensure_partition(captured_at)
    is_new = _insert(read)
    earlier = None if is_new else _earlier(read)
    for picture, facts in pictures:
        _store_picture(read, picture, facts, store)
    return Stored(read, not is_new, earlier is not None and earlier.payload != read.payload)


def ensure_partition(instant: datetime) -> None:
    """Make the weekly partition of an instant unless it exists.

    Made apart and then attached: readers and writers of other weeks go on meanwhile.
    """
    start = rules.week_of(instant)
    name = f"reads_read_{start:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        if cursor.fetchone()[0]:
            return
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        if cursor.fetchone()[0]:
            return
        table = sql.Identifier(name)
        cursor.execute(
            sql.SQL("CREATE TABLE {} (LIKE reads_read INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(
                table
            )
        )
        cursor.execute(
            sql.SQL("ALTER TABLE reads_read ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                table, sql.Literal(start.isoformat()), sql.Literal((start + rules.PARTITION).isoformat())
            )
        )


def _inspected(picture: SentPicture) -> PictureFacts:
    try:
        return imaging.inspect(picture.data)
    except imaging.NotAPictureError as error:
        raise Unreadable(f"{picture.where}: {error}") from error


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
        payload=sent.payload,
    )


def _heading(sent: float | None, direction: Direction, device: Device) -> float | None:
    """The vehicle's heading as sent; else from where a camera looks and whether the vehicle comes or goes."""
    if sent is not None or device.heading_deg is None or direction is Direction.UNKNOWN:
        return sent
    turned = 180 if direction is Direction.APPROACHING else 0
    return float((device.heading_deg + turned) % 360)


def _insert(read: Read) -> bool:
    """Insert the read; False when the same event was stored before. Raises Unreadable for a contradiction."""
    values: dict[str, Any] = {column: getattr(read, column) for column in _COLUMNS}
    for column in ("characters", "candidates", "plate_box", "vehicle", "payload"):
        values[column] = None if values[column] is None else Jsonb(values[column])
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return cursor.fetchone() is not None


def _earlier(read: Read) -> Read:
    """The read stored before under the same event. Raises Unreadable when it has another plate."""
    earlier = Read.objects.filter(captured_at=read.captured_at, id=read.id).get()
    if earlier.plate != read.plate:
        raise Unreadable(
            f"event_id: “{read.source_event_id}” at this very instant is already stored with the plate "
            f"{earlier.plate}, and this payload says {read.plate}",
            "Give each capture an event_id of its own, and other readings of it as candidates; then replay.",
        )
    return earlier


def _store_picture(read: Read, picture: SentPicture, facts: PictureFacts, store: PictureStore) -> None:
    digest = rules.sha256(picture.data)
    key = PictureKey(read.agency_id, read.captured_at.astimezone(UTC).date(), digest, facts.media_type)
    store.put(key, picture.data)
    Picture.objects.bulk_create(
        [
            Picture(
                agency_id=read.agency_id,
                read_id=read.id,
                captured_at=read.captured_at,
                role=PictureRole[picture.role.upper()],
                sha256=digest,
                media_type=facts.media_type,
                size=len(picture.data),
                width=facts.width,
                height=facts.height,
            )
        ],
        ignore_conflicts=True,
    )
