"""Vehicles that drive past several cameras of a town."""

from datetime import datetime, timedelta

from plateward.devices.actions import register
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from tests.personas import SETUP, Town
from tests.sightings import seen

BETWEEN = timedelta(minutes=10)
"""From one camera to the next."""


def more_cameras(town: Town, number: int, now: datetime) -> list[Device]:
    """The town's camera and so many more, a kilometer north of one another."""
    made = [
        register(
            agency=town.agency,
            facts=DeviceFacts(
                name=f"Corner {n}",
                kind=DeviceKind.FIXED,
                location=f"Corner {n}",
                owner=town.agency.name,
                latitude=(town.camera.latitude or 0) + 0.009 * n,
                longitude=town.camera.longitude,
            ),
            by=SETUP,
            now=now,
        )[0]
        for n in range(1, number + 1)
    ]
    return [town.camera, *made]


def drives(cameras: list[Device], plate: str, at: datetime, late: float = 0) -> None:
    """Past each camera in turn, `late` seconds behind time."""
    for number, camera in enumerate(cameras):
        seen(camera, plate, at + BETWEEN * number + timedelta(seconds=late))
