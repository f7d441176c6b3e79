"""Reads a second from HTTP to matched, and receipts a second against bare INSERTs of the same bodies.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/ingest.py [--reads 20000] [--senders 16] [--bulk 100]
           [--picture-kb 100] [--intakes 2] [--kinds single bulk pictures]

Makes the database `plateward_bench_ingest` on that server and removes it afterwards. Receiver and intakes run
as in production, the senders keep their connections and wait for each receipt; all bodies are made before.
End to end counts from the first byte sent until the last read is stored and compared with the hotlist (20
entries; one read in two thousand is wanted and raises an alert). Everything shares this machine's processors,
so beside the rate stands what of a processor a read took in each kind of process: that changes less with what
else the machine does.
"""

import argparse
import asyncio
import io
import itertools
import json
import os
import random
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")

from bench.standing import scratch_database
from plateward.vault import envelope
from plateward.vault.boxes import HEAD_BYTES, Letterbox, data_key, new_pair

SCRATCH = "plateward_bench_ingest"
WANTED = [f"8WNT{number:03d}" for number in range(20)]
WANTED_SHARE = 2000
RESIDENTS, VISITORS = 60_000, 0.06
PATIENCE_S = 300.0
MOST_INSERTERS = 16
KINDS = ("single", "bulk", "pictures")

BARE = """
INSERT INTO reads_inboxitem (id, agency_id, device_id, received_at, source_address, content_type,
                             idempotency_key, body, body_sha256, content_sha256, size, state)
VALUES (%s, %s, %s, now(), '', '', %s, %b, '', '', %s, 'DISCARDED')
"""
WAITING = """
SELECT EXISTS (SELECT FROM reads_inboxitem WHERE state = 'RECEIVED')
       OR EXISTS (SELECT FROM reads_inboxitem WHERE state = 'STORED')
"""
LISTENING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
"""
SERVER = """
SELECT concat('PostgreSQL ', current_setting('server_version'), ', fsync ', current_setting('fsync'),
              ', synchronous_commit ', current_setting('synchronous_commit'))
"""
OUTCOME = """
SELECT count(*) FILTER (WHERE state = 'MATCHED'), count(*) FILTER (WHERE state = 'QUARANTINED'),
       (SELECT count(*) FROM reads_read), (SELECT count(*) FROM alerts_hit)
FROM reads_inboxitem WHERE state <> 'DISCARDED'
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What senders send: bodies of one content type, of so many reads each."""

    name: str
    content_type: str
    bodies: Sequence[bytes]
    reads_each: int

    @property
    def reads(self) -> int:
        """Reads in all bodies together."""
        return len(self.bodies) * self.reads_each


def passing_plate() -> str:
    """A resident's by Zipf's law, or now and then a visitor's (as in bench/city.py)."""
    if random.random() < VISITORS:  # noqa: S311  plates, not secrets
        return "6" + secrets.token_hex(3).upper()
    return f"7ABC{int(RESIDENTS ** random.random()):05d}"  # noqa: S311  the same


def read_json(plate: str = "") -> bytes:
    """A read as a camera sends it, new each time."""
    read = {
        "event_id": uuid4().hex,
        "captured_at": datetime.now(UTC).isoformat(),
        "plate": plate or passing_plate(),
        "confidence": 0.93,
        "characters": [{"char": char, "confidence": 0.98} for char in "8ABC123"],
        "candidates": [{"text": "BABC123", "confidence": 0.03}],
        "region": "US-CA",
        "plate_box": {"x": 812, "y": 604, "w": 168, "h": 52},
        "direction": "receding",
    }
    return json.dumps(read).encode()


