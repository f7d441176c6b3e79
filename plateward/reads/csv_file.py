"""Reads from a CSV file: columns known by their headers, every line checked before any is stored. No I/O."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from plateward.reads import rules
from plateward.reads.adapters import Message, Unreadable
from plateward.reads.adapters.base import MAX_READS, sent
from plateward.reads.adapters.fields import (
    digest,
    issuer,
    number,
    region,
    share,
    text,
)
from plateward.reads.adapters.times import local, written

MAX_BYTES = 10 * 1024 * 1024
MAX_LINES = 50_000
SHOWN_PROBLEMS = 50
MAX_CELL = 2_000
PERCENT = 100.0

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "captured_at": ("captured at", "timestamp", "time", "date time", "datetime", "read time", "capture time"),
    "plate": ("license plate", "plate number", "license plate number", "lpn"),
    "event_id": ("id", "read id", "uuid"),
    "confidence": ("score", "plate confidence"),
    "region": ("state", "plate state", "license plate state", "state or country"),
    "direction": (),
    "heading_deg": ("heading",),
    "latitude": ("lat",),
    "longitude": ("lon", "lng", "long"),
    "lane": (),
    "speed_kmh": ("speed km/h",),
    "color": ("vehicle color", "colour"),
    "make": ("vehicle make",),
    "model": ("vehicle model",),
    "type": ("vehicle type", "body type", "vehicle"),
    "year": ("vehicle year",),
}
"""The columns that are taken, and what else their headers may be; case, `_` and spaces make no difference."""

REQUIRED = ("captured_at", "plate")
_VEHICLE = ("color", "make", "model", "type", "year")
_NUMBERS = ("heading_deg", "latitude", "longitude", "speed_kmh")
_TWICE = "is no plain local time that night: write it with its UTC offset, such as 2026-11-01T01:30:00-07:00"


class UnusableFile(ValueError):
    """The file as a whole cannot be taken. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line of the file, numbered as an editor numbers it."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A file taken apart: which column became what, its reads, and what keeps it from being stored."""

    mapping: Mapping[str, str]
    """Header by canonical column."""
    ignored: tuple[str, ...]
    """Headers of no known column: kept with each read, otherwise ignored."""
    documents: tuple[bytes, ...]
    """One native read each, as JSON."""
    problems: tuple[Problem, ...]

    @property
    def chunks(self) -> Iterator[bytes]:
        """The reads as payloads of the native format, one read a line, at most MAX_READS in each."""
        for start in range(0, len(self.documents), MAX_READS):
            yield b"\n".join(self.documents[start : start + MAX_READS]) + b"\n"


def check(data: bytes, *, zone: str, now: datetime) -> Checked:
    """Take a file apart; `zone` is that of times without an offset. Raises UnusableFile."""
    header, lines = _table(data)
    mapping = _mapped(header)
    if missing := [name for name in REQUIRED if name not in mapping]:
        raise UnusableFile(
            f"No column is headed {' and none '.join(missing)}. Name the columns in the file's first line; "
            f"found there: {', '.join(name for name in header if name) or 'nothing'}."
        )
    message = Message(body=b"", content_type="", received_at=now, zone=zone)
    found = _Lines()
    for line, cells in lines:
        try:
            found.take(line, *_document(_row(header, cells), mapping, message))
        except Unreadable as problem:
            found.problems.append(Problem(line, str(problem)))
    if not found.documents and not found.problems:
        raise UnusableFile("The file has a header but no line below it.")
    ignored = tuple(name for name in header if name and name not in mapping.values())
    return Checked(mapping, ignored, tuple(found.documents), tuple(found.problems))


@dataclass
class _Lines:
    """The sound lines so far, each event once, and the others."""

    documents: list[bytes] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _events: dict[object, int] = field(default_factory=dict)

    def take(self, line: int, event: object, document: bytes) -> None:
        """Add a line. Raises Unreadable where its event is that of an earlier one."""
        if event in self._events:
            raise Unreadable(
                f"its time and event are those of line {self._events[event]}", "Take one of them out."
            )
        self._events[event] = line
        self.documents.append(document)


