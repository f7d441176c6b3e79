"""The unit's clock: what it shows, when somebody set it, and how far it is from the server's."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

JUMP_S: Final = 2.0
"""A step of the wall clock against the steady one that is no drift of a crystal nor a slow adjustment."""


def steady() -> float:
    """Seconds by a clock that nobody sets and that goes on while the computer sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def wall() -> float:
    """POSIX seconds as the computer has them."""
    return time.time()


@dataclass(frozen=True, slots=True)
class Jump:
    """The clock was set: by so many seconds, and what it then showed."""

    seconds: float
    now: datetime


@dataclass(slots=True)
class Clock:
    """One clock for the whole unit; threads share it."""

    _wall: Callable[[], float] = wall
    _steady: Callable[[], float] = steady
    _base: float = field(init=False)
    """What the wall clock shows less the steady one."""
    _server: float | None = field(init=False, default=None)
    """The server's time less the steady clock, as last heard."""
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._base = self._wall() - self._steady()

    def now(self) -> datetime:
        """What the computer's clock shows, right or wrong."""
        return datetime.fromtimestamp(self._wall(), UTC)

    def steady(self) -> float:
        """Seconds that only grow."""
        return self._steady()

    def jump(self) -> Jump | None:
        """Whether the clock was set since this was asked last."""
        with self._lock:
            base = self._wall() - self._steady()
            step, self._base = base - self._base, base
        return Jump(round(step, 3), self.now()) if abs(step) > JUMP_S else None

    def heard(self, server_time: datetime, sent: float, received: float) -> None:
        """The server's time in an answer to what was sent and received at these steady times."""
        with self._lock:
            self._server = server_time.timestamp() - (sent + received) / 2

    def offset_s(self) -> float | None:
        """The server's time less ours; None while it was never heard. Holds when the clock is set."""
        with self._lock:
            if self._server is None:
                return None
            return round(self._server + self._steady() - self._wall(), 3)

    def true_now(self) -> datetime:
        """The server's time as far as it is known, else the computer's."""
        return self.now() + timedelta(seconds=self.offset_s() or 0.0)
