"""A Plateward of its own, run by `plateward up` as in production, that can be killed piece by piece."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from plateward.config.database import EmbeddedDatabase  # noqa: E402  the repository is on the path only now
from plateward.config.environment import run_folder  # noqa: E402  the same
from plateward.config.processes import command_line, is_alive, spawn  # noqa: E402  the same
from plateward.config.system import own_command  # noqa: E402  the same
from plateward.config.values import ROOT_DATA  # noqa: E402  the same
from tests.servers import answers, free_port  # noqa: E402  the same

START_LIMIT_S = 900.0
BACK_LIMIT_S = 300.0
DATABASE = "database"
POSTMASTER = "postmaster"
DURABILITY = """
SELECT concat('PostgreSQL ', current_setting('server_version'), ', fsync ', current_setting('fsync'),
              ', synchronous_commit ', current_setting('synchronous_commit'),
              ', full_page_writes ', current_setting('full_page_writes'))
"""


@dataclass(frozen=True)
class Installation:
    """The running system: its folder, its addresses, and the supervisor that starts again what ended."""

    data: Path
    base_url: str
    ingest_url: str
    supervisor: "subprocess.Popen[bytes]"

    @property
    def database_url(self) -> str:
        """Its database as the server's superuser, whom no wall stops: to set up, and to look afterwards."""
        return f"postgresql://postgres@/plateward?host={quote(str(run_folder(self.data)), safe='')}"

    @property
    def log(self) -> Path:
        """What supervisor and processes said."""
        return self.data / "up.log"

    def pid(self, name: str) -> int | None:
        """Process number of web, ingest, intake or worker; None while it is not running."""
        found = (one for one in _children(self.supervisor.pid) if command_line(one).split()[-1:] == [name])
        return next(found, None)

    def kill(self, name: str) -> float:
        """End it without a word, as a power cut does; returns after so many seconds it was there again.

        `database` ends the server and all its processes in the same instant; `postmaster` its first process
        alone, whose others find out by themselves. Raises SystemExit when it does not come back.
        """
        killed = self._kill_database(name) if name in {DATABASE, POSTMASTER} else self._kill_process(name)
        began = time.monotonic()
        while is_alive(killed) and time.monotonic() < began + 5:  # its parent has not looked yet
            time.sleep(0.01)
        while not self._is_back(name, killed):
            if self.supervisor.poll() is not None or time.monotonic() > began + BACK_LIMIT_S:
                raise SystemExit(f"{name} did not come back:\n{self.last_words()}")
            time.sleep(0.05)
        return time.monotonic() - began

    def last_words(self) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])

    def durability(self) -> str:
        """Version and the settings on which it depends that nothing committed is lost."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(DURABILITY).fetchone()
        return str(row and row[0])

    def _kill_process(self, name: str) -> int:
        pid = self.pid(name)
        if pid is None:
            raise SystemExit(f"{name} is not running:\n{self.last_words()}")
        for one in (*_descendants(pid), pid):
            os.kill(one, signal.SIGKILL)
        return pid

    def _kill_database(self, name: str) -> int:
        files = self.data / "postgresql"
        pid = int((files / "postmaster.pid").read_text().split("\n", 1)[0])
        if name == DATABASE:
            os.kill(pid, signal.SIGSTOP)  # so that it starts no other while its children end
            for one in _descendants(pid):
                os.kill(one, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        return pid

    def _is_back(self, name: str, killed: int) -> bool:
        if name in {DATABASE, POSTMASTER}:
            try:
                psycopg.connect(self.database_url, connect_timeout=5).close()
            except psycopg.OperationalError:
                return False
            return True
        addresses = {"web": self.base_url, "ingest": self.ingest_url}
        return self.pid(name) not in {None, killed} and (name not in addresses or answers(addresses[name]))


@contextmanager
def standing(*, keeps_commit_times: bool = False) -> Iterator[Installation]:
    """A new system in a folder of its own, gone afterwards; this process's environment is that system's.

    Django may be set up inside: it works as the database's superuser. `keeps_commit_times` lets the database
    keep when each transaction was committed.
    """
    base = ROOT_DATA if os.geteuid() == 0 else Path(tempfile.gettempdir())
    base.mkdir(mode=0o710, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="plateward-bench-", dir=base))
    web, ingest = free_port(), free_port()
    own = {"PLATEWARD_DATA": str(data), "PLATEWARD_PORT": str(web), "PLATEWARD_INGEST_PORT": str(ingest)}
    _take_environment(own)
    if keeps_commit_times:
        with EmbeddedDatabase(data) as database, database.connect() as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    with (data / "up.log").open("ab") as log:
        supervisor = spawn(own_command("up"), env=os.environ, output=log, cwd=ROOT)
    running = Installation(data, f"http://127.0.0.1:{web}", f"http://127.0.0.1:{ingest}", supervisor)
    try:
        _wait_until_ready(running)
        os.environ["DATABASE_URL"] = running.database_url
        os.environ["DJANGO_SETTINGS_MODULE"] = "plateward.config.settings"
        yield running
    finally:
        supervisor.terminate()
        supervisor.wait(timeout=60)
        if folder := os.environ.get("SCREENSHOTS"):
            for name in ("up.log", "postgresql.log"):
                shutil.copy(data / name, folder)
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def scratch_database(url: str, scratch: str) -> Iterator[str]:
    """Address of a new, migrated database on the server of `url`; gone afterwards."""
    name = sql.Identifier(scratch)
    made = urlunsplit(urlsplit(url)._replace(path=f"/{scratch}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        os.environ["DATABASE_URL"] = made
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")
        os.environ.setdefault("PLATEWARD_SECRET_KEY", "only-for-the-bench-" * 3)
        import django  # noqa: PLC0415  it reads the address set above

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415  the same
        from django.db import connection  # noqa: PLC0415  the same

        call_command("migrate", verbosity=0)
        yield made
        connection.close()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _take_environment(own: Mapping[str, str]) -> None:
    """Nothing of another installation's settings reaches this one."""
    for name in list(os.environ):
        if name.startswith(("PLATEWARD_", "DATABASE_")) and name != "PLATEWARD_CHROMIUM":
            del os.environ[name]
    os.environ.update(own)


def _wait_until_ready(running: Installation) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not (answers(running.base_url) and answers(running.ingest_url)):
        if running.supervisor.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"Plateward did not start:\n{running.last_words()}")
        time.sleep(0.2)


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # it ended meanwhile
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
    return found


def _descendants(pid: int) -> list[int]:
    direct = _children(pid)
    return [*direct, *(far for one in direct for far in _descendants(one))]