def _table(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the numbered lines below it, without empty ones."""
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFile("The file is not UTF-8. Save it as “CSV UTF-8”.") from error
    if "\0" in decoded:
        raise UnusableFile("The file holds NUL characters: it is no text. Save it as “CSV UTF-8”.")
    first = decoded.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=separator, strict=True)
    lines = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, cells))
            if len(lines) > MAX_LINES:
                raise UnusableFile(f"The file has more than {MAX_LINES:,} lines. Send it in pieces.")
    except csv.Error as error:
        raise UnusableFile(f"Line {reader.line_num} is no CSV: {error}. Nothing was stored.") from error
    return header, lines


def _plain(header: str) -> str:
    return " ".join(header.lower().replace("_", " ").split())


def _mapped(header: list[str]) -> dict[str, str]:
    """The header of each canonical column; its own name before other names. Raises UnusableFile."""
    by_name = {_plain(name): name for name in reversed(header) if name}
    if len(by_name) < len([name for name in header if name]):
        raise UnusableFile("Two columns have the same name. Rename one of them.")
    found = {}
    for column, others in COLUMNS.items():
        names = [_plain(column), *others]
        if known := next((by_name[name] for name in names if name in by_name), None):
            found[column] = known
    return found


def _row(header: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) > len(header):
        raise Unreadable(f"it has {len(cells)} cells under {len(header)} columns", "Quote cells with commas.")
    if any(len(cell) > MAX_CELL for cell in cells):
        raise Unreadable(f"a cell is longer than {MAX_CELL} characters", "Shorten it.")
    return {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()}


def _document(row: dict[str, str], mapping: Mapping[str, str], message: Message) -> tuple[object, bytes]:
    """One line's event, and the line as a native read in JSON. Raises Unreadable."""
    given = {column: row[name] for column, name in mapping.items() if name in row}
    at = _instant(given.get("captured_at", ""), message)
    if not given.get("plate"):
        raise Unreadable("plate: it is empty", "Write the plate or take the line out.")
    values: dict[str, Any] = {
        "event_id": given.get("event_id") or digest(at.isoformat(), given["plate"], given.get("lane")),
        "captured_at": rules.checked_capture(at, message.received_at),
        "plate": given["plate"],
        "confidence": _confidence(given.get("confidence")),
        "region": _region(given.get("region")),
        "direction": given.get("direction", "").lower() or None,
        "lane": text(given.get("lane")),
        "is_late": True,
        "vehicle": {name: text(given.get(name)) for name in _VEHICLE if text(given.get(name))} or None,
        **{name: _number(name, given.get(name)) for name in _NUMBERS},
    }
    payload = sent(values, {"csv": row}).payload
    known = {name: value for name, value in values.items() if value is not None}
    return (values["captured_at"], values["event_id"]), msgspec.json.encode(known | payload)


def _instant(value: str, message: Message) -> datetime:
    """The time of the capture. A file comes long after, so that its arrival settles no doubt."""
    found = written(value)
    if found is None:
        raise Unreadable(
            f"captured_at: “{value[:60]}” is no date and time",
            "Write it as 2026-11-01 14:03:11 or with an offset.",
        )
    if found.tzinfo is not None:
        return found
    taken = local(found, message)
    if taken.is_doubtful:
        raise Unreadable(f"captured_at: “{value}” {_TWICE}", "")
    return taken.at


def _confidence(value: str | None) -> float | None:
    if text(value) is None:
        return None
    word = str(value)
    found = share(word.rstrip("% "), PERCENT) if word.endswith("%") else share(word)
    if found is None:
        raise Unreadable(f"confidence: “{word[:60]}” is not between 0 and 1", "Write 0.91 or 91%.")
    return found


def _region(value: str | None) -> str | None:
    """A State or province before a country of the same two letters: most plates here are American."""
    if text(value) is None:
        return None
    whole = region(value)
    found = whole if whole and "-" in whole else issuer(value) or whole
    if found is None:
        raise Unreadable(f"region: “{str(value)[:60]}” is no State or country", "Write CA, US-CA or MX.")
    return found


def _number(name: str, value: str | None) -> float | None:
    if text(value) is None:
        return None
    found = number(value)
    if found is None:
        raise Unreadable(f"{name}: “{str(value)[:60]}” is no number", "Correct it or leave it empty.")
    return found
