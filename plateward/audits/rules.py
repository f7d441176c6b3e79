"""Audits: when one is due, who audits, what is drawn, how an audit and its findings live. Pure.

Sources: B-466.6(c) (quarterly, by the Administrative Division Commander), H-426.5(c) (on a regular basis),
requirements R115 to R119.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from plateward.oversight.rules import draw, line_of
from plateward.policy import Decision, PersonFact, Profile, Unsettled, allow, audit_due, deny, enforces

MOST_DRAWN = 500
"""One person judges every record drawn: more than so many of a kind is no sample any more."""

REMIND_BEFORE = timedelta(days=30)
"""So long before an audit is due it stands among the auditor's tasks."""

SHORTEST = 10
"""A note, a finding and a conclusion take more than a word."""


class AuditState(StrEnum):
    BEGUN = "BEGUN"
    DRAWN = "DRAWN"
    SIGNED = "SIGNED"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"BEGUN": "Waits for its sample", "DRAWN": "Being worked", "SIGNED": "Signed off"}[self.value]


class AuditAct(StrEnum):
    """What is done with an audit."""

    BEGIN = "BEGIN"
    DRAW = "DRAW"
    SIGN = "SIGN"


class FindingState(StrEnum):
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"OPEN": "To resolve", "RESOLVED": "To test again", "CLOSED": "Closed"}[self.value]


