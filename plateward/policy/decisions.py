"""May this be done? Every answer says allow or deny, cites its clause and says what to do next."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from msgspec import Struct

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.enforcement import enforces
from plateward.policy.parameters import Basis, Param, Period
from plateward.policy.profile import (
    AccessLevel,
    Course,
    DispatchStep,
    Position,
    Profile,
    Title,
    TrainingRules,
)
from plateward.policy.wording import written


class Decision(Struct, frozen=True):
    """An answer; `local_decision` names the agency's own decision it rests on, where there is one.

    `capacity` says for whom a delegate acts; empty for everybody who acts in their own right.
    """

    allowed: bool
    clause: str
    reason: str
    remedy: str = ""
    local_decision: str = ""
    capacity: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> "Decision":
        """Return this decision if it allows.

        Raises:
            Refused: it denies.
        """
        if not self.allowed:
            raise Refused(self)
        return self


class Refused(Exception):
    """The policy does not allow it; `decision` says which clause, why and what to do."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(f"{decision.clause}: {decision.reason} {decision.remedy}".strip())


class CertificationFact(Struct, frozen=True):
    """A completed course; `expires_on` is the last day it counts, None if it has no end of its own."""

    course: str
    completed_on: date
    expires_on: date | None = None


class DelegationFact(Struct, frozen=True):
    """A capability of `position` that its holder, `by`, delegated and that counts now."""

    capability: str
    position: str
    by: str


class PersonFact(Struct, frozen=True):
    """Who somebody is for an approval: account id, job title, positions held now, what is delegated to them.

    A delegation gives a capability and never the position: what the policy asks of a position stays there.
    """

    id: str
    title: str
    positions: frozenset[str] = frozenset()
    delegations: tuple[DelegationFact, ...] = ()


def allow(profile: Profile, basis: Basis, reason: str) -> Decision:
    """Allow on a parameter's ground."""
    return Decision(True, profile.citation(basis), reason, local_decision=basis.local_decision)


def deny(profile: Profile, basis: Basis, reason: str, remedy: str) -> Decision:
    """Deny on a parameter's ground, saying what to do instead."""
    return Decision(False, profile.citation(basis), reason, remedy, basis.local_decision)


@enforces("B-466.10", "B-466.10(full)", "B-466.10(limited)", "B-466.10(limited)(d)")
def may(
    profile: Profile,
    title: str,
    capability: str,
    positions: Collection[str] = (),
    delegations: Collection[DelegationFact] = (),
) -> Decision:
    """Tell whether holders of `title`, of `positions` beside it, or delegates of one, have a capability.

    Raises:
        KeyError: the capability is not one of `CAPABILITIES`.
    """
    known = CAPABILITIES[capability]
    authorized = title_authorized(profile, title)
    if not authorized:
        return authorized
    for held in sorted(positions_held(profile, title, positions) & profile.positions.keys()):
        position = profile.positions[held]
        if capability in (position.capabilities.settled or ()):
            return allow(profile, position.capabilities, f"The {position.name} may {known.does}.")
    granted = profile.titles[title].capabilities
    if capability in (granted.settled or ()):
        return allow(profile, granted, f"{profile.title_name(title)}: this title may {known.does}.")
    if delegated := _delegated(profile, title, capability, delegations):
        return delegated
    reason = f"{profile.title_name(title)}: this title may not {known.does}."
    return deny(profile, granted, reason, _who_may(profile, capability))


@enforces("B-466.3¶2", "H-426.2¶2")
def _delegated(
    profile: Profile, title: str, capability: str, delegations: Collection[DelegationFact]
) -> Decision | None:
    """The delegation that counts: the position still has what it gave, and the policy does not reserve it."""
    rules = profile.organization
    reserved = rules.reserved.settled or ()
    if profile.titles[title].access is AccessLevel.MAINTENANCE or capability in reserved:
        return None
    for fact in delegations:
        position = profile.positions.get(fact.position)
        if fact.capability == capability and position and capability in (position.capabilities.settled or ()):
            does = CAPABILITIES[capability].does
            reason = f"By delegation of {fact.by}, {position.name}, this person may {does}."
            capacity = f"for the {position.name}, by delegation of {fact.by}"
            return Decision(True, profile.citation(rules.delegators), reason, capacity=capacity)
    return None


