"""What holds for a person for a time only: a vendor's open window, a real emergency, suspended searching.

The subjects that keep them lie above and register their sources here, since the gate asks at every request.
Without a source nobody has any: vendor staff stay out, no emergency gives anything, nobody is suspended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from plateward.accounts.models import User
from plateward.policy import Decision, Profile


@dataclass(frozen=True, slots=True)
class Emergency:
    """Emergency access that somebody obtained, until then."""

    id: str
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one person now; `window` is the id of their open maintenance window.

    `searching` is the decision that suspends their searches, None where nothing does.
    """

    window: str = ""
    emergency: Emergency | None = None
    searching: Decision | None = None


ORDINARY = Standing()
"""What holds for nearly everybody nearly always."""

Source = Callable[[User, Profile, datetime], Standing]

_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Have this asked about every person who comes in; one source of each name."""
    _sources[name] = source


def standing_of(user: User, profile: Profile, at: datetime) -> Standing:
    """What holds for a person at the instant `at`, by every source together."""
    found = [source(user, profile, at) for source in _sources.values()]
    return Standing(
        window=next((one.window for one in found if one.window), ""),
        emergency=next((one.emergency for one in found if one.emergency), None),
        searching=next((one.searching for one in found if one.searching is not None), None),
    )
