"""A search kept for a case: how long, and what counts as new. It runs only when its person looks (ADR 31)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Decision, Profile, allow, deny, enforces
from plateward.reads.adapters.times import FUTURE_TOLERANCE
from plateward.search.areas import Area
from plateward.search.rules import SearchQuery

LOOKS_BACK = timedelta(days=30)
"""The first look shows what was captured so long before the search was kept."""
OVERLAP = timedelta(minutes=5)
"""What was stored so shortly before the look seen last is new again: perhaps it was not committed then."""
WARNED = timedelta(days=1)
"""So long before its end the person is told that a kept search ends."""


class Ended(StrEnum):
    """Why a kept search ended."""

    BY_PERSON = "BY_PERSON"
    EXPIRED = "EXPIRED"
    PERSON_LEFT = "PERSON_LEFT"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _LABELS[self]


_LABELS = {
    Ended.BY_PERSON: "ended by its person",
    Ended.EXPIRED: "its time was over",
    Ended.PERSON_LEFT: "its person may no longer search",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is kept: a whole or partial plate, perhaps in a place, and why."""

    pattern: PlatePattern
    tolerance: Tolerance
    area: Area | None
    purpose: str
    reason: str
    reference: str

    def query(
        self, kept_at: datetime, until_at: datetime, stored_from_at: datetime | None = None
    ) -> SearchQuery:
        """The search of its time. Raises QueryError."""
        return SearchQuery(
            pattern=self.pattern,
            tolerance=self.tolerance,
            area=self.area,
            from_at=kept_at - LOOKS_BACK,
            until_at=until_at,
            stored_from_at=stored_from_at,
            purpose=self.purpose,
            reason=self.reason,
            reference=self.reference,
        )


@enforces("B-466.6(b)", "H-426.5(b)")
def may_keep(profile: Profile, reference: str) -> Decision:
    """Whether a search may be kept at all, and for a named case; where no time is set none may."""
    longest = profile.search.kept_longest
    if longest.settled is None:
        said = "How long a search may be kept for a case is not addressed by this policy, so none may."
        return deny(profile, longest, said, "Search again when you need to, or record a local decision.")
    if not reference.strip():
        said = "A search is kept for a case, and no case or incident number is given."
        return deny(profile, longest, said, "Give the number of the case.")
    return allow(profile, longest, f"A search may be kept for a case for at most {longest.settled}.")


def latest_end(profile: Profile, now: datetime) -> datetime:
    """Until when a search kept or renewed now may be kept; `now` itself where none may."""
    longest = profile.search.kept_longest.settled
    return longest.after(now) if longest else now


def check_end(profile: Profile, until_at: datetime, now: datetime) -> None:
    """Hold an end to the bounds of the profile. Raises ValueError, which says what to choose."""
    if until_at <= now:
        raise ValueError("Choose a time that has not passed.")
    if until_at > latest_end(profile, now):
        longest = profile.search.kept_longest
        raise ValueError(f"A search is kept for at most {longest.settled} ({profile.citation(longest)}).")


def new_since(wanted: Wanted, kept_at: datetime, seen_at: datetime | None, now: datetime) -> SearchQuery:
    """The search for what is new since the look that was seen last, made at `seen_at`; None: for everything.

    New goes by when a read was stored. A device's clock may be ahead as far as intake lets it, so that reads
    of a little after `now` count too.
    """
    return wanted.query(kept_at, now + FUTURE_TOLERANCE, seen_at - OVERLAP if seen_at else None)
