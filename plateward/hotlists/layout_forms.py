"""What people lay down of how a list's files are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django import forms
from django.http import QueryDict

from plateward.hotlists.layouts import (
    CHARSETS,
    DATE_FORMATS,
    MOST_SKIPPED,
    Column,
    Layout,
    Trailer,
    UnusableFile,
)
from plateward.policy import Profile

LABELS: Final[Mapping[str, str]] = {
    "plate": "License plate",
    "state": "State of the plate",
    "plate_type": "Plate type",
    "plate_year": "Plate year",
    "reason_code": "Reason code",
    "source_record_no": "Source's record number (NIC)",
    "entering_ori": "Entering agency (ORI)",
    "agency_case": "Agency case (OCA)",
    "year": "Vehicle year",
    "color": "Color",
    "make": "Make",
    "model": "Model",
    "style": "Style",
    "effective_date": "In force from",
    "expires_date": "Expires",
    "caution": "Caution",
    "action": "Action: adds or removes",
}
"""The columns as the page names them, in the order in which it offers them."""
SPARE: Final = 4
"""So many empty rows are offered beyond those filled in."""
MOST_ROWS: Final = 200
OTHER: Final = "other"
SEPARATOR_NAMES: Final = {
    ";": "Semicolon ;",
    ",": "Comma ,",
    "|": "Bar |",
    "\t": "Tab",
    ":": "Colon :",
    OTHER: "Another character",
}
_TAB: Final = "tab"  # a browser may lose a bare tab in a value


class LayoutForm(forms.Form):
    """How lines are separated, which are no entries, and how dates are written."""

    kind = forms.ChoiceField(
        label="Columns are",
        choices={"DELIMITED": "Separated by a character", "FIXED": "At fixed places"},
    )
    separator = forms.ChoiceField(
        label="Separator",
        required=False,
        choices={_TAB if key == "\t" else key: name for key, name in SEPARATOR_NAMES.items()},
    )
    other_separator = forms.CharField(
        label="Other separator", required=False, max_length=1, strip=False, help_text="One character."
    )
    charset = forms.ChoiceField(
        label="Charset",
        choices=dict(CHARSETS),
        help_text="Suggested by the file's bytes. Look at names and cautions: they must read well.",
    )
    skip_lines = forms.IntegerField(
        label="Lines to skip at the beginning", min_value=0, max_value=MOST_SKIPPED, required=False
    )
    skip_begins = forms.CharField(
        label="No entries are lines that begin with",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One beginning a line, such as # or HDR.",
    )
    trailer_begins = forms.CharField(
        label="The last line is a trailer that begins with",
        required=False,
        max_length=40,
        help_text="Leave it empty where the file has none. A file whose trailer counts otherwise is refused: "
        "it was cut off.",
    )
    trailer_number = forms.IntegerField(
        label="Which number of the trailer is the count",
        min_value=1,
        max_value=20,
        required=False,
        help_text="1 for the first number after its beginning.",
    )
    trailer_counts = forms.ChoiceField(
        label="It counts",
        required=False,
        choices={"ENTRIES": "Entries", "ALL_LINES": "Every line, header and trailer too"},
    )
    date_format = forms.ChoiceField(label="Dates are written", choices=dict(DATE_FORMATS))
    no_dates = forms.CharField(
        label="Where there is no date stands",
        required=False,
        max_length=100,
        help_text="Words apart by spaces, such as 00000000. Empty cells always mean none.",
    )


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One row in which a column at a fixed place is laid down, as typed."""

    name: str = ""
    start: str = ""
    length: str = ""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """What a reason code means: a category and a purpose, each "" for what the policy says."""

    code: str = ""
    category: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of the page's tables as they were typed."""

    cells: tuple[str, ...] = ()
    places: tuple[ColumnRow, ...] = ()
    codes: tuple[CodeRow, ...] = ()


def rows_in(sent: QueryDict) -> Rows:
    """The rows that a browser sent; those beyond what anybody fills in are left."""
    columns = zip(sent.getlist("place"), sent.getlist("start"), sent.getlist("length"), strict=False)
    codes = zip(sent.getlist("code"), sent.getlist("category"), sent.getlist("purpose"), strict=False)
    return Rows(
        cells=tuple(sent.getlist("cell")[:MOST_ROWS]),
        places=tuple(ColumnRow(*(one.strip() for one in row)) for row in columns)[:MOST_ROWS],
        codes=tuple(CodeRow(*(one.strip() for one in row)) for row in codes)[:MOST_ROWS],
    )


