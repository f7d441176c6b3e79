"""What ends when a person has no session left: subjects above the accounts say what of theirs does."""

from collections.abc import Callable
from datetime import datetime

from plateward.accounts.models import User

_acts: list[Callable[[User, datetime], object]] = []


def on_leaving(act: Callable[[User, datetime], object]) -> None:
    """Have `act` called, with the person and the instant, when somebody's last session has ended.

    It runs in the transaction that ended the session, and must not stop it: nobody stays logged in because
    something of theirs could not be written (R133).
    """
    _acts.append(act)


def left(user: User, now: datetime) -> None:
    """Call what was registered, if the person has no session left."""
    if not user.sessions.exists():
        for act in _acts:
            act(user, now)
