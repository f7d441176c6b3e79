"""Keeps a set of child processes running: shows what they say, restarts what crashes, ends them in order."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Final, Protocol

from plateward.config.problems import Problem
from plateward.config.processes import spawn

_COLORS: Final = (36, 33, 35, 32, 34, 96, 93)  # ANSI foregrounds, in order of the children
_TICK: Final = 0.1  # seconds between looks at the children
_REMEMBERED: Final = 12  # last lines of a child, shown when it is given up


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the supervisor bears with its children; all in seconds but `failures`."""

    failures: int = 5
    """So many quick ends in a row and the whole is given up."""
    quick: float = 10.0
    """An end sooner than this after the start is a quick one."""
    first_pause: float = 0.5
    longest_pause: float = 30.0
    farewell: float = 10.0
    """Time for a child to end by itself once asked; then it is killed."""

    def pause(self, failures: int) -> float:
        """Time to wait before the next start, doubling with each quick end."""
        return min(self.first_pause * 2.0 ** max(failures - 1, 0), self.longest_pause)


@dataclass(frozen=True, kw_only=True)
class Child:
    """One process to keep running. `address` (host, port), if it listens on one, tells when it is ready."""

    name: str
    command: Sequence[str]
    address: tuple[str, int] | None = None


class Upkeep(Protocol):
    """Something else that must keep running; `check` says what it had to repair, raises when it cannot.

    While it is not ready, children that ended are not started: they would only end again.
    """

    is_ready: bool

    def check(self) -> str | None:
        """Look after it; raises Problem."""
        ...


@dataclass(kw_only=True)
class _Running:
    child: Child
    color: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_again: float = 0.0
    failures: int = 0
    rest: bytes = b""
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class Console:
    """Writes prefixed lines, colored on a terminal (unless NO_COLOR is set)."""

    def __init__(self, out: IO[str], width: int) -> None:
        self.out = out
        self.width = width
        self.colored = out.isatty() and not os.environ.get("NO_COLOR")

    def say(self, name: str, line: str, color: int = 1) -> None:
        """Write one line under a name."""
        prefix = f"{name:<{self.width}} │"
        if self.colored:
            prefix = f"\033[{color}m{prefix}\033[0m"
        # The terminal may be gone while children still are to be ended.
        with contextlib.suppress(OSError, ValueError):
            self.out.write(f"{prefix} {line}\n")
            self.out.flush()


