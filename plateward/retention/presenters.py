"""What the retention pages show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Sum

from plateward.alerts.models import Hit
from plateward.alerts.rules import AlertStatus
from plateward.governance.hiding import Hiding, hidings
from plateward.policy import Decision, Profile, RetentionRule
from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.conflicts import limits_of
from plateward.policy.keeping import retention_window
from plateward.retention import destruction, rules, standing
from plateward.retention.destruction import Span
from plateward.retention.models import Purge, PurgeDay, VendorAttestation
from plateward.retention.rules import Balance
from plateward.search.models import Canvass


@dataclass(frozen=True, slots=True)
class ShownRule:
    """One source's rule with what it comes to today."""

    source: str
    name: str
    floor: str
    ceiling: str
    purged_by: str
    grain: str
    before: datetime | None
    refusal: Decision | None
    devices: int
    hiding: Hiding | None
    hiding_clause: str
    seen_by: str


def shown_rules(agency: str, profile: Profile, now: datetime) -> list[ShownRule]:
    """Every source's rule; lengths that nobody wrote are said to be so."""
    belongs = list(standing.sources_of_devices(agency, profile).values())
    hidden = {one.source: one for one in hidings(profile, now)}
    found = []
    for source, rule, classes in _rules(profile):
        window = retention_window(profile, source, classes[0], profile.agency.day(now))
        found.append(
            ShownRule(
                source,
                rule.name,
                _length(window.floor),
                _length(window.ceiling),
                rule.purged_by.settled or "",
                rules.grain(profile, source, now, classes),
                rules.purgeable_before(profile, source, now, classes),
                standing.purge_refusal(agency, profile, source, now, classes),
                belongs.count(source),
                hiding := hidden.get(source) if classes == rules.CLASSES else None,
                profile.citation(hiding.stage.after) if hiding else "",
                _seen_by(hiding),
            )
        )
    return found


def _rules(profile: Profile) -> Iterable[tuple[str, RetentionRule, rules.Classes]]:
    """Each source's rule, after it that for its pictures where they have one of their own."""
    for source, rule in rules.sources(profile).items():
        yield source, rule, rules.CLASSES
        if of_pictures := rules.rule_of_pictures(profile, source):
            yield source, of_pictures, rules.PICTURES


def _seen_by(hiding: Hiding | None) -> str:
    """What a person must be able to do who looks up what is deleted logically."""
    named = hiding.stage.access_meanwhile.settled or () if hiding else ()
    return " or ".join(CAPABILITIES[one].does for one in named)


def _length(limit: Any) -> str:
    return f"{limit.period} ({limit.clause or 'local decision'})" if limit else "Not addressed by this policy"


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A UTC day of a purge over all cameras."""

    day: date
    cameras: int
    foreseen: int
    foreseen_held: int
    balance: Balance
    pictures: int


def shown_days(purge: Purge) -> Sequence[ShownDay]:
    """A purge's days, the oldest first."""
    sums = {name: Sum(name) for name in (*_FIGURES, "foreseen", "foreseen_held", "pictures")}
    rows: Iterable[Mapping[str, Any]] = (
        PurgeDay.objects.filter(purge=purge)
        .order_by("captured_date")
        .values("captured_date")
        .annotate(cameras=Count("device"), **sums)
    )
    return [
        ShownDay(
            row["captured_date"],
            row["cameras"],
            row["foreseen"],
            row["foreseen_held"],
            Balance(**{name: row[name] for name in _FIGURES}),
            row["pictures"],
        )
        for row in rows
    ]


_FIGURES = ("ingested", "purged_before", "purged", "held", "remaining")


@dataclass(frozen=True, slots=True)
class Countdown:
    """A source that a vendor purges: who, after how long at the earliest, and what goes today and tomorrow.

    `today` is the UTC day whose captures the vendor may purge today; None where layers contradict.
    """

    name: str
    vendor: str
    after: str
    today: date | None
    conflict: str
    attested_until: date | None


def countdowns(agency: str, profile: Profile, now: datetime) -> list[Countdown]:
    """Every source that the policy says a vendor purges."""
    found = []
    for source, rule in rules.sources(profile).items():
        if rule.purged_by.settled is None:
            continue
        window = retention_window(profile, source, rules.CLASSES[0], profile.agency.day(now))
        limits = limits_of(profile, rule, profile.agency.day(now))
        soonest = min((limit.period.before(now) for limit in limits.ceilings), default=None)
        last = VendorAttestation.objects.filter(agency_id=agency, source=source).first()
        found.append(
            Countdown(
                rule.name,
                rule.purged_by.settled,
                "; ".join(f"{limit.period} ({limit.clause})" for limit in limits.ceilings)
                or "Not addressed by this policy",
                soonest.date() if soonest else None,
                window.open_conflicts[0].explanation if window.open_conflicts else "",
                last.until_date if last else None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Needed:
    """What may still need what a purge would destroy: unless it is held or booked, it is gone."""

    alerts: int
    canvasses: int
    cases: Sequence[str]
    payloads: int

    @property
    def is_any(self) -> bool:
        """Whether somebody should look before approving."""
        return bool(self.alerts or self.canvasses or self.cases or self.payloads)


_CASES: Final = """
SELECT reference FROM audit_accessrecord AS access
WHERE agency = %s AND reference <> '' AND subject ~ '^reads[.]Read:[0-9a-f-]{36}$'
  AND plateward_captured_at(substr(subject, 12)::uuid) >= %s
  AND plateward_captured_at(substr(subject, 12)::uuid) < %s
GROUP BY reference ORDER BY max(accessed_at) DESC LIMIT 10
"""


def needed(purge: Purge) -> Needed:
    """Open alerts and canvasses of the time, and the cases under which reads of it were opened last."""
    span = {"captured_at__gte": purge.from_at, "captured_at__lt": purge.until_at}
    hits = Hit.objects.filter(agency_id=purge.agency_id, device__in=purge.devices, **span)
    alerts = hits.exclude(alert__status=AlertStatus.CLOSED).values("alert").distinct().count()
    canvasses = Canvass.objects.filter(
        agency_id=purge.agency_id,
        closed_at__isnull=True,
        from_at__lt=purge.until_at,
        until_at__gt=purge.from_at,
    )
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [purge.agency_id, purge.from_at, purge.until_at])
        cases = [case for (case,) in cursor.fetchall()]
    span_of = Span(purge.agency_id, tuple(purge.devices), purge.from_at, purge.until_at)
    unread = destruction.count_unread(span_of)
    return Needed(alerts, canvasses.count(), cases, unread)
