"""May this be done? Every answer says allow or deny, cites its clause and says what to do next."""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from msgspec import Struct

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.parameters import Basis, Param
from plateward.policy.profile import Chain, DispatchStep, Position, Profile, Title


class Decision(Struct, frozen=True):
    """An answer; `local_decision` names the agency's own decision it rests on, where there is one."""

    allowed: bool
    clause: str
    reason: str
    remedy: str = ""
    local_decision: str = ""

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


class PersonFact(Struct, frozen=True):
    """Who somebody is for an approval: account id, job title, positions held now."""

    id: str
    title: str
    positions: frozenset[str] = frozenset()


class ApprovalChain(Struct, frozen=True):
    """Who approves: the first position; if it is unavailable any of the others, which rank equally."""

    clause: str
    steps: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.steps[0]

    @property
    def alternatives(self) -> tuple[str, ...]:
        return self.steps[1:]


def allow(profile: Profile, basis: Basis, reason: str) -> Decision:
    """Allow on a parameter's ground."""
    return Decision(True, profile.citation(basis), reason, local_decision=basis.local_decision)


def deny(profile: Profile, basis: Basis, reason: str, remedy: str) -> Decision:
    """Deny on a parameter's ground, saying what to do instead."""
    return Decision(False, profile.citation(basis), reason, remedy, basis.local_decision)


def may(profile: Profile, title: str, capability: str, positions: Collection[str] = ()) -> Decision:
    """Tell whether holders of `title`, and of `positions` beside it, have a capability."""
    known = CAPABILITIES[capability]
    authorized = _title_authorized(profile, title)
    if not authorized:
        return authorized
    for position in (profile.positions[held] for held in sorted(positions) if held in profile.positions):
        if capability in (position.capabilities.settled or ()):
            return allow(profile, position.capabilities, f"The {position.name} may {known.does}.")
    granted = profile.titles[title].capabilities
    if capability in (granted.settled or ()):
        return allow(profile, granted, f"{profile.title_name(title)}: may {known.does}.")
    reason = f"{profile.title_name(title)}: this title may not {known.does}."
    return deny(profile, granted, reason, _who_may(profile, capability))


def _title_authorized(profile: Profile, title: str) -> Decision:
    listed = profile.access.authorized_titles
    if title in (listed.settled or ()):
        return allow(
            profile, profile.titles[title].listed, f"{profile.title_name(title)} is an authorized title."
        )
    reason = f"“{title}” is not among the titles authorized to use the ALPR system."
    return deny(profile, listed, reason, f"Ask the {_assigner(profile)} which title applies.")


def _assigner(profile: Profile) -> str:
    position = profile.access.permission_assigner.settled
    return profile.position_name(position) if position else "agency's ALPR administrator"


def _who_may(profile: Profile, capability: str) -> str:
    parts: tuple[Title | Position, ...] = (*profile.titles.values(), *profile.positions.values())
    holders = [part.name for part in parts if capability in (part.capabilities.settled or ())]
    return (
        f"Ask somebody who may: {', '.join(dict.fromkeys(holders))}."
        if holders
        else "Nobody may, in this agency."
    )


def may_use_system(
    profile: Profile, title: str, certifications: Sequence[CertificationFact], today: date
) -> Decision:
    """Open the system only to authorized titles that hold every required certification today."""
    authorized = _title_authorized(profile, title)
    required = profile.training.required_before_use
    if not authorized or not required.settled or title not in (profile.training.required_of.settled or ()):
        return authorized
    for course_id, course in profile.training.courses.items():
        held = [fact for fact in certifications if fact.course == course_id and fact.completed_on <= today]
        if not held:
            return deny(profile, required, f"“{course.name}” has not been completed.", _certify(profile))
        if not any(fact.expires_on is None or today <= fact.expires_on for fact in held):
            ended = max(fact.expires_on for fact in held if fact.expires_on)
            reason = f"The certification for “{course.name}” ended on {ended.isoformat()}."
            return deny(profile, required, reason, _certify(profile))
    return allow(profile, required, "The required training is complete.")


