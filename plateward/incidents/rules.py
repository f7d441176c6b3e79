"""Security incidents: how one lives, what is done before each state, who may work it. Pure.

Sources: Civil Code 1798.29 (notice of a breach; (g)(1)(F) names ALPR data as personal information), Civil
Code 1798.90.51 (security of ALPR information), CJIS Security Policy v6.0 IR-6 (incidents are told within an
hour of discovery), requirement R123.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plateward.policy import Decision, Profile, allow, deny, enforces

SHORTEST = 20
"""What happened takes more than a word or two."""

REGULATOR_ABOVE = 500
"""Notices to more Californians than this send a sample to the Attorney General (Civil Code 1798.29(e))."""

TELL_WITHIN = timedelta(hours=1)
"""From discovery to telling those who respond to incidents (CJIS Security Policy v6.0 IR-6)."""


class Data(StrEnum):
    """What an incident may have touched."""

    READS = "READS"
    PICTURES = "PICTURES"
    SEARCHES = "SEARCHES"
    LISTS = "LISTS"
    ACCOUNTS = "ACCOUNTS"
    DEVICES = "DEVICES"
    OTHER = "OTHER"

    @property
    def label(self) -> str:
        """The data in words."""
        return {
            Data.READS: "Reads: plates with place and time",
            Data.PICTURES: "Pictures of vehicles",
            Data.SEARCHES: "Searches and access records",
            Data.LISTS: "Hotlists and their entries",
            Data.ACCOUNTS: "Accounts and passwords",
            Data.DEVICES: "Cameras, units in cars, and their keys",
            Data.OTHER: "Something else, as described",
        }[self]


class State(StrEnum):
    OPEN = "OPEN"
    CONTAINED = "CONTAINED"
    ASSESSED = "ASSESSED"
    NOTIFIED = "NOTIFIED"
    CLOSED = "CLOSED"
    NO_BREACH = "NO_BREACH"

    @property
    def label(self) -> str:
        """The state in words."""
        return {State.NO_BREACH: "Not a breach"}.get(self, self.value.capitalize())


class Act(StrEnum):
    """What is done with an incident."""

    OPEN = "OPEN"
    NOTE = "NOTE"
    CONTAIN = "CONTAIN"
    ASSESS = "ASSESS"
    NOTIFY = "NOTIFY"
    CLOSE = "CLOSE"
    DISMISS = "DISMISS"

    @property
    def label(self) -> str:
        """The act as somebody chooses it."""
        return {
            Act.NOTE: "Only add a note",
            Act.CONTAIN: "It is contained",
            Act.ASSESS: "It is assessed: a breach of which people are notified",
            Act.NOTIFY: "The people are notified",
            Act.CLOSE: "Close it",
            Act.DISMISS: "It is not a breach of which people are notified",
        }.get(self, "Reported")


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes an incident from any of `sources` (none: it does not exist yet) to `target`."""

    act: Act
    sources: tuple[State, ...]
    target: State
    by: str


_WORKING = (State.OPEN, State.CONTAINED, State.ASSESSED, State.NOTIFIED)
TRANSITIONS = (
    Transition(Act.OPEN, (), State.OPEN, "anybody who works here"),
    *(Transition(Act.NOTE, (state,), state, "who manages the system’s use") for state in _WORKING),
    Transition(Act.CONTAIN, (State.OPEN,), State.CONTAINED, "who manages the system’s use"),
    Transition(Act.ASSESS, (State.CONTAINED,), State.ASSESSED, "who manages the system’s use"),
    Transition(Act.NOTIFY, (State.ASSESSED,), State.NOTIFIED, "who manages, once the notice was sent"),
    Transition(Act.CLOSE, (State.NOTIFIED,), State.CLOSED, "who manages, never whom it is about"),
    Transition(
        Act.DISMISS,
        (State.OPEN, State.CONTAINED, State.ASSESSED),
        State.NO_BREACH,
        "who manages, with the reason",
    ),
)


def target_of(act: Act, state: State) -> State | None:
    """The state an act leads to from another; None when it does not apply there."""
    return next((t.target for t in TRANSITIONS if t.act is act and state in t.sources), None)


def acts_in(state: State) -> tuple[Act, ...]:
    """What can be done in a state, in the order of the work."""
    return tuple(t.act for t in TRANSITIONS if state in t.sources)


