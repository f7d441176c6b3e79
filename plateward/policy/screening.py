"""Reasons that deserve a second look: they are flagged for people and never blocked silently (R45)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from plateward.policy.enforcement import enforces
from plateward.policy.profile import Profile

VAGUE = "vague"

_EDGES = " \t\r\n.,;:!?-–—"


class Flag(Struct, frozen=True):
    """A sign in a reason; `use` is the prohibited use's id, or "vague"; `matched` is reason[start:end]."""

    use: str
    name: str
    matched: str
    start: int
    end: int
    citation: str
    explanation: str


@enforces("B-466.4", "B-466.4(a)", "B-466.6(b)", "H-426.3", "H-426.3(a)", "H-426.5(b)")
def screen_reason(profile: Profile, text: str) -> list[Flag]:
    """List the signs of prohibited or meaningless reasons in `text`, in order of appearance."""
    flags = [*_prohibited(profile, text), *_vague(profile, text)]
    return sorted(flags, key=lambda flag: (flag.start, flag.use))


def _prohibited(profile: Profile, text: str) -> Iterator[Flag]:
    for use in profile.search.prohibited.values():
        if use.terms:
            for found in _expression(use.terms).finditer(text):
                place = (found.group(), found.start(), found.end())
                yield Flag(use.id, use.name, *place, use.citation, use.explanation)


def _vague(profile: Profile, text: str) -> Iterator[Flag]:
    rule = profile.search.vague_reasons
    said = text.strip(_EDGES)
    if said and " ".join(said.casefold().split()) in {phrase.casefold() for phrase in rule.settled or ()}:
        start = text.index(said)
        place = (said, start, start + len(said))
        explanation = "This says nothing about the investigation or action it serves."
        yield Flag(VAGUE, "Too vague", *place, profile.citation(rule), explanation)


@lru_cache(maxsize=256)
def _expression(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words and phrases; a `*` lets a word go on."""
    words = (re.escape(term).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for term in terms)
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
