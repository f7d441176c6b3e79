"""How a custom hotlist entry lives, and who may do what with it when (B-466.11)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from plateward.plates import PlatePattern
from plateward.policy import (
    ApprovalChain,
    Asserter,
    Basis,
    Decision,
    Param,
    PersonFact,
    Profile,
    RefreshOrder,
    Unsettled,
    allow,
    approval_chain,
    deny,
    enforces,
    hotlist_expiry,
    may,
    positions_held,
    purpose_allowed,
)
from plateward.policy import may_approve as may_approve_for

MAX_PLATE = 10
"""Characters of the longest plate that any jurisdiction in `plates` issues, with room for special plates."""


MIN_KNOWN = 3
"""Known characters of a partial plate that alerts are raised by; a search takes fewer.

A limit of the product's own, no policy's: with fewer one entry would stop a street.
"""


class EntryState(StrEnum):
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"  # waits for whoever types it in, where the policy keeps that apart
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    REMOVED = "REMOVED"

    @property
    def label(self) -> str:
        """The state in words."""
        waits = {
            EntryState.REQUESTED: "Waiting for approval",
            EntryState.APPROVED: "Approved, to be entered",
        }
        return waits.get(self, self.value.capitalize())


class Act(StrEnum):
    """What is done with an entry; EXPIRE is the clock's, RECOVER an alert's disposition, others people's."""

    REQUEST = "REQUEST"
    ASSERT_UNAVAILABLE = "ASSERT_UNAVAILABLE"
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    ENTER = "ENTER"
    WITHDRAW = "WITHDRAW"
    REFRESH = "REFRESH"
    RECOVER = "RECOVER"
    REMOVE = "REMOVE"
    EXPIRE = "EXPIRE"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes an entry from one state (None: it does not exist yet) to another, journaled as `verb`."""

    act: Act
    source: EntryState | None
    target: EntryState
    verb: str
    by: str


TRANSITIONS = (
    Transition(Act.REQUEST, None, EntryState.REQUESTED, "hotlists.entry.requested", "requester"),
    Transition(
        Act.ASSERT_UNAVAILABLE,
        EntryState.REQUESTED,
        EntryState.REQUESTED,
        "hotlists.approver.unavailable",
        "whom the policy lets",
    ),
    Transition(
        Act.APPROVE,
        EntryState.REQUESTED,
        EntryState.ACTIVE,
        "hotlists.entry.approved",
        "approver, where nobody types it in",
    ),
    Transition(
        Act.APPROVE,
        EntryState.REQUESTED,
        EntryState.APPROVED,
        "hotlists.entry.approved",
        "approver, where somebody types it in",
    ),
    Transition(
        Act.ENTER,
        EntryState.APPROVED,
        EntryState.ACTIVE,
        "hotlists.entry.entered",
        "whom the policy lets enter",
    ),
    Transition(Act.REFUSE, EntryState.REQUESTED, EntryState.REFUSED, "hotlists.entry.refused", "approver"),
    Transition(
        Act.WITHDRAW, EntryState.REQUESTED, EntryState.WITHDRAWN, "hotlists.entry.withdrawn", "requester"
    ),
    Transition(
        Act.WITHDRAW, EntryState.APPROVED, EntryState.WITHDRAWN, "hotlists.entry.withdrawn", "requester"
    ),
    Transition(
        Act.REFRESH,
        EntryState.ACTIVE,
        EntryState.ACTIVE,
        "hotlists.entry.refreshed",
        "approver of the chain",
    ),
    Transition(
        Act.RECOVER,
        EntryState.ACTIVE,
        EntryState.ACTIVE,
        "hotlists.entry.recovered",
        "who closes its alert as recovered",
    ),
    Transition(
        Act.REMOVE, EntryState.ACTIVE, EntryState.REMOVED, "hotlists.entry.removed", "finder or requester"
    ),
    Transition(Act.EXPIRE, EntryState.ACTIVE, EntryState.EXPIRED, "hotlists.entry.expired", "clock"),
    Transition(Act.EXPIRE, EntryState.APPROVED, EntryState.EXPIRED, "hotlists.entry.expired", "clock"),
)

_OPEN = {
    EntryState.REQUESTED: "only an entry waiting for approval can be decided, reassigned or withdrawn.",
    EntryState.APPROVED: "only an approved entry that nobody typed in yet can be entered.",
    EntryState.ACTIVE: "only an active entry can be re-confirmed or removed.",
}


_INSTEAD = {
    EntryState.REQUESTED: "Wait for the decision on it.",
    EntryState.APPROVED: "Have it entered, or withdraw it.",
    EntryState.ACTIVE: "Reload the page; somebody decided meanwhile.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """What the rules need to know about one entry.

    `asserted` holds the positions recorded as unavailable for it, `vacant` those nobody holds now.
    `requester` carries the title under which the entry was requested and the positions held now, those
    that a rank carries included. `listed_by` names the list of others that it is on. `recovered` says that
    its vehicle was found, so that it only waits to be removed.
    """

    state: EntryState
    requester: PersonFact
    asserted: frozenset[str] = frozenset()
    vacant: frozenset[str] = frozenset()
    listed_by: str = ""
    expires_at: datetime | None = None
    recovered: bool = False

    @property
    def unavailable(self) -> frozenset[str]:
        """Positions that cannot decide: asserted, vacant, or held by the requester, who never decides."""
        return self.asserted | self.vacant | self.requester.positions

    def why_unavailable(self, position: str) -> str:
        """Why an unavailable position cannot decide, for the journal."""
        if position in self.asserted:
            return "recorded as unavailable"
        return "vacant" if position in self.vacant else "held by the requester"

    def state_at(self, now: datetime) -> EntryState:
        """The state that counts: past its time an entry is expired, even before the clock's task ran."""
        past = self.expires_at is not None and self.expires_at <= now
        timed = self.state in {EntryState.ACTIVE, EntryState.APPROVED}
        return EntryState.EXPIRED if timed and past else self.state


