"""How a plate as read relates to a plate as entered, whole or partial, in words a person can check."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from plateward.plates.pattern import PlatePattern
from plateward.plates.text import normalize, plate_key

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class ComparisonKind(StrEnum):
    EXACT = "EXACT"
    LOOK_ALIKE = "LOOK_ALIKE"
    PARTIAL = "PARTIAL"
    """The entry is a partial plate that the read fits, look-alikes allowed."""
    DIFFERENT = "DIFFERENT"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a plate as read relates to a plate as entered.

    `differences` holds (position from 0, character read, character entered); a character that only
    one of the two has stands against "". Against a partial plate there are none.
    """

    read: str
    entry: str
    kind: ComparisonKind
    differences: tuple[tuple[int, str, str], ...]

    @property
    def distance(self) -> int | None:
        """How many characters are not the same; None against a partial plate, where nobody knows."""
        return len(self.differences) if PlatePattern(self.entry).is_exact else None

    @property
    def explanation(self) -> str:
        """One line a dispatcher can read: what was read, what was entered, where they differ."""
        if PlatePattern(self.entry).is_exact:
            return f"read {self.read or '(nothing)'}, entry {self.entry or '(nothing)'}: {self._verdict()}"
        if self.kind is ComparisonKind.DIFFERENT:
            return f"read {self.read or '(nothing)'} does not fit the partial plate {self.entry}"
        alike = "" if PlatePattern(self.entry).matches(self.read) else ", with look-alikes"
        return f"read {self.read} fits the partial plate {self.entry}{alike}"

    def _verdict(self) -> str:
        if self.kind is ComparisonKind.EXACT:
            return "the same"
        pairs = ", ".join(f"{read or '–'}/{entry or '–'}" for _, read, entry in self.differences)
        noun = "look-alike" if self.kind is ComparisonKind.LOOK_ALIKE else "different character"
        return f"{_counted(len(self.differences), noun)} ({pairs})"


def compare(read: str, entry: str) -> Comparison:
    """Compare a plate as read with a plate as entered; both are normalized first.

    An entry with `?` or `*` is a partial plate in the spelling of `PlatePattern.parse`.
    """
    seen, pattern = normalize(read), PlatePattern(entry)
    if not pattern.is_exact:
        fits = pattern.folded.matches(plate_key(seen))
        return Comparison(seen, entry, ComparisonKind.PARTIAL if fits else ComparisonKind.DIFFERENT, ())
    wanted = normalize(entry)
    differences = tuple(
        (position, left, right)
        for position, (left, right) in enumerate(zip_longest(seen, wanted, fillvalue=""))
        if left != right
    )
    return Comparison(seen, wanted, _kind(seen, wanted), differences)


def _kind(seen: str, wanted: str) -> ComparisonKind:
    if seen == wanted:
        return ComparisonKind.EXACT
    return ComparisonKind.LOOK_ALIKE if plate_key(seen) == plate_key(wanted) else ComparisonKind.DIFFERENT


def _counted(number: int, noun: str) -> str:
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word} {noun}" if number == 1 else f"{word} {noun}s"
