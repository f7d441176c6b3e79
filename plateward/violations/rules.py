"""Errors and violations: who hears a report, who may decide on it, how it lives. Pure.

Sources: B-466.6(e) (report to supervisors or managers; the employee is notified and retrained), requirement
R122, CJIS Security Policy v6.0 PS-8 (sanctions are told within 24 hours).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from plateward.policy import Decision, Profile, allow, deny, enforces
from plateward.policy.oversight import SanctionAction

SHORTEST = 20
"""A report says more than a word or two."""


class Kind(StrEnum):
    ERROR = "ERROR"
    SUSPECTED = "SUSPECTED"
    KNOWN = "KNOWN"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            Kind.ERROR: "An error: something went wrong, by a person or by the system",
            Kind.SUSPECTED: "A suspected violation of the policy",
            Kind.KNOWN: "A violation of the policy that is certain",
        }[self]

    @property
    def short(self) -> str:
        """The kind in a word or two."""
        return {Kind.ERROR: "Error", Kind.SUSPECTED: "Suspected violation", Kind.KNOWN: "Violation"}[self]


class Finding(StrEnum):
    VIOLATION = "VIOLATION"
    ERROR = "ERROR"
    UNFOUNDED = "UNFOUNDED"

    @property
    def label(self) -> str:
        """The finding in words."""
        return {
            Finding.VIOLATION: "A violation of the policy by this person",
            Finding.ERROR: "An error, without a violation by anybody",
            Finding.UNFOUNDED: "Neither: within the policy, or nothing to be found",
        }[self]


class State(StrEnum):
    OPEN = "OPEN"
    RETRAINING = "RETRAINING"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        """The state in words."""
        return {State.OPEN: "To decide", State.RETRAINING: "Retraining assigned", State.CLOSED: "Closed"}[
            self
        ]


class Act(StrEnum):
    """What is done with a report."""

    REPORT = "REPORT"
    NOTE = "NOTE"
    FIND = "FIND"
    ASSIGN_RETRAINING = "ASSIGN_RETRAINING"
    ASSIGN_AGAIN = "ASSIGN_AGAIN"
    COMPLETE_RETRAINING = "COMPLETE_RETRAINING"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a report from any of `sources` (none: it does not exist yet) to `target`."""

    act: Act
    sources: tuple[State, ...]
    target: State
    by: str


TRANSITIONS = (
    Transition(Act.REPORT, (), State.OPEN, "anybody who works here"),
    Transition(Act.NOTE, (State.OPEN,), State.OPEN, "who reported, and who decides"),
    Transition(Act.NOTE, (State.RETRAINING,), State.RETRAINING, "who decides"),
    Transition(Act.FIND, (State.OPEN,), State.CLOSED, "who decides"),
    Transition(Act.ASSIGN_RETRAINING, (State.OPEN,), State.RETRAINING, "who decides, for a violation"),
    Transition(
        Act.ASSIGN_AGAIN, (State.RETRAINING,), State.RETRAINING, "who decides, where it was withdrawn"
    ),
    Transition(Act.COMPLETE_RETRAINING, (State.RETRAINING,), State.CLOSED, "the clock, once it is certified"),
)


def target_of(act: Act, state: State) -> State | None:
    """The state an act leads to from another; None when it does not apply there."""
    return next((t.target for t in TRANSITIONS if t.act is act and state in t.sources), None)


class Via(StrEnum):
    """How a report found who hears it."""

    SUPERVISOR = "SUPERVISOR"
    MANAGER = "MANAGER"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class Route:
    """Ids of the people who hear a report; `bypassed` when it is about a superior, who is passed over."""

    people: tuple[str, ...]
    via: Via
    bypassed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """Whose report it is, whom it is about ("" for nobody) and who was told; ids of people."""

    reporter: str
    about: str
    told: frozenset[str]


@enforces("B-466.6(e)")
def route(*, reporter: str, about: str, supervisors: Sequence[str], managers: Sequence[str]) -> Route:
    """Who hears a report: the reporter's supervisors, else the managers; never whom it is about.

    A superior whom the report is about is passed over with all of their level: it goes to the managers at
    once, so that nobody decides on their own superior or alone on a colleague of that rank.
    """
    others = {reporter, about}
    below = tuple(one for one in supervisors if one not in others)
    above = tuple(one for one in managers if one not in others)
    passed_over = about != reporter and about in {*supervisors, *managers}
    if below and not (passed_over and above):
        return Route(below, Via.SUPERVISOR, passed_over)
    return Route(above, Via.MANAGER if above else Via.NOBODY, passed_over)


@enforces("B-466.6(e)")
def may_decide(profile: Profile, person: str, report: ReportFacts, managers: Collection[str]) -> Decision:
    """Tell whether a person may work a report: whoever was told and every manager, never on themself."""
    rule = profile.sanctions.reported_to
    if person == report.about:
        return deny(profile, rule, "This report is about you.", "Somebody else decides on it.")
    if person == report.reporter:
        return deny(profile, rule, "You made this report.", "Somebody else decides on it.")
    if person in report.told or person in managers:
        return allow(profile, rule, "The report is yours to decide.")
    return deny(profile, rule, "This report went to others.", "Ask your supervisor.")


@enforces("B-466.6(e)")
def may_see(report: ReportFacts, person: str, managers: Collection[str], *, is_told: bool) -> bool:
    """Whether somebody sees a report: who made it, who decides; whom it is about, once they are told."""
    if person == report.about and person != report.reporter:
        return is_told
    return person in {report.reporter, *report.told, *managers}


def report_problem(what: str, happened_date: date | None, today: date) -> tuple[str, str] | None:
    """What is wrong with a report as it was written: the field, and what to do."""
    if len(what.strip()) < SHORTEST:
        return "what", f"Say what happened, in at least {SHORTEST} characters."
    if happened_date and happened_date > today:
        return "happened_date", "This day has not come yet. Choose the day on which it happened."
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What a violation leads to."""

    is_told: bool
    is_retrained: bool


@enforces("B-466.6(e)")
def consequence(profile: Profile, *, tell: bool, retrain: bool) -> Consequence:
    """What a violation leads to: what the policy demands, and where it is silent what was chosen."""
    rules = profile.sanctions
    told, sanction = rules.user_notified.settled, rules.violation.settled
    trained = retrain if sanction is None else sanction is not SanctionAction.REVIEW
    return Consequence(is_told=tell if told is None else told, is_retrained=trained)


def due_at(profile: Profile, now: datetime) -> datetime | None:
    """By when a report is to be decided: as soon as a review of accesses is; None where no time is said."""
    within = profile.monitoring.done_within.settled
    return within.after(now) if within else None


def overseers(profile: Profile) -> tuple[str, ...]:
    """The positions that manage the system's use, those who review accesses first, then who audits."""
    first = (profile.monitoring.reviewer.settled, profile.audit.auditor.settled)
    named = (*first[:1], *(profile.monitoring.next_in_line.settled or ()), *first[1:])
    return tuple(dict.fromkeys(position for position in named if position))
