"""A unit's state for people: on its device's page, and its transfer log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings

from plateward.devices.health import Problem
from plateward.devices.models import Device
from plateward.devices.panels import Panel
from plateward.devices.rules import DeviceKind
from plateward.governance.actor import Actor
from plateward.policy import Profile
from plateward.units import queries, rules
from plateward.units.models import Spool, ThinnedPictures, Unit
from plateward.units.rules import Gone, Range
from plateward.unitwire.calls import HealthReport


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that have not arrived. Past the last that did they may still wait on the unit."""

    words: str
    count: int
    is_tail: bool


@dataclass(frozen=True, slots=True)
class Log:
    """What of one spool arrived, is missing, was thinned; what is `lost` or `moved` comes under no number."""

    spool: Spool
    received: Sequence[str]
    count: int
    highest: int
    gaps: Sequence[Gap]
    missing: int
    thinned: Sequence[ThinnedPictures]
    lost: Sequence[ThinnedPictures]
    moved: Sequence[str]


def log_of(spool: Spool) -> Log:
    """The transfer log of a spool as it stands now."""
    received = queries.received_of(spool)
    last = received[-1][1] if received else 0
    highest = max(last, spool.announced)
    gone = {what: [one for one in spool.thinned.all() if one.what == what] for what in Gone}
    moved = rules.joined((), (one.sequence for one in gone[Gone.NUMBER]))
    absent = rules.missing(rules.joined((*received, *moved)), highest)
    return Log(
        spool=spool,
        received=[rules.in_words(one) for one in received],
        count=rules.count(received),
        highest=highest,
        gaps=[_gap(one, last) for one in absent],
        missing=rules.count(absent),
        thinned=gone[Gone.PICTURES],
        lost=gone[Gone.READ],
        moved=[rules.in_words(one) for one in moved],
    )


def _gap(one: Range, last: int) -> Gap:
    return Gap(rules.in_words(one), rules.count([one]), one[0] > last)


def report_of(unit: Unit) -> HealthReport | None:
    """The unit's last report of itself."""
    return msgspec.convert(unit.told, HealthReport) if unit.told else None


def panel(device: Device, actor: Actor, now: datetime) -> Panel | None:
    """The unit on its device's page; for other devices nothing, or how to enroll one."""
    unit, may_manage = queries.unit_of(device), actor.may("devices.manage")
    can_be_one = device.kind != DeviceKind.FILE and device.is_enabled
    if unit is None and not (may_manage and can_be_one):
        return None
    told: dict[str, object] = {"device": device, "unit": unit, "may_manage": may_manage and can_be_one}
    if unit is not None:
        logs = [log_of(spool) for spool in queries.spools_of(device)]
        told |= {
            "report": report_of(unit),
            "clock": "" if unit.clock_offset_s is None else rules.clock_in_words(unit.clock_offset_s),
            "signed_in": queries.signed_in(device.pk, now),
            "received": sum(log.count for log in logs),
            "missing": sum(log.missing for log in logs),
            "journals": queries.journals_of(device),
        }
    return Panel("units/_panel.html", told)


def problems_of(device: Device, profile: Profile, now: datetime) -> Sequence[Problem] | None:
    """What is wrong with a unit by its own report; None for a device that is none."""
    unit = queries.unit_of(device)
    if unit is None:
        return None
    watch = rules.UnitWatch(
        warn_after=settings.ENVIRONMENT.unit_warn_after,
        enrolled_at=unit.enrolled_at,
        told_at=unit.told_at,
        told=report_of(unit),
        clock_offset_s=unit.clock_offset_s,
    )
    return rules.problems(watch, profile, now)
