"""How the lines of a list's file are read, as somebody laid down. No I/O.

The layouts of the NCIC and CLETS/SVS extracts are not public, so none is built in: the agency lays down once
for each list where the columns of its extract lie. There is no column for a VIN: no policy lets one be kept.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, Literal

import msgspec

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "plate": ("license plate", "plate number", "license plate number", "lic", "lpn"),
    "state": ("plate state", "license state", "lis", "issuer"),
    "plate_type": ("lit", "license type", "license plate type"),
    "plate_year": ("liy", "license year", "license plate year"),
    "reason_code": ("category", "reason", "code", "mke", "type of record"),
    "source_record_no": ("nic", "record number", "record no", "record id"),
    "entering_ori": ("ori", "entering agency"),
    "agency_case": ("oca", "case", "case number"),
    "year": ("vyr", "vehicle year"),
    "color": ("colour", "vco", "vehicle color"),
    "make": ("vma", "vehicle make"),
    "model": ("vmo", "vehicle model"),
    "style": ("vst", "body style"),
    "effective_date": ("effective", "from", "start date"),
    "expires_date": ("expires", "expiry date", "expiration date", "end date"),
    "caution": ("caution text", "cautions", "warning"),
    "action": ("action code", "transaction"),
}
"""The columns that are taken, and what else their headers may be; case, `_` and spaces make no difference."""

ACTIONS: Final[Mapping[str, Literal["ADD", "REMOVE"]]] = {
    **dict.fromkeys(("A", "ADD", "NEW", "C", "CHANGE", "U", "UPDATE"), "ADD"),
    **dict.fromkeys(("D", "DELETE", "REMOVE", "CANCEL", "CLEAR"), "REMOVE"),
}
"""What a line does with the list by the plain words for it, where a layout gives none."""

GENETEC: Final = ("reason_code", "state", "plate", "effective_date", "expires_date", "source_record_no")
SEPARATORS: Final = ";,\t|:"
"""Those that are found out; any other character may be laid down."""

NO_TEXT: Final[Mapping[str, tuple[bytes, ...]]] = {
    "a picture": (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8"),
    "a PDF document": (b"%PDF-",),
    "an archive or a spreadsheet (ZIP, XLSX)": (b"PK\x03\x04",),
    "a compressed file": (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh"),
}
"""What people choose by mistake, by the bytes it begins with."""

Charset = Literal["utf-8", "ascii", "windows-1252", "latin-1", "iso-8859-15", "cp437", "cp850"]
CHARSETS: Final[Mapping[str, str]] = {
    "utf-8": "UTF-8",
    "ascii": "ASCII: no letters but A to Z",
    "windows-1252": "Windows-1252: western Windows programs",
    "latin-1": "ISO 8859-1, Latin-1",
    "iso-8859-15": "ISO 8859-15, Latin-9",
    "cp437": "Code page 437: DOS, United States",
    "cp850": "Code page 850: DOS, western Europe",
}
"""One byte a character but for UTF-8, so that a line of the file is a line of its bytes."""

DATE_FORMATS: Final[Mapping[str, str]] = {
    "%Y-%m-%d": "2026-11-22",
    "%Y%m%d": "20261122",
    "%m/%d/%Y": "11/22/2026",
    "%m/%d/%y": "11/22/26",
    "%m%d%Y": "11222026",
    "%m%d%y": "112226",
    "%d.%m.%Y": "22.11.2026",
    "%Y-%m-%dT%H:%M:%S": "2026-11-22T18:30:00",
    "%Y-%m-%d %H:%M:%S": "2026-11-22 18:30:00",
    "%Y%m%d%H%M%S": "20261122183000",
    "%m/%d/%Y %H:%M:%S": "11/22/2026 18:30:00",
}
"""How dates may be written, by an example; the day alone counts."""

MOST_SKIPPED: Final = 100
MOST_PLACES: Final = 2_000


class UnusableFile(ValueError):
    """The file, or the layout, cannot be used as a whole. The message says why and what to do."""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a column lies: `length` characters from `start`, or the cell at `position`, counted from 0."""

    name: str
    start: int | None = None
    length: int | None = None
    position: int | None = None


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line, told by how it `begins` or by an expression, and which of its numbers counts lines.

    By an expression it is the group's, else the `number`-th of the line after its beginning. It counts the
    entries, or every line of the file that is not empty.
    """

    begins: str = ""
    number: int = 1
    counts: Literal["ENTRIES", "ALL_LINES"] = "ENTRIES"
    regex: str = ""
    count_group: int = 1

    def is_one(self, text: str) -> bool:
        """Whether a line is a trailer."""
        return bool(re.search(self.regex, text)) if self.regex else text.startswith(self.begins)

    def announced(self, text: str) -> int | None:
        """How many lines a trailer announces, None where it gives no number."""
        if self.regex:
            found = re.search(self.regex, text)
            said = found.group(self.count_group) if found else ""
        else:
            numbers = re.findall("[0-9]+", text.removeprefix(self.begins))
            said = numbers[self.number - 1] if len(numbers) >= self.number else ""
        return int(said) if re.fullmatch("[0-9]{1,18}", said or "") else None


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """How the lines of a list's file are read.

    HEADED: the first line names the columns. GENETEC: six columns in that maker's order. FIXED and DELIMITED:
    as `columns` say. `skip_lines` at the beginning are no entries, nor are lines that begin with one of
    `skip_begins` or fit `skip_header_regex`. `no_dates` stand where there is no date. `purposes` gives a
    purpose of the policy by reason code, others get the file's; `categories` gives a category of the policy
    by reason code, before what the policy itself says of codes that it does not forbid; `actions` what a word
    (in capitals) of the column `action` does with the list, where it is not one of `ACTIONS`.
    """

    kind: Literal["HEADED", "GENETEC", "FIXED", "DELIMITED"]
    columns: tuple[Column, ...] = ()
    separator: str = ";"
    charset: Charset = "utf-8"
    skip_lines: int = 0
    skip_begins: tuple[str, ...] = ()
    skip_header_regex: str = ""
    trailer: Trailer | None = None
    date_format: str = "%Y-%m-%d"
    no_dates: tuple[str, ...] = ()
    purposes: dict[str, str] = {}
    categories: dict[str, str] = {}
    actions: dict[str, Literal["ADD", "REMOVE"]] = {}
    note: str = ""

    @cached_property
    def header(self) -> re.Pattern[str] | None:
        """What tells a line that is no entry."""
        return re.compile(self.skip_header_regex) if self.skip_header_regex else None

    def passes_over(self, number: int, text: str) -> bool:
        """Whether a line is no entry: empty, at the beginning, or told so by how it begins."""
        if number <= self.skip_lines or not text.strip():
            return True
        if self.skip_begins and text.startswith(self.skip_begins):
            return True
        return bool(self.header and self.header.search(text))


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
    check(found)
    return found


def check(layout: Layout) -> None:
    """Raises UnusableFile where a layout contradicts itself or lacks what reading needs."""
    _check_trailer(layout.trailer)
    _check_dates(layout)
    if not 0 <= layout.skip_lines <= MOST_SKIPPED:
        raise UnusableFile(f"From 0 to {MOST_SKIPPED} lines can be skipped, not {layout.skip_lines}.")
    if layout.kind in {"HEADED", "GENETEC"}:
        return
    if problem := separator_problem(layout):
        raise UnusableFile(problem)
    names = [column.name for column in layout.columns]
    if "plate" not in names:
        raise UnusableFile("The layout has no column “plate”. Say where the plate lies.")
    if unknown := set(names) - set(COLUMNS):
        raise UnusableFile(f"The layout names a column “{min(unknown)}”. Known are: {', '.join(COLUMNS)}.")
    if twice := {name for name in names if names.count(name) > 1}:
        raise UnusableFile(f"The column “{min(twice)}” is laid down twice. Keep one of them.")
    for column in layout.columns:
        _check_place(layout.kind, column)


def separator_problem(layout: Layout) -> str:
    """Why a layout's separator separates nothing, "" where it does."""
    if layout.kind != "DELIMITED" or (len(layout.separator) == 1 and layout.separator not in '"\r\n\0'):
        return ""
    return "The separator must be one character, and no quotation mark or end of a line."


