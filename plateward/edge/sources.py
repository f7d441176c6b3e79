"""Cameras, videos and folders, each in a thread of its own; frames wait in one place for recognition.

A live camera gives its newest frame, because an old one is of no use; files wait until they are taken. A lost
camera is called again, at ever longer intervals, for as long as the unit runs.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from plateward.edge.backoff import pause
from plateward.edge.clock import Clock
from plateward.edge.settings import SourceSettings
from plateward.edge.spool import Spool
from plateward.edge.state import Source, SourceState
from plateward.recognition.geometry import Picture
from plateward.recognition.pictures import SUFFIXES, PictureError, decode
from plateward.recognition.sources import Unreadable, frames

DONE: Final = "done"
UNREADABLE: Final = "unreadable"
"""What a file has come to; one that is no picture is left where it is."""
POLL_S: Final = 1.0
SETTLED_S: Final = 3.0
"""A file that has not grown for so long is looked at."""
BROKEN_S: Final = 60.0
"""One that cannot be read after so long is none; before, more of it may come."""
_RATE_FRAMES: Final = 32
_HOUR: Final = timedelta(hours=1)


class SourceError(Exception):
    """A source gives nothing; the message says why and what to do. It is tried again."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A frame on its way to recognition.

    `seconds` by the source's own time, for following plates; None for a single picture. `name` is the file's
    in the spool's progress, "" for a camera; `original` are the bytes of a picture file.
    """

    source: SourceSettings
    captured_at: datetime
    picture: Picture
    seconds: float | None
    name: str = ""
    original: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """A video is over, or a camera was lost: what is in view has passed. `name` as in `Taken`."""

    source: SourceSettings
    name: str = ""
    outcome: str = DONE


Item = Taken | Ended


class Waiting:
    """One place before recognition for each source."""

    def __init__(self) -> None:
        self._slots: dict[str, deque[Item]] = {}
        self._turn: deque[str] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self.skipped = 0

    def put_newest(self, item: Item) -> None:
        """Take the place of a frame that nobody came for; of an end, one is enough."""
        with self._changed:
            slot = self._slots.setdefault(item.source.name, deque())
            before = [one for one in slot if isinstance(one, Ended)][:1]
            self.skipped += len(slot) - len(before)
            slot.clear()
            slot.extend(before if isinstance(item, Taken) else [])
            self._queue(slot, item)

    def put_next(self, item: Item) -> bool:
        """Wait for the place to be free; False when everything ends."""
        with self._changed:
            slot = self._slots.setdefault(item.source.name, deque())
            self._changed.wait_for(lambda: not slot or self._closed)
            if self._closed:
                return False
            self._queue(slot, item)
            return True

    def take(self, timeout: float) -> Item | None:
        """The next item, the sources in turn; None when none came in time, or everything ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._turn or self._closed, timeout)
            if not self._turn:
                return None
            name = self._turn.popleft()
            item = self._slots[name].popleft()
            if self._slots[name]:
                self._turn.append(name)
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _queue(self, slot: deque[Item], item: Item) -> None:
        slot.append(item)
        if item.source.name not in self._turn:
            self._turn.append(item.source.name)
        self._changed.notify_all()


@dataclass(slots=True)
class Meter:
    """How a source does; its thread and recognition write here."""

    name: str
    clock: Clock
    state: SourceState = SourceState.CONNECTING
    told: str = ""
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_FRAMES))
    _reads: deque[datetime] = field(default_factory=deque)
    _last: datetime | None = None

    def frame(self) -> None:
        self._times.append(self.clock.steady())
        self._last = self.clock.now()
        self.state, self.told = SourceState.RUNNING, ""

    def read(self) -> None:
        self._reads.append(self.clock.now())

    def spoiled(self, told: str) -> None:
        """A picture could not be worked on."""
        self.state, self.told = SourceState.FAILED, told[:300]

    def shown(self) -> Source:
        """The source as the screen shows it."""
        now = self.clock.now()
        while self._reads and self._reads[0] < now - _HOUR:
            self._reads.popleft()
        times = list(self._times)
        since = self.clock.steady() - times[0] if times else 0.0
        rate = (len(times) - 1) / since if len(times) > 1 and since > 0 else 0.0
        return Source(self.name, self.state, round(rate, 1), len(self._reads), self._last, self.told)