@enforces("B-466.10", "B-466.10(a)", "B-466.10(b)", "B-466.10(c)", "B-466.10(d)", "B-466.10(e)")
@enforces("B-466.10(f)", "B-466.10(g)", "B-466.10(h)")
@enforces("B-466.10(limited)(a)", "B-466.10(limited)(b)", "B-466.10(limited)(c)", "B-466.10(limited)(d)")
def title_authorized(profile: Profile, title: str) -> Decision:
    """Accept only the titles the agency authorizes to use the system at all."""
    listed = profile.access.authorized_titles
    if title in (listed.settled or ()):
        name = profile.title_name(title)
        return allow(profile, profile.titles[title].listed, f"{name} is an authorized title.")
    reason = f"“{title}” is not among the titles authorized to use the ALPR system."
    return deny(profile, listed, reason, f"Ask the {_assigner(profile)} which title applies.")


def positions_held(profile: Profile, title: str, appointed: Collection[str]) -> frozenset[str]:
    """Return the positions a person holds: those appointed to and those the rank itself carries."""
    by_title = profile.access.positions_by_title.settled or {}
    return frozenset(appointed) | frozenset(by_title.get(title, ()))


def _assigner(profile: Profile) -> str:
    position = profile.access.permission_assigner.settled
    return profile.position_name(position) if position else "agency's ALPR administrator"


def _who_may(profile: Profile, capability: str) -> str:
    parts: tuple[Title | Position, ...] = (*profile.titles.values(), *profile.positions.values())
    holders = [part.name for part in parts if capability in (part.capabilities.settled or ())]
    return f"Ask somebody who may: {', '.join(dict.fromkeys(holders))}." if holders else "Nobody may, here."


@enforces("B-466.4(d)", "B-466.8", "B-466.8-who", "B-466.10", "H-426.3(d)", "H-426.7")
def may_use_system(
    profile: Profile, title: str, certifications: Sequence[CertificationFact], today: date
) -> Decision:
    """Open the system only to authorized titles that hold every required certification today."""
    authorized = title_authorized(profile, title)
    required = required_courses(profile, title)
    if not authorized or not required:
        return authorized
    gaps = (_gap(profile, course, title, certifications, today) for course in required)
    before_use = profile.training.required_before_use
    if gap := next(filter(None, gaps), ""):
        return deny(profile, before_use, gap, _certify(profile))
    return allow(profile, before_use, "The required training is complete.")


def required_courses(profile: Profile, title: str) -> tuple[str, ...]:
    """Ids of the courses that holders of `title` complete before any use, in the profile's order."""
    training = profile.training
    if not training.required_before_use.settled:
        return ()
    return tuple(id_ for id_, course in training.courses.items() if _requires(training, course, title))


def _requires(training: TrainingRules, course: Course, title: str) -> bool:
    """Whom neither the course nor the training as a whole names is not left out."""
    own = course.required_of.settled
    titles = training.required_of.settled if own is None else own
    return titles is None or title in titles


def _gap(
    profile: Profile, course_id: str, title: str, certifications: Sequence[CertificationFact], today: date
) -> str:
    course = profile.training.courses[course_id]
    held = [fact for fact in certifications if fact.course == course_id and fact.completed_on <= today]
    if not held:
        return f"“{course.name}” has not been completed."
    last_days = [last_day(course, title, fact) for fact in held]
    if any(last is None or today <= last for last in last_days):
        return ""
    ended = max(last for last in last_days if last is not None)
    return f"The certification for “{course.name}” ended on {written(ended)}."


def last_day(course: Course, title: str, fact: CertificationFact) -> date | None:
    """The last day a certification counts: the certificate's own, or the end of the title's validity."""
    ends = [] if fact.expires_on is None else [fact.expires_on]
    if (validity := validity_of(course, title).settled) is not None:
        completed = fact.completed_on
        end = validity.after(datetime(completed.year, completed.month, completed.day, tzinfo=UTC))
        ends.append(end.date())
    return min(ends, default=None)


