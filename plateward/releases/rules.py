"""Releasing data to another agency: who receives it, who decides, what stops it (B-466.7, CC 1798.90.55(b)).

Where a policy does not speak of releases, the statute's floor alone applies, and every answer says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from plateward.policy import (
    Decision,
    PartnerClass,
    PersonFact,
    Profile,
    allow,
    deny,
    enforces,
    positions_held,
    purpose_allowed,
    release_allowed,
    screen_reason,
)

STATUTE = "Civil Code § 1798.90.55(b)"
PURPOSE_STATUTE = "Civil Code § 1798.90.52(a)(4)"
SB54 = "Gov. Code § 7284.6 (SB 54)"
SILENT = "Not addressed by this policy"
OVERRIDE_NEEDS = "An override names its legal authority and counsel’s reference."
PARTS = ("releases.record", "releases.approve", "releases.fulfill", "releases.partners")
"""Capabilities that each do one part of a release; whoever does one sees them whole."""
IMMIGRATION = "immigration-enforcement"
"""The id that a profile's prohibited uses have for it."""

PUBLIC_AGENCIES = frozenset(
    {
        PartnerClass.STATE,
        PartnerClass.COUNTY,
        PartnerClass.CITY,
        PartnerClass.DISTRICT,
        PartnerClass.UNIVERSITY,
        PartnerClass.PROSECUTOR,
    }
)
"""Those of California are public agencies under Civil Code § 1798.90.5(f)."""


CLASS_NAMES: Mapping[PartnerClass, str] = {
    PartnerClass.STATE: "State agency",
    PartnerClass.COUNTY: "County agency",
    PartnerClass.CITY: "City agency",
    PartnerClass.DISTRICT: "Special or school district",
    PartnerClass.UNIVERSITY: "Public university or college (UC, CSU, community college)",
    PartnerClass.PROSECUTOR: "District attorney or other prosecutor",
    PartnerClass.FUSION_CENTER: "Fusion center",
    PartnerClass.FEDERAL: "Federal agency",
    PartnerClass.OTHER_STATE: "Agency of another state",
    PartnerClass.TRIBAL: "Tribal agency",
    PartnerClass.PRIVATE: "Private body",
    PartnerClass.VENDOR: "Vendor",
}


class RequestState(StrEnum):
    RECORDED = "RECORDED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    FULFILLED = "FULFILLED"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Waits for a decision" if self is RequestState.RECORDED else self.value.capitalize()


class Act(StrEnum):
    """What is done with a request as a whole."""

    RECORD = "RECORD"
    APPROVE_FIRST = "APPROVE_FIRST"
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"
    FULFILL = "FULFILL"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a request from any of `sources` (none: it does not exist yet) to `target`."""

    act: Act
    sources: tuple[RequestState, ...]
    target: RequestState
    by: str


_OPEN = (RequestState.RECORDED,)
TRANSITIONS = (
    Transition(Act.RECORD, (), RequestState.RECORDED, "whoever receives the written request; the partner"),
    Transition(Act.APPROVE_FIRST, _OPEN, RequestState.RECORDED, "the first of two approvers of an override"),
    Transition(Act.APPROVE, _OPEN, RequestState.APPROVED, "an approver, never who asked or recorded"),
    Transition(Act.REFUSE, _OPEN, RequestState.REFUSED, "an approver"),
    Transition(
        Act.WITHDRAW,
        (RequestState.RECORDED, RequestState.APPROVED),
        RequestState.WITHDRAWN,
        "who asked, or who records for them",
    ),
    Transition(
        Act.FULFILL, (RequestState.APPROVED,), RequestState.FULFILLED, "another than the only approver"
    ),
)
_OF_ACT = {transition.act: transition for transition in TRANSITIONS}


def may_move(state: RequestState, act: Act) -> Decision:
    """Whether a request in this state lets this be done."""
    if state in _OF_ACT[act].sources:
        return Decision(True, "", f"The request is {state.label.lower()}.")
    reason = f"The request is {state.value.lower()} already: it is not {_DONE[act]} any more."
    return Decision(False, "", reason, "Open its page again; record a new request where one is needed.")


_DONE = {
    Act.APPROVE_FIRST: "approved",
    Act.APPROVE: "approved",
    Act.REFUSE: "refused",
    Act.WITHDRAW: "withdrawn",
    Act.FULFILL: "fulfilled",
}


class StopKind(StrEnum):
    """How firm a stop is: a HARD one yields to an override on record, the others to nothing but a remedy."""

    HARD = "HARD"
    FIRM = "FIRM"


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that stands against a release, and the ground it rests on."""

    kind: StopKind
    decision: Decision


