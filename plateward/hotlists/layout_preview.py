"""The beginning of a list's file taken apart by a layout, and a layout suggested by it. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from plateward.hotlists.layouts import (
    SEPARATORS,
    Column,
    Layout,
    Trailer,
    UnusableFile,
    charset_in,
    named,
    separator_in,
    separator_problem,
)
from plateward.hotlists.list_file import Line, ListLines, Problem, Terms, cells, decoded

LOOKED_AT: Final = 1_000
"""So many lines are taken apart for a preview."""
SHOWN: Final = 25
_HEADERS: Final = ("HDR", "HEADER", "H|", "#")
_TRAILERS: Final = ("TRL", "TRAILER", "TRLR", "FTR", "FOOTER", "EOF")


class Became(StrEnum):
    """What a line of the file is taken for."""

    ENTRY = "ENTRY"
    REJECTED = "REJECTED"
    KEPT_OUT = "KEPT_OUT"
    PASSED_OVER = "PASSED_OVER"
    TRAILER = "TRAILER"


@dataclass(frozen=True, slots=True)
class Shown:
    """One line: as it stands, taken apart, and what became of it."""

    number: int
    text: str
    became: Became
    line: Line | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the first lines of a file become. `codes` counts reason codes, `samples` are cells by place."""

    shown: tuple[Shown, ...]
    looked_at: int
    taken: int
    rejected: int
    kept_out: int
    codes: Mapping[str, int]
    samples: tuple[tuple[str, ...], ...]
    problem: str = ""
    """Why the file as a whole could not be taken so."""


def preview(lines: Sequence[bytes], layout: Layout, terms: Terms, *, is_whole: bool) -> Preview:
    """Take the first lines apart; `is_whole` says that they are the whole file, whose last may be a trailer.

    Never raises: what cannot be read so is told in the preview.
    """
    texts, problem = _texts(lines, layout)
    problem = problem or separator_problem(layout) or _plate_problem(layout)
    trailer = _trailer(texts, layout) if is_whole else 0
    passed = {number for number, text in texts if layout.passes_over(number, text)}
    refused: dict[int, Problem] = {}
    taken: dict[int, Line] = {}
    if not problem:
        kept = [line if number != trailer else b"\n" for number, line in enumerate(lines, 1)]
        reader = ListLines(
            kept, replace(layout, trailer=None), terms, lambda one: refused.update({one.line: one})
        )
        try:
            taken.update({line.number: line for line in reader})
        except UnusableFile as error:
            problem = str(error)
    entries = [number for number, _ in texts if number not in passed and number != trailer]
    wanted = [*texts[:SHOWN], *(texts[-1:] if is_whole and len(texts) > SHOWN else ())]
    return Preview(
        shown=tuple(_shown(number, text, trailer, passed, taken, refused) for number, text in wanted),
        looked_at=len(lines),
        taken=len(taken),
        rejected=len(refused),
        kept_out=0 if problem else len(entries) - len(taken) - len(refused),
        codes=_codes(taken),
        samples=_samples([text for number, text in texts if number in entries], layout),
        problem=problem,
    )


def _plate_problem(layout: Layout) -> str:
    """That nobody said yet where the plate stands; each line would be left out for the want of it."""
    if layout.kind not in ("FIXED", "DELIMITED") or any(one.name == "plate" for one in layout.columns):
        return ""
    return "Nothing says yet where the license plate stands. Choose it below Columns, then press Preview."


def _texts(lines: Sequence[bytes], layout: Layout) -> tuple[list[tuple[int, str]], str]:
    found: list[tuple[int, str]] = []
    for number, data in enumerate(lines, 1):
        try:
            found.append((number, decoded(number, data, layout.charset)))
        except UnusableFile as error:
            return found, str(error)
    return found, ""


def _trailer(texts: Sequence[tuple[int, str]], layout: Layout) -> int:
    """The number of the line that is the trailer, 0 where none is."""
    number, text = next(((n, text) for n, text in reversed(texts) if text.strip()), (0, ""))
    return number if layout.trailer and layout.trailer.is_one(text) else 0


def _shown(
    number: int,
    text: str,
    trailer: int,
    passed: set[int],
    taken: Mapping[int, Line],
    refused: Mapping[int, Problem],
) -> Shown:
    if number == trailer:
        return Shown(number, text, Became.TRAILER)
    if number in passed:
        return Shown(number, text, Became.PASSED_OVER)
    if number in taken:
        return Shown(number, text, Became.ENTRY, line=taken[number])
    if number in refused:
        return Shown(number, text, Became.REJECTED, why=refused[number].text)
    return Shown(number, text, Became.KEPT_OUT)


def _codes(taken: Mapping[int, Line]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for line in taken.values():
        if line.code:
            found[line.code] = found.get(line.code, 0) + 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _samples(texts: Sequence[str], layout: Layout) -> tuple[tuple[str, ...], ...]:
    """The first cells of each column that hold something, at most three."""
    if layout.kind != "DELIMITED" or separator_problem(layout):
        return ()
    rows = [cells(text, layout.separator) for text in texts[:SHOWN]]
    width = max(map(len, rows), default=0)
    columns = ([row[place] for row in rows if place < len(row) and row[place]] for place in range(width))
    return tuple(tuple(dict.fromkeys(column))[:3] for column in columns)


def suggested(lines: Sequence[bytes]) -> Layout:
    """A layout that these lines may be read by, for a person to correct. Raises UnusableFile for no text."""
    charset = charset_in(b"".join(lines))
    texts = [data.decode(charset, "replace").rstrip("\r\n").removeprefix("\ufeff") for data in lines]
    filled = [text for text in texts if text.strip()]
    last = filled[-1] if filled else ""
    begins = next((word for word in _TRAILERS if last.startswith(word)), "")
    skipped = 0
    while skipped < len(texts) and texts[skipped].upper().startswith(_HEADERS):
        skipped += 1
    found = Layout(
        kind="FIXED",
        charset=charset,
        skip_lines=skipped,
        trailer=Trailer(begins=begins) if begins else None,
    )
    inner = [text for text in texts[skipped:] if text.strip() and not (begins and text.startswith(begins))]
    separator = _separator(inner)
    if not separator and (separator := _separator(inner[1:])):  # one line says what the file is
        inner = inner[1:]
        skipped = texts.index(inner[0], skipped + 1)
        found = replace(found, skip_lines=skipped)
    if not separator:
        return found
    names = named(cells(inner[0], separator))
    columns = tuple(Column(name=name, position=place) for place, name in sorted(names.items()))
    is_header = "plate" in names.values()
    return replace(
        found,
        kind="DELIMITED",
        separator=separator,
        columns=columns if is_header else (),
        skip_lines=skipped + 1 if is_header else skipped,
    )


def _separator(texts: Sequence[str]) -> str:
    """The separator that every one of the lines has, "" where there is none."""
    looked_at = texts[:SHOWN]
    if not looked_at:
        return ""
    separator = separator_in(looked_at[0])
    return separator if separator in SEPARATORS and all(separator in text for text in looked_at) else ""
