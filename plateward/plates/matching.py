"""How a plate as read answers what was asked: as written, but for look-alikes, or but for one character."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from plateward.plates.pattern import PlatePattern
from plateward.plates.text import LOOK_ALIKES, plate_key

KEY_ALPHABET = "".join(char for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if char not in LOOK_ALIKES)


class Tolerance(StrEnum):
    """How far a plate as read may be from the one asked for."""

    AS_WRITTEN = "AS_WRITTEN"
    LOOK_ALIKES = "LOOK_ALIKES"
    ONE_CHARACTER = "ONE_CHARACTER"


class Mark(StrEnum):
    """What a character of a read is to what was asked."""

    GIVEN = "GIVEN"
    OPEN = "OPEN"
    LOOK_ALIKE = "LOOK_ALIKE"
    DIFFERENT = "DIFFERENT"
    EXTRA = "EXTRA"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Marked:
    """A run of characters of one mark: as read ("" where missing), and as asked where that differs."""

    read: str
    mark: Mark
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a plate was found: its runs of characters in order."""

    runs: tuple[Marked, ...]

    @property
    def explanation(self) -> str:
        """One line: what agrees with what was asked and what does not."""
        told = [_TOLD[run.mark](run) for run in self.runs if run.mark in _TOLD]
        if told:
            return "; ".join(told)
        given = [run.read for run in self.runs if run.mark is Mark.GIVEN]
        if not given:
            return "any plate was asked for"
        is_whole = len(given) == len(self.runs)
        return "exactly as asked" if is_whole else f"{_listed(given)} as given, the rest unknown"


def _pairs(run: Marked) -> str:
    pairs = (f"{read} read, {asked} asked" for read, asked in zip(run.read, run.asked, strict=True))
    return f"look-alike: {', '.join(pairs)}"


_TOLD: Mapping[Mark, Callable[[Marked], str]] = {
    Mark.LOOK_ALIKE: _pairs,
    Mark.DIFFERENT: "one character differs: {0.read} read, {0.asked} asked".format,
    Mark.EXTRA: "one character more than asked: {0.read}".format,
    Mark.MISSING: "one character of those asked is missing: {0.asked}".format,
}


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def explain(pattern: PlatePattern, plate: str) -> Match | None:
    """Say how a normalized plate answers a pattern at the least tolerance that lets it; None if none does."""
    return _aligned(pattern, pattern, plate, plate) or _folded(pattern, plate) or _near(pattern, plate)


def near_keys(key: str) -> frozenset[str]:
    """The plate key itself and every key that one wrong, missing or extra character makes of it."""
    cuts = [(key[:place], key[place:]) for place in range(len(key) + 1)]
    missing = {left + right[1:] for left, right in cuts if right}
    wrong = {left + char + right[1:] for left, right in cuts if right for char in KEY_ALPHABET}
    extra = {left + char + right for left, right in cuts for char in KEY_ALPHABET}
    return frozenset(missing | wrong | extra)


def _folded(pattern: PlatePattern, plate: str) -> Match | None:
    return _aligned(pattern, pattern.folded, plate, plate_key(plate))


def _aligned(pattern: PlatePattern, matched: PlatePattern, plate: str, text: str) -> Match | None:
    """`text` matched by `matched`, told in the characters of `plate` and `pattern`, of the same lengths."""
    asked = re.findall(r"[A-Z0-9]+|\?+|\*+", pattern.text)
    runs = re.findall(r"[A-Z0-9]+|\?+|\*+", matched.text)
    shape = "".join(f"({run.replace('?', '[A-Z0-9]').replace('*', '[A-Z0-9]*')})" for run in runs)
    found = re.fullmatch(shape, text)
    if found is None:
        return None
    marked: list[Marked] = []
    for number, run in enumerate(asked, start=1):
        read = plate[found.start(number) : found.end(number)]
        marked += [Marked(read, Mark.OPEN)] if run[0] in "?*" else _compared(read, run)
    return Match(tuple(run for run in marked if run.read))


def _compared(read: str, asked: str) -> list[Marked]:
    """Texts of one length whose keys are the same: runs as given and runs of look-alikes."""
    runs = []
    for is_same, pairs in groupby(zip(read, asked, strict=True), lambda pair: pair[0] == pair[1]):
        left, right = ("".join(chars) for chars in zip(*pairs, strict=True))
        runs.append(Marked(left, Mark.GIVEN) if is_same else Marked(left, Mark.LOOK_ALIKE, right))
    return runs


def _near(pattern: PlatePattern, plate: str) -> Match | None:
    """A whole plate; the one read is one wrong, missing or extra character away, look-alikes aside."""
    asked = pattern.text
    key, wanted = plate_key(plate), plate_key(asked)
    if not pattern.is_exact or abs(len(key) - len(wanted)) > 1:
        return None
    shorter = min(len(key), len(wanted))
    place = next((place for place in range(shorter) if key[place] != wanted[place]), shorter)
    read_to, asked_to = place + (len(key) >= len(wanted)), place + (len(wanted) >= len(key))
    if key[read_to:] != wanted[asked_to:]:
        return None
    read, meant = plate[place:read_to], asked[place:asked_to]
    mark = Mark.DIFFERENT if read and meant else Mark.EXTRA if read else Mark.MISSING
    before, behind = _compared(plate[:place], asked[:place]), _compared(plate[read_to:], asked[asked_to:])
    return Match((*before, Marked(read, mark, meant), *behind))
