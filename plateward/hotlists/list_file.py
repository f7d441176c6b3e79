"""Files with lists of others, line by line: what is taken from each, and why one is left out. No I/O."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from plateward.hotlists.layouts import ACTIONS, CHARSETS, GENETEC, Layout, UnusableFile, named, separator_in
from plateward.hotlists.rules import plate_problem
from plateward.plates import PatternError, PlatePattern, normalize
from plateward.plates.regions import COUNTRIES, issuer_named
from plateward.policy import UNKNOWN_CATEGORY, category_of

MAX_LINES: Final = 2_000_000
LONGEST_LINE: Final = 2_000
SHOWN_PROBLEMS: Final = 100


class LineAction(StrEnum):
    """What a line of a file does with the list; all of them ADD where the whole list comes."""

    ADD = "ADD"
    REMOVE = "REMOVE"


class Line(msgspec.Struct, frozen=True, gc=False):
    """One entry of a file, checked.

    `category` is one of the policy's, UNKNOWN_CATEGORY where its code names none, "" without a code;
    `source_record` the source's own number.
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


class _SwitchedOff(_Refused):
    """This line is left out since its category is."""


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
    """A pass over a file: its sound lines, and after them what became of the others.

    `problems` are the first of the `refused` lines, and `rejected` is told of each of them as it is read;
    `left_out` counts lines by the category that the policy forbids or the code that it keeps out,
    `unknown_codes` those whose code names no category, `unknown_states` those of no state. Every line with an
    entry is taken, refused or left out.
    """

    def __init__(
        self,
        lines: Iterable[bytes],
        layout: Layout,
        terms: Terms,
        rejected: Callable[[Problem], object] = lambda _: None,
    ) -> None:
        self.layout = layout
        self.terms = terms
        self.problems: list[Problem] = []
        self.refused = 0
        self.unknown_states: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.unknown_codes: dict[str, int] = {}
        self._lines = lines
        self._rejected = rejected
        self._regions: dict[str, str] = {}
        self._today = terms.now.astimezone(ZoneInfo(terms.zone)).date()

    def __iter__(self) -> Iterator[Line]:
        """The sound lines. Raises UnusableFile where the file as a whole cannot be taken."""
        entries = 0
        for number, row in self._rows():
            entries += 1
            if entries > MAX_LINES:
                raise UnusableFile(f"The file has more than {MAX_LINES:,} lines. Ask for a shorter extract.")
            try:
                line = self._line(number, row)
                if line.category in self.terms.forbidden:
                    _count(self.left_out, line.category)
                else:
                    yield line
            except _SwitchedOff as told:
                _count(self.left_out, str(told))
            except _Refused as problem:
                self._refuse(Problem(number, str(problem)))
        if not entries:
            raise UnusableFile("The file has no line with an entry. Check that it is the right one.")

    def _refuse(self, problem: Problem) -> None:
        self.refused += 1
        self._rejected(problem)
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        texts = self._texts()
        match self.layout.kind:
            case "HEADED":
                yield from _headed(texts)
            case "GENETEC":
                yield from _positioned(texts, separator_in, dict(enumerate(GENETEC)))
            case "DELIMITED":
                names = {column.position: column.name for column in self.layout.columns}
                yield from _positioned(texts, lambda _: self.layout.separator, names)
            case "FIXED":
                yield from self._fixed(texts)

    def _texts(self) -> Iterator[tuple[int, str]]:
        """The numbered lines of entries, after the trailer's count was compared.

        Only the last line is the trailer: an entry may begin with the same letters.
        """
        entries, filled, trailer = 0, 0, self.layout.trailer
        held: tuple[int, str] | None = None
        for number, data in enumerate(self._lines, 1):
            text = decoded(number, data, self.layout.charset)
            filled += bool(text.strip())
            if self.layout.passes_over(number, text):
                continue
            if held:
                entries += 1
                yield held
                held = None
            if trailer and trailer.is_one(text):
                held = number, text
                continue
            entries += 1
            yield number, text
        if trailer:
            self._compare(held[1] if held else None, filled if trailer.counts == "ALL_LINES" else entries)

    def _compare(self, text: str | None, counted: int) -> None:
        assert self.layout.trailer is not None  # noqa: S101  asked only where one is laid down
        if text is None:
            raise UnusableFile(f"The file has no trailer and has {counted:,}: it is cut off. Fetch it again.")
        announced = self.layout.trailer.announced(text)
        if announced is None:
            raise UnusableFile(f"The trailer “{text[:60]}” gives no such number. Correct the layout.")
        if announced != counted:
            said = f"announces {announced:,} lines and has {counted:,}"
            raise UnusableFile(f"The file {said}: it is cut off. Fetch it again.")

    def _fixed(self, texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
        places = [
            (column.name, column.start or 0, (column.start or 0) + (column.length or 0))
            for column in self.layout.columns
        ]
        for number, text in texts:
            yield number, {name: text[start:end].strip() for name, start, end in places}

    def _line(self, number: int, row: Mapping[str, str]) -> Line:
        get = row.get
        action = self._action(get("action", ""))
        if action is LineAction.ADD:
            self._check_effective(get("effective_date", ""))
        code = get("reason_code", "")[:40]
        if code.lower() in self.terms.excluded:
            raise _SwitchedOff(code)
        record, case = get("source_record_no", ""), get("agency_case", "")
        return Line(
            number=number,
            plate=self._plate(get("plate", "")),
            region=self._region(get("state", "")),
            vehicle=_vehicle(row),
            code=code,
            reason=_reason(code, get("entering_ori", ""), case if record else "", get("caution", "")),
            reference=(record or case)[:80],
            expires_at=self._expiry(get("expires_date", "")) if action is LineAction.ADD else None,
            category=self._category(code),
            source_record=record[:80],
            action=action,
        )

    def _action(self, word: str) -> LineAction:
        """What the line does: every word must be known, since a removal that is taken for an entry alarms."""
        if not word:
            return LineAction.ADD
        known = self.layout.actions or ACTIONS
        if word.upper() not in known:
            raise _Refused(f"“{word[:20]}” is none of the actions laid down: {', '.join(known)}")
        return LineAction(known[word.upper()])

    def _category(self, code: str) -> str:
        own = self.layout.categories.get(code, "")
        found = category_of(code, self.terms.categories, self.terms.forbidden, own)
        if found == UNKNOWN_CATEGORY:
            _count(self.unknown_codes, code)
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
            _count(self.unknown_states, text[:20])
        return self._regions[text]

    def _day(self, text: str) -> date | None:
        if not text or text in self.layout.no_dates:
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


def _count(told: dict[str, int], key: str) -> None:
    """Count one more; of a file of nothing but such, those past the first hundred are counted as one."""
    if key not in told and len(told) >= SHOWN_PROBLEMS:
        key = "others"
    told[key] = told.get(key, 0) + 1


def _reason(code: str, ori: str, case: str, caution: str) -> str:
    told = f"Listed as {code}" if code else ""
    if ori or case or caution:
        words = (("entered by", ori), ("case", case), ("caution:", caution))
        told = "; ".join(filter(None, (told, *(f"{word} {value}" for word, value in words if value))))
    return told[:500]


def _vehicle(row: Mapping[str, str]) -> str:
    words = " ".join(filter(None, map(row.get, ("year", "color", "make", "model", "style"))))
    plate = " ".join(filter(None, map(row.get, ("plate_type", "plate_year"))))
    return f"{words}; plate {plate}".removeprefix("; ")[:200] if plate else words[:200]


def decoded(number: int, data: bytes, charset: str) -> str:
    """One line as text, without its end. Raises UnusableFile."""
    if len(data) > LONGEST_LINE:
        raise UnusableFile(f"Line {number} is longer than {LONGEST_LINE} characters: this is no such list.")
    try:
        text = data.decode("utf-8-sig" if number == 1 and charset == "utf-8" else charset)
    except UnicodeDecodeError as error:
        raise UnusableFile(
            f"Line {number} is not {CHARSETS[charset].partition(':')[0]} (byte {error.start + 1}). Choose "
            "another charset where its columns are laid down, or save the file as UTF-8."
        ) from error
    if "\0" in text:
        raise UnusableFile(f"Line {number} holds a NUL character: this is no text file.")
    return text.rstrip("\r\n")


def cells(text: str, separator: str) -> list[str]:
    """A line taken apart; a separator within quotation marks separates nothing."""
    text = text.replace("\r", " ")
    if '"' not in text:
        return [cell.strip() for cell in text.split(separator)]
    return [cell.strip() for row in csv.reader([text], delimiter=separator) for cell in row]


def _positioned(
    texts: Iterable[tuple[int, str]], separator_of: Callable[[str], str], names: Mapping[int | None, str]
) -> Iterator[tuple[int, dict[str, str]]]:
    separator, columns = "", _columns(names)
    for number, text in texts:
        separator = separator or separator_of(text)
        yield number, dict(zip(columns, cells(text, separator), strict=False))


def _headed(texts: Iterator[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    _, first = next(texts, (0, ""))
    separator = separator_in(first)
    header = cells(first, separator)
    names = named(header)
    if "plate" not in names.values():
        shown = ", ".join(filter(None, header)) or "nothing"
        raise UnusableFile(f"No column is headed plate. Name the columns in the first line; found: {shown}.")
    columns = _columns(names)
    for number, text in texts:
        yield number, dict(zip(columns, cells(text, separator), strict=False))


def _columns(names: Mapping[int, str] | Mapping[int | None, str]) -> list[str]:
    """What each cell of a line is called, "" where nothing is taken from it."""
    known = {place: name for place, name in names.items() if place is not None}
    return [known.get(place, "") for place in range(max(known, default=-1) + 1)]
