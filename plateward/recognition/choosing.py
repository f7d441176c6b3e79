"""Which of the lines read in a picture are plates: by shape, place, characters and known serial formats."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from plateward.plates import normalize, plausible
from plateward.recognition.geometry import Quad, overlap
from plateward.recognition.interfaces import Strip
from plateward.recognition.regions import named_region
from plateward.recognition.words import COMMON

SHORTEST, USUAL, LONGEST = 2, 5, 8
"""Characters on a plate."""
STEEPEST = 40.0
"""Degrees a plate may be turned."""
NARROWEST_CELL, WIDEST_CELL = 0.22, 1.35
"""Width of one character by its height, with the detector's margins."""

NOT_PLATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"www|https?:|\.(com|net|org|gov|us|de|br|eu)\b|@",
        r"\b\d{1,2}:\d{2}",  # a time of day
        r"\b(19|20)\d{2}([-/.=][01]\d\b|[01]\d[0-3]\d\b)",  # a date, or its beginning
        r"\b\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})\b",  # a date written day or month first
        r"\d{3}\D{0,2}\d{3}\D\d{4}|\b1?\d{10}\b|\b\d{3}-\d{4}\b",  # a telephone number
        r"\d\s*(mph|km/h|fps|%|\$)|[$€]\s*\d",  # speeds and prices
    )
)

FORMAT_WEIGHT = 2.0
CONFIDENCE_WEIGHT = 2.0
NO_DIGIT = -1.6
NO_LETTER = -0.4
TOO_SHORT, TOO_LONG = -1.0, -1.2
"""For each character fewer than five or more than eight."""
NAMED_PLATE = 0.8
AT_EDGE = -1.0
"""At the picture's upper or lower edge, where cameras print their captions."""
WIDEST_GAP, MOST_TURNED = 2.0, 12.0
"""Between the halves of one plate: heights of its characters, and degrees."""
EDGE = 0.04
PROMINENCE = 0.5
"""For each natural logarithm of height: the nearer vehicle's plate, and a serial before the sticker on it."""
IMPOSSIBLE = -10.0
SAME_PLACE = 0.5
SMALL_PRINT = 0.75
"""Share of the serial's height that slogans, web addresses and stickers on the same plate stay below."""
LEAST_LIKENESS = 1.1
DOUBTFUL_LIKENESS = 0.0
"""Below LEAST_LIKENESS a line is no plate, unless there is no better one and it reaches DOUBTFUL_LIKENESS."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of text and what was read there."""

    quad: Quad
    strip: Strip

    @property
    def plain(self) -> str:
        return normalize(self.strip.text)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place where a plate's characters may be; the higher `likeness` the likelier."""

    quad: Quad
    text: str
    likeness: float


def is_caption(text: str) -> bool:
    """True for times, dates, telephone numbers, web addresses and measurements."""
    return any(pattern.search(text) for pattern in NOT_PLATES)


def is_writing(text: str) -> bool:
    """True for captions, states' names, makes and signs."""
    if is_caption(text) or named_region(text, 1.0) is not None:
        return True
    words = [normalize(word) for word in text.split()]
    return normalize(text) in COMMON or (bool(words) and all(word in COMMON for word in words))


def has_plate_shape(quad: Quad, characters: int) -> bool:
    """True when so many characters could fill the quad as plates' characters do."""
    cell = quad.aspect / max(characters, 1)
    return abs(quad.angle) <= STEEPEST and NARROWEST_CELL <= cell <= WIDEST_CELL


def likeness(text: str, confidence: float) -> float:
    """How much a read text is like a plate's, without looking at its surroundings."""
    plain = normalize(text)
    if not SHORTEST <= len(plain) <= LONGEST + 1 or is_writing(text):
        return IMPOSSIBLE
    digits = sum(char.isdigit() for char in plain)
    score = CONFIDENCE_WEIGHT * confidence + FORMAT_WEIGHT * format_share(plain)
    score += (0.0 if digits else NO_DIGIT) + (NO_LETTER if digits == len(plain) else 0.0)
    return score + TOO_SHORT * max(0, USUAL - len(plain)) + TOO_LONG * max(0, len(plain) - LONGEST)


