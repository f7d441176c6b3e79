"""What an agency must have on record beside its policy: public comment, reviews, contracts (R8, R11, R12)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plateward.policy import Period, Profile, RetentionRule, Unit, enforces


class Covers(StrEnum):
    """What a public-comment meeting was about."""

    PROGRAM = "PROGRAM"
    DEVICE_KIND = "DEVICE_KIND"
    VENDOR = "VENDOR"
    SOURCE = "SOURCE"


class Reviewed(StrEnum):
    """What is looked at again and again."""

    POLICY = "POLICY"
    RETENTION = "RETENTION"


RETENTION_AT_MOST = Period(2, Unit.YEARS)
"""State Auditor 2019-118, recommendations 33 and 47: retention is evaluated anew at least every two years."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often something is reviewed and what says so; `every` None where nothing does."""

    every: Period | None
    ground: str


@enforces("B-466.3.1(f)", "H-426.2.1(f)")
def schedule(profile: Profile, subject: Reviewed) -> Schedule:
    """The policy's interval; for retention never longer than the State Auditor's, its own where silent."""
    rule = profile.public.policy_reviewed_every
    if subject is Reviewed.POLICY:
        return Schedule(rule.settled, profile.citation(rule) or "not addressed by this policy")
    rule = profile.retention.reviewed_every
    if rule.settled is None or rule.settled.exceeds(RETENTION_AT_MOST):
        own = f"the policy says {rule.settled}" if rule.settled else "not addressed by this policy"
        return Schedule(RETENTION_AT_MOST, f"State Auditor 2019-118, rec. 33 and 47; {own}")
    return Schedule(rule.settled, profile.citation(rule))


def review_due(found: Schedule, last: datetime | None, in_force_since: datetime) -> datetime | None:
    """When the next review is due; a version's adoption counts as one where none is on record."""
    return found.every.after(last or in_force_since) if found.every else None


@enforces("CC-1798.90.55")
def lacks_comment(profile: Profile, kind: str, covered: Collection[tuple[Covers, str]]) -> str:
    """Say in a sentence that no meeting on record covers devices of this kind, "" where one does."""
    if profile.agency.state != "CA":
        return ""
    wanted = kind.casefold()
    if any(c is Covers.DEVICE_KIND and what.casefold() == wanted for c, what in covered):
        return ""
    return (
        f"No public-comment meeting on record covers devices of the kind {kind.replace('_', ' ').lower()} "
        "(Civil Code § 1798.90.55(a)). Enter the meeting under Policy, Registers, or hold one first."
    )


@dataclass(frozen=True, slots=True)
class Promise:
    """What a contract promises about the data of the profile's layer `layer`."""

    vendor: str
    layer: str
    retention: Period | None


def contract_conflicts(profile: Profile, promise: Promise) -> Iterator[str]:
    """Tell each contradiction between a contract and the policy; none is ever resolved here."""
    if promise.retention is None:
        return
    name, kept = promise.vendor, promise.retention
    for rule in profile.retention.rules.values():
        limits = rule.elsewhere.get(promise.layer)
        if limits is None:
            continue
        known = limits.ceiling.settled
        if known is not None and known != kept:
            yield f"{rule.name}: the profile quotes {known} from the contract, {name} promises {kept}."
        for layer, floor in _floors(profile, rule, promise.layer):
            if floor is not None and floor.exceeds(kept):
                yield f"{rule.name}: {layer} asks for at least {floor}, {name} keeps {kept}."


def _floors(profile: Profile, rule: RetentionRule, own: str) -> Iterator[tuple[str, Period | None]]:
    yield "the policy", rule.floor.settled
    for key, limits in rule.elsewhere.items():
        if key != own:
            yield profile.layers[key].name, limits.floor.settled
