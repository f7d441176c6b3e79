"""A camera that does worse than it did, and payloads that could not be used."""

import json
import random
from datetime import datetime, timedelta
from typing import Final

from plateward.accounts.models import User
from plateward.config.demo.arrivals import receiving, take_up
from plateward.config.demo.cast import BARSTOW
from plateward.config.demo.drives import plate_of
from plateward.devices import watch_actions
from plateward.devices.models import Device, DeviceHour
from plateward.governance.queries import actor_for, profile_for
from plateward.reads import queries
from plateward.reads.upload_actions import upload

CAMERA: Final = "Lenwood Outlets"
DAYS, A_DAY = 10, 60
"""So many days before today it was sure of its readings; so many reads each."""
SURE, UNSURE = (0.90, 0.97), (0.62, 0.86)


def seed_upkeep(now: datetime) -> None:
    """Upload what the camera read, have it judged by its own past, and send what cannot be used; once."""
    if DeviceHour.objects.filter(agency_id=BARSTOW.agency).exists():
        return
    upload(
        by=actor_for(User.objects.get(username="imani"), at=now),
        device=Device.objects.get(agency_id=BARSTOW.agency, name=CAMERA),
        name="Lenwood Outlets backlog.csv",
        data="\n".join(["captured_at,plate,state,confidence", *_lines(now)]).encode(),
        now=now,
    )
    take_up(now)
    with receiving() as receiver:
        for hours, body in ((5, _without_a_plate(now)), (2, _of_the_future(now))):
            receiver.send(BARSTOW.agency, CAMERA, body, now - timedelta(hours=hours))
    _judge(now)


def _lines(now: datetime) -> list[str]:
    chance = random.Random(426)  # noqa: S311  invented traffic, no secret
    found = []
    for days in range(DAYS + 1):
        first = now - timedelta(days=days, hours=3)
        for number in range(A_DAY):
            at = first + timedelta(seconds=50 * number)
            sure = chance.uniform(*(SURE if days else UNSURE))
            found.append(f"{at.isoformat()},{plate_of(chance)},CA,{sure:.2f}")
    return found


def _without_a_plate(now: datetime) -> bytes:
    return json.dumps({"event_id": "lenwood-118", "captured_at": now.isoformat(), "plate": ""}).encode()


def _of_the_future(now: datetime) -> bytes:
    wrong = now + timedelta(days=400)
    return json.dumps(
        {"event_id": "lenwood-131", "captured_at": wrong.isoformat(), "plate": "7KBL324"}
    ).encode()


def _judge(now: datetime) -> None:
    """What the worker does each hour."""
    agency = BARSTOW.agency
    hours = queries.device_hours(agency, now - timedelta(days=DAYS + 1), now)
    watch_actions.record_hours(agency=agency, hours=hours)
    watch_actions.watch(
        agency=agency, profile=profile_for(agency), lately=queries.devices_lately(agency, now), now=now
    )
