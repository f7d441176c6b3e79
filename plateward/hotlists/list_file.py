"""Files with lists of others: columns by headers, in Genetec's order, or as the agency lays down. No I/O.

The layouts of the NCIC and CLETS/SVS extracts are not public, so none is built in: the agency writes down
where each column of its extract lies (`Layout`), once for each list.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from plateward.hotlists.rules import plate_problem
from plateward.plates import PatternError, PlatePattern, normalize
from plateward.plates.regions import COUNTRIES, issuer_named

MAX_LINES: Final = 2_000_000
LONGEST_LINE: Final = 2_000
SHOWN_PROBLEMS: Final = 100

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "plate": ("license plate", "plate number", "license plate number", "lic", "lpn"),
    "state": ("plate state", "license state", "lis", "issuer"),
    "reason_code": ("category", "reason", "code", "mke", "type of record"),
    "source_record_no": ("nic", "record number", "record no", "record id"),
    "agency_case": ("oca", "case", "case number"),
    "entering_ori": ("ori", "entering agency"),
    "year": ("vyr", "vehicle year"),
    "color": ("colour", "vco", "vehicle color"),
    "make": ("vma", "vehicle make"),
    "model": ("vmo", "vehicle model"),
    "style": ("vst", "body style"),
    "effective_date": ("effective", "from", "start date"),
    "expires_date": ("expires", "expiry date", "expiration date", "end date"),
}
"""The columns that are taken, and what else their headers may be; case, `_` and spaces make no difference."""

GENETEC: Final = ("reason_code", "state", "plate", "effective_date", "expires_date", "source_record_no")
_SEPARATORS: Final = ";,\t|:"


class UnusableFile(ValueError):
    """The file, or the layout, cannot be used as a whole. The message says why and what to do."""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a column lies: `length` characters from `start`, or the cell at `position`, counted from 0."""

    name: str
    start: int | None = None
    length: int | None = None
    position: int | None = None


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line, whose group of the expression says how many lines came before it."""

    regex: str
    count_group: int = 1


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """How the lines of a list's file are read.

    HEADED: the first line names the columns. GENETEC: six columns in that maker's order. FIXED and DELIMITED:
    as `columns` say. `purposes` gives a purpose of the policy by reason code; others get the file's.
    `categories` gives a category of the policy by reason code, before what the policy itself says of codes.
    """

    kind: Literal["HEADED", "GENETEC", "FIXED", "DELIMITED"]
    columns: tuple[Column, ...] = ()
    separator: str = ";"
    charset: Literal["utf-8", "latin-1"] = "utf-8"
    skip_header_regex: str = ""
    trailer: Trailer | None = None
    date_format: str = "%Y-%m-%d"
    purposes: dict[str, str] = {}
    categories: dict[str, str] = {}
    note: str = ""

    @cached_property
    def header(self) -> re.Pattern[str] | None:
        """What tells a line that is no entry."""
        return re.compile(self.skip_header_regex) if self.skip_header_regex else None


def layout_of(text: bytes | str) -> Layout:
    """Read a layout that somebody wrote down as JSON. Raises UnusableFile, naming what is wrong."""
    try:
        found = msgspec.json.decode(text, type=Layout)
        for written in (found.skip_header_regex, found.trailer.regex if found.trailer else ""):
            re.compile(written)
    except msgspec.MsgspecError as error:
        raise UnusableFile(f"The layout cannot be read: {error}. Correct it; the howto shows one.") from error
    except re.error as error:
        raise UnusableFile(f"An expression of the layout is wrong: {error}.") from error
    if found.kind in {"HEADED", "GENETEC"}:
        return found
    names = [column.name for column in found.columns]
    if "plate" not in names:
        raise UnusableFile("The layout has no column “plate”. Say where the plate lies.")
    if unknown := set(names) - set(COLUMNS):
        raise UnusableFile(f"The layout names a column “{min(unknown)}”. Known are: {', '.join(COLUMNS)}.")
    for column in found.columns:
        placed = (column.start, column.length) if found.kind == "FIXED" else (column.position, 1)
        if any(number is None or number < 0 for number in placed):
            wanted = "start and length" if found.kind == "FIXED" else "position"
            raise UnusableFile(f"The column “{column.name}” needs {wanted}, counted from 0.")
    return found


class LineAction(StrEnum):
    """What a line of a file does with the list; all of them ADD where the whole list comes."""

    ADD = "ADD"
    REMOVE = "REMOVE"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a file, checked.

    `category` is one of the policy's, "" where its code names none; `source_record` the source's own number.
    """

    number: int
    plate: str
    region: str
    vehicle: str
    code: str
    reason: str
    reference: str
    expires_at: datetime | None
    category: str = ""
    source_record: str = ""
    action: LineAction = LineAction.ADD


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one line is left out, numbered as an editor numbers it."""

    line: int
    text: str


class _Refused(ValueError):
    """This line is left out; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a file is checked against: the time, the agency's zone, and what its policy lets onto a list."""

    now: datetime
    zone: str
    partial: bool = False
    """Whether the policy lets partial plates onto hotlists."""
    excluded: frozenset[str] = frozenset()
    """Codes that the policy keeps out, as written there, in small letters."""
    categories: Mapping[str, str] = field(default_factory=dict)
    """The policy's categories by their codes, in small letters."""
    forbidden: frozenset[str] = frozenset()
    """Categories whose lines are counted and not even kept."""


