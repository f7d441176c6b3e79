"""Plate text: one spelling for storing, one key for matching, one explanation for people."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

# Each character a plate reader or a person at the roadside mistakes for the one it folds to.
LOOK_ALIKES = {"O": "0", "Q": "0", "D": "0", "B": "8", "I": "1", "L": "1", "S": "5", "Z": "2", "G": "6"}

_FOLD = str.maketrans(LOOK_ALIKES)
_DROP = re.compile(r"[^A-Z0-9]+")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def normalize(text: str) -> str:
    """Return `text` upper-case with everything but A–Z and 0–9 dropped; "" if nothing remains.

    Full-width and other compatibility characters are folded to plain ones first (Unicode NFKC).
    """
    return _DROP.sub("", unicodedata.normalize("NFKC", text).upper())


def plate_key(text: str) -> str:
    """Return the matching key of `text`: normalized, with look-alike characters folded together."""
    return normalize(text).translate(_FOLD)


class ComparisonKind(StrEnum):
    EXACT = "EXACT"
    LOOK_ALIKE = "LOOK_ALIKE"
    DIFFERENT = "DIFFERENT"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a plate as read relates to a plate as entered.

    `differences` holds (position from 0, character read, character entered); a character that only
    one of the two has stands against "".
    """

    read: str
    entry: str
    kind: ComparisonKind
    differences: tuple[tuple[int, str, str], ...]

    @property
    def explanation(self) -> str:
        """One line a dispatcher can read: what was read, what was entered, where they differ."""
        return f"read {self.read or '(nothing)'}, entry {self.entry or '(nothing)'}: {self._verdict()}"

    def _verdict(self) -> str:
        if self.kind is ComparisonKind.EXACT:
            return "the same"
        pairs = ", ".join(f"{read or '–'}/{entry or '–'}" for _, read, entry in self.differences)
        noun = "look-alike" if self.kind is ComparisonKind.LOOK_ALIKE else "different character"
        return f"{_counted(len(self.differences), noun)} ({pairs})"


def compare(read: str, entry: str) -> Comparison:
    """Compare a plate as read with a plate as entered; both are normalized first."""
    seen, wanted = normalize(read), normalize(entry)
    differences = tuple(
        (position, left, right)
        for position, (left, right) in enumerate(zip_longest(seen, wanted, fillvalue=""))
        if left != right
    )
    return Comparison(seen, wanted, _kind(seen, wanted), differences)


def _kind(seen: str, wanted: str) -> ComparisonKind:
    if seen == wanted:
        return ComparisonKind.EXACT
    if seen.translate(_FOLD) == wanted.translate(_FOLD):
        return ComparisonKind.LOOK_ALIKE
    return ComparisonKind.DIFFERENT


def _counted(number: int, noun: str) -> str:
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word} {noun}" if number == 1 else f"{word} {noun}s"
