from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plateward.edge.clock import Clock

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class Time:
    """A wall clock that can be set, and a steady one that cannot."""

    shown: float = START.timestamp()
    run: float = 100.0

    def passes(self, seconds: float) -> None:
        self.shown += seconds
        self.run += seconds

    def is_set(self, seconds: float) -> None:
        self.shown += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.shown, lambda: self.run)


def test_time_that_passes_is_no_jump() -> None:
    time = Time()
    clock = time.clock
    time.passes(3600)
    time.is_set(0.4)  # slow adjustment
    assert clock.jump() is None


def test_a_clock_set_forward_or_back_is_told_once() -> None:
    time = Time()
    clock = time.clock
    time.is_set(86_400)
    forward = clock.jump()
    assert forward is not None
    assert (forward.seconds, forward.now) == (86_400, START + timedelta(days=1))
    assert clock.jump() is None
    time.is_set(-2 * 86_400)
    back = clock.jump()
    assert back is not None
    assert back.seconds == -2 * 86_400


def test_the_offset_is_from_the_middle_of_question_and_answer() -> None:
    time = Time()
    clock = time.clock
    assert clock.offset_s() is None
    sent = clock.steady()
    time.passes(4)
    clock.heard(START + timedelta(seconds=32), sent, clock.steady())
    assert clock.offset_s() == 30


def test_the_offset_follows_a_clock_that_is_set() -> None:
    time = Time()
    clock = time.clock
    clock.heard(START, clock.steady(), clock.steady())
    time.is_set(-3600)
    time.passes(60)
    assert clock.offset_s() == 3600
    assert clock.true_now() == START + timedelta(seconds=60)
