"""Access that is an exception: vendor staff in a maintenance window, and a person in a real emergency."""

from collections.abc import Collection
from datetime import datetime

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.decisions import Decision, PersonFact, allow, deny
from plateward.policy.enforcement import enforces
from plateward.policy.profile import AccessLevel, Profile

ADMINISTRATIVE = ("governance.", "accounts.", "training.", "audit.", "devices.", "reads.quarantine")
"""No emergency gives these: they change the system or oversee it, which can wait."""


def is_vendor(profile: Profile, title: str) -> bool:
    """Whether the title is one for maintenance and installation only."""
    known = profile.titles.get(title)
    return known is not None and known.access is AccessLevel.MAINTENANCE


@enforces("B-466.10(limited)(d)")
def vendor_may(profile: Profile, title: str, capability: str) -> Decision | None:
    """Refuse plate data to vendor staff whatever position they hold; None where this has no say."""
    if not is_vendor(profile, title) or not CAPABILITIES[capability].plate_data:
        return None
    reason = "Vendor staff have access for maintenance and installation only, and to no plate data."
    return deny(profile, profile.titles[title].listed, reason, "Ask a member of the department to look.")


@enforces("B-466.10(limited)(d)")
def window_missing(profile: Profile, title: str) -> Decision:
    """The refusal of vendor staff outside a maintenance window."""
    reason = "No maintenance window is open for you."
    return deny(profile, profile.titles[title].listed, reason, f"Ask the {_openers(profile)} to open one.")


@enforces("B-466.10(limited)(d)")
def may_open_window(profile: Profile, opener: PersonFact) -> Decision:
    """Whether this person may let vendor staff in; silence lets nobody."""
    rule = profile.vendor_access.opened_by
    if opener.positions & set(rule.settled or ()):
        return allow(profile, rule, f"The {_openers(profile)} may open a maintenance window.")
    if not rule.settled:
        reason = "The policy does not say who lets vendor staff in, so nobody does."
        return deny(profile, rule, reason, "Have the agency decide it in its profile.")
    return deny(
        profile,
        rule,
        f"Only the {_openers(profile)} may open a maintenance window.",
        f"Ask the {_openers(profile)}.",
    )


@enforces("B-466.10(limited)(d)")
def window_length(profile: Profile, from_at: datetime, until_at: datetime) -> Decision:
    """Whether a window is no longer than the policy lets it be."""
    rule = profile.vendor_access.longest
    if rule.settled is None:
        reason = "The policy does not say how long a maintenance window may be."
        return deny(profile, rule, reason, "Have the agency decide it in its profile.")
    if until_at > rule.settled.after(from_at):
        reason = f"A maintenance window is open for {rule.settled} at most."
        return deny(profile, rule, reason, "Choose an earlier end; open another window for the rest.")
    return allow(profile, rule, f"At most {rule.settled}.")


def has_emergencies(profile: Profile) -> bool:
    """Whether the agency has decided that there is emergency access."""
    rules = profile.emergency_access
    return bool(rules.capabilities.settled and rules.lasts.settled and rules.reviewer.settled)


def may_obtain(profile: Profile, admission: Decision, title: str, *, unreviewed: int) -> Decision:
    """Whether a person may obtain emergency access now: admitted, no vendor, nothing of theirs unreviewed."""
    rules = profile.emergency_access
    if not has_emergencies(profile) or rules.reviewer.settled is None:
        reason = "This agency has not decided on emergency access, so there is none."
        return deny(profile, rules.capabilities, reason, "Call somebody who has the access you need.")
    if not admission:
        return admission
    if is_vendor(profile, title):
        return deny(
            profile, rules.capabilities, "Vendor staff have no emergency access.", "Call the department."
        )
    if unreviewed:
        reason = "Your last emergency access has not been reviewed."
        remedy = f"Ask the {profile.position_name(rules.reviewer.settled)} to review it."
        return deny(profile, rules.reviewer, reason, remedy)
    return allow(profile, rules.capabilities, f"Emergency access lasts {rules.lasts.settled}.")


def emergency_gives(profile: Profile, capability: str, until_at: datetime) -> Decision | None:
    """Allow what the emergency gives; None for anything else."""
    rule = profile.emergency_access.capabilities
    if capability not in (rule.settled or ()):
        return None
    return allow(profile, rule, f"Emergency access until {until_at.isoformat(timespec='minutes')}.")


def review_due(profile: Profile, ended_at: datetime) -> datetime:
    """When an emergency access must have been reviewed.

    Raises:
        Unsettled: the policy is silent, so there is no emergency access to review.
    """
    within = profile.emergency_access.reviewed_within.require("How soon emergency access is reviewed")
    return within.after(ended_at)


def may_review(profile: Profile, reviewer: PersonFact, person: PersonFact) -> Decision:
    """Whether `reviewer` may look through what `person` did in an emergency; nobody their own."""
    rule = profile.emergency_access.reviewer
    above = profile.accounts.escalates_to
    if reviewer.id == person.id:
        reason = "Nobody reviews their own emergency access."
        return deny(profile, rule, reason, _ask(profile, [above.settled]))
    if reviewer.positions & ({rule.settled, above.settled} - {None}):
        return allow(profile, rule, "The position reviews emergency access.")
    reason = "Your positions do not review emergency access."
    return deny(profile, rule, reason, _ask(profile, [rule.settled, above.settled]))


def _ask(profile: Profile, positions: Collection[str | None]) -> str:
    names = [profile.position_name(position) for position in positions if position]
    return f"Ask the {' or '.join(names) or 'agency’s ALPR administrator'}."


def _openers(profile: Profile) -> str:
    names = [profile.position_name(position) for position in profile.vendor_access.opened_by.settled or ()]
    return " or ".join(names) or "agency’s ALPR administrator"