def transition_of(act: Act, target: EntryState | None = None) -> Transition:
    """The transition an act makes, the one to `target` where it makes several."""
    made = (known for known in TRANSITIONS if known.act is act)
    return next(known for known in made if target in {None, known.target})


@enforces("B-466.11", "B-466.11¶2")
def may_request(profile: Profile, person: PersonFact, purpose: str | None = None) -> Decision:
    """Whether this person's title may request entries, for this purpose (None: not chosen yet)."""
    capable = may(profile, person.title, "hotlists.request", person.positions)
    if not capable:
        return capable
    chain = chain_for(profile, person.title)
    if isinstance(chain, Decision):
        return chain
    if purpose is not None and not (allowed := purpose_allowed(profile, purpose)):
        return allowed
    return Decision(True, chain.clause, "This title may request entries in the custom hotlist.")


def would_be_requested(profile: Profile, person: PersonFact, *, purpose: str, case_number: str) -> Decision:
    """Whether a past request could be made under another policy: its person, its purpose, its case number."""
    decision = may_request(profile, person, purpose)
    problem = case_number_problem(profile, case_number)
    if not decision or not problem:
        return decision
    return deny(profile, profile.search.reference_required, problem, "Give the number.")


def chain_for(profile: Profile, title: str) -> ApprovalChain | Decision:
    """Who decides on requests of this title, or why the title may not request."""
    chains = profile.hotlists.custom.chains.values()
    if not any(chain.requesters.settled for chain in chains):
        silent = next((chain.requesters for chain in chains), Basis(silent=True))
        return _not_addressed(profile, silent, "Who may request custom hotlist entries")
    try:
        return approval_chain(profile, title)
    except Unsettled as unsettled:
        return _unsettled(profile, unsettled)


@enforces("B-466.11", "B-466.11¶2")
def decide(
    act: Act,
    profile: Profile,
    entry: EntryFacts,
    person: PersonFact,
    *,
    now: datetime,
    position: str = "",
) -> Decision:
    """Whether this person may do this with this entry at `now`; screens show the reason when not.

    `position` is the one asserted to be unavailable, for that act only.
    """
    if entry.listed_by:
        said = f"This entry is on a list of others ({entry.listed_by}); its source alone changes it."
        return deny(profile, Basis(silent=True), said, "Ask the agency that entered it.")
    state, sources = entry.state_at(now), [known.source for known in TRANSITIONS if known.act is act]
    if state not in sources:
        return _wrong_state(profile, state, sources[0])
    held = positions_held(profile, person.title, person.positions)
    person = PersonFact(person.id, person.title, held, person.delegations)
    try:
        return _decide_who(act, profile, entry, person, position)
    except Unsettled as unsettled:
        return _unsettled(profile, unsettled)


