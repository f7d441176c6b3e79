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


Covered = Collection[tuple[Covers, str]]
"""What the meetings on record were about."""


def lacks_comment(profile: Profile, kind: str, covered: Covered) -> str:
    """Say in a sentence that no meeting on record covers devices of this kind, "" where one does."""
    named = f"devices of the kind {kind.replace('_', ' ').lower()}"
    return _lacking(profile, named, {(Covers.DEVICE_KIND, kind)}, covered)


def vendor_lacks_comment(profile: Profile, vendor: str, covered: Covered) -> str:
    """Say the same of a vendor under contract."""
    return _lacking(profile, f"the vendor {vendor}", {(Covers.VENDOR, vendor)}, covered)


def sources_lacking_comment(profile: Profile, covered: Covered) -> list[str]:
    """Say the same of each source that somebody else hosts; a meeting about that host covers it too."""
    said = [
        _lacking(
            profile,
            f"{source.name[:1].lower()}{source.name[1:]}, hosted by {host}",
            {(Covers.SOURCE, source.name), (Covers.VENDOR, host)},
            covered,
        )
        for source in profile.sources.values()
        for host in [source.host.settled]
        if host
        and host.casefold() not in {profile.agency.name.casefold(), profile.agency.short_name.casefold()}
    ]
    return [sentence for sentence in said if sentence]


@enforces("CC-1798.90.55")
def _lacking(profile: Profile, named: str, wanted: Covered, covered: Covered) -> str:
    if profile.agency.state != "CA":
        return ""
    heard = {(about, what.casefold().strip()) for about, what in covered}
    if any((about, what.casefold().strip()) in heard for about, what in wanted):
        return ""
    return (
        f"No public-comment meeting on record covers {named} (Civil Code § 1798.90.55(a)). Enter the meeting "
        "under Policy, Registers, or hold one first."
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
