"""What the demonstration's Barstow decides where the policy is silent, so that its pages can be tried."""

from datetime import date
from typing import Final

from msgspec.structs import replace

from plateward.policy import Profile, dump_profile, load_profile
from plateward.policy.oversight import EmergencyAccessRules
from plateward.policy.parameters import Param, Period, Unit
from plateward.policy.profile import LocalDecision

EMERGENCIES: Final = LocalDecision(
    id="emergency-access",
    clause="B-466.10(limited)",
    question="What may a person with limited access do in a real emergency, when nobody else can?",
    decision=(
        "Search and look at reads for one hour, with a typed reason. The Administrative Division Commander "
        "reviews everything done within a day."
    ),
    narrower_reading="Nothing; whoever has the access is called.",
    decided_by="The demonstration",
    decided_on=date(2026, 11, 1),
)


def decided(profile_bytes: bytes) -> bytes:
    """The demonstration's version of a shipped policy: Barstow's with emergency access, others unchanged."""
    profile = load_profile(profile_bytes)
    if "administrative-division-commander" not in profile.positions:
        return profile_bytes
    return dump_profile(with_emergency_access(profile, version=f"{profile.version}-demo"))


def with_emergency_access(profile: Profile, *, version: str) -> Profile:
    """The profile with emergency access decided locally."""
    ground = EMERGENCIES.id
    rules = EmergencyAccessRules(
        capabilities=Param(
            local_decision=ground, value=("search.run", "reads.view", "hotlists.view", "alerts.view")
        ),
        lasts=Param(local_decision=ground, value=Period(1, Unit.HOURS)),
        reviewer=Param(local_decision=ground, value="administrative-division-commander"),
        reviewed_within=Param(local_decision=ground, value=Period(24, Unit.HOURS)),
    )
    decisions = {**profile.decisions, ground: EMERGENCIES}
    return replace(profile, version=version, emergency_access=rules, decisions=decisions)