def kinds(given: argparse.Namespace) -> Iterator[Kind]:
    """Single reads, bulk, and single reads with a picture (a tenth as many), or those asked for only."""
    reads, bulk = given.reads, given.bulk
    number = itertools.count()

    def some(count: int) -> list[bytes]:
        wanted = (next(number) % WANTED_SHARE == WANTED_SHARE - 1 for _ in range(count))
        return [read_json(secrets.choice(WANTED) if one else "") for one in wanted]

    if "single" in given.kinds:
        yield Kind("JSON, one read a payload", "application/json", some(reads), 1)
    if "bulk" in given.kinds:
        lines = some(reads)
        payloads = [
            b"\n".join(lines[start : start + bulk]) for start in range(0, len(lines) // bulk * bulk, bulk)
        ]
        yield Kind(f"NDJSON, {bulk} reads a payload", "application/x-ndjson", payloads, bulk)
    if "pictures" in given.kinds:
        bodies = [_multipart(one, _noise(given.picture_kb)) for one in some(reads // 10)]
        yield Kind("multipart, one read with a picture", "multipart/form-data; boundary=frontier", bodies, 1)


def _multipart(read: bytes, picture: bytes) -> bytes:
    head = b'--frontier\r\nContent-Disposition: form-data; name="%b"; filename="f"\r\n\r\n'
    parts = ((b"read", read), (b"scene", picture))
    return b"".join(head % name + data + b"\r\n" for name, data in parts) + b"--frontier--\r\n"


def _noise(kilobytes: int) -> bytes:
    """A picture of about this size that does not compress away, different each time."""
    side = int((kilobytes * 1024 / 1.2) ** 0.5)
    out = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


class Sender:
    """One connection kept open, speaking just enough HTTP/1.1."""

    def __init__(self, port: int, key: str, content_type: str) -> None:
        self.port = port
        self.head = (
            f"POST /v1/reads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: %d\r\n\r\n"
        ).encode()

    async def send(self, bodies: Iterator[bytes], took: list[float]) -> None:
        """Send from a common stock until it is empty, each after the receipt for the one before."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for body in bodies:
            began = time.perf_counter()
            writer.write(self.head % len(body) + body)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 202"):
                raise SystemExit(f"The receiver answered {head[:200]!r}")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].split(b":")[1]))
            took.append((time.perf_counter() - began) * 1000)
        writer.close()


async def sent(port: int, key: str, kind: Kind, senders: int) -> list[float]:
    """Milliseconds to each receipt."""
    took: list[float] = []
    stock = iter(kind.bodies)
    await asyncio.gather(*(Sender(port, key, kind.content_type).send(stock, took) for _ in range(senders)))
    return took


async def bare_inserts(url: str, device: tuple[str, UUID], kind: Kind, senders: int) -> float:
    """The baseline: as many connections insert the same bodies, each its own transaction; payloads/s."""
    stock = iter(kind.bodies)

    async def inserter() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            for body in stock:
                await connection.execute(BARE, [uuid4(), *device, uuid4().hex, body, len(body)])

    began = time.perf_counter()
    await asyncio.gather(*(inserter() for _ in range(min(senders, MOST_INSERTERS))))
    return len(kind.bodies) / (time.perf_counter() - began)


def sealing_us(kind: Kind) -> str:
    """What the letterbox costs, in this process alone: sealing and opening each body once."""
    pair, key_id = new_pair(), uuid4()
    box, began = Letterbox(key_id, pair.public), time.perf_counter()
    files = [box.sealed(body, "bench") for body in kind.bodies]
    between = time.perf_counter()
    key = data_key(files[0][:HEAD_BYTES], private=pair.private, key_id=key_id)
    for file in files:
        envelope.opened(file[HEAD_BYTES:], key=key, key_id=key_id, label="bench")
    took = (between - began, time.perf_counter() - between)
    sealing, opening = (seconds / len(files) * 1e6 for seconds in took)
    return f"{sealing:8.1f} µs a payload, {opening:.1f} to open it"


class Processors:
    """Processor seconds that groups of processes took (Linux, database on this machine), 0 where unknown."""

    def __init__(self, groups: dict[str, list[int]]) -> None:
        self.groups = groups
        self.before = self._seconds()

    def microseconds(self, reads: int) -> str:
        """Of each group for one read, since this was made."""
        spent = {name: self._seconds()[name] - was for name, was in self.before.items()}
        return ", ".join(f"{name} {seconds / reads * 1e6:.0f}" for name, seconds in spent.items())

    def _seconds(self) -> dict[str, float]:
        return {name: sum(map(processor_seconds, pids)) for name, pids in self.groups.items()}


def processor_seconds(pid: int) -> float:
    """What a process took of the processors since it began (Linux), 0 where unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(port: int, intakes: int, logs: Path) -> Iterator[tuple[int, list[int]]]:
    """A receiver and intakes as in production; their process numbers."""
    environment = {**os.environ, "PLATEWARD_INGEST_PORT": str(port)}
    names = ["ingest", *["intake"] * intakes]
    with (logs / "processes.log").open("wb") as log:
        processes = [
            subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", "plateward.config.cli", name], env=environment, stdout=log, stderr=log
            )
            for name in names
        ]
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            while connection.execute(LISTENING).fetchone() != (intakes,) or _is_closed(port):
                time.sleep(0.05)
        yield processes[0].pid, [process.pid for process in processes[1:]]
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def _is_closed(port: int) -> bool:
    with socket.socket() as probe:
        return bool(probe.connect_ex(("127.0.0.1", port)))


def end_to_end(url: str, port: int, key: str, kind: Kind, given: argparse.Namespace, logs: Path) -> None:
    """Send everything, wait until all of it is matched, and print what that took."""
    with (
        running(port, given.intakes, logs) as (receiver, intakes),
        psycopg.connect(url, autocommit=True) as db,
    ):
        before = db.execute(OUTCOME).fetchone()
        backends = db.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchall()
        groups = {
            "receiver": [receiver],
            "intakes": intakes,
            "database": [pid for (pid,) in backends],
            "senders": [os.getpid()],
        }
        processors, began = Processors(groups), time.perf_counter()
        took = asyncio.run(sent(port, key, kind, given.senders))
        receipts = time.perf_counter() - began
        while db.execute(WAITING).fetchone() == (True,):
            if time.perf_counter() - began > PATIENCE_S:
                raise SystemExit("Not everything was matched in time; see what the inbox says.")
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        spent = processors.microseconds(kind.reads)
        after = db.execute(OUTCOME).fetchone()
    assert before is not None  # noqa: S101  one row
    assert after is not None  # noqa: S101  one row
    matched, aside, stored, hits = (now - was for now, was in zip(after, before, strict=True))
    if (matched, aside, stored) != (len(kind.bodies), 0, kind.reads):
        raise SystemExit(f"{matched} matched, {aside} set aside, {stored} stored: this is no measure.")
    tail = statistics.quantiles(took, n=20)[18]
    print(f"  end to end    {kind.reads / seconds:8.0f} reads/s, {hits} hits; µs of one processor a read:")
    print(f"                {spent}")
    print(
        f"  receipts      {len(took) / receipts:8.0f}/s while the intakes work,"
        f" p50 {statistics.median(took):.1f} ms, p95 {tail:.1f} ms"
    )


def town(now: datetime) -> tuple[tuple[str, UUID], str]:
    """Barstow with its camera and twenty wanted plates: agency, device and key."""
    from plateward.reads.actions import ensure_partitions  # noqa: PLC0415  after scratch_database
    from plateward.walls import scope  # noqa: PLC0415  the same
    from tests.alarms import wanted  # noqa: PLC0415  the same
    from tests.personas import build_barstow  # noqa: PLC0415  the same

    scope.become_system("The bench makes its town.")
    ensure_partitions(now=now)
    made = build_barstow(now)
    for plate in WANTED:
        wanted(made, plate, now)
    return (made.agency.pk, made.camera.pk), made.camera_key


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for what the processes keep on disc, named to them as theirs; gone afterwards."""
    base = Path("/var/lib/plateward") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    base.mkdir(mode=0o710, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="plateward-bench-", dir=base))
    os.environ["PLATEWARD_DATA"] = str(data)
    try:
        yield data
    finally:
        shutil.rmtree(data, ignore_errors=True)


def server(url: str) -> str:
    """What of the server decides about durable commits, for the record."""
    with psycopg.connect(url) as connection:
        shown: Any = connection.execute(SERVER).fetchone()
    return str(shown[0])


def main() -> None:
    """Run it and print the tables."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reads", type=int, default=20_000)
    options.add_argument("--senders", type=int, default=16)
    options.add_argument("--bulk", type=int, default=100)
    options.add_argument("--picture-kb", type=int, default=100)
    options.add_argument("--intakes", type=int, default=2)
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    given = options.parse_args()
    with data_folder() as data, scratch_database(os.environ["DATABASE_URL"], SCRATCH) as url:
        device, key = town(datetime.now(UTC))
        print(f"{server(url)}, {os.cpu_count()} processors")
        print(f"{given.intakes} intakes, {given.senders} senders")
        for kind in kinds(given):
            size = sum(map(len, kind.bodies)) // len(kind.bodies)
            print(f"\n{kind.name}: {kind.reads:,} reads, {size:,} bytes a payload")
            print(f"  load before   {os.getloadavg()[0]:8.1f}")
            print(f"  sealing       {sealing_us(kind)}")
            bare = asyncio.run(bare_inserts(url, device, kind, given.senders))
            print(f"  bare INSERT   {bare:8.0f} payloads/s, each its own transaction")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            end_to_end(url, port, key, kind, given, data)


if __name__ == "__main__":
    main()
