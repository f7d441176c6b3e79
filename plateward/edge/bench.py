"""How many frames a second this computer manages, and which part takes the time."""

from __future__ import annotations

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np

from plateward.edge.alerts import Alerts
from plateward.edge.capturing import Capturing, Parts
from plateward.edge.clock import Clock
from plateward.edge.drawing import RATE, Way, write_video
from plateward.edge.keys import UnitKey
from plateward.edge.listing import Listing
from plateward.edge.settings import SourceSettings
from plateward.edge.sources import Ended, Taken
from plateward.edge.spool import NewRead, Spool
from plateward.edge.state import State
from plateward.edge.store import Store
from plateward.recognition import Follower, PictureResult, Recognizer
from plateward.recognition.geometry import Picture
from plateward.recognition.sources import VIDEO_SUFFIXES
from plateward.unitwire.documents import HotList, ListEntry

LONGEST_S: Final = 20.0
"""A slow computer need not see the whole video."""
_STAGES: Final = (
    "decode",
    "find plates",
    "read serials",
    "read plates",
    "decide",
    "follow, match, spool",
)
_LISTED: Final = 10_000
_MEGABYTE: Final = 1024 * 1024
_NEARER: Final = 1.06


@dataclass(slots=True)
class Watch:
    """Seconds spent, by stage."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Count the block's time."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spent[stage] += time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the recognizer, whose every call is timed."""

    stage: str
    part: Any
    watch: Watch

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.part, name)

        def timed(*given: Any) -> Any:
            with self.watch.on(self.stage):
                return method(*given)

        return timed


@dataclass(frozen=True, slots=True)
class _WatchedFollower:
    follower: Follower
    watch: Watch

    def recognize(self, seconds: float, picture: Picture) -> PictureResult:
        with self.watch.on("recognize"):
            return self.follower.recognize(seconds, picture)


@dataclass(frozen=True, slots=True)
class _WatchedRecognizer:
    recognizer: Recognizer
    watch: Watch

    def recognize(self, picture: Picture) -> PictureResult:
        with self.watch.on("recognize"):
            return self.recognizer.recognize(picture)

    def follower(self) -> _WatchedFollower:
        return _WatchedFollower(self.recognizer.follower(), self.watch)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured; milliseconds are for one frame, megabytes the most the process ever held.

    `processor_ms` is the processor's time, which other programs lengthen less than the time on the clock.
    """

    frames: int
    frames_per_s: float
    processor_ms: float
    reads: int
    milliseconds: tuple[tuple[str, float], ...]
    megabytes: float
    width: int
    height: int


def measure(recognizer: Recognizer, video: Path) -> Measured:
    """Put a video through everything but cameras and network, with a list of 10,000 entries."""
    watch = Watch()
    watched = recognizer.watched(lambda stage, part: _Part(stage, part, watch))
    with TemporaryDirectory(prefix="plateward-bench-") as folder:
        store = Store(Path(folder), UnitKey(bytes(32)))
        spool = Spool(store, stop_below=8 * _MEGABYTE)
        listing = Listing(store)
        listing.put(_list())
        parts = Parts(store, spool, listing, Alerts(store, spool), Clock(), State(), jpeg_quality=88)
        capturing = Capturing(parts, _WatchedRecognizer(watched, watch), {})
        started, used = time.perf_counter(), time.process_time()
        frames, width, height = _run(capturing, video, watch)
        took, used = time.perf_counter() - started, time.process_time() - used
        reads = spool.last()
        store.close()
    return Measured(
        frames=frames,
        frames_per_s=frames / took,
        processor_ms=1000 * used / frames,
        reads=reads,
        milliseconds=tuple(_stages(watch, took, frames)),
        megabytes=_most_memory(),
        width=width,
        height=height,
    )


def _run(capturing: Capturing, video: Path, watch: Watch) -> tuple[int, int, int]:
    source = SourceSettings(name="bench", kind="video", place=str(video), frames_per_s=RATE)
    capture = cv2.VideoCapture(str(video))
    rate, number, began = capture.get(cv2.CAP_PROP_FPS) or float(RATE), 0, datetime.now(UTC)
    width = height = 0
    started = time.perf_counter()
    while True:
        with watch.on("decode"):
            taken, picture = capture.read()
        if not taken:
            break
        height, width = picture.shape[:2]
        capturing.take(Taken(source, began, np.asarray(picture, dtype=np.uint8), number / rate))
        number += 1
        if time.perf_counter() - started > LONGEST_S:
            break
    capturing.take(Ended(source))
    capture.release()
    if not number:
        raise ValueError(
            f"{video} holds no frame that can be decoded: give one of {', '.join(sorted(VIDEO_SUFFIXES))}"
        )
    return number, width, height


def _stages(watch: Watch, took: float, frames: int) -> Iterator[tuple[str, float]]:
    spent = watch.spent
    networks = (spent["detect"], spent["read"], spent["plate"])
    rest = took - spent["recognize"] - spent["decode"]
    times = (spent["decode"], *networks, spent["recognize"] - sum(networks), rest)
    for stage, seconds in zip(_STAGES, times, strict=True):
        yield stage, 1000 * seconds / frames


def spool_milliseconds(folder: Path, reads: int = 50) -> float:
    """How long one read of 150 kB takes until it is on this disc for good."""
    now, data = datetime.now(UTC), b"\xff\xd8\xff" + bytes(150_000)
    with TemporaryDirectory(prefix="bench-", dir=folder) as place:
        store = Store(Path(place), UnitKey(bytes(32)))
        spool = Spool(store, stop_below=8 * _MEGABYTE)
        one = NewRead(
            captured_at=now,
            written=lambda _, n: b'{"n":%d}' % n,
            pictures={"scene": data},
            is_matched=True,
            is_hit=False,
        )
        started = time.perf_counter()
        for _ in range(reads):
            spool.add([one], now)
        took = time.perf_counter() - started
        store.close()
    return 1000 * took / reads


def drawn_video(pictures: Path, video: Path, seconds: int) -> None:
    """A video of 1280×720 at ten frames a second: each picture of a folder comes nearer for a second."""
    found = sorted(pictures.glob("*.jpg"))
    write_video(video, (Way(found[one % len(found)], 1.0, 1.0, _NEARER) for one in range(seconds)))


def _list() -> HotList:
    now = datetime.now(UTC)
    entries = tuple(
        ListEntry(
            id=f"e{number}",
            plate=f"{number % 10}XQ{number:05}",
            region="US-CA",
            category="bench",
            priority=1,
            information_only=False,
            source="bench",
            detail=None,
            expires_at=now.replace(year=now.year + 1, day=1),
        )
        for number in range(_LISTED)
    )
    return HotList(
        device_id="",
        agency="",
        issued_at=now,
        serial=1,
        version=1,
        as_of=now,
        part=1,
        parts=1,
        entries=entries,
    )


def _most_memory() -> float:
    """The most memory that this process held, in megabytes (10⁶ bytes)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
