"""Canvasses of crime scenes and the cars sent to them (B-466.4(c), H-426.3(c))."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plateward.policy import Decision, Profile, allow, deny, enforces, may
from plateward.search.rules import DAYLIGHT, LONGEST_CANVASS, lasting

LONGEST_PLACE = 200
LONGEST_NOTE = 300


class CrimeKind(StrEnum):
    """What a canvass is for; those that the clause names come first."""

    HOMICIDE = "HOMICIDE"
    SHOOTING = "SHOOTING"
    MAJOR_INCIDENT = "MAJOR_INCIDENT"
    ROBBERY = "ROBBERY"
    ASSAULT = "ASSAULT"
    SEXUAL_ASSAULT = "SEXUAL_ASSAULT"
    KIDNAPPING = "KIDNAPPING"
    HIT_AND_RUN = "HIT_AND_RUN"
    ARSON = "ARSON"
    BURGLARY = "BURGLARY"
    VEHICLE_THEFT = "VEHICLE_THEFT"
    OTHER = "OTHER"

    @property
    def label(self) -> str:
        """The kind in words."""
        special = {
            "MAJOR_INCIDENT": "Other major incident",
            "HIT_AND_RUN": "Hit and run",
            "OTHER": "Other crime",
        }
        return special.get(self.value, self.value.replace("_", " ").capitalize())

    @property
    @enforces("B-466.4(c)", "H-426.3(c)")
    def is_major(self) -> bool:
        """Whether the clause asks for particular consideration of ALPR-equipped cars, and so for priority."""
        return self in {CrimeKind.HOMICIDE, CrimeKind.SHOOTING, CrimeKind.MAJOR_INCIDENT}


class AssignmentState(StrEnum):
    ASSIGNED = "ASSIGNED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DONE = "DONE"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        """The state in words."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes an assignment from any of `sources` (none: it does not exist yet) to `target`."""

    act: str
    sources: tuple[AssignmentState, ...]
    target: AssignmentState
    by: str


OPEN = (AssignmentState.ASSIGNED, AssignmentState.ACKNOWLEDGED)
"""Not ended yet."""
TRANSITIONS = (
    Transition("ASSIGN", (), AssignmentState.ASSIGNED, "whoever may search"),
    Transition(
        "ACKNOWLEDGE", (AssignmentState.ASSIGNED,), AssignmentState.ACKNOWLEDGED, "the person assigned"
    ),
    Transition("FINISH", OPEN, AssignmentState.DONE, "the person assigned, or who assigned"),
    Transition("WITHDRAW", OPEN, AssignmentState.WITHDRAWN, "whoever may search"),
)


@dataclass(frozen=True, slots=True)
class Why:
    """What a person states for a look at a canvass, whatever it was opened for."""

    purpose: str
    reason: str
    reference: str = ""


class CanvassError(ValueError):
    """An act that a canvass or an assignment does not allow; the message says why and what to do."""


@enforces("B-466.4(c)", "H-426.3(c)")
def may_assign(profile: Profile, title: str, positions: Collection[str]) -> Decision:
    """Whether a person may send cars: those the policy names, where it names any, among who may search."""
    able, rule = may(profile, title, "search.run", positions), profile.search.canvass_sent_by
    if not able or not rule.settled:
        return able
    if title in rule.settled:
        return allow(profile, rule, "The policy lets this title send cars to canvass.")
    said = f"A {profile.title_name(title)} does not send cars to canvass in this agency."
    return deny(profile, rule, said, f"Ask one of these: {senders(profile)}.")


def senders(profile: Profile) -> str:
    """The titles that send cars to canvass; "" where the policy does not say."""
    return ", ".join(profile.title_name(title) for title in profile.search.canvass_sent_by.settled or ())


def check_time(from_at: datetime, until_at: datetime, now: datetime) -> None:
    """A car is sent for a time that ends after it begins, is not over, and is no longer than is searched.

    Raises CanvassError.
    """
    if lasting(from_at, until_at) <= timedelta():
        raise CanvassError("The assignment must end after it begins. Choose a later end.")
    if until_at <= now:
        raise CanvassError("The assignment would be over already. Choose an end in the future.")
    if lasting(from_at, until_at) > LONGEST_CANVASS + DAYLIGHT:
        raise CanvassError(
            f"What a car read is looked at over at most {LONGEST_CANVASS.days} days. Choose "
            "an earlier end, or assign the car again later."
        )


def may_close(profile: Profile, title: str, positions: Collection[str], *, opened_it: bool) -> bool:
    """Whether a person may close a canvass: who opened it, and who may send cars to it."""
    return opened_it or may_assign(profile, title, positions).allowed


def check_open(closed_at: datetime | None) -> None:
    """Nobody is sent to a canvass that was closed. Raises CanvassError."""
    if closed_at is not None:
        raise CanvassError(
            "This canvass is closed. What was read there can still be looked at; to send somebody, open a "
            "new one."
        )


def check_close(closed_at: datetime | None, *, still_sent: int, is_permitted: bool, note: str) -> None:
    """Who opened a canvass, or sends cars, closes it with how it ended, once nobody is sent any more.

    Raises CanvassError.
    """
    if closed_at is not None:
        raise CanvassError("This canvass is closed already. Nothing was changed.")
    if not is_permitted:
        raise CanvassError("Only who opened a canvass, or may send cars to it, closes it. Ask one of them.")
    if still_sent:
        raise CanvassError(
            f"{still_sent} assignment{'s have' if still_sent > 1 else ' has'} not ended. Have the area "
            "recorded as canvassed, or withdraw what is not needed, then close."
        )
    if not note.strip():
        raise CanvassError(
            "Say how the canvass ended, such as what it found or why it is not needed any more."
        )


def check_acknowledgement(state: AssignmentState, *, is_assigned: bool) -> AssignmentState:
    """The state after the person assigned says that they go; raises CanvassError."""
    if not is_assigned:
        raise CanvassError("Only the person assigned acknowledges an assignment.")
    move = next(each for each in TRANSITIONS if each.act == "ACKNOWLEDGE")
    if state not in move.sources:
        raise CanvassError(f"This assignment is {state.label.lower()} already. Nothing was changed.")
    return move.target


def check_end(state: AssignmentState, *, is_done: bool, may_end: bool) -> AssignmentState:
    """The state after an assignment ends; raises CanvassError where it has ended or is somebody else's."""
    act = "FINISH" if is_done else "WITHDRAW"
    move = next(each for each in TRANSITIONS if each.act == act)
    if state not in move.sources:
        raise CanvassError(f"This assignment is {state.label.lower()} already. Nothing was changed.")
    if is_done and not may_end:
        raise CanvassError(
            "Only the person assigned, or who assigned them, says that the area was canvassed. Ask one of "
            "them, or withdraw the assignment."
        )
    return move.target