def _decide_who(act: Act, profile: Profile, entry: EntryFacts, person: PersonFact, position: str) -> Decision:
    match act:
        case Act.APPROVE:
            return _may_decide(profile, entry, person, "approve")
        case Act.REFUSE:
            return _may_decide(profile, entry, person, "refuse")
        case Act.ASSERT_UNAVAILABLE:
            return _may_assert(profile, entry, person, position)
    if act in _OF_PERSON:
        return _OF_PERSON[act](profile, entry, person)
    raise ValueError(f"{act} is not an act of a person on an entry")


def _may_decide(
    profile: Profile, entry: EntryFacts, person: PersonFact, verb: Literal["approve", "refuse"]
) -> Decision:
    decision = may_approve_for(
        profile, requester=entry.requester, approver=person, unavailable=entry.unavailable, verb=verb
    )
    if decision and hotlist_expiry_unsettled(profile):
        return _not_addressed(
            profile, profile.hotlists.custom.refresh_within, "How long an entry stays active"
        )
    if decision:
        entered_by(profile, entry.requester.title)
    return decision


_ANEW = "Let the approval run out, and have the vehicle requested anew by somebody who may."


def entered_by(profile: Profile, title: str) -> tuple[str, ...]:
    """The titles that type in what was approved of this title's requests; none: the approval enters it.

    Raises Unsettled where the policy leaves it open.
    """
    rule = _entering(profile, title)
    return rule.require("Who types in what was approved") if rule else ()


def _entering(profile: Profile, title: str) -> Param[tuple[str, ...]] | None:
    chains = profile.hotlists.custom.chains.values()
    return next((chain.entered_by for chain in chains if title in (chain.requesters.settled or ())), None)


@enforces("B-466.11¶2")
def _may_enter(profile: Profile, entry: EntryFacts, person: PersonFact) -> Decision:
    """Who received the approval enters; where their title does not, somebody of those that do."""
    chain, rule = chain_for(profile, entry.requester.title), _entering(profile, entry.requester.title)
    if (
        isinstance(chain, Decision) or rule is None
    ):  # it waits since a policy under which this title requested
        said = "This policy does not say who types in what was approved for this title."
        return chain if isinstance(chain, Decision) else deny(profile, Basis(silent=True), said, _ANEW)
    titles = entered_by(profile, entry.requester.title)
    names = " or ".join(profile.title_name(title) for title in titles)
    if person.id == entry.requester.id and entry.requester.title in titles:  # whatever their title is today
        return allow(profile, rule, "It is approved. Entered, it matches from then on.")
    if entry.requester.title in titles:
        said = f"Who received the approval enters the vehicle: the {names} who requested it."
        return deny(profile, rule, said, "Ask the requester; not entered, the approval runs out.")
    if person.title not in titles:
        said = f"{profile.title_name(person.title)}: this title may not enter vehicles."
        return deny(profile, rule, said, f"Ask somebody who may: {names}.")
    return allow(profile, rule, "It is approved. Entered, it matches from then on.")


def _may_assert(profile: Profile, entry: EntryFacts, person: PersonFact, position: str) -> Decision:
    chain = chain_for(profile, entry.requester.title)
    if isinstance(chain, Decision):
        return chain
    basis, first = _fallback_basis(profile, entry), profile.position_name(chain.first)
    others = _names(profile, chain.alternatives)
    if not chain.alternatives:
        said = f"Nobody decides in place of the {first}: the policy lays down no alternative."
        return Decision(False, chain.clause, said, f"Ask the {first}.")
    if position != chain.first:
        said = f"Only the unavailability of the {first} lets somebody else decide."
        return deny(profile, basis, said, f"The {others} may decide as the policy says.")
    if position in entry.unavailable:
        said = f"The {first} already counts as unavailable for this entry."
        return deny(profile, basis, said, f"Ask the {others} to decide.")
    rule = profile.hotlists.custom.unavailability_asserted_by
    asserters = rule.require(f"Who records that the {first} is unavailable")
    if not _asserts_as(entry, chain, person) & frozenset(asserters):
        called = {Asserter.REQUESTER: "requester", Asserter.STAND_IN: others, Asserter.APPROVER: first}
        names = " or the ".join(called[asserter] for asserter in asserters)
        said = f"Only the {names} records that the {first} is unavailable."
        return deny(profile, rule, said, f"Ask the {names}.")
    return allow(profile, rule, f"With the {first} unavailable, the {others} may decide.")


def _asserts_as(entry: EntryFacts, chain: ApprovalChain, person: PersonFact) -> frozenset[Asserter]:
    """What a person is to the request, of those whom the policy may let say that its approver is away."""
    found = {Asserter.REQUESTER} if person.id == entry.requester.id else set()
    found |= {Asserter.STAND_IN} if person.positions & frozenset(chain.alternatives) else set()
    found |= {Asserter.APPROVER} if chain.first in person.positions else set()
    return frozenset(found)


