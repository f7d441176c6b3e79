"""Several readings of one plate to one: every frame votes for a character at every place.

Frames of one pass err together (the same dirt, the same light), so their evidence counts as that of √n
independent ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plateward.recognition.interfaces import ALPHABET
from plateward.recognition.results import Alternative, CharacterReading, PlateReading

FLOOR = 0.002
"""Least probability of any character in one frame, so that one frame in error cannot veto the others."""
MOST_ALTERNATIVES, LEAST_ALTERNATIVE = 5, 0.01


@dataclass(frozen=True, slots=True)
class Voted:
    """What the frames together say."""

    characters: tuple[CharacterReading, ...]
    confidence: float
    alternatives: tuple[Alternative, ...]

    @property
    def text(self) -> str:
        return "".join(each.char for each in self.characters)


def vote(readings: Sequence[PlateReading]) -> Voted:
    """Weigh the readings by their confidence; at least one is needed.

    The length with most confidence wins, then each place's character. A reading without confidences for its
    characters votes with the confidence of the whole.
    """
    lengths: defaultdict[int, float] = defaultdict(float)
    for reading in readings:
        lengths[len(reading.text)] += max(reading.confidence, FLOOR)
    length = max(lengths, key=lengths.__getitem__)
    voters = [reading for reading in readings if len(reading.text) == length]
    places = [_place([_opinion(voter, place) for voter in voters]) for place in range(length)]
    best = tuple(CharacterReading(*ranked[0]) for ranked in places)
    share = lengths[length] / sum(lengths.values())
    confidence = math.prod(each.confidence for each in best) * share
    return Voted(best, confidence, _alternatives(best, places, confidence))


def _opinion(reading: PlateReading, place: int) -> Mapping[str, float]:
    """One frame's probabilities of characters at a place; what it does not name shares the rest."""
    char = reading.text[place]
    sure = reading.characters[place].confidence if reading.characters else reading.confidence
    named: defaultdict[str, float] = defaultdict(float)
    for other in reading.alternatives:
        if len(other.text) == len(reading.text) and other.text[place] != char:
            named[other.text[place]] += other.confidence
    named[char] = sure
    return named


def _place(opinions: Sequence[Mapping[str, float]]) -> list[tuple[str, float]]:
    """The characters that any frame names, with their probability, likeliest first."""
    named = sorted({char for opinion in opinions for char in opinion})
    scores = {char: sum(_logarithm(opinion, char) for opinion in opinions) for char in named}
    sharpness = 1 / math.sqrt(len(opinions))
    best = max(scores.values())
    weights = {char: math.exp((score - best) * sharpness) for char, score in scores.items()}
    # Characters nobody names keep what one frame left for them, so that no vote is a certainty.
    unnamed = (len(ALPHABET) - len(named)) * math.exp(
        (sum(_logarithm(opinion, "") for opinion in opinions) - best) * sharpness
    )
    total = sum(weights.values()) + unnamed
    return sorted(((char, weight / total) for char, weight in weights.items()), key=lambda pair: -pair[1])


def _logarithm(opinion: Mapping[str, float], char: str) -> float:
    rest = max(0.0, 1 - sum(opinion.values())) / (len(ALPHABET) - len(opinion))
    return math.log(max(opinion.get(char, rest), FLOOR / len(ALPHABET)))


def _alternatives(
    best: Sequence[CharacterReading], places: Sequence[Sequence[tuple[str, float]]], confidence: float
) -> tuple[Alternative, ...]:
    """Texts that differ from the best one at one place."""
    text = "".join(each.char for each in best)
    others = [
        Alternative(
            text[:place] + char + text[place + 1 :], confidence * share / max(best[place].confidence, FLOOR)
        )
        for place, ranked in enumerate(places)
        for char, share in ranked[1:]
    ]
    likeliest = sorted(others, key=lambda other: -other.confidence)[:MOST_ALTERNATIVES]
    return tuple(other for other in likeliest if other.confidence >= LEAST_ALTERNATIVE)


def region_of(readings: Sequence[PlateReading]) -> tuple[str | None, float]:
    """The region most frames name, and how surely; None where frames disagree more than they agree."""
    named: defaultdict[str, float] = defaultdict(float)
    surest: defaultdict[str, float] = defaultdict(float)
    for reading in readings:
        if reading.region is not None:
            named[reading.region] += reading.region_confidence
            surest[reading.region] = max(surest[reading.region], reading.region_confidence)
    if not named:
        return None, 0.0
    region = max(named, key=named.__getitem__)
    share = named[region] / max(sum(named.values()), FLOOR)
    return (region, surest[region] * share) if share > 1 / 2 else (None, 0.0)


def together(readings: Sequence[PlateReading], shown: PlateReading) -> PlateReading:
    """One reading for all: voted text and region, and the place of the one whose picture is shown."""
    voted = vote(readings)
    region, sure = region_of(readings)
    return replace(
        shown,
        text=voted.text,
        characters=voted.characters,
        confidence=voted.confidence,
        alternatives=voted.alternatives,
        region=region,
        region_confidence=sure,
    )
