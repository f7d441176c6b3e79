"""Reads that came before the demonstration was started, each taken in, stored and matched at its own time.

They go the way of every payload: sealed and stored by the receiver's inbox, taken apart by the intake.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from plateward.alerts.actions import match_waiting
from plateward.devices.models import Device
from plateward.ingest.inbox import Inbox
from plateward.ingest.payloads import Payload, Sender
from plateward.reads import framing
from plateward.reads.actions import store_waiting
from plateward.reads.adapters.native import NATIVE
from plateward.reads.inbox_actions import make_inbox_keys
from plateward.reads.models import Read
from plateward.reads.native import EncodedPicture, NativeRead

PICTURES: Final = Path(__file__).parent / "pictures"
ON_ITS_WAY: Final = timedelta(seconds=2)
"""From the capture to the receiver."""
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a camera read and when; `picture` names one of the rendered scenes."""

    camera: str
    at: datetime
    plate: str
    region: str = "US-CA"
    confidence: float = 0.94
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The receiver's inbox, open for what comes; times must not go backwards for a vehicle."""

    _runner: asyncio.Runner
    _inbox: Inbox

    def arrive(self, agency: str, *sightings: Sighting) -> list[Read]:
        """Have these reads come in one after the other; returns them as they were stored."""
        for one in sightings:
            self.send(agency, one.camera, _body(one), one.at + ON_ITS_WAY)
        found = Read.objects.filter(agency=agency, captured_at__in=[one.at for one in sightings])
        by_what = {(read.captured_at, read.plate): read for read in found}
        return [by_what[one.at, one.plate] for one in sightings]

    def send(
        self,
        agency: str,
        camera: str,
        body: bytes,
        at: datetime,
        adapter: str = NATIVE.id,
        name: str = "",
    ) -> None:
        """Have a camera's payload come at that time, whatever is in it, and be seen to by the intake.

        `name` is the idempotency key that it is sent with, "" for none.
        """
        device = Device.objects.get(agency=agency, name=camera)
        make_inbox_keys(now=at)
        sender = Sender(device.pk, device.key_sha256, agency)
        self._runner.run(self._inbox.store(sender, _payload(body, at, adapter, name)))
        take_up(at)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on the demonstration's database."""
    inbox = Inbox(settings.ENVIRONMENT.ingest_url)
    with asyncio.Runner() as runner:
        runner.run(inbox.__aenter__())
        try:
            yield Receiver(runner, inbox)
        finally:
            runner.run(inbox.__aexit__())


def _payload(body: bytes, at: datetime, adapter: str, name: str) -> Payload:
    digest = hashlib.sha256(body).hexdigest()
    return Payload(
        adapter=adapter,
        body=body,
        body_sha256=digest,
        content_sha256=digest,
        content_type=framing.JSON,
        idempotency_key=name or f"content:{digest}",
        source_address="127.0.0.1",
        received_at=at,
    )


def take_up(now: datetime) -> None:
    """Store and match what waits in the inbox, as the intake does."""
    while store_waiting(limit=AT_ONCE, now=now):
        pass
    while match_waiting(limit=AT_ONCE, now=now):
        pass


def _body(one: Sighting) -> bytes:
    scene = (PICTURES / one.picture).read_bytes() if one.picture else b""
    read = NativeRead(
        event_id=f"{one.camera} {one.at.isoformat()}",
        captured_at=one.at,
        plate=one.plate,
        region=one.region,
        confidence=one.confidence,
        direction="receding",
        pictures=[EncodedPicture(role="scene", data=scene, media_type="image/jpeg")] if scene else None,
    )
    known = {name: value for name, value in msgspec.structs.asdict(read).items() if value is not None}
    return msgspec.json.encode(known)
