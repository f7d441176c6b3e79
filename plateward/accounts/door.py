"""Who is turned away although they proved who they are: outside a time that somebody must open for them.

The subject that keeps such times lies above the accounts and registers its source here. The gate asks the
same at every request; asked here, nothing opens first that the gate would end.
"""

from collections.abc import Callable
from datetime import datetime

from plateward.accounts.models import User
from plateward.policy import Decision

Source = Callable[[User, datetime], Decision | None]
"""From a person and the present to the refusal, None where nothing stands against them."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Have this asked about everybody who logs in; one source at a time."""
    _sources[:] = [source]


def turned_away(user: User, at: datetime) -> Decision | None:
    """Why a person may not log in now, in the policy's words; None lets them."""
    return _sources[0](user, at) if _sources else None
