"""Lines as a detector and a reader would give them, for tests without models."""

import numpy as np

from plateward.plates import normalize
from plateward.recognition.choosing import Line
from plateward.recognition.geometry import Quad
from plateward.recognition.interfaces import ALPHABET, Emission, Strip


def emission(text: str, *others: tuple[int, str, float], sure: float = 0.97) -> Emission:
    """A clear reading of `text`; `others` give a position, another character and its probability there."""
    steps = np.full((3 * len(text) + 2, len(ALPHABET) + 1), 1e-6, dtype=np.float32)
    steps[:, 0] = 1.0
    for position, char in enumerate(text):
        step = steps[3 * position + 1]
        step[0] = 1 - sure
        step[ALPHABET.index(char) + 1] = sure
        for where, other, probability in others:
            if where == position:
                step[ALPHABET.index(char) + 1] -= probability
                step[ALPHABET.index(other) + 1] = probability
    return steps


def line(
    text: str,
    x: float = 400,
    y: float = 300,
    *,
    height: float = 30,
    confidence: float = 0.95,
    width: float = 0,
) -> Line:
    """A line of usual proportions with its left upper corner at x, y."""
    across = width or height * 0.55 * max(2, len(text))
    corners = [(x, y), (x + across, y), (x + across, y + height), (x, y + height)]
    quad = Quad.from_points(np.array(corners, dtype=np.float32))
    return Line(quad, Strip(text, confidence, emission(normalize(text))))