class Supervisor:
    """Run children until asked to stop (SIGINT, SIGTERM) or until one cannot be kept alive.

    Children are started in the given order and ended in the reverse one. `run` must be called from the main
    thread, because it takes over signals while it works.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        out: IO[str],
        env: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        upkeep: Upkeep | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.env = {**(os.environ if env is None else env), "PYTHONUNBUFFERED": "1"}
        self.upkeep = upkeep
        self.on_ready = on_ready
        self.console = Console(out, max((len(child.name) for child in children), default=0))
        self.running = [
            _Running(child=child, color=_COLORS[place % len(_COLORS)]) for place, child in enumerate(children)
        ]
        self.reason: str | None = None
        """Why it was given up; None while all is well and after an ordered stop."""
        self._asked_to_stop = False
        self._selector = selectors.DefaultSelector()

    def run(self) -> bool:
        """Supervise; True after an ordered stop, False when given up (see `reason`). Leaves no child."""
        with self._signals():
            try:
                self._supervise()
            finally:
                self._end_all()
        return self.reason is None

    def stop(self) -> None:
        """Ask for an ordered stop; safe to call from a signal handler."""
        self._asked_to_stop = True

    def _supervise(self) -> None:
        for one in self.running:
            self._start(one)
        while not self._asked_to_stop and self.reason is None:
            self._relay(_TICK)
            self._look_after_upkeep()
            for one in self.running:
                self._look_after(one)
            self._tell_when_ready()

    def _look_after(self, one: _Running) -> None:
        if one.process is None:
            if time.monotonic() >= one.start_again and (self.upkeep is None or self.upkeep.is_ready):
                self._start(one)
            return
        status = one.process.poll()
        if status is None:
            return
        self._close(one)
        lived = time.monotonic() - one.started
        one.failures = one.failures + 1 if lived < self.patience.quick else 1
        ended = f"ended after {lived:.1f} s ({_in_words(status)})"
        if one.failures >= self.patience.failures:
            last = "".join(f"\n    {line}" for line in one.last_lines)
            self.reason = f"{one.child.name} {ended}, {one.failures} times in a row. It said last:{last}"
            return
        pause = self.patience.pause(one.failures)
        one.start_again = time.monotonic() + pause
        self.console.say(one.child.name, f"{ended}; starting it again in {pause:g} s", one.color)

    def _look_after_upkeep(self) -> None:
        if self.upkeep is None:
            return
        try:
            repaired = self.upkeep.check()
        except Problem as error:
            self.reason = str(error)
            return
        if repaired:
            self.console.say("system", repaired)

    def _tell_when_ready(self) -> None:
        if self.on_ready is None:
            return
        if all(one.child.address is None or is_listening(*one.child.address) for one in self.running):
            tell, self.on_ready = self.on_ready, None
            tell()

    def _start(self, one: _Running) -> None:
        one.started = time.monotonic()
        try:
            one.process = spawn(one.child.command, env=self.env, output=subprocess.PIPE)
        except OSError as error:
            self.reason = f"{one.child.name} cannot be started: {error}"
            return
        assert one.process.stdout is not None  # noqa: S101  asked for by PIPE
        os.set_blocking(one.process.stdout.fileno(), False)
        self._selector.register(one.process.stdout, selectors.EVENT_READ, one)

    def _relay(self, seconds: float) -> None:
        """Wait up to `seconds` for something said and show it."""
        for key, _ in self._selector.select(seconds):
            one: _Running = key.data
            said = os.read(key.fd, 65536)
            if not said:
                self._selector.unregister(key.fileobj)
            *lines, one.rest = (one.rest + said).split(b"\n")
            for line in lines:
                self._show(one, line)

    def _show(self, one: _Running, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        one.last_lines.append(text)
        self.console.say(one.child.name, text, one.color)

    def _close(self, one: _Running) -> None:
        """Show the rest of what an ended child said and forget the process."""
        assert one.process is not None and one.process.stdout is not None  # noqa: S101, PT018  callers checked
        pipe = one.process.stdout
        with contextlib.suppress(BlockingIOError):  # a grandchild may hold the pipe open
            while said := os.read(pipe.fileno(), 65536):
                one.rest += said
        for line in one.rest.splitlines():
            self._show(one, line)
        one.rest = b""
        with contextlib.suppress(KeyError):
            self._selector.unregister(pipe)
        pipe.close()
        one.process = None

    def _end_all(self) -> None:
        for one in reversed(self.running):
            if one.process is not None:
                self._end(one)
        self._selector.close()

    def _end(self, one: _Running) -> None:
        """Ask a child to end, show what it says meanwhile, and kill its whole session if it does not."""
        assert one.process is not None  # noqa: S101  the caller checked
        if one.process.poll() is None:
            one.process.terminate()
        deadline = time.monotonic() + self.patience.farewell
        while one.process.poll() is None and time.monotonic() < deadline:
            self._relay(0.05)
        if one.process.poll() is None:
            self.console.say(one.child.name, "did not end when asked; killed", one.color)
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()
        self._close(one)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn SIGINT, SIGTERM and SIGHUP into an ordered stop while the block runs."""
        wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(one, lambda *_: self.stop()) for one in wanted]
        try:
            yield
        finally:
            for one, handler in zip(wanted, before, strict=True):
                signal.signal(one, handler)


def is_listening(host: str, port: int) -> bool:
    """True when something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def port_problem(host: str, port: int) -> str | None:
    """Why a port cannot be listened on, or None when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _in_words(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"
