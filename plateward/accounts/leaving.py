"""What ends with a person's last session, and with their account: subjects above say what of theirs does."""

from collections.abc import Callable
from datetime import datetime

from plateward.accounts.models import User
from plateward.audit.who import Who

_acts: list[Callable[[User, datetime], object]] = []
_last_acts: list[Callable[[User, Who, datetime], object]] = []


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


def on_deactivation(act: Callable[[User, Who, datetime], object]) -> None:
    """Have `act` called, with the person, who did it and the instant, as an account is deactivated.

    It runs in the transaction of the deactivation.
    """
    _last_acts.append(act)


def deactivated(user: User, by: Who, now: datetime) -> None:
    """Call what was registered for the end of an account."""
    for act in _last_acts:
        act(user, by, now)
