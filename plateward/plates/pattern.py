"""Partial plates: `?` stands for exactly one character, `*` for any run of them, also none."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase

from plateward.plates.text import normalize, plate_key

MIN_KNOWN = 2
MAX_LENGTH = 16

_SEPARATORS = re.compile(r"[\s.\-–—·•/]+")
_FOREIGN = re.compile(r"[^A-Z0-9?*]")
_WILDCARD_RUN = re.compile(r"[?*]*\*[?*]*")
_WILDCARDS = re.compile(r"[?*]")
_SQL = str.maketrans({"?": "_", "*": "%", "%": r"\%", "_": r"\_", "\\": r"\\"})


class PatternError(ValueError):
    """A partial plate that cannot be searched; the message says what to write instead."""


def grams(plate: str) -> frozenset[str]:
    """Return what the index that narrows a partial search holds of a plate.

    That is each pair of neighbors, `$` standing after the end, and each character with its place counted
    in small letters: `7A` has `7A`, `A$`, `a7` and `bA`. See `PlatePattern.sql_grams`.
    """
    whole = normalize(plate)
    return frozenset([*_pairs(f"{whole}$"), *_places(whole)])


def _pairs(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(len(text) - 1)]


def _places(text: str) -> list[str]:
    return [f"{place}{char}" for place, char in zip(ascii_lowercase, text, strict=False)]


@dataclass(frozen=True)
class PlatePattern:
    """A whole or partial plate in its one canonical spelling; make it with `parse`."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "PlatePattern":
        """Read what a person typed; spaces, dashes and dots are ignored, case does not matter.

        Raises:
            PatternError: a character that means nothing in a plate, fewer than two known
                characters, or more than sixteen positions.
        """
        typed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).upper())
        if foreign := _FOREIGN.search(typed):
            raise PatternError(
                f"“{foreign.group()}” cannot be part of a plate. Use letters and digits, ? for exactly one "
                "unknown character and * for any number of them."
            )
        pattern = cls(_WILDCARD_RUN.sub(_canonical_run, typed))
        pattern._check()
        return pattern

    def _check(self) -> None:
        if self.known < MIN_KNOWN:
            raise PatternError(
                f"At least {MIN_KNOWN} known letters or digits are needed; this has {self.known}. "
                "Add what is known of the plate."
            )
        if len(self.text) > MAX_LENGTH:
            raise PatternError(
                f"A plate has at most {MAX_LENGTH} characters; this has {len(self.text)}. Shorten it."
            )

    @property
    def known(self) -> int:
        """How many letters and digits are given."""
        return len(_WILDCARDS.sub("", self.text))

    @property
    def is_exact(self) -> bool:
        """True when there is no wildcard: the pattern is one whole plate."""
        return self.known == len(self.text)

    @property
    def located(self) -> int:
        """How many known characters an index can look for.

        Those whose place is known from the beginning, those beside another known one, and the last.
        """
        head, _, rest = self.text.partition("*")
        runs = _WILDCARDS.split(rest)
        found = [run for run in runs[:-1] if len(run) > 1] + runs[-1:]
        return len(_WILDCARDS.sub("", head)) + sum(map(len, found))

    @property
    def folded(self) -> "PlatePattern":
        """The same pattern over `plate_key`, so that look-alikes match each other."""
        return PlatePattern(re.sub(r"[A-Z0-9]+", lambda run: plate_key(run.group()), self.text))

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(self.text.replace("?", "[A-Z0-9]").replace("*", "[A-Z0-9]*"))

    def matches(self, plate: str) -> bool:
        """Tell whether `plate`, normalized, is one the pattern describes."""
        return self.fits(normalize(plate))

    def fits(self, plate: str) -> bool:
        """The same for a plate that is normalized already."""
        return self._regex.fullmatch(plate) is not None

    @property
    def ending(self) -> str:
        """What a plate ends with where nothing else is known of it, as in `*123`; otherwise ""."""
        return self.text[1:] if self.text.startswith("*") and self.text[1:].isalnum() else ""

    @property
    def sql_like(self) -> str:
        r"""The pattern for SQL `LIKE` with the default escape `\`, over normalized plates."""
        return self.text.translate(_SQL)

    @property
    def sql_grams(self) -> list[str]:
        """What `grams` of every matching plate hold, each once; may be empty.

        Characters have a fixed place only before the first `*`; pairs are known wherever they stand.
        """
        pairs = (pair for run in _WILDCARDS.split(f"{self.text}$") for pair in _pairs(run))
        places = (gram for gram in _places(self.text.partition("*")[0]) if not gram.endswith("?"))
        return list(dict.fromkeys([*pairs, *places]))


def _canonical_run(run: re.Match[str]) -> str:
    # `*?` and `?*` mean the same; one spelling makes equal patterns compare equal.
    return "?" * run.group().count("?") + "*"