def layout_from(said: Mapping[str, Any], rows: Rows) -> Layout:
    """The layout that a valid form and its rows lay down, unchecked. Raises UnusableFile for a wrong row."""
    kind: Literal["FIXED", "DELIMITED"] = said["kind"]
    chosen = said["other_separator"] if said["separator"] == OTHER else said["separator"]
    begins = said["trailer_begins"]
    return Layout(
        kind=kind,
        columns=_fixed(rows.places) if kind == "FIXED" else _cells(rows.cells),
        separator="\t" if chosen == _TAB else chosen,
        charset=said["charset"],
        skip_lines=said["skip_lines"] or 0,
        skip_begins=tuple(filter(None, (line.strip() for line in said["skip_begins"].splitlines()))),
        trailer=Trailer(
            begins=begins, number=said["trailer_number"] or 1, counts=said["trailer_counts"] or "ENTRIES"
        )
        if begins
        else None,
        date_format=said["date_format"],
        no_dates=tuple(said["no_dates"].split()),
        categories={row.code: row.category for row in rows.codes if row.code and row.category},
        purposes={row.code: row.purpose for row in rows.codes if row.code and row.purpose},
    )


def _cells(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name=name, position=place) for place, name in enumerate(names) if name)


def _fixed(rows: Sequence[ColumnRow]) -> tuple[Column, ...]:
    found = []
    for row in rows:
        if not (row.name or row.start or row.length):
            continue
        if not row.name:
            raise UnusableFile(f"Say what stands from place {row.start or '?'}, or empty that row.")
        if not (row.start.isdecimal() and row.length.isdecimal() and int(row.start) and int(row.length)):
            label = LABELS.get(row.name, row.name)
            raise UnusableFile(f"{label}: write first place and length as numbers from 1.")
        found.append(Column(name=row.name, start=int(row.start) - 1, length=int(row.length)))
    return tuple(found)


def form_of(layout: Layout) -> LayoutForm:
    """The form filled in with a layout."""
    trailer = layout.trailer or Trailer()
    is_known = layout.separator in SEPARATOR_NAMES
    return LayoutForm(
        initial={
            "kind": layout.kind,
            "separator": {"\t": _TAB}.get(layout.separator, layout.separator) if is_known else OTHER,
            "other_separator": "" if is_known else layout.separator,
            "charset": layout.charset,
            "skip_lines": layout.skip_lines,
            "skip_begins": "\n".join(layout.skip_begins),
            "trailer_begins": trailer.begins,
            "trailer_number": trailer.number,
            "trailer_counts": trailer.counts,
            "date_format": layout.date_format,
            "no_dates": " ".join(layout.no_dates),
        }
    )


def rows_of(layout: Layout) -> Rows:
    """The rows filled in with a layout."""
    at = {column.position: column.name for column in layout.columns if column.position is not None}
    return Rows(
        cells=tuple(at.get(place, "") for place in range(max(at, default=-1) + 1)),
        places=tuple(
            ColumnRow(column.name, str((column.start or 0) + 1), str(column.length))
            for column in layout.columns
            if column.length is not None
        ),
        codes=tuple(
            CodeRow(code, layout.categories.get(code, ""), layout.purposes.get(code, ""))
            for code in {**layout.categories, **layout.purposes}
        ),
    )


def filled_up(rows: Rows, width: int, codes: Mapping[str, int]) -> Rows:
    """The rows with one for each cell and each code of the file, and some to spare."""
    known = {row.code for row in rows.codes}
    further = tuple(CodeRow(code) for code in codes if code not in known)
    places = tuple(row for row in rows.places if row.name or row.start or row.length)
    return Rows(
        cells=(rows.cells + ("",) * width)[: max(width, len(rows.cells))][:MOST_ROWS],
        places=(places + (ColumnRow(),) * (SPARE if places else 2 * SPARE))[:MOST_ROWS],
        codes=(tuple(row for row in rows.codes if row.code) + further + (CodeRow(),))[:MOST_ROWS],
    )


def category_choices(profile: Profile) -> Mapping[str, str]:
    """The policy's categories of entries, by id."""
    return {key: one.name for key, one in profile.hotlists.categories.items()}
