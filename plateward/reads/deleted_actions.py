"""Opening a read that is deleted logically: for who looks such reads up, and whom a hold on it concerns."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from plateward.governance.actor import Actor
from plateward.governance.hiding import may_look_up
from plateward.reads import actions
from plateward.reads.models import Read
from plateward.walls import scope

__all__ = ("CONCERNED", "Concerned", "open_deleted_read")

Concerned = Callable[[Actor, Read], str]
CONCERNED: Final[list[Concerned]] = []
"""Who can say why such a read concerns a person nevertheless ("": it does not): holds, which lie above."""


@scope.beyond("Who may look up what is deleted logically is decided here, before anything is shown.")
def open_deleted_read(
    *, by: Actor, read_id: UUID, purpose: str, reason: str, reference: str, now: datetime
) -> actions.OpenedRead:
    """Open a read that `actions.open_read` does not find because it is deleted logically; on record as such.

    Raises Refused (nothing concerns this person with it, capability, purpose) and Read.DoesNotExist.
    """
    return actions.open_read(
        by=by,
        read_id=read_id,
        purpose=purpose,
        reason=reason,
        reference=reference,
        now=now,
        deleted=lambda read: _why(by, read, now),
    )


def _why(by: Actor, read: Read, now: datetime) -> str:
    """Why the person may see the read. Raises Refused."""
    if why := next((why for concerned in CONCERNED if (why := concerned(by, read))), ""):
        return why
    may_look_up(by, now).require()
    return "looked up"
