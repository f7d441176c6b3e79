"""Further parts of a device's page. Subjects above devices in the order of imports register theirs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plateward.devices.models import Device
from plateward.governance.actor import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """A template, included with `panel` as its context."""

    template: str
    context: Mapping[str, Any]


Source = Callable[[Device, Actor, datetime], Panel | None]
"""From a device, who looks at it and the present to a part of its page; None for nothing to show."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Have a part shown on each device's page; once, however often it is named."""
    if source not in _sources:
        _sources.append(source)


def panels_of(device: Device, actor: Actor, now: datetime) -> list[Panel]:
    """Every part to show."""
    return [panel for source in _sources if (panel := source(device, actor, now)) is not None]
