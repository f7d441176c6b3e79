"""Custom hotlist entries: who approves for whom, what the narrative carries, when an entry expires."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Literal

from msgspec import Struct

from plateward.policy.decisions import Decision, PersonFact, allow, deny, positions_held
from plateward.policy.enforcement import enforces
from plateward.policy.profile import Chain, Profile


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


@enforces("B-466.11", "B-466.11¶2")
def approval_chain(profile: Profile, requester_title: str) -> ApprovalChain | Decision:
    """Return who approves a custom-hotlist entry requested by this title, or why it may not request."""
    chain = _chain_for(profile, requester_title)
    if chain is None:
        return _no_chain(profile, requester_title)
    return ApprovalChain(profile.citation(chain.approver), _steps(chain))


def _steps(chain: Chain) -> tuple[str, ...]:
    approver = chain.approver.require("Who approves custom hotlist entries")
    return (approver, *(chain.if_unavailable.settled or ()))


def _chain_for(profile: Profile, title: str) -> Chain | None:
    chains = profile.hotlists.custom.chains.values()
    return next((chain for chain in chains if title in (chain.requesters.settled or ())), None)


def _no_chain(profile: Profile, title: str) -> Decision:
    chains = tuple(profile.hotlists.custom.chains.values())
    if not chains:
        reason = "This policy names nobody who may request or approve custom hotlist entries."
        remedy = "Record a local decision with a chain of approval in the profile."
        return deny(profile, profile.hotlists.custom.procedure, reason, remedy)
    names = [profile.title_name(known) for chain in chains for known in chain.requesters.settled or ()]
    reason = f"{profile.title_name(title)}: this title may not request custom hotlist entries."
    return deny(profile, chains[0].requesters, reason, f"Ask somebody who may: {', '.join(names)}.")


@enforces("B-466.11", "B-466.11¶2")
def may_approve(
    profile: Profile,
    *,
    requester: PersonFact,
    approver: PersonFact,
    unavailable: AbstractSet[str],
    verb: Literal["approve", "refuse"] = "approve",
) -> Decision:
    """Tell whether `approver` may approve, or refuse, `requester`'s custom-hotlist entry.

    `unavailable` holds the positions that are unavailable; only then do the alternatives count. Who may
    approve may refuse: `verb` only words the answer.
    """
    chain = _chain_for(profile, requester.title)
    if chain is None:
        return _no_chain(profile, requester.title)
    first_id, *alternatives = _steps(chain)
    first = profile.position_name(first_id)
    if requester.id == approver.id:
        own, reason = profile.hotlists.custom.self_approval, f"Nobody {verb}s an entry they requested."
        asked = tuple(alternatives) if first_id in unavailable and alternatives else (first_id,)
        names = " or ".join(profile.position_name(position) for position in asked)
        return deny(profile, own, reason, f"Ask another person: the {names}.")
    positions = positions_held(profile, approver.title, approver.positions)
    if first_id in positions:
        return allow(profile, chain.approver, f"The {first} may {verb} this entry.")
    held = next((position for position in alternatives if position in positions), None)
    if held is None:
        names = " or ".join(profile.position_name(step) for step in (first_id, *alternatives))
        return deny(profile, chain.approver, f"Only the {names} can {verb} this entry.", f"Ask the {first}.")
    stand_in = profile.position_name(held)
    if first_id not in unavailable:
        remedy = f"Ask the {first}, or record that the {first} is unavailable."
        reason = f"The {stand_in} {verb}s only if the {first} is unavailable."
        return deny(profile, chain.if_unavailable, reason, remedy)
    return allow(
        profile, chain.if_unavailable, f"The {stand_in} may {verb} this entry: the {first} is unavailable."
    )


@enforces("B-466.11¶3")
def hotlist_expiry(profile: Profile, from_at: datetime) -> datetime:
    """Return when an entry approved or refreshed at `from_at` stops matching.

    Raises:
        Unsettled: the policy is silent and no local decision sets the period.
        ValueError: `from_at` has no time zone.
    """
    period = profile.hotlists.custom.refresh_within.require("How long a custom hotlist entry stays active")
    return period.after(from_at)