@dataclass(frozen=True, slots=True)
class PartnerFact:
    """What the register says of a body, by its latest review.

    `state` is the postal code of the state whose law made it, "" for none. `again_date` is the last day the
    review counts. `is_enforcement`: a law enforcement or prosecutorial agency.
    """

    name: str
    kind: PartnerClass
    state: str
    is_enforcement: bool
    again_date: date
    is_ended: bool = False


def _hard(reason: str, ground: str, remedy: str = "") -> Stop:
    override = "Refuse it, or override with a named legal authority, counsel’s reference and two approvals."
    return Stop(StopKind.HARD, Decision(False, ground, reason, remedy or override))


def _firm(decision: Decision) -> Stop:
    return Stop(StopKind.FIRM, decision)


@enforces("B-466.7", "B-466.7¶2", "CC-1798.90.55")
def recipient_stops(profile: Profile, partner: PartnerFact | None, today: date) -> list[Stop]:
    """What stands against this recipient; nothing is ever concluded from a name (R104)."""
    if partner is None:
        reason = "The requesting agency is not in the partner register."
        remedy = (
            "Have it reviewed and entered there first, with evidence of what it is; or refuse the request."
        )
        return [_firm(Decision(False, STATUTE, reason, remedy))]
    return [*_register_stops(partner, today), *_class_stops(profile, partner)]


def _register_stops(partner: PartnerFact, today: date) -> list[Stop]:
    if partner.is_ended:
        reason = f"{partner.name} was taken off the partner register."
        return [_firm(Decision(False, STATUTE, reason, "Review it anew, or refuse the request."))]
    if partner.again_date < today:
        reason = f"The review of {partner.name} counted until {partner.again_date:%b %-d, %Y}."
        return [_firm(Decision(False, STATUTE, reason, "Review the partner again first."))]
    return []


def _class_stops(profile: Profile, partner: PartnerFact) -> list[Stop]:
    """The statute's stop and the policy's own, each by itself: an override names what it overrides."""
    found = []
    if profile.agency.state == "CA" and (why := _no_public_agency(profile, partner)):
        found.append(_hard(why, STATUTE))
    if not partner.is_enforcement and profile.releases.other_requests.delegated_to:
        rule = profile.releases.other_requests
        reason = f"{partner.name} is no law enforcement or prosecutorial agency."
        remedy = f"Process the request as the {rule.delegated_to} says: record it under Public records."
        # A public body has this way and no other; a private one must pass the statute's stop as well.
        found.append(Stop(StopKind.HARD if found else StopKind.FIRM, deny(profile, rule, reason, remedy)))
    is_silent = profile.releases.partner_classes.settled is None
    if is_silent and profile.agency.state == "CA":
        return found  # the statute's floor alone
    allowed = release_allowed(profile, partner.kind)
    return found if allowed else [*found, Stop(StopKind.FIRM if is_silent else StopKind.HARD, allowed)]


def _no_public_agency(profile: Profile, partner: PartnerFact) -> str:
    """Why it is no public agency of California, "" where it is (Civil Code § 1798.90.5(f))."""
    if partner.kind not in PUBLIC_AGENCIES:
        return f"{partner.name} is no public agency of California: {CLASS_NAMES[partner.kind].lower()}."
    if partner.state != profile.agency.state:
        return f"{partner.name} is an agency of another state ({partner.state or 'none named'})."
    return ""


