"""Frames to reads: recognize, follow, match, keep; one thread for the whole unit.

A plate that is on the list is kept and shown after a second while it is still in view; its pass is then not
kept a second time, unless the further frames made it another plate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from statistics import quantiles
from typing import Final, Literal, Protocol

import msgspec
from msgspec import Struct

from plateward.edge.alerts import Alerts, LocalAlert
from plateward.edge.clock import Clock
from plateward.edge.listing import Listing, ListState, Match, state_of
from plateward.edge.reading import Capture, plate_file, scene_file
from plateward.edge.sources import DONE, UNREADABLE, Ended, Item, Meter, Taken
from plateward.edge.spool import Spool
from plateward.edge.state import RecentRead, State
from plateward.edge.store import Store
from plateward.recognition import Direction, PictureResult, PlateReading, Sighting, Tracker
from plateward.recognition.geometry import Picture
from plateward.unitwire.calls import event_id

SEEN_TWICE: Final = 2
"""Frames in which a plate must have been read before it may alert while it is still in view."""
WATCHED_S: Final = 1.0
"""For so long it is watched before: its way shows, and a better picture comes."""
_KEPT_TIMES: Final = 300
_DIRECTIONS: Final[Mapping[Direction | None, Literal["approaching", "receding"]]] = {
    Direction.APPROACHING: "approaching",
    Direction.RECEDING: "receding",
}


class Following(Protocol):
    """What reads the frames of one camera, in their order; `recognition.Follower` does."""

    def recognize(self, seconds: float, picture: Picture) -> PictureResult: ...


class Recognizing(Protocol):
    """What reads a picture; `recognition.Recognizer` does."""

    def recognize(self, picture: Picture) -> PictureResult: ...

    def follower(self) -> Following: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What capturing works on."""

    store: Store
    spool: Spool
    listing: Listing
    alerts: Alerts
    clock: Clock
    state: State
    jpeg_quality: int


class _ComeTo(Struct, frozen=True):
    """How far into a video everything was kept, and which plates then in view were kept already."""

    seconds: float = -1.0
    kept: tuple[tuple[float, str], ...] = ()


@dataclass(slots=True)
class _View:
    """One source's plates in view, and which of them were kept already."""

    tracker: Tracker = field(default_factory=Tracker)
    kept: set[tuple[float, str]] = field(default_factory=set)
    asked: dict[float, str] = field(default_factory=dict)
    zero: datetime | None = None
    """When the source's time began."""

    def not_kept(self, passed: Sequence[Sighting], seconds: float) -> list[Sighting]:
        """Those of the passes that were not kept while they were in view; all of them are over."""
        fresh = [one for one in passed if _name(one) not in self.kept]
        here = {one.first_seconds for one in self.tracker.in_view()}
        self.kept = {name for name in self.kept if name[0] in here or name[0] > seconds}
        self.asked = {first: text for first, text in self.asked.items() if first in here}
        return fresh