class Feeder(threading.Thread):
    """Feeds one source's frames until told to stop."""

    def __init__(self, source: SourceSettings, waiting: Waiting, clock: Clock, spool: Spool) -> None:
        """The spool says how far it has come with a file."""
        super().__init__(name=f"source {source.name}", daemon=True)
        self.meter = Meter(source.name, clock)
        self._source, self._waiting, self._clock, self._spool = source, waiting, clock, spool
        self._finished: set[str] = set()
        self._handed_on: set[str] = set()
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Go on for ever; what fails is told and tried again."""
        failures = 0
        while not self._stop.is_set():
            given = self.meter.shown().last_frame_at
            try:
                self._feed()
                if self.meter.state is SourceState.ENDED:
                    return
            except Exception as error:  # noqa: BLE001  whatever a camera or a decoder does, it is tried again
                self.meter.state, self.meter.told = SourceState.FAILED, str(error) or type(error).__name__
            failures = 1 if self.meter.shown().last_frame_at != given else failures + 1
            self._stop.wait(pause(failures, random.random))

    def _feed(self) -> None:
        match self._source.kind:
            case "stream" | "usb":
                self._live()
            case "video":
                self._video(Path(self._source.place))
            case "folder":
                self._folder(Path(self._source.place))

    def _live(self) -> None:
        try:
            for item in frames(address_of(self._source), 1 / self._source.frames_per_s):
                if self._stop.is_set():
                    return
                if isinstance(item, Unreadable):
                    raise SourceError(item.reason)
                self.meter.frame()
                taken = Taken(self._source, self._clock.now(), item.picture, item.seconds)
                self._waiting.put_newest(taken)
        finally:
            self._waiting.put_newest(Ended(self._source))

    def _video(self, path: Path) -> None:
        """Once from beginning to end: as fast as it can be read where its start is known, else as it ran."""
        name = file_name(path, path.parent)
        if self._spool.progress(self._source.name, name) == DONE:
            self.meter.state, self.meter.told = SourceState.ENDED, "The video was read to its end."
            return
        begun, started = self._clock.steady(), self._source.started_at
        for item in frames(str(path), 1 / self._source.frames_per_s):
            if isinstance(item, Unreadable):
                self.meter.told = item.reason
                if item.reason.startswith("The file cannot"):
                    raise SourceError(item.reason)
                continue
            seconds = item.seconds or 0.0
            if started is None:
                self._stop.wait(max(0.0, begun + seconds - self._clock.steady()))
            at = started.astimezone(UTC) + timedelta(seconds=seconds) if started else self._clock.now()
            if self._stop.is_set() or not self._next(Taken(self._source, at, item.picture, seconds, name)):
                return
        told = self.meter.told or "The video was read to its end."
        if self._waiting.put_next(Ended(self._source, name)):
            self.meter.state, self.meter.told = SourceState.ENDED, told

    def _folder(self, folder: Path) -> None:
        """Every picture that comes, once; a file that still grows is left for later."""
        if not folder.is_dir():
            raise SourceError(f"The folder {folder} is not there. Make it, or connect what holds it.")
        seen: dict[Path, tuple[int, float]] = {}
        while not self._stop.is_set():
            self.meter.state = SourceState.RUNNING
            begun = self._clock.steady()
            sizes = {path: size for path in _pictures(folder) if (size := _size(path)) is not None}
            seen = {path: _since(seen.get(path), size, begun) for path, size in sizes.items()}
            for path, (_, since) in sorted(seen.items()):
                if begun - since >= SETTLED_S and not self._file(path, folder, unchanged_s=begun - since):
                    return
            self._forget_gone({file_name(path, folder) for path in seen if path.exists()})
            # A folder with very many files must not keep the disc busy.
            self._stop.wait(max(POLL_S, 10 * (self._clock.steady() - begun)))

    def _file(self, path: Path, folder: Path, *, unchanged_s: float) -> bool:
        """Hand one file on, or put it away; False when everything ends."""
        name = file_name(path, folder)
        if name in self._finished:
            return True
        if at := self._spool.progress(self._source.name, name):
            self._finished.add(name)
            if at == DONE:
                self._put_away(path, folder)
            return True
        if name in self._handed_on:
            return True  # recognition has it, and may take longer than the folder is left alone
        data = path.read_bytes()
        try:
            picture = decode(data)
        except PictureError as problem:
            self.meter.told = f"{path.name}: {problem}"
            if unchanged_s < BROKEN_S:
                return True
            self._handed_on.add(name)
            return self._waiting.put_next(Ended(self._source, name, UNREADABLE))
        self._handed_on.add(name)
        file_time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        at_time = file_time if self._source.captured == "file" else self._clock.now()
        return self._next(Taken(self._source, at_time, picture, None, name, data))

    def _put_away(self, path: Path, folder: Path) -> None:
        """As set, once everything of it is in the spool."""
        if self._source.after == "delete":
            path.unlink(missing_ok=True)
        elif self._source.after == "move" and self._source.done is not None:
            target = _free(self._source.done / path.relative_to(folder))
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)

    def _forget_gone(self, names: set[str]) -> None:
        """Files that are not there any more need not be remembered."""
        for name in self._finished - names:
            self._spool.forget_progress(self._source.name, name)
        self._finished &= names
        self._handed_on &= names

    def _next(self, taken: Taken) -> bool:
        self.meter.frame()
        return self._waiting.put_next(taken)


def address_of(source: SourceSettings) -> str:
    """The camera's address with its password from the file of its own. Raises SourceError."""
    if source.password_file is None:
        return source.place
    try:
        password = source.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SourceError(
            f"The password file {source.password_file} cannot be read ({error.strerror})."
        ) from error
    parts = urlsplit(source.place)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def file_name(path: Path, folder: Path) -> str:
    """What names a file in the spool's progress: another file of the same name is another one."""
    found = path.stat()
    return f"{path.relative_to(folder)} {found.st_size} {found.st_mtime_ns}"


def _size(path: Path) -> int | None:
    """Bytes of a file; None for one that went away just now."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _since(before: tuple[int, float] | None, size: int, now: float) -> tuple[int, float]:
    """A file's size, and since when it has it."""
    return before if before is not None and before[0] == size else (size, now)


def _free(path: Path) -> Path:
    """The path, or one beside it that no file has: what was moved before is never overwritten."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _pictures(folder: Path) -> Iterator[Path]:
    """Picture files in the folder and below, none of them hidden."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in SUFFIXES and path.is_file():
            yield path
