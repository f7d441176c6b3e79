"""How a notice lives, and whom it waits for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class NoticeState(StrEnum):
    WAITING = "WAITING"
    ESCALATED = "ESCALATED"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a notice from any of `sources` (none: it does not exist yet) to `target`."""

    act: str
    sources: tuple[NoticeState, ...]
    target: NoticeState
    by: str


TRANSITIONS = (
    Transition("RAISE", (), NoticeState.WAITING, "whatever makes somebody's attention needed"),
    Transition("ESCALATE", (NoticeState.WAITING,), NoticeState.ESCALATED, "the clock, past the due time"),
    Transition(
        "SETTLE",
        (NoticeState.WAITING, NoticeState.ESCALATED),
        NoticeState.DONE,
        "the act that was asked for",
    ),
    Transition(
        "NOTE",
        (NoticeState.WAITING, NoticeState.ESCALATED),
        NoticeState.DONE,
        "its addressee, where there is nothing to do",
    ),
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a notice waits for: one person, or whoever holds a position. `name` goes into the journal."""

    name: str
    user_id: UUID | None = None
    position: str = ""

    def __post_init__(self) -> None:
        if (self.user_id is None) == (not self.position):
            raise ValueError("A notice waits for a person or for a position, for exactly one of them.")


def to_person(user_id: UUID, name: str) -> Addressee:
    """One person, by the id of their account."""
    return Addressee(name, user_id=user_id)


def to_position(position: str) -> Addressee:
    """Whoever holds the position, by its id in the agency's profile."""
    return Addressee(position, position=position)


def state_of(done_at: datetime | None, escalated_at: datetime | None) -> NoticeState:
    """The state that the moments on record amount to."""
    if done_at is not None:
        return NoticeState.DONE
    return NoticeState.WAITING if escalated_at is None else NoticeState.ESCALATED


def is_overdue(due_at: datetime | None, now: datetime) -> bool:
    """Whether the time by which it was to be done has come."""
    return due_at is not None and due_at <= now