@dataclass(frozen=True, slots=True)
class RequestFact:
    """What a written request says; `purpose` is the id of a purpose of the policy, "" for none of them.

    `further` holds, by its name in the policy, what else the policy wants a request to contain.
    """

    agency: str
    person: str
    purpose: str
    intended: str
    has_form: bool
    is_acknowledged: bool
    is_immigration: bool
    further: Mapping[str, str]
    reference: str = ""


EMPTY: Final = RequestFact(
    agency="",
    person="",
    purpose="",
    intended="",
    has_form=False,
    is_acknowledged=False,
    is_immigration=False,
    further={},
)
"""A request that states nothing: what is missing from it is what every request must state."""

AGENCY, PERSON, PURPOSE = "name of the agency", "name of the person requesting", "intended purpose"
"""What B-466.7(a) asks of a written request, as the profile names it."""


@enforces("B-466.7(a)", "B-466.7(a)(1)", "B-466.7(a)(2)", "B-466.7(a)(3)", "CC-1798.90.52")
def missing_contents(profile: Profile, request: RequestFact) -> dict[str, Decision]:
    """By field, what the policy wants in a written request and is not there; the statute's floor always."""
    said = {AGENCY: request.agency, PERSON: request.person, PURPOSE: request.intended, **request.further}
    rule = profile.releases.request_contents
    missing: dict[str, Decision] = {}
    for content in rule.settled or ():
        if not said.get(content, "").strip():
            remedy = "Ask the agency for a written request that states it."
            missing[content] = deny(profile, rule, f"The request does not state the {content}.", remedy)
    for content in (AGENCY, PURPOSE):
        if not said[content].strip() and content not in missing:
            reason = f"The request does not state the {content}, and every access is recorded with it."
            missing[content] = Decision(False, PURPOSE_STATUTE, reason, "Ask the agency for it.")
    if profile.releases.written_request.settled and not request.has_form:
        missing["form"] = deny(
            profile,
            profile.releases.written_request,
            "The written request itself is not on file.",
            "Attach the scan, or the PDF as it came.",
        )
    return missing


def further_contents(profile: Profile) -> tuple[str, ...]:
    """What the policy wants in a request beside agency, person and purpose."""
    known = {AGENCY, PERSON, PURPOSE}
    return tuple(one for one in profile.releases.request_contents.settled or () if one not in known)


@enforces("B-466.7", "B-466.3", "H-426.2")
def request_stops(profile: Profile, request: RequestFact) -> list[Stop]:
    """What in the request itself stands against a release."""
    found = []
    if (why := immigration_sign(profile, request)) is not None:
        found.append(_hard(why, SB54))
    if not request.is_acknowledged:
        reason = "The requester has not acknowledged that the data serve no immigration enforcement."
        found.append(
            _firm(Decision(False, SB54, reason, "Have it acknowledged in writing, and record it anew."))
        )
    purpose = purpose_allowed(profile, request.purpose)
    if not purpose:
        found.append(_firm(purpose))
    return found


def immigration_sign(profile: Profile, request: RequestFact) -> str | None:
    """What says that the data would serve immigration enforcement; None for nothing."""
    if request.is_immigration:
        return "The request is for immigration enforcement."
    said = (request.intended, request.reference, *request.further.values())
    signs = [flag for text in said for flag in screen_reason(profile, text) if flag.use == IMMIGRATION]
    return f"The stated purpose speaks of immigration enforcement (“{signs[0].matched}”)." if signs else None


def stops(profile: Profile, partner: PartnerFact | None, request: RequestFact, today: date) -> list[Stop]:
    """Everything that stands against a release, the recipient first."""
    return [*recipient_stops(profile, partner, today), *request_stops(profile, request)]


def firm(found: Sequence[Stop]) -> list[Stop]:
    """Those that nothing overrides."""
    return [stop for stop in found if stop.kind is StopKind.FIRM]


def is_override(found: Sequence[Stop]) -> bool:
    """Whether approving takes a legal authority, counsel's reference and two approvals."""
    return any(stop.kind is StopKind.HARD for stop in found)


def approvals_needed(found: Sequence[Stop]) -> int:
    """How many people approve."""
    return 2 if is_override(found) else 1


