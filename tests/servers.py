"""The running system: web pages, receiver and intake as the processes they are in production."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from plateward.config.processes import spawn

START_LIMIT_S = 60
COMMAND_LINE = [sys.executable, "-c", "from plateward.config.cli import main; main()"]


@dataclass(frozen=True)
class Servers:
    """The running processes: their addresses, and by name what each says and whether it still runs."""

    base_url: str
    ingest_url: str
    logs: dict[str, Path]
    processes: dict[str, subprocess.Popen[bytes]]

    def ended(self) -> dict[str, str]:
        """What those said that ended by themselves."""
        return {
            name: f"ended with {process.returncode}:\n{self.logs[name].read_text(errors='replace')[-4000:]}"
            for name, process in self.processes.items()
            if process.poll() is not None
        }


MAIL: Final = {
    "PLATEWARD_MAIL_HOST": "127.0.0.1",
    "PLATEWARD_MAIL_FROM": "plateward@city.example",
    "PLATEWARD_MAIL_TLS": "off",
    "PLATEWARD_MAIL_DOMAINS": "pd.city.example",
}
"""A mail server that people's addresses can be given for; nothing runs that would send to it."""


@contextmanager
def running_servers(
    database_url: str, ingest_database_url: str, logs: Path, *, login_providers: Path | None = None
) -> Iterator[Servers]:
    """Run the system on a migrated database until the block ends; what it says goes to files in `logs`."""
    web, ingest = free_port(), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DATABASE_INGEST_URL": ingest_database_url,
        "PLATEWARD_PORT": str(web),
        "PLATEWARD_INGEST_PORT": str(ingest),
        **MAIL,
    }
    if login_providers is not None:
        environment["PLATEWARD_LOGIN_PROVIDERS"] = str(login_providers)
    environment.pop("PLATEWARD_TEST_DATABASE_URL", None)
    urls = {"web": f"http://127.0.0.1:{web}", "ingest": f"http://127.0.0.1:{ingest}", "intake": None}
    paths = {name: logs / f"{name}.log" for name in urls}
    with ExitStack() as stack:
        processes = {}
        for name, url in urls.items():
            log = stack.enter_context(paths[name].open("wb"))
            processes[name] = stack.enter_context(_running(name, environment, log, url))
        yield Servers(
            base_url=f"http://127.0.0.1:{web}",
            ingest_url=f"http://127.0.0.1:{ingest}",
            logs=paths,
            processes=processes,
        )


@contextmanager
def web_process(database_url: str, log: Path) -> Iterator[None]:
    """Run one more web process beside the others, as after a restart, until the block ends."""
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": database_url, "PLATEWARD_PORT": str(port)}
    environment.pop("PLATEWARD_TEST_DATABASE_URL", None)
    with log.open("wb") as output, _running("web", environment, output, f"http://127.0.0.1:{port}"):
        yield


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a server answers there, whatever it says."""
    parts = urlsplit(url)
    try:
        with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=2)) as connection:
            connection.request("GET", "/login")
            connection.getresponse()
    except OSError:
        return False
    return True


@contextmanager
def _running(
    name: str, environment: dict[str, str], log: IO[bytes], url: str | None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `plateward NAME` until the block ends; with `url`, wait until it answers."""
    process = spawn([*COMMAND_LINE, name], env=environment, output=log.fileno())
    deadline = time.monotonic() + START_LIMIT_S
    try:
        while url and not answers(url):
            said = Path(log.name).read_text(errors="replace")
            assert process.poll() is None, f"plateward {name} ended with {process.returncode}:\n{said}"
            assert time.monotonic() < deadline, f"plateward {name} does not answer at {url}:\n{said}"
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=15)