@enforces("B-466.11¶3")
def _may_refresh(profile: Profile, entry: EntryFacts, person: PersonFact) -> Decision:
    """Who re-confirms, and in which order, are local decisions (R57)."""
    chain, rule = chain_for(profile, entry.requester.title), profile.hotlists.custom.refresh_needs_approver
    if isinstance(chain, Decision):
        return chain
    if entry.recovered:
        said = "The vehicle was recovered; its entry is to be removed and not re-confirmed."
        remedy = "Remove it, and request a new entry if the vehicle is wanted again."
        return deny(profile, profile.hotlists.custom.finder_removes_on_recovery, said, remedy)
    approver_only = rule.require("Who re-confirms a custom hotlist entry")
    if person.id == entry.requester.id:
        if approver_only:
            remedy = f"Ask the {_names(profile, chain.steps)}."
            return deny(profile, rule, "Nobody re-confirms an entry they requested.", remedy)
        return allow(profile, rule, _STAYS)
    if not person.positions & frozenset(chain.steps):
        said = f"Only the {_names(profile, chain.steps)} can re-confirm this entry."
        return deny(profile, rule, said, "Ask one of them.")
    return _in_order(profile, entry, chain, person) if chain.alternatives else allow(profile, rule, _STAYS)


def _in_order(profile: Profile, entry: EntryFacts, chain: ApprovalChain, person: PersonFact) -> Decision:
    """Whether an approver of the chain may re-confirm now, or only while the first is unavailable."""
    rule, first = profile.hotlists.custom.refresh_order, profile.position_name(chain.first)
    order = rule.require("Which approvers re-confirm a custom hotlist entry")
    waits = chain.first not in person.positions and chain.first not in entry.unavailable
    if order is RefreshOrder.AS_APPROVAL and waits:
        said = f"The {first} re-confirms this entry; others do only if the {first} is unavailable."
        return deny(profile, rule, said, f"Ask the {first}; unconfirmed, the entry expires.")
    return allow(profile, rule, _STAYS)


_STAYS = "Re-confirmed, the entry stays active for a further period."


@enforces("B-466.11¶3-recovery")
def _may_remove(profile: Profile, entry: EntryFacts, person: PersonFact) -> Decision:
    basis = profile.hotlists.custom.finder_removes_on_recovery
    if person.id == entry.requester.id:
        return Decision(True, profile.citation(basis), "The requester may have the entry removed.")
    return may(profile, person.title, "hotlists.remove", person.positions, person.delegations)


def _may_withdraw(profile: Profile, entry: EntryFacts, person: PersonFact) -> Decision:
    if person.id == entry.requester.id:
        return Decision(
            True, _chain_clause(profile, entry), "A requester may withdraw what nobody decided yet."
        )
    return Decision(
        False,
        _chain_clause(profile, entry),
        "Only the person who requested an entry withdraws it.",
        "An approver may refuse it instead.",
    )


_OF_PERSON: Mapping[Act, Callable[[Profile, EntryFacts, PersonFact], Decision]] = {
    Act.ENTER: _may_enter,
    Act.REFRESH: _may_refresh,
    Act.REMOVE: _may_remove,
    Act.WITHDRAW: _may_withdraw,
}


def acting_position(profile: Profile, entry: EntryFacts, person: PersonFact) -> str:
    """The position in which this person decides: the chain's first, else an alternative."""
    chain = chain_for(profile, entry.requester.title)
    steps = chain.steps if isinstance(chain, ApprovalChain) else ()
    held = positions_held(profile, person.title, person.positions)
    return next((step for step in steps if step in held), "")


def stood_in_for(profile: Profile, entry: EntryFacts, position: str) -> dict[str, str]:
    """For which position an alternative decides as `position`, and why; empty when the first decides."""
    chain = chain_for(profile, entry.requester.title)
    if not isinstance(chain, ApprovalChain) or position == chain.first:
        return {}
    return {"instead_of": chain.first, "because": entry.why_unavailable(chain.first)}


def hotlist_expiry_unsettled(profile: Profile) -> bool:
    """True where the policy leaves open how long an entry may stay: then none may become active."""
    return profile.hotlists.custom.refresh_within.settled is None


@enforces("B-466.11¶3")
def active_until(profile: Profile, now: datetime) -> datetime:
    """When an entry approved or re-confirmed at `now` stops matching (B-466.11: 72 hours)."""
    return hotlist_expiry(profile, now)


