"""Receipts per second and milliseconds per receipt, against bare INSERTs of the same bodies in the same run.

Usage: DATABASE_URL=postgresql://… python bench/ingest.py [--seconds 6] [--cameras 16] [--picture-kb 100]

Needs a migrated scratch database; it registers a device of its own. Receiver, cameras and database share
this machine's processors, so the ratios matter, not the absolute figures. Afterwards the intake's own work,
payload to stored read, is timed on what was received.
"""

import argparse
import asyncio
import io
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")

BARE = """
INSERT INTO reads_inboxitem (id, agency_id, device_id, received_at, source_address, content_type,
                             idempotency_key, body, body_sha256, content_sha256, size)
VALUES (%s, %s, %s, now(), '', '', %s, %b, '', '', %s)
"""


@dataclass(frozen=True)
class Measured:
    """One run's answers per second and the milliseconds each took."""

    per_second: float
    p50_ms: float
    p95_ms: float

    def __str__(self) -> str:
        return f"{self.per_second:8.0f}/s   p50 {self.p50_ms:6.1f} ms   p95 {self.p95_ms:6.1f} ms"


async def measured(cameras: list[Callable[[], Awaitable[None]]], seconds: float) -> Measured:
    """Let every camera work without pause for so long."""
    took: list[float] = []
    start = time.perf_counter()

    async def work(shot: Callable[[], Awaitable[None]]) -> None:
        while (began := time.perf_counter()) < start + seconds:
            await shot()
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*map(work, cameras))
    elapsed = time.perf_counter() - start
    return Measured(len(took) / elapsed, statistics.median(took), statistics.quantiles(took, n=20)[18])


def read_json() -> bytes:
    """A read as a camera sends it, new each time."""
    read = {
        "event_id": uuid4().hex,
        "captured_at": datetime.now(UTC).isoformat(),
        "plate": "8" + secrets.token_hex(3).upper(),
        "confidence": 0.93,
        "characters": [{"char": char, "confidence": 0.98} for char in "8ABC123"],
        "candidates": [{"text": "BABC123", "confidence": 0.03}],
        "region": "US-CA",
        "plate_box": {"x": 812, "y": 604, "w": 168, "h": 52},
        "direction": "receding",
    }
    return json.dumps(read).encode()


def body_of(picture: bytes | None) -> tuple[bytes, str]:
    """A body and its content type: JSON, or multipart when there is a picture."""
    if picture is None:
        return read_json(), "application/json"
    parts = (("read", read_json()), ("scene", picture))
    head = b'--frontier\r\nContent-Disposition: form-data; name="%b"; filename="f"\r\n\r\n'
    body = b"".join(head % name.encode() + data + b"\r\n" for name, data in parts) + b"--frontier--\r\n"
    return body, "multipart/form-data; boundary=frontier"


class Camera:
    """One connection kept open, speaking just enough HTTP/1.1."""

    def __init__(self, port: int, key: str, picture: bytes | None) -> None:
        self.port, self.key, self.picture = port, key, picture
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def shot(self) -> None:
        """Send one read and wait for its receipt."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        body, content_type = body_of(self.picture)
        writer.write(
            f"POST /v1/reads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 202"):
            raise SystemExit(f"The receiver answered {head[:200]!r}")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(lengths[0].split(b":")[1]))


async def bare_inserts(
    url: str, device: tuple[str, str], picture: bytes | None, count: int, seconds: float
) -> Measured:
    """The baseline: connections insert the same bodies, each its own transaction, synchronously committed."""

    async def inserter() -> Callable[[], Awaitable[None]]:
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)

        async def shot() -> None:
            body, _ = body_of(picture)
            await connection.execute(BARE, [uuid4(), *device, uuid4().hex, body, len(body)])

        return shot

    return await measured([await inserter() for _ in range(count)], seconds)


def registered(now: datetime) -> tuple[tuple[str, str], str]:
    """A device in the scratch database with its key."""
    import django  # noqa: PLC0415  after the settings' variable

    django.setup()
    from plateward.accounts.models import Agency  # noqa: PLC0415  after django.setup
    from plateward.audit.who import Who  # noqa: PLC0415  after django.setup
    from plateward.devices.actions import register  # noqa: PLC0415  after django.setup
    from plateward.devices.rules import DeviceFacts, DeviceKind  # noqa: PLC0415  after django.setup

    agency, _ = Agency.objects.get_or_create(pk="bench", defaults={"name": "Bench", "short_name": "Bench"})
    device, key = register(
        agency=agency,
        facts=DeviceFacts(name=uuid4().hex, kind=DeviceKind.FIXED, location="bench", owner="bench"),
        by=Who.system("bench"),
        now=now,
    )
    return (agency.pk, str(device.pk)), key


def stored_per_second(limit: int) -> float:
    """Payloads per second that the intake turns into reads, of those received over HTTP."""
    from plateward.reads.actions import ensure_partitions, store_waiting  # noqa: PLC0415  after django.setup
    from plateward.reads.models import InboxItem, InboxState  # noqa: PLC0415  after django.setup
    from plateward.reads.store import PictureStore  # noqa: PLC0415  after django.setup

    waiting = InboxItem.objects.filter(state=InboxState.RECEIVED)
    waiting.filter(content_type="").delete()  # the bare inserts
    ensure_partitions(now=datetime.now(UTC))
    with tempfile.TemporaryDirectory() as folder:
        store = PictureStore(Path(folder))
        done, start = 0, time.perf_counter()
        while done < limit and (count := store_waiting(limit=100, now=datetime.now(UTC), store=store)):
            done += count
        rate = done / (time.perf_counter() - start)
    waiting.delete()
    InboxItem.objects.filter(device__agency="bench").delete()
    return rate


def main() -> None:
    """Run it and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--seconds", type=float, default=6)
    options.add_argument("--cameras", type=int, default=16)
    options.add_argument("--picture-kb", type=int, default=100)
    given = options.parse_args()
    url = os.environ["DATABASE_URL"]
    device, key = registered(datetime.now(UTC))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PLATEWARD_INGEST_PORT": str(port)}
    command = [sys.executable, "-m", "plateward.config.cli", "ingest"]
    receiver = subprocess.Popen(command, env=environment)  # noqa: S603  our own command
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.05)
        for name, picture in (("JSON", None), ("multipart", _noise(given.picture_kb))):
            size = len(body_of(picture)[0])
            print(f"\n{name}, {size:,} bytes, {given.cameras} cameras at once, {given.seconds:g} s each")
            bare = asyncio.run(bare_inserts(url, device, picture, given.cameras, given.seconds))
            cameras = [Camera(port, key, picture).shot for _ in range(given.cameras)]
            before = _processor_seconds(receiver.pid)
            receipts = asyncio.run(measured(cameras, given.seconds))
            spent = (_processor_seconds(receiver.pid) - before) / (receipts.per_second * given.seconds) * 1000
            print(f"  bare INSERT   {bare}")
            print(f"  receiver      {receipts}   {receipts.per_second / bare.per_second:.2f} of bare")
            print(f"                {spent:8.2f} ms of one processor a receipt (receiver's process alone)")
            print(f"  intake        {stored_per_second(2000):8.0f}/s stored, one process, receiver idle")
    finally:
        receiver.terminate()
        receiver.wait()


def _processor_seconds(pid: int) -> float:
    """User and system time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _noise(kilobytes: int) -> bytes:
    """A picture of about this size that does not compress away."""
    side = int((kilobytes * 1024 / 1.2) ** 0.5)
    out = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


if __name__ == "__main__":
    main()
