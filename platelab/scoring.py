"""From the network's columns to text, and how often the text is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plateward.plates import normalize
from plateward.recognition.decoding import PLATE_DOUBTS, Witness, decide
from plateward.recognition.interfaces import ALPHABET
from plateward.recognition.priors import usualness

FOLDED = str.maketrans("OQI", "001")
"""What labels that know no O, and people, confuse: scored apart as "folded"."""
SHARPNESS: Final = 1.0
TRIM_COST: Final = 6.0
"""For `plateward.recognition.decoding.decide`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and the probability of each of its characters."""

    text: str
    characters: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """Of the weakest character; 0 without any."""
        return min(self.characters, default=0.0)


def decoded(columns: NDArray[np.float32]) -> Reading:
    """The best class of each column, repeats and nothings taken out; `columns` is STEPS × 37 logarithms.

    A character that fills several columns has the probability of its surest one.
    """
    best = columns.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=0) != 0)
    ends = [*starts[1:], len(best)][: len(starts)]
    runs = [(best[start], slice(start, end)) for start, end in zip(starts, ends, strict=True) if best[start]]
    sure = tuple(float(np.exp(columns[run, number].max())) for number, run in runs)
    return Reading("".join(ALPHABET[number - 1] for number, _ in runs), sure)


def weighed(columns: NDArray[np.float32]) -> str:
    """The likeliest text where the product's prior says how usual each is: serial formats, look-alikes."""
    ranked = decide([Witness([np.exp(columns)], SHARPNESS, PLATE_DOUBTS)], usualness, TRIM_COST)
    return ranked[0].text if ranked else ""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % (Wilson, 1927)."""
        if not self.of:
            return 0.0, 1.0
        z, p, n = 1.96, self.share, self.of
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Score:
    """Plates read without any mistake."""

    strict: Share
    folded: Share


def score(read: Sequence[str], truth: Sequence[str]) -> Score:
    """Compare readings with labels, both upper-cased and freed of all but letters and digits."""
    pairs = [(normalize(one), normalize(other)) for one, other in zip(read, truth, strict=True)]
    strict = sum(one == other for one, other in pairs)
    folded = sum(one.translate(FOLDED) == other.translate(FOLDED) for one, other in pairs)
    return Score(Share(strict, len(pairs)), Share(folded, len(pairs)))


BINS: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Characters whose probability lay from `low` to `high`: what was promised, and what was right."""

    low: float
    high: float
    promised: float
    kept: Share


def reliability(readings: Sequence[Reading], truth: Sequence[str]) -> list[Reliability]:
    """How far probabilities can be believed, over the readings as long as their plates."""
    sure: list[float] = []
    right: list[bool] = []
    for reading, plate in zip(readings, map(normalize, truth), strict=True):
        if len(reading.text) == len(plate):
            sure += reading.characters
            right += [
                one == other
                for one, other in zip(reading.text.translate(FOLDED), plate.translate(FOLDED), strict=True)
            ]
    return [
        _bin(low, high, np.array(sure), np.array(right))
        for low, high in zip(BINS, (*BINS[1:], 1.01), strict=True)
    ]


def _bin(low: float, high: float, sure: NDArray[np.float64], right: NDArray[np.bool_]) -> Reliability:
    inside = (sure >= low) & (sure < high)
    promised = float(sure[inside].mean()) if inside.any() else 0.0
    return Reliability(low, min(high, 1.0), promised, Share(int(right[inside].sum()), int(inside.sum())))


def miscalibration(bins: Sequence[Reliability]) -> float:
    """Mean distance of promise and truth over all characters (expected calibration error)."""
    total = sum(one.kept.of for one in bins)
    return sum(abs(one.promised - one.kept.share) * one.kept.of for one in bins) / max(1, total)
