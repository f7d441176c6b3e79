"""Reads on their way into the table: plain rows, for a thousand at once. Part of `actions`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from plateward.plates import plate_key
from plateward.reads import rules
from plateward.reads.adapters import Sent
from plateward.reads.claims import Claimed
from plateward.reads.models import Direction
from plateward.reads.native import Candidate, Character, PlateBox, heading_of


class Place(NamedTuple):
    """Where a device stands and looks, as the register says."""

    latitude: float | None
    longitude: float | None
    heading_deg: int | None


class FreshRead(NamedTuple):
    """A row of `reads_read`, its columns in the order in which they are copied; see `models.Read`."""

    plate_key: str
    captured_at: datetime
    id: UUID
    agency_id: str
    device_id: UUID
    received_at: datetime
    stored_at: datetime
    clock_skew_s: float
    plate_raw: str
    plate: str
    confidence: float | None
    characters: list[Character] | None
    candidates: list[Candidate] | None
    region: str
    region_confidence: float | None
    plate_box: PlateBox | None
    direction: str
    heading_deg: float | None
    latitude: float | None
    longitude: float | None
    vehicle: Mapping[str, str]
    source_event_id: str
    model: str
    lane: str
    speed_kmh: float | None
    is_late: bool
    adapter: str
    payload: Mapping[str, Any]


_KEPT_DIRECTION = {
    "approaching": Direction.APPROACHING.value,
    "receding": Direction.RECEDING.value,
    None: Direction.UNKNOWN.value,
}
_SECOND = timedelta(seconds=1)


def fresh_read(item: Claimed, sent: Sent, place: Place, now: datetime) -> FreshRead:
    """The row of a read that an item holds. Raises Unreadable for a clock that must be wrong."""
    native, plate = sent.read, sent.plate
    captured_at = rules.checked_capture(native.captured_at, item.received_at)
    direction = _KEPT_DIRECTION[native.direction]
    latitude, longitude = native.latitude, native.longitude
    if latitude is None:
        latitude, longitude = place.latitude, place.longitude
    return FreshRead(
        plate_key(plate),
        captured_at,
        rules.read_id(captured_at, item.device_id, native.event_id, plate),
        item.agency_id,
        item.device_id,
        item.received_at,
        now,
        (native.captured_at - item.received_at) / _SECOND,
        native.plate,
        plate,
        native.confidence,
        native.characters,
        native.candidates,
        (native.region or "").upper(),
        native.region_confidence,
        native.plate_box,
        direction,
        heading_of(place.heading_deg, native.direction) if native.heading_deg is None else native.heading_deg,
        latitude,
        longitude,
        _known(native.vehicle),
        native.event_id,
        native.model or "",
        native.lane or "",
        native.speed_kmh,
        native.is_late is True,
        item.adapter,
        sent.payload,
    )


def _known(vehicle: msgspec.Struct | None) -> Mapping[str, str]:
    if vehicle is None:
        return {}
    return {name: value for name, value in msgspec.structs.asdict(vehicle).items() if value is not None}
