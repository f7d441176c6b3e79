"""The whole system as `plateward up` starts it, in processes of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from plateward.config.processes import command_line, is_alive

PATIENT = 300.0  # seconds before a test gives up on a slow machine; a first start makes the whole database


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class System:
    """A started `plateward up` with its own data folder and ports."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.web = free_port()
        self.ingest = free_port()
        self.log = data / "output"
        given = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DATABASE_URL", "DJANGO"))
        }
        self.env = given | {
            "PLATEWARD_DATA": str(data),
            "PLATEWARD_PORT": str(self.web),
            "PLATEWARD_INGEST_PORT": str(self.ingest),
        }
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([*COMMAND, "up"], env=self.env, stdout=out, stderr=out)  # noqa: S603  ours

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENT
        while not true():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def status(self, port: int, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def children(self) -> list[int]:
        """Every process that descends from the supervisor, postgres and its own children included."""
        parents = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
        found, reached = [], {self.process.pid}
        while grown := {pid for pid, parent in parents.items() if parent in reached} - reached:
            reached |= grown
            found += grown
        return found


COMMAND = (sys.executable, "-m", "plateward.config.cli")


@pytest.fixture
def system() -> Iterator[System]:
    data = Path(tempfile.mkdtemp(dir=os.environ["PLATEWARD_DATA"]))
    started = System(data)
    try:
        started.wait_for(lambda: "Plateward is ready" in started.said() or started.process.poll() is not None)
        assert started.process.poll() is None, started.said()
        yield started
    finally:
        if started.process.poll() is None:
            started.process.terminate()
            started.process.wait(PATIENT)
        shutil.rmtree(data)


def test_up_serves_pages_and_receiver_mends_what_breaks_and_ends_without_a_trace(system: System) -> None:
    assert system.status(system.web, "/") == 302  # to the login page
    assert system.status(system.ingest, "/v1/health") == 200

    second = subprocess.run([*COMMAND, "up"], env=system.env, capture_output=True, text=True, check=False)  # noqa: S603  ours
    assert second.returncode == 1
    assert f"already runs with the data in {system.data} (process {system.process.pid})" in second.stderr

    (postgres,) = [pid for pid in system.children() if f"-D {system.data}" in command_line(pid)]
    os.kill(postgres, signal.SIGKILL)
    system.wait_for(lambda: "the database ended unexpectedly" in system.said())
    system.wait_for(lambda: system.status(system.ingest, "/v1/health") == 200)

    descendants = system.children()
    assert len(descendants) > 4
    system.process.send_signal(signal.SIGTERM)
    assert system.process.wait(PATIENT) == 0, system.said()
    assert [command_line(pid) for pid in descendants if is_alive(pid)] == []