def deciders(profile: Profile) -> tuple[str, ...]:
    """The positions that decide, the approver first; () where the policy names none."""
    rules = profile.releases
    first = (rules.approver.settled,) if rules.approver.settled else ()
    return (*first, *(rules.designees.settled or ()))


@enforces("B-466.7(b)")
def may_decide(profile: Profile, person: PersonFact, asked_by: Collection[str]) -> Decision:
    """Whether this person approves or refuses; `asked_by` are the accounts that asked or recorded it."""
    rule = profile.releases.approver
    names = " or ".join(profile.position_name(one) for one in deciders(profile))
    if person.id in asked_by:
        remedy = f"Ask the {names}." if names else "Ask another person who may approve releases."
        return deny(profile, rule, "Nobody decides on a request that they made or recorded.", remedy)
    if not names:
        return Decision(True, "", f"{SILENT}: whoever may approve releases decides.")
    held = positions_held(profile, person.title, person.positions)
    position = next((one for one in deciders(profile) if one in held), None)
    if position is None:
        return deny(profile, rule, f"Only the {names} decides on a release.", f"Ask the {names}.")
    basis = rule if position == rule.settled else profile.releases.designees
    return allow(profile, basis, f"The {profile.position_name(position)} decides on releases.")


@enforces("B-466.7(b)")
def may_approve_also(profile: Profile, person_id: str, approvers: Collection[str]) -> Decision:
    """Whether this person gives the second approval of an override: never the one who gave the first."""
    if person_id in approvers:
        reason = "You gave the first approval. An override takes two people."
        return deny(profile, profile.releases.approver, reason, "Ask the other approver.")
    return Decision(True, profile.citation(profile.releases.approver), "Another person approved first.")


@enforces("B-466.7(b)")
def may_fulfill(profile: Profile, person_id: str, approvers: Collection[str]) -> Decision:
    """Whether this person hands the data over: approved first, and not by this person alone."""
    rule = profile.releases.approver
    if not approvers:
        return deny(
            profile, rule, "No one approved this request.", "Have it approved before it is fulfilled."
        )
    if set(approvers) == {person_id}:
        reason = "You are the only one who approved it: another person hands the data over."
        return deny(profile, rule, reason, "Ask somebody else who may fulfill requests.")
    return allow(profile, rule, "The request is approved.")


@enforces("B-466.7(b)", "CC-1798.90.55")
def may_rely_on_own_review(profile: Profile, person_id: str, reviewer_id: str) -> Decision:
    """Whether this person approves a release to a partner that is eligible by their own review alone.

    Where the policy names several who decide, another of them does: else one person could call any body a
    public agency, and release to it. Not asked of an override, which takes two people anyway.
    """
    if person_id == reviewer_id and len(deciders(profile)) > 1:
        reason = "You reviewed this partner yourself: what makes it eligible is your own finding."
        names = " or ".join(profile.position_name(one) for one in deciders(profile))
        return deny(profile, profile.releases.approver, reason, f"Ask another of the {names} to approve.")
    return Decision(True, profile.citation(profile.releases.approver), "Another person reviewed the partner.")


@dataclass(frozen=True, slots=True)
class Override:
    """On what a hard stop is overridden; both must be said."""

    legal_authority: str = ""
    counsel_reference: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the authority and counsel's reference are both there."""
        return bool(self.legal_authority.strip() and self.counsel_reference.strip())


def limits(purpose: str, recipient: str, destroy_by: date | None) -> tuple[str, ...]:
    """The limits that accompany released data, sentence by sentence (R111)."""
    kept = (
        f"Destroy the data by {destroy_by:%B %-d, %Y}."
        if destroy_by
        else "No day of destruction is set: keep the data no longer than the stated purpose needs."
    )
    return (
        f"For use by {recipient} only, for the stated purpose only: {purpose}",
        f"Do not sell, share or transfer the data to anybody else, except as {STATUTE} permits.",
        f"Do not use the data for immigration enforcement ({SB54}).",
        kept,
    )
