"""What of an agency's reads is deleted logically now, and who may still look it up (requirement R82).

From the instant a read has reached that stage of its retention rule the wall in the database leaves it out of
whatever is asked for a person (`walls.scope.hide`): a query cannot forget it. Purges, holds and packages look
past it, and so does who holds a capability that the stage names, on record.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from plateward.governance.actor import Actor
from plateward.policy import (
    DataClass,
    Decision,
    Profile,
    Stage,
    deny,
    hidden_before,
    hiding_stage,
)
from plateward.policy.parameters import Basis
from plateward.walls import scope

Sources = Callable[[str, Profile], Mapping[UUID, Collection[str]]]
SOURCES: Final[list[Sources]] = []
"""Who knows under which sources each device's reads were ever taken: `retention`, which lies above."""

_ALWAYS: Final = "-infinity"
"""Before this nothing was captured: hides nothing."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """One source's reads that are deleted logically: those captured before an instant, by a stage."""

    source: str
    name: str
    stage: Stage
    before: datetime


def hidings(profile: Profile, now: datetime) -> list[Hiding]:
    """What the policy deletes logically at `now`, by source; empty for most policies."""
    found = []
    for rule in profile.retention.rules.values():
        if DataClass.READS in rule.data_classes and rule.stages:
            stage = hiding_stage(profile, rule.source, DataClass.READS, now)
            before = hidden_before(profile, rule.source, DataClass.READS, now)
            if stage is not None and before is not None:
                found.append(Hiding(rule.source, rule.name, stage, before))
    return found


def hide(agency: str, profile: Profile, now: datetime) -> None:
    """From here to the end of the surrounding block show the agency no read that is deleted logically."""
    scope.hide(limits(agency, profile, now))


def limits(agency: str, profile: Profile, now: datetime) -> str:
    """What the database is told to leave out, as JSON; "" where the policy deletes nothing logically."""
    if not any(rule.stages for rule in profile.retention.rules.values()):
        return ""
    told = {
        "reads": _limits(agency, profile, (DataClass.READS,), now),
        "pictures": _limits(agency, profile, (DataClass.READS, DataClass.IMAGES), now),
    }
    kept = {what: limit for what, limit in told.items() if limit}
    return msgspec.json.encode(kept).decode() if kept else ""


def _limits(
    agency: str, profile: Profile, classes: Collection[DataClass], now: datetime
) -> dict[str, Any] | None:
    sources = {
        rule.source for rule in profile.retention.rules.values() if DataClass.READS in rule.data_classes
    }
    by_source = {source: _before(profile, source, classes, now) for source in sources}
    if not any(by_source.values()):
        return None
    if len(by_source) == 1:
        (only,) = by_source.values()
        return {"from": _told(only), "until": _told(only)}
    devices = {device: _latest_shown(by_source, under) for device, under in _sources(agency, profile)}
    known = [before for before in by_source.values() if before]
    earliest = None if None in by_source.values() or None in devices.values() else min(known)
    return {
        "from": _told(earliest),
        "until": _told(max(known)),
        "devices": {str(device): _told(before) for device, before in devices.items()},
    }


def _before(profile: Profile, source: str, classes: Collection[DataClass], now: datetime) -> datetime | None:
    """A read's pictures never outlive its sight."""
    found = (hidden_before(profile, source, one, now) for one in classes)
    return max((one for one in found if one), default=None)


def _latest_shown(by_source: Mapping[str, datetime | None], under: Collection[str]) -> datetime | None:
    """Of a device that was under several sources nothing is hidden before each of their stages has come."""
    found = [by_source.get(source) for source in under]
    return None if not found or None in found else min(one for one in found if one)


def _sources(agency: str, profile: Profile) -> Iterator[tuple[UUID, Collection[str]]]:
    for known in SOURCES:
        yield from known(agency, profile).items()


def _told(before: datetime | None) -> str:
    return before.isoformat() if before else _ALWAYS


def hidden_at(profile: Profile, now: datetime) -> Hiding | None:
    """The source of which the latest reads are deleted logically; None where none are."""
    return max(hidings(profile, now), key=lambda one: one.before, default=None)


def may_look_up(by: Actor, now: datetime) -> Decision:
    """Whether a person may look up what is deleted logically: by a capability that each such stage names."""
    found = hidings(by.profile, now)
    if not found:
        reason = "This policy deletes nothing logically, so there is nothing to be looked up that is hidden."
        return deny(by.profile, Basis(silent=True), reason, "Search without it.")
    decided = [_opens(by, hiding) for hiding in found]
    return next((one for one in decided if not one), decided[0])


def _opens(by: Actor, hiding: Hiding) -> Decision:
    """Whether one of the capabilities that a stage names is the person's."""
    basis = hiding.stage.access_meanwhile
    decided = [by.decide(capability) for capability in basis.settled or ()]
    if not decided:
        return deny(
            by.profile,
            basis,
            "Nobody may look up what is deleted logically: the policy names no capability for it.",
            "Have the data held if they are evidence; who works with the hold sees them.",
        )
    return next((one for one in decided if one), decided[0])
