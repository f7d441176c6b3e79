"""What a dispatcher is told of matching when it does not do as always: what it means, and what to do."""

from dataclasses import dataclass
from datetime import datetime

from plateward.hotlists import index_state
from plateward.reads import queries as reads


@dataclass(frozen=True, slots=True)
class MatchingState:
    """How matching stands, in a line: `tone` as a banner's; `since_at` for the clock beside it."""

    tone: str
    said: str
    since_at: datetime
    means: str
    to_do: str


def matching_state(agency: str, now: datetime) -> MatchingState | None:
    """None while each read is matched within a minute, by the index in memory."""
    if behind := reads.unmatched(agency, now):
        count, oldest_at = behind
        return MatchingState(
            "bad",
            "Matching is behind",
            oldest_at,
            f"{count:,} payload{'' if count == 1 else 's'} of cameras wait: their alerts come late.",
            "Tell the IT manager now. Until this line is gone, search for the plates that matter.",
        )
    if found := index_state.trouble(now):
        since_at, why = found
        return MatchingState(
            "warn",
            "Matching is slower, and complete",
            since_at,
            f"The index of wanted plates {why}: what it lacks is looked up in the database.",
            "Nothing to do here. The IT manager is told.",
        )
    return None
