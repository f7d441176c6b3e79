"""From a payload to facts: parsing the native format, identity, clocks, retries and partitions. No I/O."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from plateward.plates import normalize
from plateward.reads import framing
from plateward.reads.native import MAX_PICTURES, ROLES, EncodedPicture, NativeRead, Role

FUTURE_TOLERANCE = timedelta(minutes=10)
OLDEST = timedelta(days=5 * 365)
MAX_PLATE = 20
MAX_ATTEMPTS = 5
LONGEST_DELAY = timedelta(minutes=5)
PARTITION = timedelta(weeks=1)
BATCH_BYTES = 32 * 1024 * 1024
"""Bodies of this many bytes together are in memory at most; a larger one alone."""

CORRECT_AND_REPLAY = (
    "Correct the device's settings or software; then have the read sent again, or discard this."
)


class Unreadable(ValueError):
    """A payload that cannot become a read. The message says what is wrong, where, and what to do."""

    def __init__(self, problem: str, what_to_do: str = CORRECT_AND_REPLAY) -> None:
        super().__init__(f"{problem.rstrip('.')}. {what_to_do}")


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture as it arrived; `where` names its place in the payload for messages."""

    role: Role
    data: bytes
    where: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A payload taken apart: the typed read, everything as sent without the pictures' bytes, the pictures."""

    read: NativeRead
    payload: dict[str, Any]
    pictures: tuple[SentPicture, ...]

    @property
    def plate(self) -> str:
        """The normalized plate, never empty."""
        return normalize(self.read.plate)


def parse(body: bytes, content_type: str) -> Sent:
    """Take a request body apart. Raises Unreadable."""
    if framing.media_type(content_type) == framing.MULTIPART:
        document, pictures, ignored = _multipart(body, content_type)
    else:
        document, pictures, ignored = body, (), []
    read, payload = _decoded(document)
    _check_plate(read)
    if (read.latitude is None) != (read.longitude is None):
        raise Unreadable("latitude and longitude come together, but only one was sent")
    pictures += tuple(
        SentPicture(picture.role, picture.data, f"pictures[{index}]")
        for index, picture in enumerate(read.pictures or ())
    )
    if len(pictures) > MAX_PICTURES:
        raise Unreadable(f"{len(pictures)} pictures came with one read; at most {MAX_PICTURES} are taken")
    return Sent(read, _without_bytes(payload, read.pictures or (), ignored), pictures)


def _multipart(body: bytes, content_type: str) -> tuple[bytes, tuple[SentPicture, ...], list[str]]:
    """The `read` part, the pictures, and the names of parts that are neither."""
    try:
        parts = framing.parts_of(body, content_type)
    except framing.FramingError as error:
        raise Unreadable(f"The multipart body cannot be taken apart: {error}") from error
    documents = [part.data for part in parts if part.name == "read"]
    if len(documents) != 1:
        raise Unreadable(
            f"The multipart body has {len(documents)} parts named “read”",
            "Send exactly one, holding the read as JSON; then replay or have it sent again.",
        )
    pictures = tuple(
        SentPicture(part.name, part.data, f"part “{part.name}”") for part in parts if part.name in ROLES
    )
    return documents[0], pictures, [part.name for part in parts if part.name not in {"read", *ROLES}]


def _decoded(document: bytes) -> tuple[NativeRead, dict[str, Any]]:
    try:
        read = msgspec.json.decode(document, type=NativeRead)
        payload = msgspec.json.decode(document, type=dict[str, Any])
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at ")
        where = path.strip("`").removeprefix("$.") or "the whole document"
        raise Unreadable(f"{where}: {in_words(problem)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"The payload is not valid JSON: {error}") from error
    except RecursionError as error:
        raise Unreadable("The payload's JSON is nested too deeply") from error
    if nul := next(_with_nul(payload), None):
        raise Unreadable(f"{nul}: a text holds a NUL character (\\u0000), which cannot be stored")
    return read, payload


_TYPES = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "datetime": "a time",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def in_words(problem: str) -> str:
    """A validation message with JSON's types named as people name them: "expected a number <= 1.0"."""

    def named(found: re.Match[str]) -> str:
        return " or ".join(_TYPES.get(part, f"“{part}”") for part in found[1].split(" | "))

    text = re.sub(r"`([^`]*)`", named, problem)
    return text[:1].lower() + text[1:]


def _with_nul(value: object, where: str = "") -> Iterator[str]:
    """Places whose text holds a NUL, which PostgreSQL's text and jsonb cannot."""
    if isinstance(value, str) and "\0" in value:
        yield where or "the whole document"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _with_nul(key, where)
            yield from _with_nul(inner, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _with_nul(inner, f"{where}[{index}]")


def _check_plate(read: NativeRead) -> None:
    plate = normalize(read.plate)
    if not plate:
        raise Unreadable(
            f"plate: “{read.plate}” holds no letter or digit (A–Z, 0–9)",
            "A capture without a plate is no read: have the device leave it out, and discard this payload.",
        )
    if len(plate) > MAX_PLATE:
        raise Unreadable(f"plate: {len(plate)} letters and digits; a plate has at most {MAX_PLATE}")


def _without_bytes(
    payload: dict[str, Any], pictures: tuple[EncodedPicture, ...] | list[EncodedPicture], ignored: list[str]
) -> dict[str, Any]:
    """The payload with each picture's bytes replaced by their digest, and ignored parts named."""
    if pictures:
        payload["pictures"] = [
            {**{k: v for k, v in sent.items() if k != "data"}, "sha256": sha256(picture.data)}
            for sent, picture in zip(payload["pictures"], pictures, strict=True)
        ]
    if ignored:
        payload["$ignored_parts"] = ignored
    return payload


def sha256(data: bytes) -> str:
    """SHA-256 as lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


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


def read_id(captured_at: datetime, device_id: UUID, event_id: str) -> UUID:
    """The read's own id: UUIDv8 (RFC 9562 § 5.8) of the capture's millisecond and a hash of who sent what.

    48 bits milliseconds since 1970, then 74 bits of SHA-256 over device and event id around the version and
    variant bits; so a redelivered event meets its own key, and an id tells the time of its partition.
    """
    milliseconds = (captured_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    digest = hashlib.sha256(device_id.bytes + event_id.encode("utf-8", "surrogatepass")).digest()
    value = bytearray(milliseconds.to_bytes(6, "big") + digest[:10])
    value[6] = 0x80 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return UUID(bytes=bytes(value))


def captured_at_of(read_id: UUID) -> datetime:
    """The capture's instant, to the millisecond, that a read's id carries."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=read_id.int >> 80)


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


def week_of(instant: datetime) -> datetime:
    """The start of the instant's partition: Monday, midnight UTC."""
    day = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
