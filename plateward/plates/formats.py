"""Serial formats by jurisdiction, and which of them a line of text could be.

Used to choose plate candidates among the lines a text reader finds on a vehicle. A format says what
is plausible, never what is true: vanity plates match none, and many states share one mask.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from plateward.plates.serials import SERIALS
from plateward.plates.text import LOOK_ALIKES, normalize

MAX_CHANGES = 2

_AS_LETTER = {"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"}
_OPTIONAL = re.compile(r"\[([A1X]+)\]")
_RECENT_COST = 0.1  # an older serial is a little less likely than one now issued
_CHANGE_COST = 0.25  # each character taken for its look-alike
_LOOSE_COST = 0.2  # a mask of only digits, or only "either", says little: phone and unit numbers fit too
_SHORT_COST = 0.1  # each character short of five: "STOP" and "24H" fit something somewhere
_USUAL_LENGTH = 5


class Era(StrEnum):
    CURRENT = "CURRENT"
    RECENT = "RECENT"


@dataclass(frozen=True, slots=True)
class PlateFormat:
    """One mask of one jurisdiction: `A` a letter, `1` a digit, `X` either."""

    jurisdiction: str
    mask: str
    era: Era

    @property
    def prior(self) -> float:
        """How much a fit says, from 0 to 1, before any character is changed."""
        loose = self.mask.count("X") / len(self.mask) if "A" in self.mask else 1.0
        short = max(0, _USUAL_LENGTH - len(self.mask))
        recent = self.era is Era.RECENT
        return 1.0 - _LOOSE_COST * loose - _SHORT_COST * short - _RECENT_COST * recent


@dataclass(frozen=True, slots=True)
class FormatMatch:
    """A format that fits; `text` is the plate in that format.

    `changes` holds the positions (from 0) where a look-alike was exchanged to make it fit;
    `score` runs from 0 to 1.
    """

    format: PlateFormat
    text: str
    changes: tuple[int, ...]
    score: float


def plausible(text: str, *, regions: Collection[str] = ()) -> list[FormatMatch]:
    """List the formats `text` fits, best first; empty when none does.

    Up to two characters may be exchanged for look-alikes (a 0 where the format wants a letter is
    tried as O). `regions` limits the answer to jurisdictions starting with one of its strings,
    such as "US" or "US-CA".
    """
    plate = normalize(text)
    matches = (
        match
        for candidate in _by_length().get(len(plate), ())
        if not regions or candidate.jurisdiction.startswith(tuple(regions))
        if (match := _fit(plate, candidate)) is not None
    )
    return sorted(matches, key=lambda match: (-match.score, match.format.jurisdiction, match.text))


def exact_formats(plate: str) -> tuple[PlateFormat, ...]:
    """The formats that a normalized plate fits as it stands, the likeliest first.

    Nothing but the kinds of its characters decides, so this costs a look into a table, where `plausible`
    tries every format with exchanged characters.
    """
    return _of_kinds("".join("1" if char.isdigit() else "A" for char in plate))


@lru_cache(maxsize=4096)
def _of_kinds(kinds: str) -> tuple[PlateFormat, ...]:
    fitting = (
        known
        for known in _by_length().get(len(kinds), ())
        if all(slot in ("X", kind) for slot, kind in zip(known.mask, kinds, strict=True))
    )
    return tuple(sorted(fitting, key=lambda known: (-known.prior, known.jurisdiction)))


def _fit(plate: str, candidate: PlateFormat) -> FormatMatch | None:
    fitted = [_fit_character(char, slot) for char, slot in zip(plate, candidate.mask, strict=True)]
    text = "".join(fitted)
    changes = tuple(position for position, char in enumerate(plate) if char != text[position : position + 1])
    if len(text) != len(plate) or len(changes) > MAX_CHANGES:
        return None
    score = max(0.0, round(candidate.prior - _CHANGE_COST * len(changes), 3))
    return FormatMatch(candidate, text, changes, score)


def _fit_character(char: str, slot: str) -> str:
    """Return `char`, or its look-alike of the wanted kind, or "" when nothing fits."""
    if slot == "X" or char.isdigit() == (slot == "1"):
        return char
    return (LOOK_ALIKES if slot == "1" else _AS_LETTER).get(char, "")


def _expand(mask: str) -> Iterator[str]:
    optional = _OPTIONAL.search(mask)
    if optional is None:
        yield mask
        return
    for choice in (optional.group(1), ""):
        yield from _expand(mask[: optional.start()] + choice + mask[optional.end() :])


def _read(table: str) -> Iterator[PlateFormat]:
    for line in table.strip().splitlines():
        jurisdiction, current, recent = (cell.strip() for cell in line.split("|"))
        for era, masks in ((Era.CURRENT, current), (Era.RECENT, recent)):
            expanded = dict.fromkeys(mask for written in masks.split() for mask in _expand(written))
            yield from (PlateFormat(jurisdiction, mask, era) for mask in expanded)


FORMATS: tuple[PlateFormat, ...] = tuple(_read(SERIALS))


@cache
def _by_length() -> dict[int, tuple[PlateFormat, ...]]:
    lengths = {len(known.mask) for known in FORMATS}
    return {length: tuple(known for known in FORMATS if len(known.mask) == length) for length in lengths}
