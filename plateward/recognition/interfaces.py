"""The parts a recognizer is made of; each can be replaced without the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plateward.recognition.geometry import Picture, Quad

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Every character a plate's text may hold."""

Emission: TypeAlias = NDArray[np.float32]
"""Steps × 37 probabilities: at each step from left to right, nothing (column 0) and each of ALPHABET."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """What a reader saw in one cut-out line.

    Attributes:
        text: as printed, with spaces, punctuation and lower case.
        confidence: mean over its characters, 0 to 1; 0 when empty.
        emission: connectionist temporal classification output, reduced to ALPHABET.
    """

    text: str
    confidence: float
    emission: Emission


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the plate reader saw in one cut-out plate.

    Attributes:
        emission: connectionist temporal classification output.
        regions: ISO 3166-2 codes (or a country's) and their probabilities, likeliest first.
    """

    emission: Emission
    regions: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a plate is, corners as printed, and the probability, 0 to 1, that one is there."""

    quad: Quad
    score: float


class PlateFinder(Protocol):
    """Finds whole plates in a picture."""

    def find(self, picture: Picture, longest_side: int) -> list[Place]:
        """The surest first; the picture is looked at with its longer side at `longest_side` pixels."""


class Detector(Protocol):
    """Finds lines of text in a picture."""

    def detect(self, picture: Picture, longest_side: int) -> list[Quad]:
        """Lines in any order; the picture is looked at with its longer side at `longest_side` pixels."""


class Reader(Protocol):
    """Reads upright cut-outs of any text."""

    def read(self, cuts: Sequence[Picture]) -> list[Strip]:
        """One strip for each cut, in order."""


class PlateReader(Protocol):
    """Reads whole plates."""

    def look(self, picture: Picture, plates: Sequence[Quad]) -> list[Look]:
        """One look for each plate's corners, in order."""
