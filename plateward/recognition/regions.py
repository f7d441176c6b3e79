"""Which state issued a plate, where its name or slogan was read on it. Unknown stays unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from plateward.plates import normalize
from plateward.recognition.geometry import Quad
from plateward.recognition.words import SLOGANS, STATES

LEAST_LIKENESS = 0.8
LEAST_CONFIDENCE = 0.5
SHORTEST_NAME = 4
SLOGAN_SHARE = 0.9
"""A slogan says a little less than a name: neighbors and dealers borrow them."""
FARTHEST_ACROSS, FARTHEST_ALONG = 2.4, 3.5
"""How far from the characters, in heights of the characters, a name on the same plate can be."""


@dataclass(frozen=True, slots=True)
class RegionName:
    """A state's ISO 3166-2 code, and how surely a text names it, 0 to 1."""

    region: str
    confidence: float


def named_region(text: str, confidence: float) -> RegionName | None:
    """The state that a line's text names, or None; `confidence` is the reader's for the line."""
    plain = normalize(text)
    if len(plain) < SHORTEST_NAME:
        return None
    region, likeness = _closest(plain)
    if region is None or likeness < LEAST_LIKENESS:
        return None
    return RegionName(region, likeness * confidence)


@lru_cache(maxsize=4096)
def _closest(plain: str) -> tuple[str | None, float]:
    best: tuple[str | None, float] = (None, 0.0)
    for names, share in ((STATES, 1.0), (SLOGANS, SLOGAN_SHARE)):
        for name, region in names.items():
            likeness = _likeness(plain, name) * share
            if likeness > best[1]:
                best = (region, likeness)
    return best


def _likeness(text: str, name: str) -> float:
    """Nearly 1.0 where the text holds the name beside other words, otherwise how many letters match."""
    if name in text and len(name) > SHORTEST_NAME:
        return 0.9 + 0.1 * len(name) / len(text)
    matcher = SequenceMatcher(None, text, name, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= LEAST_LIKENESS else 0.0


def region_near(plate: Quad, names: Sequence[tuple[Quad, RegionName]]) -> RegionName | None:
    """The surest name on the characters' plate; None where none is sure or two states disagree."""
    near = [name for quad, name in names if _on_same_plate(plate, quad)]
    strongest: dict[str, float] = {}
    for name in near:
        strongest[name.region] = max(name.confidence, strongest.get(name.region, 0.0))
    ranked = sorted(strongest.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < LEAST_CONFIDENCE:
        return None
    rivals = sum(confidence for _, confidence in ranked[1:])
    share = ranked[0][1] / (ranked[0][1] + rivals)
    confidence = ranked[0][1] * share
    return RegionName(ranked[0][0], confidence) if confidence >= LEAST_CONFIDENCE else None


def _on_same_plate(plate: Quad, line: Quad) -> bool:
    along, across = plate.offset_to(line)
    return (
        abs(across) <= FARTHEST_ACROSS
        and abs(along) <= max(FARTHEST_ALONG, plate.aspect / 2)
        and line.height <= plate.height * 1.2
    )