class Capturing:
    """Takes items and keeps what they show."""

    def __init__(self, parts: Parts, recognizer: Recognizing, meters: Mapping[str, Meter]) -> None:
        self._parts, self._recognizer, self._meters = parts, recognizer, meters
        self._views: dict[str, _View] = {}
        self._followers: dict[str, Following] = {}
        self._times: deque[float] = deque(maxlen=_KEPT_TIMES)
        self._model = ""
        self._pending: tuple[Sequence[Capture], tuple[str, str, str] | None] | None = None

    @property
    def model(self) -> str:
        """What reads the plates; "" before the first picture."""
        return self._model

    def milliseconds(self) -> tuple[float, float] | None:
        """Median and 95th percentile of the last pictures' recognition; None before there were two."""
        times = list(self._times)
        if len(times) < 2:  # noqa: PLR2004  statistics needs two
            return None
        cuts = quantiles(times, n=20)
        return round(cuts[9], 1), round(cuts[18], 1)

    def take(self, item: Item) -> None:
        """Work on one item; what it shows is on the disc when this returns.

        Raises NoRoomError: then it is still in memory, and `keep_pending` must come before the next item.
        """
        if isinstance(item, Ended):
            self._end(item)
            return
        try:
            captures, progress = self._looked_at(item)
        except Exception as error:  # noqa: BLE001  a picture that breaks a network or a codec must not end the unit
            captures, progress = (
                [],
                (item.source.name, item.name, UNREADABLE) if item.seconds is None else None,
            )
            if meter := self._meters.get(item.source.name):
                meter.spoiled(f"{item.name or 'A frame'} could not be recognized: {error}")
        if captures or progress is not None:
            self._keep(captures, progress)

    def _looked_at(self, item: Taken) -> tuple[list[Capture], tuple[str, str, str] | None]:
        """What the item shows that is to be kept, and how far its source has come then."""
        if item.seconds is None and self._parts.spool.progress(item.source.name, item.name):
            return [], None  # offered twice
        if item.seconds is None:
            result = self._recognizer.recognize(item.picture)
        else:
            result = self._follower(item.source.name).recognize(item.seconds, item.picture)
        self._model = result.model
        self._times.append(result.milliseconds)
        if item.seconds is not None:
            return self._moving(item, item.seconds, result)
        captures = [
            self._capture(item, item.captured_at, reading, item.picture, item.original)
            for reading in result.readings
        ]
        return captures, (item.source.name, item.name, DONE)

    def _follower(self, source: str) -> Following:
        if source not in self._followers:
            self._followers[source] = self._recognizer.follower()
        return self._followers[source]

    def _moving(
        self, item: Taken, seconds: float, result: PictureResult
    ) -> tuple[list[Capture], tuple[str, str, str] | None]:
        at = self._come_to(item)
        view = self._views.setdefault(item.source.name, _View(kept=set(at.kept)))
        view.zero = item.captured_at - timedelta(seconds=seconds)
        passed = view.not_kept(view.tracker.add(seconds, result.readings, item.picture), seconds)
        if seconds <= at.seconds:
            # This far into the video everything was kept before the unit was started again.
            return [], None
        early = [one for one in view.tracker.in_view() if self._is_wanted_news(view, one)]
        if not (passed or early):
            return [], None
        captures = [self._seen(view, item, one) for one in (*passed, *early)]
        view.kept.update(_name(one) for one in early)
        come = _ComeTo(seconds=seconds, kept=tuple(sorted(view.kept)))
        progress = (item.source.name, item.name, msgspec.json.encode(come).decode()) if item.name else None
        return captures, progress

    def _is_wanted_news(self, view: _View, sighting: Sighting) -> bool:
        """Whether a plate in view is on the list, as far as that was not known a frame ago."""
        asked = view.asked.get(sighting.first_seconds)
        watched = sighting.last_seconds - sighting.first_seconds
        if sighting.frames < SEEN_TWICE or watched < WATCHED_S:
            return False
        if asked == sighting.reading.text or _name(sighting) in view.kept:
            return False
        view.asked[sighting.first_seconds] = sighting.reading.text
        return bool(self._matches(sighting.reading)[1])

    def _come_to(self, item: Taken) -> _ComeTo:
        """How far into a video everything was kept."""
        at = self._parts.spool.progress(item.source.name, item.name) if item.name else ""
        return msgspec.json.decode(at, type=_ComeTo) if at not in {"", DONE, UNREADABLE} else _ComeTo()

    def _end(self, item: Ended) -> None:
        view = self._views.pop(item.source.name, None)
        self._followers.pop(item.source.name, None)
        passed = view.not_kept(view.tracker.finish(), inf) if view else []
        if passed or item.name:
            captures = [self._seen(view, item, one) for one in passed] if view else []
            self._keep(captures, (item.source.name, item.name, item.outcome) if item.name else None)

    def _seen(self, view: _View, item: Item, sighting: Sighting) -> Capture:
        zero = view.zero or self._parts.clock.now()
        picture = sighting.picture
        assert picture is not None  # noqa: S101  every frame is given with its picture
        at = zero + timedelta(seconds=sighting.best_seconds)
        return self._capture(item, at, sighting.reading, picture, None, sighting.direction)

    def _capture(
        self,
        item: Item,
        at: datetime,
        reading: PlateReading,
        picture: Picture,
        original: bytes | None,
        direction: Direction | None = None,
    ) -> Capture:
        head, quality = self._parts.listing.head, self._parts.jpeg_quality
        return Capture(
            source=item.source,
            captured_at=at,
            reading=reading,
            model=self._model,
            direction=_DIRECTIONS.get(direction) or item.source.direction,
            list_version=head.version if head else None,
            clock_offset_s=self._parts.clock.offset_s(),
            scene=scene_file(picture, original, quality),
            plate=plate_file(picture, reading, quality),
        )

    def _keep(self, captures: Sequence[Capture], progress: tuple[str, str, str] | None) -> None:
        self._pending = (captures, progress)
        self.keep_pending()

    def keep_pending(self) -> None:
        """Keep what there was no room for. Raises NoRoomError."""
        if self._pending is not None:
            self._write(*self._pending)
            self._pending = None

    def _write(self, captures: Sequence[Capture], progress: tuple[str, str, str] | None) -> None:
        """Reads, alerts and the source's progress go to the disc together."""
        parts, now = self._parts, self._parts.clock.now()
        matched = [self._matches(one.reading) for one in captures]
        reads = [
            one.as_new(is_matched=listed.is_used, is_hit=listed.is_used and bool(found))
            for one, (listed, found) in zip(captures, matched, strict=True)
        ]
        raised: list[LocalAlert | None] = []

        def alert(numbers: Sequence[int]) -> None:
            raised[:] = [
                self._raise(number, one, found, listed, now)
                for number, one, (listed, found) in zip(numbers, captures, matched, strict=True)
            ]

        numbers = parts.spool.add(reads, now, progress=progress, also=alert)
        for number, one, of_read in zip(numbers, captures, raised, strict=True):
            self._show(number, one, of_read)
        if any(raised):
            parts.state.tell(alerts=tuple(parts.alerts.all()))

    def _raise(
        self, number: int, capture: Capture, found: Sequence[Match], listed: ListState, now: datetime
    ) -> LocalAlert | None:
        if not listed.is_used or not found:
            return None
        alerts = [self._parts.alerts.raise_for(number, capture, one, listed, now) for one in found]
        return alerts[0]

    def _matches(self, reading: PlateReading) -> tuple[ListState, list[Match]]:
        parts, now = self._parts, self._parts.clock.true_now()
        listed = state_of(parts.listing.head, parts.state.snapshot().configuration, now)
        return listed, parts.listing.matches(reading.text, reading.region, now) if listed.is_used else []

    def _show(self, number: int, capture: Capture, alert: LocalAlert | None) -> None:
        if meter := self._meters.get(capture.source.name):
            meter.read()
        reading = capture.reading
        self._parts.state.add(
            RecentRead(
                sequence=number,
                event_id=event_id(self._parts.spool.id, number),
                plate=reading.text,
                region=reading.region,
                confidence=reading.confidence,
                characters=reading.characters,
                captured_at=capture.captured_at,
                source=capture.source.name,
                direction=capture.direction,
                alert=alert.id if alert else None,
                picture=capture.plate,
            )
        )


def _name(sighting: Sighting) -> tuple[float, str]:
    return sighting.first_seconds, sighting.reading.text
