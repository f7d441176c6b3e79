"""What holds for every read: identity, clocks, retries and partitions. No I/O."""

import hashlib
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from plateward.reads.adapters.base import Unreadable
from plateward.reads.adapters.times import FUTURE_TOLERANCE

OLDEST = timedelta(days=5 * 365)
MAX_ATTEMPTS = 5
LONGEST_DELAY = timedelta(minutes=5)
UPLOADED = "upload:"
"""Begins the idempotency keys of payloads that came from a person's file."""
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
BATCH_BYTES = 8 * 1024 * 1024
"""Bodies of this many bytes together are in memory at most; a larger one alone."""

LINGER = timedelta(minutes=1)
"""A vehicle in view whose end is not told has passed when nothing more came of it for so long."""
LONGEST_PASSAGE = timedelta(minutes=10)
"""A vehicle that stays in view becomes a read after so long; what comes later joins it."""
SAME_PASSAGE = timedelta(minutes=10)
"""A name that its sender uses again means the same vehicle only for captures so near to each other."""
PASSAGES_KEPT = timedelta(days=7)
"""So long what comes late finds the read it belongs to."""


def closes_at(opened_at: datetime, now: datetime, *, is_over: bool, size: int) -> datetime:
    """When a vehicle in view, told of just now, becomes a read."""
    if is_over or size > BATCH_BYTES:
        return now
    return max(now, min(now + LINGER, opened_at + LONGEST_PASSAGE))


def checked_capture(captured_at: datetime, received_at: datetime) -> datetime:
    """The capture's instant in UTC, cut to milliseconds. Raises Unreadable for a clock that must be wrong."""
    ahead = captured_at - received_at
    fix = "Set the device's clock and time zone; then have the read sent again, or discard this payload."
    if ahead > FUTURE_TOLERANCE:
        raise Unreadable(
            f"captured_at: {captured_at.isoformat()} is {_spoken(ahead)} after this payload arrived "
            f"({received_at.isoformat(timespec='seconds')})",
            fix,
        )
    if -ahead > OLDEST:
        raise Unreadable(f"captured_at: {captured_at.isoformat()} is more than five years ago", fix)
    utc = captured_at.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _spoken(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    for size, unit in ((1440 * 365, "years"), (1440, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} minutes"


def read_id(captured_at: datetime, device_id: UUID, event_id: str, plate: str) -> UUID:
    """The read's own id: UUIDv8 (RFC 9562 § 5.8) of the capture's millisecond and a hash of who sent what.

    48 bits milliseconds since 1970, then 74 bits of SHA-256 over device, normalized plate and event id around
    the version and variant bits; so a redelivered event meets its own key, another reading of the same event
    does not, and an id tells the time of its partition.
    """
    milliseconds = (captured_at - _EPOCH) // _MILLISECOND
    said = f"{plate}\0{event_id}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(device_id.bytes + said).digest()
    value = bytearray(milliseconds.to_bytes(6, "big") + digest[:10])
    value[6] = 0x80 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return UUID(bytes=bytes(value))


def picture_id(read_id: UUID, role: str, sha256: str) -> UUID:
    """A picture's own id: UUIDv8 of a hash of what makes it one, so that storing it again changes nothing."""
    value = bytearray(hashlib.sha256(read_id.bytes + f"{role.upper()} {sha256}".encode()).digest()[:16])
    value[6] = 0x80 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return UUID(bytes=bytes(value))


PASS = timedelta(seconds=10)
"""A camera's reads of one plate that follow each other within this are of one pass of the vehicle."""


def captured_at_of(read_id: UUID) -> datetime:
    """The capture's instant, to the millisecond, that a read's id carries."""
    return _EPOCH + timedelta(milliseconds=read_id.int >> 80)


def printable(data: bytes) -> str:
    """Bytes as text that can be shown: UTF-8, line breaks kept, everything unprintable as a dot."""
    text = data.decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text.replace("\r\n", "\n"))


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after this many failed attempts (4 s, 16 s, about 1, 4 and 5 minutes)."""
    return min(timedelta(seconds=4**attempts), LONGEST_DELAY)


def fault_delay(waiting: timedelta) -> timedelta:
    """How long a payload that has waited so long waits for disc or database: longer each time, 4–60 s."""
    return min(max(waiting, timedelta(seconds=4)), timedelta(minutes=1))


class Grain(StrEnum):
    """How much time a partition of the reads spans, in UTC; weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


MOST_PARTITIONS = 100
"""With more than about this many partitions searches over all time are slower."""
AHEAD = {Grain.DAY: timedelta(weeks=1), Grain.WEEK: timedelta(weeks=4), Grain.MONTH: timedelta(weeks=4)}
"""So far ahead partitions of each length are made."""
_LENGTH = {Grain.DAY: timedelta(days=1), Grain.WEEK: timedelta(weeks=1)}


def grain_for(longest: timedelta | None) -> Grain:
    """The length of partitions for reads kept at most so long (None: no end is known).

    Short enough that retention drops whole ones, few enough for searches over all time, those ahead included.
    """
    if longest is not None:
        for grain, length in _LENGTH.items():
            if longest + AHEAD[grain] <= (MOST_PARTITIONS - 2) * length:  # begun at both ends
                return grain
    return Grain.MONTH
