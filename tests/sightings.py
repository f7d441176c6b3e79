"""Reads for tests that look for them, stored as intake stores them."""

import itertools
from datetime import datetime, timedelta

from plateward.devices.models import Device
from plateward.plates.text import normalize, plate_key
from plateward.reads import directory, partitions
from plateward.reads.models import Direction, Read
from plateward.reads.rules import Grain, read_id

_number = itertools.count()


def seen(
    device: Device,
    plate: str,
    captured_at: datetime,
    *,
    region: str = "US-CA",
    at: tuple[float, float] | None = None,
    **vehicle: str,
) -> Read:
    """A read of `plate` by `device`, stored with the partition it belongs to; `at` is its own position.

    Its capture is kept to the millisecond, as of every read that comes in: its id says when it was.
    """
    captured_at -= timedelta(microseconds=captured_at.microsecond % 1000)
    partitions.ensure([captured_at], captured_at, Grain.WEEK)
    event = f"sighting-{next(_number)}"
    read = Read(
        id=read_id(captured_at, device.pk, event, normalize(plate)),
        captured_at=captured_at,
        plate_key=plate_key(plate),
        plate=normalize(plate),
        plate_raw=plate,
        agency_id=device.agency_id,
        device=device,
        received_at=captured_at,
        stored_at=captured_at,
        clock_skew_s=0.0,
        confidence=0.97,
        region=region,
        direction=Direction.RECEDING,
        heading_deg=0,
        latitude=at[0] if at else None,
        longitude=at[1] if at else None,
        vehicle=vehicle,
        source_event_id=event,
    )
    read.save(force_insert=True)
    directory.note([read.id])
    return read