class ListLines:
    """A pass over a file: its sound lines, and after them `problems`, `refused` and `unknown_states`.

    `left_out` counts the lines of forbidden categories, `unknown_codes` those whose code names no category.
    """

    def __init__(self, lines: Iterable[bytes], layout: Layout, terms: Terms) -> None:
        self.layout = layout
        self.terms = terms
        self.problems: list[Problem] = []
        self.refused = 0
        self.unknown_states: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.unknown_codes: dict[str, int] = {}
        self._lines = lines
        self._regions: dict[str, str] = {}
        self._today = terms.now.astimezone(ZoneInfo(terms.zone)).date()

    def __iter__(self) -> Iterator[Line]:
        """The sound lines. Raises UnusableFile where the file as a whole cannot be taken."""
        named = 0
        for number, row in self._rows():
            named += 1
            if named > MAX_LINES:
                raise UnusableFile(f"The file has more than {MAX_LINES:,} lines. Ask for a shorter extract.")
            try:
                line = self._line(number, row)
                if line.category in self.terms.forbidden:
                    self.left_out[line.category] = self.left_out.get(line.category, 0) + 1
                else:
                    yield line
            except _Refused as problem:
                self.refused += 1
                if len(self.problems) < SHOWN_PROBLEMS:
                    self.problems.append(Problem(number, str(problem)))
        if not named:
            raise UnusableFile("The file has no line with an entry. Check that it is the right one.")

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        texts = self._texts()
        match self.layout.kind:
            case "HEADED":
                yield from _headed(texts)
            case "GENETEC":
                yield from _positioned(texts, _separated, dict(enumerate(GENETEC)))
            case "DELIMITED":
                names = {column.position: column.name for column in self.layout.columns}
                yield from _positioned(texts, lambda _: self.layout.separator, names)
            case "FIXED":
                yield from self._fixed(texts)

    def _texts(self) -> Iterator[tuple[int, str]]:
        """The numbered lines of entries, after the trailer's count was compared."""
        counted, trailer = 0, re.compile(self.layout.trailer.regex) if self.layout.trailer else None
        announced: int | None = None
        for number, data in enumerate(self._lines, 1):
            text = _decoded(number, data, self.layout.charset)
            if not text.strip() or (self.layout.header and self.layout.header.search(text)):
                continue
            if trailer and self.layout.trailer and (found := trailer.search(text)):
                announced = int(found.group(self.layout.trailer.count_group))
                continue
            counted += 1
            yield number, text
        if trailer and announced != counted:
            said = "has no trailer" if announced is None else f"announces {announced:,} lines"
            raise UnusableFile(f"The file {said} and has {counted:,}: it is cut off. Fetch it again.")

    def _fixed(self, texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
        places = [
            (column.name, column.start or 0, (column.start or 0) + (column.length or 0))
            for column in self.layout.columns
        ]
        for number, text in texts:
            yield number, {name: text[start:end].strip() for name, start, end in places}

    def _line(self, number: int, row: Mapping[str, str]) -> Line:
        get = row.get
        self._check_effective(get("effective_date", ""))
        code = get("reason_code", "")[:40]
        if code.lower() in self.terms.excluded:
            raise _Refused(f"the policy keeps the category “{code}” out of matching")
        record, case = get("source_record_no", ""), get("agency_case", "")
        reason = (
            ("Listed as", code),
            ("entered by", get("entering_ori", "")),
            ("case", case if record else ""),
        )
        return Line(
            number=number,
            plate=self._plate(get("plate", "")),
            region=self._region(get("state", "")),
            vehicle=" ".join(filter(None, map(get, ("year", "color", "make", "model", "style"))))[:200],
            code=code,
            reason="; ".join(f"{word} {value}" for word, value in reason if value)[:500],
            reference=(record or case)[:80],
            expires_at=self._expiry(get("expires_date", "")),
            category=self._category(code),
            source_record=record[:80],
        )

    def _category(self, code: str) -> str:
        found = self.layout.categories.get(code) or self.terms.categories.get(code.lower(), "")
        if code and not found:
            self.unknown_codes[code] = self.unknown_codes.get(code, 0) + 1
        return found

    def _plate(self, text: str) -> str:
        if "?" not in text and "*" not in text:
            plate = normalize(text)
        elif not self.terms.partial:
            raise _Refused(f"“{text[:20]}” is a partial plate, and the policy does not let one onto a list")
        else:
            try:
                plate = PlatePattern.parse(text).text
            except PatternError as error:
                raise _Refused(str(error)) from error
        if problem := plate_problem(plate):
            raise _Refused(problem)
        return plate

    def _region(self, text: str) -> str:
        """The state, "" for none or one that nobody knows: the entry counts all the same."""
        if not text:
            return ""
        if text not in self._regions:
            country = text.upper()
            known = country if country in COUNTRIES.values() else COUNTRIES.get(country, "")
            self._regions[text] = issuer_named(text.removeprefix("US-")) or known
        if not self._regions[text]:
            self.unknown_states[text[:20]] = self.unknown_states.get(text[:20], 0) + 1
        return self._regions[text]

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            return datetime.strptime(text, self.layout.date_format).replace(tzinfo=UTC).date()
        except ValueError:
            wanted = self._today.strftime(self.layout.date_format)
            raise _Refused(f"“{text[:20]}” is no date; one is written like {wanted}") from None

    def _check_effective(self, text: str) -> None:
        day = self._day(text)
        if day and day > self._today:
            raise _Refused(f"it is in force from {day.isoformat()} on; upload the list again then")

    def _expiry(self, text: str) -> datetime | None:
        day = self._day(text)
        if day is None:
            return None
        if day < self._today:
            raise _Refused(f"it ended on {day.isoformat()}")
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.terms.zone))


