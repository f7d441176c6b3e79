"""What every maker's adapter shares: a message in, canonical reads out, and how to say what is wrong. No I/O.

An adapter never makes a value up: what the device did not send, or sent as "unknown", stays unknown; the
plate is kept as sent; what the sender's own lists said is kept in the payload as a note and is no hit.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from plateward.plates import normalize
from plateward.reads.native import MAX_PICTURES, NativeRead, Role

_T = TypeVar("_T")

MAX_PLATE = 20
MAX_READS = 1000
"""Reads of one payload at most: a larger file is sent in pieces."""

CORRECT_AND_REPLAY = (
    "Correct the device's settings or software; then have the read sent again, or discard this."
)


class Unreadable(ValueError):
    """A payload that cannot become reads. The message says what is wrong, where, and what to do."""

    def __init__(self, problem: str, what_to_do: str = CORRECT_AND_REPLAY) -> None:
        super().__init__(f"{problem.rstrip('.')}. {what_to_do}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A payload as the inbox keeps it. `zone` is the device's time zone, for makers whose times have none."""

    body: bytes
    content_type: str
    received_at: datetime
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture as it arrived; `where` names its place in the payload for messages."""

    role: Role
    data: bytes
    where: str


@dataclass(frozen=True, slots=True)
class OutsidePicture:
    """A picture of which only the address came."""

    role: Role
    url: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One read: typed, with everything as sent but the pictures' bytes, and its pictures."""

    read: NativeRead
    payload: dict[str, Any]
    pictures: tuple[SentPicture, ...] = ()
    outside: tuple[OutsidePicture, ...] = ()

    @property
    def plate(self) -> str:
        """The normalized plate, never empty."""
        return normalize(self.read.plate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A vehicle that its sender reports several times while it is in view: every report names it.

    `at` is the report's time of capture. `is_reused` where the sender gives a name again one day, such as a
    counter that begins anew.
    """

    name: str
    at: datetime
    begins: bool = False
    ends: bool = False
    is_reused: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a payload holds: its reads, or why it rightly has none, such as a heartbeat.

    With `passing` its read is one reading of several of a vehicle in view, which become one read.
    """

    reads: tuple[Sent, ...]
    note: str = ""
    passing: Passing | None = None


class KeyPlace(StrEnum):
    """Where a device may put its key, the better places first; only what a maker does is taken."""

    BEARER = "BEARER"
    """Header `Authorization: Bearer KEY`."""
    HEADER = "HEADER"
    """Header `X-Api-Key: KEY`."""
    TOKEN = "TOKEN"  # noqa: S105  the name of a scheme
    """Header `Authorization: Token KEY`."""
    BASIC = "BASIC"
    """HTTP Basic with any user name and the key as password."""
    QUERY = "QUERY"
    """`?key=KEY` in the address, for devices that can send no header at all."""
    PATH = "PATH"
    """`/KEY` at the end of the address, for devices whose address takes no question mark either."""
    DIGEST = "DIGEST"
    """HTTP Digest (RFC 7616) with a user name and password of the device's own."""
    SIGNATURE = "SIGNATURE"
    """A signature over the body, as the adapter's `signature` says; the address ends in `/DEVICE-ID`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One maker's way of sending reads. `id` is its part of the address; `parse` raises Unreadable.

    `paths` are the maker's own addresses, for senders that can be told a host only. `answer` makes from a
    body the reply without which that maker's devices send again. `is_zoned` where times come without an
    offset, so that `Message.zone` is needed.
    """

    id: str
    maker: str
    parse: Callable[[Message], Parsed]
    media_types: frozenset[str]
    key_places: frozenset[KeyPlace]
    paths: tuple[str, ...] = ()
    answer: Callable[[bytes], dict[str, object]] | None = None
    is_zoned: bool = False
    signature: str = ""
    """The header in which its devices may send a signature over the body."""


def sent(
    values: Mapping[str, Any],
    payload: dict[str, Any],
    pictures: tuple[SentPicture, ...] = (),
    notes: Iterable[str] = (),
    outside: tuple[OutsidePicture, ...] = (),
) -> Sent:
    """A read of canonical values, checked as a native one is; None is unknown. Raises Unreadable.

    Notes, such as how a doubtful time was taken, are kept with the payload under `$notes`; what the payload
    says about people in the vehicle is left out, and its places are kept under `$left_out`.
    """
    payload = noted(payload, notes)
    try:
        read = msgspec.convert(
            {name: value for name, value in values.items() if value is not None}, NativeRead
        )
    except msgspec.ValidationError as error:
        raise in_place(error) from error
    return checked(Sent(read, payload, pictures, outside))


def noted(payload: dict[str, Any], notes: Iterable[str] = ()) -> dict[str, Any]:
    """The payload as it is kept: with notes, and without what is about people. Raises Unreadable."""
    left_out: list[str] = []
    try:
        payload = _without_people(payload, "", left_out)
    except RecursionError as error:
        raise Unreadable("The payload is nested too deeply") from error
    kept = {"$notes": [note for note in notes if note], "$left_out": left_out}
    return payload | {name: value for name, value in kept.items() if value}


_PEOPLE = re.compile(
    r"(?<!sur)(?<!inter)face|occupant|passenger|driver|pilot|people|person|human|s(eat|afe)belt|uphone|smok",
    re.IGNORECASE,
)


def _is_about_people(value: Any) -> bool:
    """Whether this is an item of an event whose name, and not its key, says that it is about people."""
    name = value.get("@Name") if isinstance(value, dict) else None
    return isinstance(name, str) and _PEOPLE.search(name) is not None


def _without_people(value: Any, where: str, left_out: list[str]) -> Any:
    """The same without faces, occupants and what they do: a plate reader's read says nothing about them."""
    if isinstance(value, list):
        about = [f"{where}[{place}]" for place, one in enumerate(value) if _is_about_people(one)]
        left_out.extend(about)
        return [
            _without_people(one, place, left_out)
            for number, one in enumerate(value)
            if (place := f"{where}[{number}]") not in about
        ]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, one in value.items():
        place = f"{where}.{key}".lstrip(".")
        if _PEOPLE.search(key) or (isinstance(one, dict) and _is_about_people(one)):
            left_out.append(place)
        else:
            kept[key] = _without_people(one, place, left_out)
    return kept


def checked(found: Sent) -> Sent:
    """The same read, if its plate, place and pictures can be stored. Raises Unreadable."""
    read, plate = found.read, found.plate
    if not plate:
        raise Unreadable(
            f"plate: “{read.plate}” holds no letter or digit (A–Z, 0–9)",
            "A capture without a plate is no read: have the device leave it out, and discard this payload.",
        )
    if len(plate) > MAX_PLATE:
        raise Unreadable(f"plate: {len(plate)} letters and digits; a plate has at most {MAX_PLATE}")
    if (read.latitude is None) != (read.longitude is None):
        raise Unreadable("latitude and longitude come together, but only one was sent")
    if (count := len(found.pictures) + len(found.outside)) > MAX_PICTURES:
        raise Unreadable(f"{count} pictures came with one read; at most {MAX_PICTURES} are taken")
    return found


def json_of(document: bytes, type_: type[_T]) -> _T:
    """A JSON document as the type, without NUL characters, which cannot be stored. Raises Unreadable."""
    try:
        value = msgspec.json.decode(document, type=type_)
        if b"\\u0000" in document and (nul := next(_with_nul(msgspec.json.decode(document)), None)):
            raise Unreadable(f"{nul}: a text holds a NUL character (\\u0000), which cannot be stored")
    except msgspec.ValidationError as error:
        raise in_place(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"The payload is not valid JSON: {error}") from error
    except RecursionError as error:
        raise Unreadable("The payload's JSON is nested too deeply") from error
    return value


def in_place(error: msgspec.ValidationError) -> Unreadable:
    """A validation error with its place and types as people name them."""
    problem, _, path = str(error).partition(" - at ")
    where = path.strip("`").removeprefix("$.") or "the whole document"
    return Unreadable(f"{where}: {in_words(problem)}")


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


def sha256(data: bytes) -> str:
    """SHA-256 as lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