def validity_of(course: Course, title: str) -> Param[Period]:
    """How long a certification lasts for holders of `title`: their own interval, else the course's."""
    by_title = course.validity_by_title
    if title not in (by_title.settled or {}):
        return course.validity
    return Param(
        clause=by_title.clause,
        local_decision=by_title.local_decision,
        note=by_title.note,
        value=(by_title.settled or {})[title],
    )


def _certify(profile: Profile) -> str:
    certifier = profile.training.certifier.settled
    who = profile.position_name(certifier) if certifier else _assigner(profile)
    return f"Complete the training and ask the {who} to record the certification."


@enforces("B-466.3", "B-466.4", "B-466.4(a)", "H-426.2", "H-426.3", "H-426.3(a)")
def purpose_allowed(profile: Profile, purpose_id: str) -> Decision:
    """Accept only purposes of the agency's closed list."""
    closed = profile.search.purposes_closed
    purpose = profile.purposes.get(purpose_id)
    if purpose is not None:
        return Decision(True, purpose.clause, f"{purpose.name} is a purpose of this agency's policy.")
    if not purpose_id:
        return deny(profile, profile.search.purpose_required, "No purpose is given.", "Choose a purpose.")
    name = purpose_id.replace("-", " ").capitalize()
    choices = ", ".join(sorted(known.name.lower() for known in profile.purposes.values()))
    reason = f"{name} is not a purpose for which this agency's policy permits the use of ALPR data."
    remedy = f"Use it only for: {choices}." if choices else "Record the policy's purposes in its profile."
    return deny(profile, closed, reason, remedy)


@enforces("B-466.4(b)", "B-466.6(b)", "H-426.3(b)", "H-426.5(b)")
def search_allowed(
    profile: Profile,
    purpose_id: str,
    reason: str,
    reference: str = "",
    *,
    suspicion: bool = False,
    supervisor_approval: bool = False,
) -> Decision:
    """Check what a search states against the agency's preconditions, purpose first."""
    purpose = purpose_allowed(profile, purpose_id)
    if not purpose:
        return purpose
    rules = profile.search
    length = len(reason.strip())
    if length < (rules.reason_min_length.settled or 0):
        said = (
            f"The reason has {length} characters; at least {rules.reason_min_length.settled} are asked for."
        )
        return deny(profile, rules.reason_min_length, said, "Say in a few words what the search is for.")
    preconditions: tuple[tuple[Param[bool], bool, str, str], ...] = (
        (
            rules.reference_required,
            bool(reference.strip()),
            "a case or incident reference",
            "Give the number.",
        ),
        (rules.suspicion_required, suspicion, "a stated suspicion", "State the suspicion or probable cause."),
        (rules.supervisor_approval_required, supervisor_approval, "a supervisor's approval", "Ask for it."),
    )
    for rule, met, what, remedy in preconditions:
        if rule.settled and not met:
            return deny(profile, rule, f"This agency asks for {what} before a search.", remedy)
    return purpose


@enforces("B-466.6(b)", "H-426.5(b)")
def export_allowed(profile: Profile, reference: str) -> Decision:
    """Whether results of a search with this reference may leave as a file; none where no number is set."""
    rules = profile.exports
    if not rules.most_reads.settled:
        reason = "How many reads may be taken out as a file is not addressed by this policy, so none may."
        return deny(profile, rules.most_reads, reason, "Record a local decision in the profile.")
    if rules.reference_required.settled and not reference.strip():
        reason = "This agency asks for a case or incident number before results are taken out as a file."
        return deny(profile, rules.reference_required, reason, "Search again and give the number.")
    return allow(
        profile, rules.most_reads, f"At most {rules.most_reads.settled:,} reads may be taken out as a file."
    )


@enforces("B-466.9")
def dispatch_steps(profile: Profile) -> tuple[DispatchStep, ...]:
    """Return the dispatch procedure's steps in order; empty where the policy is silent."""
    return profile.dispatch.steps