def _check_place(kind: str, column: Column) -> None:
    placed = (column.start, column.length) if kind == "FIXED" else (column.position, 1)
    if any(number is None or not 0 <= number < MOST_PLACES for number in placed) or column.length == 0:
        wanted = "start and length" if kind == "FIXED" else "position"
        raise UnusableFile(f"The column “{column.name}” needs {wanted}, counted from 0.")


def _check_trailer(trailer: Trailer | None) -> None:
    if trailer is None:
        return
    if not trailer.begins and not trailer.regex:
        raise UnusableFile("Say how the trailer begins, or that there is none.")
    if trailer.number < 1:
        raise UnusableFile("The numbers of a trailer are counted from 1.")
    if trailer.regex and not 0 <= trailer.count_group <= re.compile(trailer.regex).groups:
        raise UnusableFile("The trailer's expression has no such group: put its count in parentheses.")


def _check_dates(layout: Layout) -> None:
    """A format must give back the day it was written with."""
    day = datetime(2026, 11, 22, tzinfo=UTC)
    try:
        written = datetime.strptime(day.strftime(layout.date_format), layout.date_format).replace(tzinfo=UTC)
        same = written.date() == day.date()
    except ValueError:
        same = False
    if not same:
        raise UnusableFile(f"“{layout.date_format}” is no way to write a date. Take such as %Y-%m-%d.")


def named(header: Iterable[str]) -> dict[int, str]:
    """The canonical column at each place, for headers that say which it is."""
    plain = [" ".join(name.lower().replace("_", " ").split()) for name in header]
    found: dict[int, str] = {}
    for column, others in COLUMNS.items():
        names = (column.replace("_", " "), *others)
        place = next((plain.index(name) for name in names if name in plain), None)
        if place is not None and place not in found:
            found[place] = column
    return found


def separator_in(text: str) -> str:
    """The separator that occurs most often in a line."""
    return max(SEPARATORS, key=text.count)


def check_text(data: bytes) -> None:
    """See by a file's beginning whether it is text at all. Raises UnusableFile, which says what it is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnusableFile("The file is UTF-16. Save or convert it as UTF-8, then choose it again.")
    kind = next((name for name, start in NO_TEXT.items() if data.startswith(start)), "")
    if kind:
        raise UnusableFile(f"The file is {kind}. A list is a text file: choose the one that its source made.")
    if b"\0" in data:
        raise UnusableFile(
            "The file holds NUL characters: it is no text. Choose the text file that the list's source made."
        )


def charset_in(data: bytes) -> Charset:
    """A charset in which these bytes are text: a suggestion, which a person decides on.

    Raises UnusableFile for UTF-16 and for bytes that are no text.
    """
    check_text(data)
    guesses: tuple[Charset, ...] = ("utf-8", "windows-1252", "latin-1")
    return next(charset for charset in guesses if _is_text(data, charset))


def _is_text(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeDecodeError as error:
        # The beginning of a file may end within a character.
        return charset == "utf-8" and error.reason == "unexpected end of data"
    return True