def _decoded(number: int, data: bytes, charset: str) -> str:
    if len(data) > LONGEST_LINE:
        raise UnusableFile(f"Line {number} is longer than {LONGEST_LINE} characters: this is no such list.")
    try:
        text = data.decode("utf-8-sig" if number == 1 and charset == "utf-8" else charset)
    except UnicodeDecodeError as error:
        raise UnusableFile(
            f"Line {number} is not UTF-8. Save the file as UTF-8, or give a layout with the charset latin-1."
        ) from error
    if "\0" in text:
        raise UnusableFile(f"Line {number} holds a NUL character: this is no text file.")
    return text.rstrip("\r\n")


def _separated(text: str) -> str:
    return max(_SEPARATORS, key=text.count)


def _cells(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return [cell.strip() for cell in text.split(separator)]
    return [cell.strip() for cell in next(csv.reader([text], delimiter=separator))]


def _positioned(
    texts: Iterable[tuple[int, str]], separator_of: Callable[[str], str], names: Mapping[int | None, str]
) -> Iterator[tuple[int, dict[str, str]]]:
    separator = ""
    for number, text in texts:
        separator = separator or separator_of(text)
        cells = enumerate(_cells(text, separator))
        yield number, {names[place]: cell for place, cell in cells if place in names}


def _headed(texts: Iterator[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    _, first = next(texts, (0, ""))
    separator = _separated(first)
    names = _named(_cells(first, separator))
    for number, text in texts:
        cells = enumerate(_cells(text, separator))
        yield number, {names[place]: cell for place, cell in cells if place in names}


def _named(header: list[str]) -> dict[int, str]:
    """The canonical column at each place. Raises UnusableFile."""
    plain = [" ".join(name.lower().replace("_", " ").split()) for name in header]
    found: dict[int, str] = {}
    for column, others in COLUMNS.items():
        names = (column.replace("_", " "), *others)
        place = next((plain.index(name) for name in names if name in plain), None)
        if place is not None and place not in found:
            found[place] = column
    if "plate" not in found.values():
        shown = ", ".join(filter(None, header)) or "nothing"
        raise UnusableFile(f"No column is headed plate. Name the columns in the first line; found: {shown}.")
    return found
