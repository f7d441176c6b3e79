"""Accepted is stored and matched, to the last read: receiver, intake and database killed under load.

A whole system of its own: a database server that may be killed, one receiver and two intakes side by side.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from plateward.config.database import EmbeddedDatabase, _programs
from plateward.config.environment import embedded_database_url
from plateward.config.processes import run_as, spawn
from plateward.walls.rights import APPLICATION, INGEST
from tests.alarms import wanted
from tests.payloads import MULTIPART, as_json, as_multipart, picture
from tests.personas import Town
from tests.servers import COMMAND_LINE, free_port

pytestmark = pytest.mark.django_db(transaction=True)

CAMERAS, SHOTS, BULK = 5, 25, 20
"""Each camera sends so many payloads, the first of so many lines, the second with a picture."""
SCENE = picture("red")
LOOK = """
import django
django.setup()
from plateward.reads.models import Picture
from plateward.reads.pictures import picture_bytes
from plateward.walls import scope
scope.become_system("A test looks at every picture.")
for one in Picture.objects.select_related("data_key"):
    print(len(picture_bytes(one)))
"""
"""The size of each picture, opened and compared with its SHA-256 as a page does."""


class System:
    """The processes of a running system, each of which may be killed and started again."""

    def __init__(self, data: Path, database: EmbeddedDatabase) -> None:
        self.data, self.database, self.port = data, database, free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "PLATEWARD_DATA": str(data),
            "PLATEWARD_INGEST_PORT": str(self.port),
            "DATABASE_URL": embedded_database_url(data, APPLICATION),
            "DATABASE_OWNER_URL": embedded_database_url(data),
            "DATABASE_INGEST_URL": embedded_database_url(data, INGEST),
        }
        self.environment.pop("PLATEWARD_TEST_DATABASE_URL", None)

    def start(self, name: str) -> None:
        """Start `receiver`, or an intake under any other name."""
        command = "ingest" if name == "receiver" else "intake"
        with (self.data / f"{name}.log").open("ab") as log:
            self.running[name] = spawn([*COMMAND_LINE, command], env=self.environment, output=log)

    def kill_and_start(self, name: str) -> None:
        self.running[name].kill()
        self.running[name].wait()
        self.start(name)

    def kill_database_and_start(self) -> None:
        """SIGKILL to the server and all its processes at once; it comes back by its write-ahead log."""
        server = self.database.process
        assert server is not None
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        pids = [server.pid, *map(int, children.read_text().split())] if children.exists() else [server.pid]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        server.wait()
        self.database.start()

    def logs(self) -> str:
        """What waits, and the end of what each process logged: for who reads a failure."""
        waits = self.ask(
            "SELECT state, attempts, retry_at, now(), count(*) FROM reads_inboxitem GROUP BY 1, 2, 3"
        )
        ends = [f"{log.name}\n{log.read_text()[-2000:]}" for log in sorted(self.data.glob("*.log"))]
        return "\n".join([*map(str, waits), *ends])

    def pictures(self) -> list[int]:
        """The size of each picture that can be opened."""
        looked = subprocess.run(  # noqa: S603  ours
            [sys.executable, "-c", LOOK],
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "plateward.config.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert looked.returncode == 0, looked.stderr
        return [int(size) for size in looked.stdout.split()]

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows as the owner sees them."""
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type]  # our own constants


@pytest.fixture
def system(barstow: Town, now: datetime, owner_database_url: str) -> Iterator[System]:
    """A system with Barstow and a wanted plate: what the test database holds, in a server of its own."""
    wanted(barstow, "8ABC123", now)
    data = Path(tempfile.mkdtemp(dir=os.environ["PLATEWARD_DATA"]))
    try:
        with EmbeddedDatabase(data) as database:
            copy_into(owner_database_url, database, data / "copy.sql")
            made = System(data, database)
            try:
                yield made
            finally:
                for process in made.running.values():
                    process.kill()
                    process.wait()
    finally:
        shutil.rmtree(data)


def copy_into(url: str, database: EmbeddedDatabase, file: Path) -> None:
    """Fill a fresh server's database with what another holds; some servers' own options it does not know."""
    programs = _programs(database._account)
    for command in (
        [programs / "pg_dump", "--no-owner", f"--file={file}", url],
        [programs / "psql", "-q", f"--file={file}", database.url],
    ):
        done = run_as(None, command, cwd=file.parent)
        assert done.returncode == 0, done.stderr


@contextmanager
def cameras(system: System, key: str, now: datetime, accepted: list[str]) -> Iterator[None]:
    """Cameras that send each payload until it is accepted; the events of those that were."""

    def camera(number: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{system.port}", timeout=5) as client:
            for shot in range(SHOTS):
                lines = BULK if number == 0 else 1
                events = [f"{number}-{shot}-{line}" for line in range(lines)]
                body = b"\n".join(as_json(now, event_id=event, plate=_plate(event)) for event in events)
                kind = "application/x-ndjson" if number == 0 else "application/json"
                if number == 1:
                    body, kind = as_multipart(body, scene=SCENE), MULTIPART
                headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
                while not _is_accepted(client, body, headers):
                    time.sleep(0.1)
                accepted.extend(events)

    threads = [threading.Thread(target=camera, args=(number,)) for number in range(CAMERAS)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def _plate(event: str) -> str:
    return "8ABC123" if event == "1-12-0" else f"7{abs(hash(event)) % 10**6:06}"


def _is_accepted(client: httpx.Client, body: bytes, headers: dict[str, str]) -> bool:
    try:
        answer = client.post("/v1/reads", content=body, headers=headers)
    except httpx.TransportError:
        return False
    assert answer.status_code in {200, 202, 429, 500, 503}, answer.text
    return answer.is_success


def _until(
    condition: Callable[[], bool], what: str, seconds: float = 60, told: Callable[[], str] = lambda: ""
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}\n{told()}"
        time.sleep(0.05)


def test_accepted_is_stored_and_matched_to_the_last_read_whatever_is_killed(
    barstow: Town, now: datetime, system: System
) -> None:
    accepted: list[str] = []
    for name in ("receiver", "intake", "another intake"):
        system.start(name)
    with cameras(system, barstow.camera_key, now, accepted):
        steps = (
            lambda: system.kill_and_start("intake"),
            system.kill_database_and_start,
            lambda: system.kill_and_start("receiver"),
            lambda: system.kill_and_start("another intake"),
        )
        for number, step in enumerate(steps, 1):
            _until(lambda number=number: len(accepted) > 100 * number, "cameras wait for ever")
            step()
    waiting = "SELECT count(*) FROM reads_inboxitem WHERE state IN ('RECEIVED', 'STORED')"
    _until(lambda: system.ask(waiting) == [(0,)], "something accepted was not stored", told=system.logs)
    stored = [event for (event,) in system.ask("SELECT source_event_id FROM reads_read")]
    assert sorted(stored) == sorted(accepted), "each read once"
    assert len(accepted) == (CAMERAS - 1 + BULK) * SHOTS
    assert system.pictures() == [len(SCENE)] * SHOTS
    assert system.ask("SELECT count(*), count(DISTINCT read_id) FROM alerts_hit") == [(1, 1)]
    assert system.ask("SELECT count(*) FROM reads_inboxitem WHERE state = 'QUARANTINED'") == [(0,)]
