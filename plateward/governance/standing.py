"""What holds for a person for a short time only: a vendor's open window, a real emergency.

The subject that keeps them lies above and registers its source here, since the gate asks at every request.
Without a source nobody has either: vendor staff stay out, and no emergency gives anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from plateward.accounts.models import User
from plateward.policy import Profile


@dataclass(frozen=True, slots=True)
class Emergency:
    """Emergency access that somebody obtained, until then."""

    id: str
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one person now; `window` is the id of their open maintenance window."""

    window: str = ""
    emergency: Emergency | None = None


ORDINARY = Standing()
"""What holds for nearly everybody nearly always."""

Source = Callable[[User, Profile, datetime], Standing]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Have this asked about every person who comes in; one source at a time."""
    _sources[:] = [source]


def standing_of(user: User, profile: Profile, at: datetime) -> Standing:
    """What holds for a person at the instant `at`."""
    return _sources[0](user, profile, at) if _sources else ORDINARY
