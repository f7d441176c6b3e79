"""When held reads leave a vendor's cloud: our hold does not stop the vendor's purge (B-466.5¶2, R87)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from plateward.devices.models import Device
from plateward.evidence import holding
from plateward.evidence.hold_models import Hold
from plateward.policy import Period, Profile, RetentionRule
from plateward.policy.conflicts import limits_of
from plateward.policy.retention import DataClass
from plateward.policy.wording import written

SourceOf = Callable[[str, Profile], Mapping[UUID, str]]
SOURCES: Final[list[SourceOf]] = []
"""Who can say which source a device's data belong to: `retention`, which lies above this folder.

Each is called with the agency and its profile and gives the source by device, "" where nobody said it.
"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Reads of a hold that no package of it has yet and that a vendor purges, the first of them at `at`.

    `is_assumed`: nobody said which source some of their cameras belong to, so it is taken to be this one.
    """

    name: str
    vendor: str
    clause: str
    period: Period
    reads: int
    at: datetime
    is_assumed: bool
    days_left: int

    @property
    def day(self) -> str:
        """The first day on which reads of it leave, by the agency's calendar."""
        return written(self.at.date())


def leaving(hold: Hold, profile: Profile, now: datetime) -> list[Leaving]:
    """What of the hold leaves which vendor and when; the first to go first. Empty where no vendor purges."""
    if not hold.is_blocking:
        return []
    found = (_leaving(hold, profile, rule, now) for rule in vendors(profile))
    return sorted((one for one in found if one), key=lambda one: one.at)


def gone_at_vendor(hold: Hold, profile: Profile, now: datetime) -> list[tuple[str, int]]:
    """By vendor, how many reads of the hold are past its date and in no package: it may have them no more."""
    if not hold.is_blocking:
        return []
    zone = ZoneInfo(profile.agency.time_zone)
    found = []
    for rule in vendors(profile):
        period, ours = purged_after(profile, rule, now), _devices(hold, profile, rule)
        if period is not None and ours:
            since = period.before(now.astimezone(zone))
            count, _, _ = holding.unpacked(hold, ours, until=since)
            found.append((rule.purged_by.settled or "", count))
    return [(vendor, count) for vendor, count in found if count]


def vendors(profile: Profile) -> Iterator[RetentionRule]:
    """The rules of sources that a vendor purges by itself."""
    for rule in profile.retention.rules.values():
        if DataClass.READS in rule.data_classes and rule.purged_by.settled:
            yield rule


def purged_after(profile: Profile, rule: RetentionRule, now: datetime) -> Period | None:
    """After how long the vendor may purge at the earliest: the shortest length that any layer names."""
    own = [rule.floor.settled] if rule.floor.settled else []
    local = now.astimezone(ZoneInfo(profile.agency.time_zone))
    lengths = [*own, *(limit.period for limit in limits_of(profile, rule, local.date()).ceilings)]
    return reduce(lambda one, other: other if one.exceeds(other) else one, lengths) if lengths else None


def _leaving(hold: Hold, profile: Profile, rule: RetentionRule, now: datetime) -> Leaving | None:
    period = purged_after(profile, rule, now)
    said = _sources(hold.agency_id, profile)
    ours = _devices(hold, profile, rule)
    if period is None or not ours:
        return None
    zone = ZoneInfo(profile.agency.time_zone)
    count, first_at, devices = holding.unpacked(hold, ours, since=period.before(now.astimezone(zone)))
    if first_at is None:
        return None
    at = period.after(first_at.astimezone(zone))
    return Leaving(
        name=rule.name,
        vendor=rule.purged_by.settled or "",
        clause=profile.citation(rule.floor),
        period=period,
        reads=count,
        at=at,
        days_left=(at.date() - now.astimezone(zone).date()).days,
        is_assumed=any(said[device] == "" for device in devices),
    )


def _devices(hold: Hold, profile: Profile, rule: RetentionRule) -> list[UUID]:
    said = _sources(hold.agency_id, profile)
    return [device for device, source in said.items() if source in {rule.source, ""}]


def _sources(agency: str, profile: Profile) -> Mapping[UUID, str]:
    """The source of each device; where nobody can say it, all may be any vendor's."""
    for ask in SOURCES:
        return ask(agency, profile)
    return dict.fromkeys(Device.objects.filter(agency_id=agency).values_list("pk", flat=True), "")
