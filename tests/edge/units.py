"""Units for tests: settings, a reader of drawn numbers instead of plates, and the unit as a process."""

import multiprocessing
import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from plateward.edge import agent, sources
from plateward.edge.agent import Agent, Unit
from plateward.edge.clock import Clock
from plateward.edge.enrolling import enroll
from plateward.edge.journal import Journal
from plateward.edge.link import Link
from plateward.edge.listing import Listing
from plateward.edge.settings import Settings, SourceSettings
from plateward.edge.spool import Spool
from plateward.recognition import CharacterReading, PictureResult, PlateBox, PlateReading
from plateward.recognition.geometry import Picture
from tests.edge.unit_server import CODE

MEGABYTE = 1024 * 1024
START = datetime(2026, 3, 1, 16, tzinfo=UTC)


def plate_of(number: int) -> str:
    """The plate that stands for a picture's number."""
    return f"7ABC{number:03}"


def drawn(number: int) -> Picture:
    """A picture whose gray value is its number."""
    return np.full((48, 64, 3), number, dtype=np.uint8)


def reading(plate: str, at: int = 8) -> PlateReading:
    """A plate as read, at a place of a small picture."""
    corners = ((at, 8), (at + 24, 8), (at + 24, 20), (at, 20))
    return PlateReading(
        text=plate,
        characters=tuple(CharacterReading(char, 0.97) for char in plate),
        confidence=0.95,
        region="US-CA",
        region_confidence=0.9,
        box=PlateBox(at, 8, 24, 12, corners),
    )


@dataclass(frozen=True)
class Frames:
    """One camera's frames, each recognized."""

    recognizer: "EveryFrame"

    def recognize(self, seconds: float, picture: Picture) -> PictureResult:  # noqa: ARG002 - as the protocol
        return self.recognizer.recognize(picture)


class EveryFrame(ABC):
    """What reads pictures reads every frame as if it stood alone."""

    @abstractmethod
    def recognize(self, picture: Picture) -> PictureResult: ...

    def follower(self) -> Frames:
        return Frames(self)


class NumberReader(EveryFrame):
    """Reads the plate that a gray value stands for; black shows none."""

    def recognize(self, picture: Picture) -> PictureResult:
        number = int(picture[4, 4, 0])
        found = (reading(plate_of(number)),) if number else ()
        return PictureResult(found, picture.shape[1], picture.shape[0], 1.0, "numbers@1")


def put_pictures(folder: Path, numbers: Sequence[int]) -> None:
    """Picture files as a camera uploads them, one an hour."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        path = folder / f"{number:03}.png"
        cv2.imwrite(str(path), drawn(number))
        taken = (START + timedelta(hours=number)).timestamp()
        os.utime(path, (taken, taken))


def settings_in(folder: Path, server: str, **more: Any) -> Settings:
    """A unit that watches the folder `yard`."""
    yard = SourceSettings(name="yard", kind="folder", place=str(folder / "yard"), frames_per_s=10)
    facts = {
        "server": server,
        "data": folder / "state",
        "key_file": folder / "unit.key",
        "sources": (yard,),
        "stop_below": MEGABYTE,
        "reserve": 0,
    }
    return Settings(**(facts | more))


def enrolled(settings: Settings, clock: Clock | None = None) -> Unit:
    """A unit that was enrolled."""
    enroll(settings, CODE)
    return Unit.opened(settings, clock)


# A server process that has imported everything forks the units, so that each starts in milliseconds.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.edge.units"])


def start(
    settings: Settings, killed_at: str = "", time_of: int = 1, *, clock_set_by: float = 0.0
) -> BaseProcess:
    """The unit as a process of its own; it kills itself without warning at a step, the n-th time it comes.

    Its clock is off by so many seconds.
    """
    process = _PROCESSES.Process(target=_run, args=(settings, killed_at, time_of, clock_set_by), daemon=True)
    process.start()
    return process


def until(true: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for something that must happen."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _run(settings: Settings, killed_at: str, time_of: int, clock_set_by: float) -> None:
    agent.LOOK_S, sources.POLL_S, sources.SETTLED_S = 0.1, 0.1, 0.0  # type: ignore[misc]  # quick, for the test
    unit = Unit.opened(settings, Clock(lambda: time.time() + clock_set_by))
    running = Agent(unit, NumberReader())
    if killed_at:
        _arm(killed_at, time_of)
    signal.signal(signal.SIGTERM, lambda *_: running.stop())
    running.run()
    unit.close()


def _arm(step: str, time_of: int) -> None:
    """Kill this process in the step: "before" it, inside its transaction, or "after" it."""
    places: dict[str, tuple[type, str, bool]] = {
        "before spooling": (Spool, "add", True),
        "while spooling": (Spool, "_insert", False),
        "after spooling": (Spool, "add", False),
        "before sending": (Link, "hand_over", True),
        "after sending": (Link, "hand_over", False),
        "while clearing": (Spool, "_log", False),
        "after clearing": (Spool, "clear", False),
        "while thinning": (Spool, "_log", False),
        "between parts of the list": (Listing, "put", False),
        "before the merging is noted": (Journal, "merged", True),
    }
    owner, name, is_before = places[step]
    work, count = getattr(owner, name), 0

    def killing(*given: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        if count == time_of and is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        done = work(*given, **named)
        if count == time_of:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, killing)
