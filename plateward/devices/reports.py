"""Devices that report of themselves. Subjects above devices in the order of imports register theirs."""

from collections.abc import Callable, Sequence
from datetime import datetime

from plateward.devices.health import Problem
from plateward.devices.models import Device
from plateward.policy import Profile

Source = Callable[[Device, Profile, datetime], Sequence[Problem] | None]
"""From a device, its agency's policy and the present to what is wrong by its own report; None without any."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Name who knows what devices reported; called once, when the apps are ready."""
    _sources[:] = [source]


def problems_of(device: Device, profile: Profile, now: datetime) -> Sequence[Problem] | None:
    """What is wrong with a device by its own report; None for one that makes none."""
    return _sources[0](device, profile, now) if _sources else None
