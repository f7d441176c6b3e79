"""Watching devices: what they did hour by hour, what is wrong with them, and telling who keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.devices import health, queries, reports
from plateward.devices.health import DeviceWatch, HourFacts, Problem, ProblemKind
from plateward.devices.models import Device, DeviceHour, DeviceProblem
from plateward.devices.rules import DeviceKind
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.policy import Profile, enforces

NOTICE: Final = "device-problem"
KEEPS: Final = frozenset({"devices.manage"})
"""Who is told: whoever may change devices."""


@dataclass(frozen=True, slots=True)
class Lately:
    """A device's last capture, and how many of its payloads of the past 24 hours could not be used."""

    last_read_at: datetime | None = None
    refused: int = 0


@transaction.atomic
def record_hours(*, agency: str, hours: Mapping[UUID, Iterable[HourFacts]]) -> int:
    """Keep what devices did in these hours, over what was kept of them; returns the number of hours."""
    rows = [
        DeviceHour(
            agency_id=agency,
            device_id=device_id,
            hour_at=one.hour_at,
            reads=one.reads,
            confidence=one.confidence,
            skew_s=one.skew_s,
        )
        for device_id, facts in hours.items()
        for one in facts
    ]
    DeviceHour.objects.bulk_create(
        rows,
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["device", "hour_at"],
        update_fields=["reads", "confidence", "skew_s"],
    )
    return len(rows)


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def watch(*, agency: str, profile: Profile, lately: Mapping[UUID, Lately], now: datetime) -> int:
    """Note what is wrong with an agency's devices and what no longer is; returns the number of open problems.

    A device that is switched off has none. Each new problem is journaled and waits as a notice for those who
    keep the devices; the notice ends with the problem.
    """
    hours = queries.hours_of(agency, now)
    open_now = queries.open_problems(agency)
    count = 0
    for device in queries.devices_of(agency):
        found = _judge(device, hours.get(device.pk, ()), lately.get(device.pk, Lately()), profile, now)
        _keep(device, found, open_now.get(device.pk, ()), profile, now)
        count += len(found)
    return count


def _judge(
    device: Device, hours: Sequence[HourFacts], lately: Lately, profile: Profile, now: datetime
) -> Mapping[str, Problem]:
    if not device.is_enabled or device.kind == DeviceKind.FILE:
        return {}
    said = reports.problems_of(device, profile, now)
    facts = DeviceWatch(
        since_at=device.registered_at,
        last_read_at=lately.last_read_at,
        hours=hours,
        refused=lately.refused,
    )
    found: dict[str, Problem] = {problem.kind: problem for problem in health.problems(facts, now)}
    if said is None:
        return found
    # What a device that keeps reads back sends late says nothing of its clock; it says that itself.
    found.pop(ProblemKind.CLOCK, None)
    return found | {problem.kind: problem for problem in said}


def _keep(
    device: Device,
    found: Mapping[str, Problem],
    open_now: Sequence[DeviceProblem],
    profile: Profile,
    now: datetime,
) -> None:
    for kept in open_now:
        if kept.kind not in found:
            _end(kept, device, now)
        elif kept.text != found[kept.kind].text:
            kept.text = found[kept.kind].text
            kept.save(update_fields=["text"])
    known = {kept.kind for kept in open_now}
    for kind, problem in found.items():
        if kind not in known:
            _begin(device, problem, profile, now)


def _begin(device: Device, problem: Problem, profile: Profile, now: datetime) -> None:
    begun = DeviceProblem.objects.create(
        agency_id=device.agency_id, device=device, kind=problem.kind, text=problem.text, since_at=now
    )
    _journal("devices.problem.found", begun, device, now)
    for to, _ in told(profile, device.agency_id, KEEPS, now):
        notices.raise_notice(
            agency=device.agency_id,
            key=f"{NOTICE}:{begun.pk}:{to.user_id or to.position}",
            kind=NOTICE,
            to=to,
            text=f"{device.name}: {begun.get_kind_display().lower()}.",
            link=reverse("devices:device", args=[device.pk]),
            subject=_subject(begun),
            by=CLOCK,
            now=now,
        )


def _end(kept: DeviceProblem, device: Device, now: datetime) -> None:
    kept.ended_at = now
    kept.save(update_fields=["ended_at"])
    notices.settle_about(agency=kept.agency_id, subject=_subject(kept), kind=NOTICE, by=CLOCK, now=now)
    _journal("devices.problem.ended", kept, device, now)


def _subject(problem: DeviceProblem) -> str:
    return f"devices.DeviceProblem:{problem.pk}"


def _journal(verb: str, problem: DeviceProblem, device: Device, now: datetime) -> None:
    audit.record(
        verb=verb,
        by=CLOCK,
        agency=device.agency_id,
        subject=f"devices.Device:{device.pk}",
        detail={"name": device.name, "problem": problem.get_kind_display().lower(), "figures": problem.text},
        now=now,
    )
