"""What an API token is good for, and what ends it.

It never gives more than its person may do at that moment: the gate decides about every request by title,
training, clearance and policy, as in the browser. A token only takes away.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from plateward.policy import Decision, Profile, deny, is_vendor

PREFIX: Final = "pw_"
"""Lets scanners for lost secrets find a token."""
CAPABILITIES: Final = ("search.run", "search.export", "reads.view", "devices.view")
"""What addresses exist for."""
LASTS: Final = {days: timedelta(days=days) for days in (1, 7, 30, 90)}
"""How long a token may be made for; no longer than a password counts unchecked (CJIS IA-5)."""
NOTED_EVERY: Final = timedelta(seconds=30)
"""Its last use is written down this often at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What the rules need to know about one token; `roles` are its person's when it was made."""

    purpose: str
    capabilities: frozenset[str]
    roles: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerFacts:
    """What of a token's person may end it; `state_since_at` is when their account last changed its state."""

    is_active: bool
    state_since_at: datetime
    password_changed_at: datetime | None
    roles: str


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def why_ended(token: TokenFacts, owner: OwnerFacts, now: datetime) -> str:
    """Why a token opens nothing any more; empty while it counts (CJIS AC-2, IA-11, PS-4)."""
    changed_at = owner.password_changed_at
    ends = (
        (token.revoked_at is not None, "It was revoked."),
        (now >= token.expires_at, "It has expired."),
        (not owner.is_active, "The account of its person is not active."),
        (token.made_at < owner.state_since_at, "The account of its person was closed since it was made."),
        (changed_at is not None and token.made_at < changed_at, "The password changed since it was made."),
        (token.roles != owner.roles, "Title or positions of its person changed since it was made."),
    )
    return next((why for is_so, why in ends if is_so), "")


def may_hold(profile: Profile, title: str) -> Decision:
    """Whether somebody of this title may have tokens; vendor staff get in through windows only."""
    if not is_vendor(profile, title):
        return Decision(True, "CJIS AC-6", "A token gives no more than its person may do.")
    reason = "Vendor staff get no API tokens: they have access in maintenance windows only."
    return deny(profile, profile.titles[title].listed, reason, "Ask a member of the department to make one.")


def opens(token: TokenFacts, capability: str) -> Decision:
    """Whether the token was made for this."""
    if capability in token.capabilities:
        return Decision(True, "CJIS AC-6", "The token was made for this.")
    reason = f"This token was not made for “{capability}”."
    return Decision(False, "CJIS AC-6", reason, "Make a token that includes it, under “My access”.")


def bound(profile: Profile, token: TokenFacts, purpose: str) -> Decision:
    """Whether the token may be used for this purpose: the one it was made for, and no other."""
    rule = profile.search.purpose_required
    if purpose == token.purpose:
        return Decision(True, profile.citation(rule), "The token was made for this purpose.")
    reason = f"This token was made for the purpose “{token.purpose}”, not for “{purpose}”."
    return deny(profile, rule, reason, "Ask with a token made for that purpose.")
