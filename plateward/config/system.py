"""Bringing a whole Plateward up: database, migrations, then its processes, until told to stop."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from plateward.config.database import EmbeddedDatabase
from plateward.config.environment import Environment
from plateward.config.problems import Problem
from plateward.config.processes import spawn
from plateward.config.supervisor import Child, Console, Supervisor, port_problem


def own_command(*arguments: str) -> tuple[str, ...]:
    """Command line that runs a `plateward` sub-command with this very Python."""
    return (sys.executable, "-m", "plateward.config.cli", *arguments)


def children(environment: Environment) -> list[Child]:
    """The processes of a running system, in the order of their start."""
    return [
        Child(name="worker", command=own_command("worker")),
        Child(name="intake", command=own_command("intake")),
        Child(
            name="ingest", command=own_command("ingest"), address=(environment.host, environment.ingest_port)
        ),
        *([Child(name="mqtt", command=own_command("mqtt"))] if environment.mqtt else []),
        Child(name="web", command=own_command("web"), address=(environment.host, environment.port)),
    ]


def run_system(
    environment: Environment,
    *,
    preparations: Sequence[Child],
    children: Sequence[Child],
    on_ready: Callable[[], None],
    out: IO[str],
) -> None:
    """Run everything until SIGINT or SIGTERM; raises Problem when something cannot be kept running.

    `preparations` run one after the other to their ends before the children start.
    """
    os.umask(0o077)  # what is kept here is nobody else's
    _refuse_missing_assets()
    environment.prepared_data()
    console = Console(out, max(len(child.name) for child in (*preparations, *children)))
    with _alone(environment.data), _terminable(), contextlib.ExitStack() as stack:
        refuse_ports_in_use(environment)
        database = None
        if environment.embedded:
            console.say("system", f"starting the embedded PostgreSQL in {environment.data}")
            database = EmbeddedDatabase(environment.data)
            stack.callback(database.stop)  # also when the start is interrupted
            database.start()
        for step in preparations:
            console.say("system", f"running {step.name}")
            _run_to_end(step, console)
        supervisor = Supervisor(children, out=out, upkeep=database, on_ready=on_ready)
        stopped_as_asked = supervisor.run()
        console.say("system", "stopped" if stopped_as_asked else "giving up")
    if not stopped_as_asked:
        raise Problem(
            f"Plateward stopped: {supervisor.reason}\n`plateward doctor` helps to find out what is wrong."
        )


def refuse_ports_in_use(environment: Environment) -> None:
    """Raise Problem when web or receiver could not listen."""
    for variable, port in (
        ("PLATEWARD_PORT", environment.port),
        ("PLATEWARD_INGEST_PORT", environment.ingest_port),
    ):
        if reason := port_problem(environment.host, port):
            raise Problem(
                f"Port {port} on {environment.host} cannot be used: {reason}. End the program that uses it, "
                f"or choose another one, for example {variable}={port + 100}."
            )


def _refuse_missing_assets() -> None:
    from plateward.ui.assets import DIST  # noqa: PLC0415  this module serves commands without pages too

    if not (DIST / "manifest.json").exists():
        raise Problem("The web pages' styles and scripts are not built: run `make assets` in the checkout.")


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder for this process; raises Problem when another one has it."""
    with (data / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Problem(
                f"Plateward already runs with the data in {data} (process {lock.read().strip()}). "
                "Stop it first, or set PLATEWARD_DATA to another folder."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind the set-up as Ctrl-C does, so that the database is ended in order."""

    def leave(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run_to_end(step: Child, console: Console) -> None:
    process = spawn(step.command, output=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  asked for by PIPE
    try:
        for line in process.stdout:
            console.say(step.name, line.decode(errors="replace").rstrip())
        status = process.wait()
    except BaseException:
        process.kill()
        raise
    finally:
        process.stdout.close()
    if status:
        raise Problem(f"{step.name} failed (status {status}); what it said is above. Everything was stopped.")
