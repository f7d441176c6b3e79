"""When a device says it captured: instants, and local times without an offset, which can be doubtful.

Nothing is guessed silently: whatever was not plainly said stands in the note beside the instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from plateward.reads.adapters.base import Message, Unreadable
from plateward.reads.adapters.fields import text

FUTURE_TOLERANCE = timedelta(minutes=10)
"""How far ahead of ours a device's clock may go."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, and what was doubtful about how the device said it ("" for nothing)."""

    at: datetime
    note: str = ""
    is_doubtful: bool = False
    """True where the note tells of a choice between instants."""


def moment(value: object, message: Message) -> Moment | None:
    """An ISO 8601 time, also without offset, which is then one of the message's zone; None for no time."""
    found = written(value)
    if found is None:
        return None
    return Moment(found) if found.tzinfo else local(found, message)


def written(value: object) -> datetime | None:
    """An ISO 8601 time as written, with or without an offset; None for anything else, also a mere date."""
    word = text(value, 40) if isinstance(value, str) else None
    try:
        found = datetime.fromisoformat(word) if word and ":" in word else None
        return found if found is None or _is_usable(found) else None
    except ValueError:
        return None


def _is_usable(found: datetime) -> bool:
    """Whether the instant can be compared and moved between zones."""
    return MINYEAR + 1 < found.year < MAXYEAR


def local(wall: datetime, message: Message) -> Moment:
    """A wall clock's time in the message's zone, the night of a clock change by when the payload arrived."""
    zone = ZoneInfo(message.zone)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return Moment(early, f"“{wall}” came without an offset: taken as local time, {message.zone}.")
    chosen = nearest([early, late], message.received_at)
    exists = early.astimezone(zone).replace(tzinfo=None, fold=0) == wall
    problem = "is twice on that night's clock" if exists else "is left out on that night's clock"
    return Moment(
        chosen,
        f"“{wall}” came without an offset and {problem} ({message.zone}): taken as "
        f"{chosen.astimezone(zone).isoformat()}, by when the payload arrived.",
        is_doubtful=True,
    )


def nearest(possible: Sequence[datetime], received_at: datetime) -> datetime:
    """The instant nearest to the arrival; one after it only where none came before."""
    ahead = received_at + FUTURE_TOLERANCE
    return min(possible, key=lambda at: (at > ahead, abs(at - received_at)))


def required(found: Moment | datetime | None, fields: str) -> Moment:
    """The moment, or Unreadable with the fields that should have held it."""
    if found is None:
        raise Unreadable(f"The time of the capture is missing, or no time ({fields})")
    return found if isinstance(found, Moment) else Moment(found)
