"""What a purge stands on: the signed schedule, the authority on file, and whose rule a device is under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from plateward.devices.models import Device
from plateward.policy import Decision, Profile, deny
from plateward.policy.parameters import Basis
from plateward.retention import rules
from plateward.retention.models import DestructionAuthority, DeviceSource, ScheduleSignature

_UNSAID = Basis(silent=True)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The retention rules of the policy in force, with who signed them and for whom a signature is missing.

    `agreed_by` is None where the policy does not say who agrees.
    """

    digest: str
    agreed_by: tuple[str, ...] | None
    signatures: Sequence[ScheduleSignature]
    missing: tuple[str, ...]

    @property
    def in_effect(self) -> bool:
        """Whether everybody whom the policy names signed exactly these rules."""
        return self.agreed_by is not None and not self.missing


def schedule(agency: str, profile: Profile) -> Schedule:
    """The schedule as it stands."""
    digest = rules.rules_digest(profile)
    found = ScheduleSignature.objects.filter(agency_id=agency, rules_sha256=digest, withdrawn_at__isnull=True)
    signatures = list(found.select_related("signed_by").order_by("signed_at"))
    agreed_by = profile.retention.agreed_by.settled
    signed = {one.position: str(one.signed_by_id) for one in signatures}
    missing = rules.missing_signatures(agreed_by, signed) if agreed_by else ()
    return Schedule(digest, tuple(agreed_by) if agreed_by else None, signatures, missing)


def authorities(agency: str) -> Sequence[DestructionAuthority]:
    """The agency's authorities, newest first, withdrawn ones too."""
    return list(DestructionAuthority.objects.filter(agency_id=agency).select_related("recorded_by"))


def authority_for(agency: str, source: str) -> DestructionAuthority | None:
    """The newest authority on file that covers a source."""
    on_file = DestructionAuthority.objects.filter(agency_id=agency, withdrawn_at__isnull=True)
    return on_file.filter(sources__contains=[source]).order_by("-recorded_at").first()


def sources_of_devices(agency: str, profile: Profile) -> Mapping[UUID, str]:
    """The source of every device of the agency; "" where nobody said it and the rules know several."""
    known = list(rules.sources(profile))
    alone = known[0] if len(known) == 1 else ""
    newest = (
        DeviceSource.objects.filter(agency_id=agency)
        .order_by("device_id", "-assigned_at")
        .distinct("device_id")
    )
    said = {one.device_id: one.source for one in newest}
    devices = Device.objects.filter(agency_id=agency).values_list("pk", flat=True)
    return {device: said[device] if said.get(device) in known else alone for device in devices}


def sources_ever(agency: str, profile: Profile) -> Mapping[UUID, frozenset[str]]:
    """Every source that a device of the agency was ever under; none where nobody said it."""
    ever = {device: {source} for device, source in sources_of_devices(agency, profile).items()}
    for device, source in DeviceSource.objects.filter(agency_id=agency).values_list("device_id", "source"):
        ever[device].add(source)
    known = rules.sources(profile)
    return {device: frozenset(one for one in found if one in known) for device, found in ever.items()}


def devices_of(agency: str, profile: Profile, source: str) -> list[UUID]:
    """The devices whose data belong to a source, in the order of their ids."""
    found = sources_of_devices(agency, profile)
    return sorted(device for device, belongs in found.items() if belongs == source)


def kept_longer(agency: str, profile: Profile, source: str, until_at: datetime, at: datetime) -> set[UUID]:
    """Devices that were under another source when they took reads which that source's rule keeps at `at`.

    Reads are under the source that their device had when they were captured; before the first was said, that
    one. A purge of `source` before `until_at` takes none of these devices until the other's time is over.
    """
    history: dict[UUID, list[DeviceSource]] = {}
    for one in DeviceSource.objects.filter(agency_id=agency).order_by("device_id", "assigned_at"):
        history.setdefault(one.device_id, []).append(one)
    ends = {name: rules.purgeable_before(profile, name, at) for name in rules.sources(profile)}
    kept = set()
    for device, assigned in history.items():
        for place, (one, following) in enumerate(pairwise(assigned)):
            began_before = place == 0 or one.assigned_at < until_at
            is_other = one.source != source and one.source in ends
            may_go_before = ends.get(one.source)
            if is_other and began_before and (may_go_before is None or following.assigned_at > may_go_before):
                kept.add(device)
    return kept


def purge_refusal(
    agency: str, profile: Profile, source: str, at: datetime, classes: rules.Classes = rules.CLASSES
) -> Decision | None:
    """Why nothing of a source may be purged now, with what to do; None when a purge may be proposed."""
    if source not in rules.sources(profile):
        return deny(
            profile, _UNSAID, f"The policy has no rule for the source “{source}”.", "Choose one that it has."
        )
    if (refusal := rules.standing_refusal(profile, source, at, classes)) is not None:
        return refusal
    stands = schedule(agency, profile)
    agreed_by = profile.retention.agreed_by
    if stands.agreed_by is None:
        return deny(
            profile,
            agreed_by,
            "The policy does not say who agrees to the retention schedule, so none is in effect.",
            "Record in the profile who signs it (`retention.agreed_by`), with its ground.",
        )
    if stands.missing:
        waiting = ", ".join(profile.position_name(one) for one in stands.missing)
        return deny(
            profile,
            agreed_by,
            f"The retention schedule is not in effect: no signature of {waiting} is on these rules.",
            "Have it signed on the schedule's page; each position is signed for by another person.",
        )
    if authority_for(agency, source) is None:
        return deny(
            profile,
            _UNSAID,
            f"No authority to destroy records of the source “{source}” is on file (Gov. Code 34090).",
            "Record the council's resolution and the attorney's written consent on the schedule's page.",
        )
    return None
