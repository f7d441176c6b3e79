"""What must be posted, whether the posted text is the one in force, and when to check it again (R6)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plateward.policy import Clause, Layer, LayerKind, Profile, enforces

RECORD = "governance.propose"
"""Whoever answers for the policy also answers for its posting (B-466.3.1, H-426.2.1)."""

POSTED_KINDS = frozenset({LayerKind.AGENCY_POLICY, LayerKind.PROCEDURE})


class Outcome(StrEnum):
    """What a check found at the address."""

    SAME = "SAME"  # every clause in force stands there word for word
    DIFFERENT = "DIFFERENT"
    NOT_COMPARED = "NOT_COMPARED"  # the document's own text is not on file here
    NOT_FOUND = "NOT_FOUND"  # nothing readable is posted there

    @property
    def label(self) -> str:
        """How people read it."""
        return _LABELS[self]


_LABELS = {
    Outcome.SAME: "As in force",
    Outcome.DIFFERENT: "Differs",
    Outcome.NOT_COMPARED: "Not compared",
    Outcome.NOT_FOUND: "Not found",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """`missing` are the clauses, by id, that the posted text does not hold word for word."""

    outcome: Outcome
    missing: tuple[str, ...]


def to_be_posted(profile: Profile) -> tuple[Layer, ...]:
    """The policy and its procedures, on file here or not; nothing where the policy asks for no posting."""
    if not profile.public.policy_posted.settled:
        return ()
    return tuple(layer for layer in profile.layers.values() if layer.kind in POSTED_KINDS)


@enforces("B-466.3.1(g)", "H-426.2.1(g)")
def compare_posted(profile: Profile, layer: str, text: str) -> Compared:
    """Hold a posted text against the clauses of a document; letters and digits count, layout does not."""
    if not (posted := _letters(text)):
        return Compared(Outcome.NOT_FOUND, ())
    clauses = [clause for clause in profile.clauses.values() if clause.layer == layer and clause.quoted]
    if not clauses:
        return Compared(Outcome.NOT_COMPARED, ())
    missing = tuple(_missing(clauses, posted))
    return Compared(Outcome.DIFFERENT if missing else Outcome.SAME, missing)


def _missing(clauses: Iterable[Clause], posted: str) -> Iterator[str]:
    for clause in clauses:
        if not all(_letters(sentence) in posted for sentence in _SENTENCE.split(clause.text)):
            yield clause.id


# A page's head or foot may stand between two sentences of a clause.
_SENTENCE = re.compile(r"(?<=[.;:])\s+")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def due_at(profile: Profile, *, last: datetime | None, in_force_since: datetime) -> datetime | None:
    """When a posting is to be checked: after each new version, then every so often; None without an interval.

    `last` is the last check. Never checked is due since the version came in force.
    """
    if last is None or last < in_force_since:
        return in_force_since
    every = profile.public.posting_checked_every.settled
    return None if every is None else every.after(last)