class FindingAct(StrEnum):
    """What is done with a finding."""

    RAISE = "RAISE"
    RESOLVE = "RESOLVE"
    PASSED = "PASSED"
    FAILED = "FAILED"

    @property
    def words(self) -> str:
        """The act as the page tells it after a name."""
        return {
            "RAISE": "raised it",
            "RESOLVE": "resolved it",
            "PASSED": "tested it again: done",
            "FAILED": "tested it again: not done",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes an audit or a finding from `source` ("": it does not exist yet) to `target`."""

    act: AuditAct | FindingAct
    source: str
    target: str
    by: str


TRANSITIONS = (
    Transition(AuditAct.BEGIN, "", AuditState.BEGUN, "auditor"),
    Transition(AuditAct.DRAW, AuditState.BEGUN, AuditState.DRAWN, "the clock, by the sealed journal"),
    Transition(AuditAct.SIGN, AuditState.DRAWN, AuditState.SIGNED, "auditor; else the approver"),
)
FINDING_TRANSITIONS = (
    Transition(FindingAct.RAISE, "", FindingState.OPEN, "auditor"),
    Transition(FindingAct.RESOLVE, FindingState.OPEN, FindingState.RESOLVED, "owner"),
    Transition(FindingAct.PASSED, FindingState.RESOLVED, FindingState.CLOSED, "auditor, never the owner"),
    Transition(FindingAct.FAILED, FindingState.RESOLVED, FindingState.OPEN, "auditor, never the owner"),
)


def finding_target(act: FindingAct, state: FindingState) -> FindingState | None:
    """The state an act leads to from another; None when it does not apply there."""
    found = (t.target for t in FINDING_TRANSITIONS if t.act is act and t.source == state)
    target = next(found, None)
    return FindingState(target) if target else None


class Verdict(StrEnum):
    IN_POLICY = "IN_POLICY"
    OUT_OF_POLICY = "OUT_OF_POLICY"

    @property
    def label(self) -> str:
        """The verdict in words."""
        return self.value.replace("_", " ").capitalize()


class Draw(StrEnum):
    """How a record came into the sample."""

    RANDOM = "RANDOM"
    RISK = "RISK"

    @property
    def label(self) -> str:
        """The way in words."""
        return {"RANDOM": "At random", "RISK": "At random among those at risk"}[self.value]


class Severity(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def label(self) -> str:
        """The severity in words."""
        return {
            "LOW": "Low: to be improved",
            "MEDIUM": "Medium: a rule was not kept, without harm",
            "HIGH": "High: a rule was not kept, harm was possible",
            "CRITICAL": "Critical: people or evidence were harmed",
        }[self.value]


class Outcome(StrEnum):
    """What a computed check says; UNSAID where the policy gives nothing to compare with."""

    GOOD = "GOOD"
    ATTENTION = "ATTENTION"
    UNSAID = "UNSAID"

    @property
    def label(self) -> str:
        """The outcome in words."""
        return {"GOOD": "Nothing found", "ATTENTION": "Look at this", "UNSAID": "The policy says nothing"}[
            self.value
        ]


def seed_of(agency: str, until_at: datetime, root: bytes) -> str:
    """The seed of an audit's draw: the root of the first journal head sealed after its period (R118).

    Nobody knows the root when the sizes are chosen, and everybody can read it in the published heads.
    """
    return f"{agency} {until_at.isoformat(timespec='seconds')} {root.hex()}"


@dataclass(frozen=True, slots=True)
class Sample:
    """The records drawn, by their numbers, in the order of the draw."""

    random: Sequence[int]
    risk: Sequence[int]


def sample(
    seed: str, population: Collection[int], at_risk: Collection[int], random_size: int, risk_size: int
) -> Sample:
    """Draw from all, then from those at risk that were not drawn yet; the same for everybody (R118)."""
    chosen = draw(seed, population, random_size)
    left = sorted(set(at_risk) - set(chosen))
    return Sample(chosen, draw(seed, left, risk_size))


def auditing_positions(profile: Profile) -> tuple[str, ...]:
    """The position that audits, then those above it in the line of review; empty where none is named."""
    auditor = profile.audit.auditor.settled
    if not auditor:
        return ()
    line = line_of(profile)
    return (auditor, *(line[line.index(auditor) + 1 :] if auditor in line else ()))


def position_above(profile: Profile) -> str:
    """Whom a late audit and a signed report go to (R116); "" where the policy names nobody."""
    return next(iter(auditing_positions(profile)[1:]), "")


@enforces("B-466.6(c)", "H-426.5(c)")
def may_audit(profile: Profile, person: PersonFact) -> Decision:
    """Tell whether somebody who may see the reviews may audit: the auditor named, or a position above.

    Where the policy names no auditor, whoever may see the reviews does.
    """
    rule, able = profile.audit.auditor, auditing_positions(profile)
    if not able:
        return allow(profile, rule, "The policy names no auditor: whoever may see the reviews audits.")
    if person.positions & set(able):
        return allow(profile, rule, f"The {profile.position_name(able[0])} audits.")
    names = " or ".join(profile.position_name(one) for one in able)
    return deny(profile, rule, f"The {names} audits.", f"Ask the {names}.")


@enforces("B-466.6(c)", "H-426.5(c)")
def may_mark(profile: Profile, person: PersonFact, searcher: str) -> Decision:
    """Tell whether somebody may judge a record drawn: an auditor, on no search of their own."""
    if person.id == searcher:
        above = position_above(profile)
        name = profile.position_name(above) if above else "somebody else who audits"
        rule = profile.audit.auditor
        return deny(profile, rule, "This is your own search: nobody audits themself.", f"Ask the {name}.")
    return may_audit(profile, person)


@enforces("B-466.6(c)", "H-426.5(c)")
def may_sign(profile: Profile, person: PersonFact, begun_by: str) -> Decision:
    """Tell whether somebody may sign an audit off: its approver, never who audited; else an auditor."""
    approver = profile.audit.approver
    if approver.settled is None:
        return may_audit(profile, person)
    name = profile.position_name(approver.settled)
    if person.id == begun_by:
        return deny(profile, approver, "You made this audit.", f"The {name} signs it off.")
    if approver.settled in person.positions:
        return allow(profile, approver, f"The {name} signs audits off.")
    return deny(profile, approver, f"The {name} signs audits off.", f"Ask the {name}.")


def due_at(profile: Profile, covered_until: datetime) -> datetime | None:
    """When the next audit is to be signed off; None where the policy gives no interval (H-426.5(c))."""
    local = covered_until.astimezone(ZoneInfo(profile.agency.time_zone))
    try:
        return audit_due(profile, local)
    except Unsettled:
        return None


def end_of(day: date, zone: str) -> datetime:
    """The last instant of a day in the agency's zone."""
    return datetime.combine(day, time.max, ZoneInfo(zone))


def unsaid(profile: Profile) -> list[str]:
    """What the policy leaves open about audits, in words."""
    plan = profile.audit
    asked = (
        (plan.every, "how often audits are made"),
        (plan.auditor, "who makes them"),
        (plan.approver, "who approves them"),
        (plan.scope, "what they look at: both scopes are shown"),
        (plan.sampling, "how records are drawn and how many: you choose, and it is on record"),
        (plan.papers_kept, "how long audit papers are kept: they are not deleted"),
    )
    return [words for rule, words in asked if rule.settled is None]
