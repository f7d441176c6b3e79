"""What is current on the unit, for its screen: ask with `snapshot`, be told of changes with `wait`.

Threads of the agent write here; the screen only reads. Nothing here is on the disc: what must outlive a
restart lies in the store (`alerts`, `spool`, `journal`).
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from plateward.edge.alerts import LocalAlert
from plateward.edge.listing import Freshness, ListState
from plateward.edge.spool import Renamed, Standing
from plateward.recognition import CharacterReading
from plateward.unitwire.documents import Assignment, Configuration

RECENT: Final = 60
"""Reads that the screen can show."""


class LinkState(StrEnum):
    """How the unit stands with the server."""

    NOT_ENROLLED = "NOT_ENROLLED"
    CONNECTING = "CONNECTING"
    UP = "UP"
    AWAY = "AWAY"
    REVOKED = "REVOKED"


class SourceState(StrEnum):
    """How a camera does."""

    CONNECTING = "CONNECTING"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Link:
    """The way to the server; `told` says what is wrong and what to do."""

    state: LinkState
    since: datetime | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A camera now; `told` says what is wrong with it."""

    name: str
    state: SourceState = SourceState.CONNECTING
    frames_per_s: float = 0.0
    reads_last_hour: int = 0
    last_frame_at: datetime | None = None
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRead:
    """A read of the last minutes, with the picture of its plate. `alert` names what it raised."""

    sequence: int
    event_id: str
    plate: str
    region: str | None
    confidence: float
    characters: tuple[CharacterReading, ...]
    captured_at: datetime
    source: str
    direction: str | None
    alert: UUID | None
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment. `stopped` says why nothing is captured; "" while it is.

    `refused` is why the server did not take what somebody did here, until it takes something again.
    """

    version: int
    link: Link
    listed: ListState
    spool: Standing | None
    stopped: str
    refused: str
    configuration: Configuration | None
    assignments: tuple[Assignment, ...]
    sources: tuple[Source, ...]
    reads: tuple[RecentRead, ...]
    alerts: tuple[LocalAlert, ...]
    clock_offset_s: float | None
    recognition_ms: tuple[float, float] | None


_EMPTY: Final = Snapshot(
    version=0,
    link=Link(LinkState.CONNECTING),
    listed=ListState(freshness=Freshness.NONE, is_used=False),
    spool=None,
    stopped="",
    refused="",
    configuration=None,
    assignments=(),
    sources=(),
    reads=(),
    alerts=(),
    clock_offset_s=None,
    recognition_ms=None,
)


class State:
    """The one state of a running unit."""

    def __init__(self) -> None:
        self._now = _EMPTY
        self._reads: deque[RecentRead] = deque(maxlen=RECENT)
        self._changed = threading.Condition()

    def snapshot(self) -> Snapshot:
        """Everything now; consistent, and never changed afterwards."""
        with self._changed:
            return replace(self._now, reads=tuple(reversed(self._reads)))

    def wait(self, version: int, timeout: float) -> int:
        """Return the version once it is another than this one, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._now.version != version, timeout)
            return self._now.version

    def tell(self, **changes: Any) -> None:
        """Change fields of the snapshot; nothing happens where they are as they were."""
        with self._changed:
            if any(getattr(self._now, name) != value for name, value in changes.items()):
                self._now = replace(self._now, **changes, version=self._now.version + 1)
                self._changed.notify_all()

    def add(self, read: RecentRead) -> None:
        """A read was kept."""
        with self._changed:
            self._reads.append(read)
            self._now = replace(self._now, version=self._now.version + 1)
            self._changed.notify_all()

    def renumber(self, renamed: Renamed) -> None:
        """Reads have other names and numbers."""
        with self._changed:
            for at, read in enumerate(self._reads):
                if read.event_id in renamed:
                    name, sequence = renamed[read.event_id]
                    self._reads[at] = replace(read, event_id=name, sequence=sequence)
            self._now = replace(self._now, version=self._now.version + 1)
            self._changed.notify_all()

    def forget(self) -> None:
        """Drop everything that tells of the list or of people: the unit was revoked."""
        with self._changed:
            self._reads.clear()
            self._now = replace(
                self._now, alerts=(), assignments=(), listed=_EMPTY.listed, version=self._now.version + 1
            )
            self._changed.notify_all()
