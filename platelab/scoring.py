"""From the network's columns to text, and how often the text is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plateward.plates import normalize
from plateward.recognition.interfaces import ALPHABET

FOLDED = str.maketrans("OQI", "001")
"""What labels that know no O, and people, confuse: scored apart as "folded"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and the probability of its weakest character."""

    text: str
    confidence: float


def decoded(columns: NDArray[np.float32]) -> Reading:
    """The best class of each column, repeats and nothings taken out; `columns` is STEPS × 37 logarithms."""
    best = columns.argmax(axis=1)
    text, weakest = "", 1.0
    for place, number in enumerate(best):
        if number == 0:
            continue
        chance = float(np.exp(columns[place, number]))
        if place and best[place - 1] == number:
            continue
        text += ALPHABET[number - 1]
        weakest = min(weakest, chance)
    return Reading(text, weakest if text else 0.0)


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of plates read without any mistake."""

    plates: int
    strict: float
    folded: float


def score(read: Sequence[str], truth: Sequence[str]) -> Score:
    """Compare readings with labels, both upper-cased and freed of all but letters and digits."""
    pairs = [(normalize(one), normalize(other)) for one, other in zip(read, truth, strict=True)]
    strict = sum(one == other for one, other in pairs)
    folded = sum(one.translate(FOLDED) == other.translate(FOLDED) for one, other in pairs)
    return Score(len(pairs), strict / max(1, len(pairs)), folded / max(1, len(pairs)))