def case_number_problem(profile: Profile, case_number: str) -> str:
    """Why a request lacks its case number, "" where the policy asks for none (B-466.4(b), H-426.3(b))."""
    rule = profile.search.reference_required
    if case_number or not rule.settled:
        return ""
    return f"This agency asks for a case or incident number ({profile.citation(rule)}). Give the number."


@enforces("B-466.4(c)", "H-426.3(c)")
def may_be_partial(profile: Profile) -> Decision:
    """Whether a partial plate may stand on a hotlist, to identify vehicles by what a witness remembers."""
    rule = profile.hotlists.partial_plates
    if rule.settled is None:
        return _not_addressed(profile, rule, "Whether a partial plate may stand on a hotlist")
    if not rule.settled:
        said = "Partial plates do not stand on this agency's hotlists."
        return deny(profile, rule, said, "Search for it instead.")
    return allow(profile, rule, "A partial plate may stand on a hotlist.")


@enforces("B-466.4(c)", "H-426.3(c)")
def major_crime_problem(profile: Profile, crime: str) -> str:
    """What is wrong with the crime that a partial plate is entered for, "" when nothing.

    Which crimes are major only the policy says; where it does not, the requester names the crime.
    """
    crimes = profile.hotlists.major_crimes
    if not crime.strip():
        return "Say which major crime the partial plate was reported at."
    if crimes.settled is None or crime in crimes.settled:
        return ""
    named = ", ".join(crimes.settled)
    return f"Partial plates are entered for: {named} ({profile.citation(crimes)}). Choose one of these."


def is_partial(plate: str) -> bool:
    """Whether a plate as entries hold it is known in part only."""
    return not PlatePattern(plate).is_exact


def plate_problem(plate: str) -> str:
    """What is wrong with a normalized or partial plate for a hotlist, "" when nothing."""
    known = len(plate) if plate.isalnum() else PlatePattern(plate).known
    if known < len(plate) and known < MIN_KNOWN:
        return (
            f"A partial plate on a hotlist needs {MIN_KNOWN} known characters; this has {known}, and would "
            "raise an alert at too many vehicles. Add what is known."
        )
    if not plate:
        return "No letter or digit is left of this plate. Enter the plate's characters, for example 8ABC123."
    if len(plate) > MAX_PLATE:
        return f"A plate has at most {MAX_PLATE} letters and digits; this has {len(plate)}. Correct it."
    return ""


@enforces("B-466.11-narrative", "B-466.11¶2-narrative")
def narrative_line(
    act: str, *, name: str, title: str, position: str, clause: str, profile: Profile, local_at: datetime
) -> str:
    """Who did `act` as what, when, by which clause, as the narrative notes it.

    Such as "Approved by Lieutenant Laura Lane (Operations Division Commander), 2026-11-22 03:14 -0800,
    B-466.11."
    """
    office = f" ({profile.position_name(position)})" if position else ""
    ground = f", {clause}" if clause else ""
    return f"{act} by {profile.title_name(title)} {name}{office}, {local_at:%Y-%m-%d %H:%M %z}{ground}."


def _fallback_basis(profile: Profile, entry: EntryFacts) -> Basis:
    chains = profile.hotlists.custom.chains.values()
    return next(
        chain.if_unavailable for chain in chains if entry.requester.title in (chain.requesters.settled or ())
    )


def _chain_clause(profile: Profile, entry: EntryFacts) -> str:
    chain = chain_for(profile, entry.requester.title)
    return chain.clause


def _names(profile: Profile, positions: tuple[str, ...]) -> str:
    return " or ".join(profile.position_name(position) for position in positions)


def _wrong_state(profile: Profile, state: EntryState, source: EntryState | None) -> Decision:
    basis = profile.hotlists.custom.refresh_within
    only = _OPEN[source] if source else "it exists already."
    remedy = _INSTEAD.get(state, "Request a new entry if it is needed.")
    return deny(profile, basis, f"This entry is {state.label.lower()}; {only}", remedy)


def _not_addressed(profile: Profile, basis: Basis, what: str) -> Decision:
    remedy = "Ask the agency's ALPR administrator to have a local decision recorded in the profile."
    return deny(profile, basis, f"{what} is not addressed by this policy.", remedy)


def _unsettled(profile: Profile, unsettled: Unsettled) -> Decision:
    remedy = "Ask the agency's ALPR administrator to have a local decision recorded in the profile."
    return deny(profile, Basis(silent=True), str(unsettled), remedy)
