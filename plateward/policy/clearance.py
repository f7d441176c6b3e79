"""Security clearance: nobody uses the system without it where the agency's policy demands it (B-466.10)."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from plateward.policy.decisions import (
    CertificationFact,
    Decision,
    allow,
    deny,
    may_use_system,
)
from plateward.policy.enforcement import enforces
from plateward.policy.profile import Profile
from plateward.policy.wording import written


class ClearanceFact(Struct, frozen=True):
    """What came of a fingerprint-based screening, never the record itself; `expires_on` is its last day."""

    is_cleared: bool
    screened_on: date
    expires_on: date | None = None


@enforces("B-466.10")
def cleared(profile: Profile, clearance: ClearanceFact | None, today: date) -> Decision:
    """Demand a security clearance that counts today, where the policy demands one."""
    rule = profile.access.clearance_required
    if not rule.settled:
        return allow(profile, rule, "This policy demands no security clearance.")
    if clearance is None:
        gap = "No security clearance is on file."
    elif not clearance.is_cleared:
        gap = f"The security clearance was denied or withdrawn on {written(clearance.screened_on)}."
    elif clearance.screened_on > today:
        gap = f"The security clearance begins on {written(clearance.screened_on)}."
    elif clearance.expires_on is not None and clearance.expires_on < today:
        gap = f"The security clearance ended on {written(clearance.expires_on)}."
    else:
        return allow(profile, rule, "The security clearance is on file.")
    return deny(profile, rule, gap, f"Ask the {account_creators(profile)} to record a valid clearance.")


def admitted(
    profile: Profile,
    title: str,
    certifications: Sequence[CertificationFact],
    clearance: ClearanceFact | None,
    today: date,
) -> Decision:
    """Open the system to authorized titles with training and, where demanded, clearance.

    An allowing answer is that of the training.
    """
    trained = may_use_system(profile, title, certifications, today)
    safe = cleared(profile, clearance, today)
    return trained if safe.allowed or not trained.allowed else safe


def account_creators(profile: Profile) -> str:
    """Who creates accounts, in words: "Administrative Division Commander or I.T. Manager"."""
    names = [profile.position_name(position) for position in profile.access.account_creators.settled or ()]
    return " or ".join(names) or "agency's ALPR administrator"
