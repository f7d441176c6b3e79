"""Plates met at cameras in stretches of time, and how unlikely it is to meet one of them several times.

Both analyses of reads are made of this: who travels with a vehicle looks around each of its passes, who was
at several incidents looks at each of these.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plateward.policy import Decision, Profile, enforces, purpose_allowed, search_allowed

CRIME_ANALYSIS = "crime-analysis"
"""The purpose that a policy must permit for either analysis (B-466.3; not in H-426.2)."""

SHOWN = 50
"""Plates that an analysis shows, the least likely first."""


class AnalysisError(ValueError):
    """An analysis that asks for what cannot be, or for too much; the message says what to change.

    `field` is the part of the query that it is about, "" for the whole of it.
    """

    def __init__(self, said: str, field: str = "") -> None:
        super().__init__(said)
        self.field = field


@dataclass(frozen=True, slots=True)
class Look:
    """One camera from `from_at` up to but not including `until_at`.

    `number` is that of the pass or the incident around which it looks; of one `group` a plate counts once,
    however often it was met.
    """

    number: int
    group: int
    device_id: UUID
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Met:
    """A read that was met in the look of this number, one of `vehicles` different plates met there."""

    number: int
    plate_key: str
    plate: str
    captured_at: datetime
    read_id: UUID
    device_id: UUID
    vehicles: int


@dataclass(frozen=True, slots=True)
class Meetings:
    """Reads of the plates met in enough groups, by plate and time; `plates` counts all that were met."""

    met: tuple[Met, ...]
    plates: int


@enforces("B-466.3", "H-426.2")
def may_analyze(profile: Profile) -> Decision:
    """Whether the agency's policy permits crime analysis at all."""
    return purpose_allowed(profile, CRIME_ANALYSIS)


@enforces("B-466.3", "H-426.2", "B-466.4(b)", "H-426.3(b)", "B-466.6(b)", "H-426.5(b)")
def analysis_permitted(profile: Profile, purpose: str, reason: str, reference: str) -> Decision:
    """Whether this analysis is permitted: crime analysis at all first, then what it states, as a search."""
    permitted = may_analyze(profile)
    return search_allowed(profile, purpose, reason, reference) if permitted else permitted


def length(looks: Iterable[Look]) -> timedelta:
    """The time of one camera that all of them look at together: what an analysis costs."""
    return sum((look.until_at - look.from_at for look in looks), timedelta())


def surprise(vehicles: int, plates: int) -> float:
    """How unlikely it is, in bits, that one of `plates` is among the `vehicles` met in one place."""
    return math.log2(plates / vehicles) if 0 < vehicles < plates else 0.0


def hours(span: timedelta) -> str:
    """A length of time in words, to the hour."""
    whole = math.ceil(span / timedelta(hours=1))
    return f"{whole:,} hour{'' if whole == 1 else 's'}"