class Step(StrEnum):
    """What the checklist asks for."""

    PRESERVE = "PRESERVE"
    TELL = "TELL"
    CONTAIN = "CONTAIN"
    COUNSEL = "COUNSEL"
    ENCRYPTION = "ENCRYPTION"
    DECIDE = "DECIDE"
    SEND = "SEND"
    REGULATOR = "REGULATOR"

    @property
    def label(self) -> str:
        """The step in words."""
        return {
            Step.PRESERVE: "Preserve the evidence: logs, access records, disks",
            Step.TELL: "Tell the system administrator and the CJIS Systems Agency’s security officer",
            Step.CONTAIN: "Contain it: close accounts, change keys, cut off devices",
            Step.COUNSEL: "Tell the agency’s counsel",
            Step.ENCRYPTION: "Assess whether the data were encrypted, and whether the key went with them",
            Step.DECIDE: "Decide who is notified",
            Step.SEND: "Send the notices",
            Step.REGULATOR: "Send a sample of the notice to the Attorney General",
        }[self]

    @property
    def ground(self) -> str:
        """Where it is asked for; "" for good practice that no text demands."""
        return {
            Step.PRESERVE: "CJIS Security Policy v6.0 IR-4",
            Step.TELL: "CJIS Security Policy v6.0 IR-6",
            Step.CONTAIN: "CJIS Security Policy v6.0 IR-4",
            Step.ENCRYPTION: "Civil Code 1798.29(a)",
            Step.DECIDE: "Civil Code 1798.29(a)",
            Step.SEND: "Civil Code 1798.29(a)",
            Step.REGULATOR: "Civil Code 1798.29(e)",
        }.get(self, "")


class How(StrEnum):
    """How a notice is sent (Civil Code 1798.29(i))."""

    WRITTEN = "WRITTEN"
    ELECTRONIC = "ELECTRONIC"
    SUBSTITUTE = "SUBSTITUTE"

    @property
    def label(self) -> str:
        """The way in words."""
        return {
            How.WRITTEN: "Written, by mail",
            How.ELECTRONIC: "Electronic, as 15 U.S.C. 7001 allows",
            How.SUBSTITUTE: "Substitute notice: e-mail, the website and statewide media",
        }[self]


_BEFORE = {
    Act.CONTAIN: (Step.PRESERVE, Step.CONTAIN),
    Act.ASSESS: (Step.TELL, Step.COUNSEL, Step.ENCRYPTION, Step.DECIDE),
    Act.NOTIFY: (Step.SEND,),
}


def is_regulator_told(californians: int | None) -> bool:
    """Whether the Attorney General gets a sample of the notice (Civil Code 1798.29(e))."""
    return californians is not None and californians > REGULATOR_ABOVE


def checklist(californians: int | None) -> tuple[Step, ...]:
    """The steps of an incident; `californians` are notified, None while that is not known."""
    return tuple(step for step in Step if step is not Step.REGULATOR or is_regulator_told(californians))


@enforces("CC-1798.90.51")
def missing(act: Act, done: Collection[Step], californians: int | None) -> tuple[Step, ...]:
    """The steps still to be done before an act; closing needs all of them."""
    asked = checklist(californians) if act is Act.CLOSE else _BEFORE.get(act, ())
    return tuple(step for step in asked if step not in done)


def due_at(step: Step, discovered_at: datetime) -> datetime | None:
    """By when a step is due; None where no text says a time (then: without unreasonable delay)."""
    return discovered_at + TELL_WITHIN if step is Step.TELL else None


def hours(discovered_at: datetime, until_at: datetime) -> int:
    """Whole hours on the clock that runs from discovery."""
    return max(0, int((until_at - discovered_at) / timedelta(hours=1)))


def incident_problem(what: str, discovered_at: datetime, now: datetime) -> tuple[str, str] | None:
    """What is wrong with a report, by its field; None when it can be made."""
    if len(what.strip()) < SHORTEST:
        return "what", "Write what happened, in a sentence or two."
    if discovered_at > now:
        return "discovered_at", "This is still to come. Enter when it was discovered."
    return None


def may_work(profile: Profile, person: str, about: str, managers: Collection[str]) -> Decision:
    """Tell whether somebody works an incident: every manager of the system's use, never one about them."""
    rule = profile.sanctions.reported_to
    if person == about:
        return deny(profile, rule, "This incident is about you.", "Somebody else works it.")
    if person in managers:
        return allow(profile, rule, "The incident is yours to work.")
    return deny(profile, rule, "This is for those who manage the system’s use.", "Ask one of them.")
