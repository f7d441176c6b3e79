"""The supervisor with small real processes; it runs in a process of its own, as it does in production."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from plateward.config.processes import is_alive
from plateward.config.supervisor import Child, Patience, Supervisor, port_problem

PATIENT = 20.0  # seconds before a test gives up on a slow machine

PROGRAM = """
import sys
from plateward.config.supervisor import Child, Patience, Supervisor
children = [Child(name=n, command=[sys.executable, "-c", code]) for n, code in {children!r}]
patience = Patience(failures=3, quick=60.0, first_pause=0.05, farewell=1.0)
ready = lambda: print("READY", flush=True)
supervisor = Supervisor(children, out=sys.stdout, patience=patience, on_ready=ready)
ok = supervisor.run()
print("REASON", supervisor.reason, flush=True)
sys.exit(0 if ok else 1)
"""

STAYS = "import os, time; print('pid', os.getpid()); time.sleep(600)"
STUBBORN = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
FAILS = "import sys; print('no luck'); sys.exit(3)"


class Run:
    """A supervisor under test and what it printed so far."""

    def __init__(self, log: Path, **children: str) -> None:
        self.log = log
        program = PROGRAM.format(children=list(children.items()))
        with log.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-c", program], stdout=out, stderr=out)  # noqa: S603  ours

    def said(self) -> str:
        return self.log.read_text()

    def pids(self, name: str) -> list[int]:
        lines = [line for line in self.said().splitlines() if line.startswith(name) and "│ pid " in line]
        return [int(line.split()[-1]) for line in lines]

    def wait_for(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENT
        while not true():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def end(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(PATIENT)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def begin(**children: str) -> Run:
        runs.append(Run(tmp_path / "log", **children))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def test_lines_carry_the_name_of_the_child_that_said_them(start: Callable[..., Run]) -> None:
    run = start(web=STAYS, worker=STAYS)
    run.wait_for(lambda: run.pids("web") and run.pids("worker"))


def test_a_killed_child_is_started_again_and_said_so(start: Callable[..., Run]) -> None:
    run = start(web=STAYS)
    run.wait_for(lambda: run.pids("web"))
    os.kill(run.pids("web")[0], signal.SIGKILL)
    run.wait_for(lambda: len(run.pids("web")) == 2)
    assert "ended by SIGKILL" in run.said()
    assert "starting it again" in run.said()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_it_ends_every_child(start: Callable[..., Run], by: signal.Signals) -> None:
    run = start(web=STAYS, worker=STAYS)
    run.wait_for(lambda: run.pids("web") and run.pids("worker"))
    pids = run.pids("web") + run.pids("worker")
    assert run.end(by) == 0
    assert [pid for pid in pids if is_alive(pid)] == []


def test_a_child_that_ignores_the_request_is_killed(start: Callable[..., Run]) -> None:
    run = start(web=STUBBORN)
    run.wait_for(lambda: run.pids("web"))
    assert run.end(signal.SIGTERM) == 0
    assert not is_alive(run.pids("web")[0])
    assert "did not end when asked; killed" in run.said()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_do_not_outlive_a_killed_supervisor(start: Callable[..., Run]) -> None:
    run = start(web=STAYS)
    run.wait_for(lambda: run.pids("web"))
    run.end(signal.SIGKILL)
    run.wait_for(lambda: not is_alive(run.pids("web")[0]))


def test_a_child_that_keeps_failing_ends_everything_with_the_reason(start: Callable[..., Run]) -> None:
    run = start(web=FAILS, worker=STAYS)
    assert run.process.wait(PATIENT) == 1
    assert "web ended after" in run.said()
    assert "(status 3), 3 times in a row" in run.said()
    assert run.said().rstrip().endswith("no luck")
    assert [pid for pid in run.pids("worker") if is_alive(pid)] == []


class Away:
    """Something the children need: away once a child ended, there again after some looks."""

    def __init__(self) -> None:
        self.is_ready = True
        self.looks = 0
        self.supervisor: Supervisor | None = None
        self.started_meanwhile: list[bool] = []

    def check(self) -> str | None:
        assert self.supervisor is not None
        has_child = self.supervisor.running[0].process is not None
        if self.is_ready and self.looks and has_child:
            self.supervisor.stop()  # it was started again
        elif self.is_ready and not self.looks:
            self.is_ready = has_child
        elif not self.is_ready:
            self.started_meanwhile.append(has_child)
            self.looks += 1
            self.is_ready = self.looks > 5
        return None


def test_children_are_not_started_while_what_they_need_is_away() -> None:
    away = Away()
    ends = Child(name="web", command=[sys.executable, "-c", "pass"])
    patience = Patience(failures=100, first_pause=0.05, longest_pause=0.05)
    away.supervisor = Supervisor([ends], out=StringIO(), patience=patience, upkeep=away)
    assert away.supervisor.run()
    assert away.started_meanwhile == [False] * 6


def test_a_program_that_does_not_exist_is_named() -> None:
    supervisor = Supervisor([Child(name="web", command=["/nowhere/program"])], out=StringIO())
    assert not supervisor.run()
    assert "web cannot be started" in str(supervisor.reason)


def test_ready_is_told_once_all_children_run(start: Callable[..., Run]) -> None:
    run = start(web=STAYS)
    run.wait_for(lambda: "READY" in run.said())


def test_pauses_double_up_to_a_limit() -> None:
    patience = Patience(first_pause=0.5, longest_pause=3.0)
    assert [patience.pause(n) for n in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_a_port_in_use_is_told_with_its_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port_problem("127.0.0.1", port) == "Address already in use"
    assert port_problem("127.0.0.1", port) is None