def _certify(profile: Profile) -> str:
    certifier = profile.position_name(profile.training.certifier.require("Who certifies training"))
    return f"Complete the training and ask the {certifier} to record the certification."


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
    return deny(profile, closed, reason, f"Use it only for: {choices}.")


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
    least = rules.reason_min_length.settled or 0
    if len(reason.strip()) < least:
        said = f"The reason has {len(reason.strip())} characters; at least {least} are asked for."
        return deny(profile, rules.reason_min_length, said, "Say in a few words what the search is for.")
    preconditions: tuple[tuple[Param[bool], bool, str, str], ...] = (
        (
            rules.reference_required,
            bool(reference.strip()),
            "a case or incident reference",
            "Give the number.",
        ),
        (rules.suspicion_required, suspicion, "stated suspicion", "State the suspicion or probable cause."),
        (
            rules.supervisor_approval_required,
            supervisor_approval,
            "a supervisor's approval",
            "Ask a supervisor to approve the search.",
        ),
    )
    for rule, met, what, remedy in preconditions:
        if rule.settled and not met:
            return deny(profile, rule, f"This agency asks for {what} before a search.", remedy)
    return purpose


def approval_chain(profile: Profile, requester_title: str) -> ApprovalChain | Decision:
    """Return who approves a custom-hotlist entry requested by this title, or why it may not request."""
    chain = _chain_for(profile, requester_title)
    if chain is None:
        return _no_chain(profile, requester_title)
    approver = chain.approver.require("Who approves custom hotlist entries")
    return ApprovalChain(profile.citation(chain.approver), (approver, *(chain.if_unavailable.settled or ())))


def _chain_for(profile: Profile, title: str) -> Chain | None:
    chains = profile.hotlists.custom.chains.values()
    return next((chain for chain in chains if title in (chain.requesters.settled or ())), None)


def _no_chain(profile: Profile, title: str) -> Decision:
    chains = tuple(profile.hotlists.custom.chains.values())
    names = [profile.title_name(known) for chain in chains for known in chain.requesters.settled or ()]
    reason = f"{profile.title_name(title)}: this title may not request custom hotlist entries."
    return deny(profile, chains[0].requesters, reason, f"Ask somebody who may: {', '.join(names)}.")


def may_approve(
    profile: Profile, *, requester: PersonFact, approver: PersonFact, unavailable: AbstractSet[str]
) -> Decision:
    """Tell whether `approver` may approve `requester`'s custom-hotlist entry.

    `unavailable` holds the positions recorded as unavailable; only then do the alternatives count.
    """
    chain = _chain_for(profile, requester.title)
    steps = approval_chain(profile, requester.title)
    if chain is None or isinstance(steps, Decision):
        return _no_chain(profile, requester.title)
    own = profile.hotlists.custom.self_approval
    first = profile.position_name(steps.first)
    if requester.id == approver.id and not own.settled:
        return deny(profile, own, "Nobody approves an entry they requested.", f"Ask the {first}.")
    if steps.first in approver.positions:
        return allow(profile, chain.approver, f"Approved as {first}.")
    held = [position for position in steps.alternatives if position in approver.positions]
    if not held:
        others = " or ".join(profile.position_name(step) for step in steps.steps)
        return deny(
            profile, chain.approver, f"Only the {others} can approve this entry.", f"Ask the {first}."
        )
    if steps.first not in unavailable:
        remedy = f"Ask the {first}, or record that the {first} is unavailable."
        reason = f"The {profile.position_name(held[0])} approves only if the {first} is unavailable."
        return deny(profile, chain.if_unavailable, reason, remedy)
    reason = f"Approved as {profile.position_name(held[0])}, the {first} being unavailable."
    return allow(profile, chain.if_unavailable, reason)


def hotlist_expiry(profile: Profile, from_at: datetime) -> datetime:
    """Return when an entry approved or refreshed at `from_at` stops matching.

    Raises:
        Unsettled: the policy is silent and no local decision sets the period.
        ValueError: `from_at` has no time zone.
    """
    period = profile.hotlists.custom.refresh_within.require("How long a custom hotlist entry stays active")
    return period.after(from_at)


def dispatch_steps(profile: Profile) -> tuple[DispatchStep, ...]:
    """Return the dispatch procedure's steps in order; empty where the policy is silent."""
    return profile.dispatch.steps