def format_share(plain: str) -> float:
    """How well a text fits the best serial format, 0 to 1; look-alikes may be exchanged at half the worth."""
    if plain.isalpha():
        return 0.0
    return max((m.score if not m.changes else m.score / 2 for m in plausible(plain)), default=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a line's surroundings tell.

    Attributes:
        height: the picture's, in pixels.
        named: where states' names were read.
        captions: where times, dates, telephone numbers or addresses were read.
    """

    height: int
    named: tuple[Quad, ...]
    captions: tuple[Quad, ...]

    @classmethod
    def of(cls, lines: Sequence[Line], height: int) -> Scene:
        named = (line.quad for line in lines if named_region(line.strip.text, line.strip.confidence))
        captions = (line.quad for line in lines if is_caption(line.strip.text))
        return cls(height, tuple(named), tuple(captions))

    def likeness(self, quad: Quad, text: str, confidence: float) -> float:
        """How much a text at this place is like a plate."""
        plain = normalize(text)
        captioned = any(overlap(quad, caption) > SAME_PLACE for caption in self.captions)
        # A caption's digits or its letters stay one, however they are misread; a mix of both need not be one.
        if not has_plate_shape(quad, len(plain)) or (captioned and (plain.isdigit() or plain.isalpha())):
            return IMPOSSIBLE
        low, high = quad.corners[:, 1].min(), quad.corners[:, 1].max()
        at_edge = high < EDGE * self.height or low > (1 - EDGE) * self.height
        named = NAMED_PLATE if any(_belongs(quad, name) for name in self.named) else 0.0
        return likeness(text, confidence) + named + (AT_EDGE if at_edge else 0.0)


def _belongs(quad: Quad, name: Quad) -> bool:
    along, across = quad.offset_to(name)
    return abs(along) < 2.5 and 0.5 < abs(across) < 2.2 and name.height < quad.height * 1.2  # noqa: PLR2004 - heights


def candidates(lines: Sequence[Line], scene: Scene, most: int) -> list[Candidate]:
    """The likeliest plates, at most `most`, among single lines and joined neighbors, best first."""
    found = [_single(line, scene) for line in lines] + [_joined(pair, scene) for pair in neighbors(lines)]
    return best_apart(found, most)


def best_apart(found: Sequence[Candidate], most: int) -> list[Candidate]:
    """Those like a plate, best first and the best of those that lie on one another.

    The taller of two like ones comes first. Where none is like a plate, the one that comes nearest to it, if
    any does: a vanity plate of letters alone is told from a shop's sign by nothing but its place.
    """
    clear = [candidate for candidate in found if candidate.likeness >= LEAST_LIKENESS]
    doubtful = [candidate for candidate in found if candidate.likeness >= DOUBTFUL_LIKENESS]
    return _apart(clear, most) or _apart(doubtful, 1)


def _apart(found: Sequence[Candidate], most: int) -> list[Candidate]:
    tallest = max((candidate.quad.height for candidate in found), default=1.0)
    ranked = sorted(found, key=lambda c: -(c.likeness + PROMINENCE * math.log(c.quad.height / tallest)))
    kept: list[Candidate] = []
    for candidate in ranked:
        if len(kept) < most and not any(_same_plate(candidate.quad, better.quad) for better in kept):
            kept.append(candidate)
    return kept


def _same_plate(quad: Quad, better: Quad) -> bool:
    """True when both read the same line, or `quad` is the smaller print above or below the serial."""
    along, across = better.offset_to(quad)
    beside = abs(across) < 1.6 and abs(along) < better.aspect / 2 + 0.5  # noqa: PLR2004 - heights
    return overlap(quad, better) > SAME_PLACE or (beside and quad.height < better.height * SMALL_PRINT)


def _single(line: Line, scene: Scene) -> Candidate:
    text, confidence = line.strip.text, line.strip.confidence
    return Candidate(line.quad, line.plain, scene.likeness(line.quad, text, confidence))


def _joined(pair: tuple[Line, Line], scene: Scene) -> Candidate:
    """Two halves of one plate, if together they fit a serial format and neither is plain writing."""
    left, right = pair
    whole = Quad.around((left.quad, right.quad), angle_of=max(pair, key=lambda line: line.quad.width).quad)
    plain = left.plain + right.plain
    written = is_writing(left.strip.text) or is_writing(right.strip.text)
    if written or len(plain) > LONGEST or not plausible(plain):
        return Candidate(whole, plain, IMPOSSIBLE)
    confidence = min(left.strip.confidence, right.strip.confidence)
    return Candidate(whole, plain, scene.likeness(whole, f"{left.strip.text} {right.strip.text}", confidence))


def neighbors(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    """Pairs, left and right, that stand side by side on one line: alike in height and turn, little apart."""
    return [
        (a, b) for a in lines for b in lines if a is not b and a.plain and b.plain and _side_by_side(a, b)
    ]


def _side_by_side(left: Line, right: Line) -> bool:
    along, across = left.quad.offset_to(right.quad)
    gap = along - (left.quad.width + right.quad.width) / 2 / max(left.quad.height, 1e-6)
    heights = right.quad.height / max(left.quad.height, 1e-6)
    aligned = abs(across) < 0.4 and abs(left.quad.angle - right.quad.angle) < MOST_TURNED  # noqa: PLR2004 - heights
    return along > 0 and -0.4 < gap < WIDEST_GAP and aligned and 0.65 < heights < 1.5  # noqa: PLR2004 - heights
