"""Frames of one camera: plates are found in every frame, and each is read in some of them.

Finding costs a fraction of reading, and many readings of a plate that hardly moves say little more than one.
What is read goes to `video.Tracker`, which bridges the frames between.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plateward.recognition.geometry import Picture, Quad, overlap
from plateward.recognition.interfaces import Place
from plateward.recognition.results import PictureResult, PlateReading


class FindsAndReads(Protocol):
    """`recognizer.Recognizer`."""

    @property
    def model(self) -> str: ...

    def find(self, frame: Picture) -> list[Place]: ...

    def read(self, picture: Picture, places: Sequence[Place], *, named: bool) -> list[PlateReading]: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a plate in view is read; all times are far below `video.Rules.gone_s`.

    Attributes:
        first: frames in which it is read one after the other when it comes into view.
        every_s, settled_s: seconds between readings from then on, and where it has not moved.
        moved: share of its width from which its place or its width counts as another.
        larger: by how much a plate must have grown to be asked for its state's name again.
        same: overlap from which a place is a plate of the frame before; a faster one is read in every frame.
        forgotten_s: a plate not found for so long is new when it is found again.
    """

    first: int = 3
    every_s: float = 0.3
    settled_s: float = 0.7
    moved: float = 0.1
    larger: float = 1.25
    same: float = 0.3
    forgotten_s: float = 0.5


@dataclass(slots=True)
class _Known:
    """A plate in view, where it is and was when it was read."""

    quad: Quad
    seen: float
    read_quad: Quad
    read: float
    times: int = 0
    named_width: float = 0.0

    def is_due(self, seconds: float, pace: Pace) -> bool:
        if self.times < pace.first:
            return True
        step = self.quad.center - self.read_quad.center
        limit = pace.moved * self.read_quad.width
        is_settled = abs(step).max() < limit and abs(self.quad.width - self.read_quad.width) < limit
        return seconds - self.read >= (pace.settled_s if is_settled else pace.every_s)


class Follower:
    """Recognizes the frames of one camera, in their order."""

    def __init__(self, recognizer: FindsAndReads, pace: Pace = Pace()) -> None:
        self._recognizer, self._pace = recognizer, pace
        self._known: list[_Known] = []

    def recognize(self, seconds: float, picture: Picture) -> PictureResult:
        """The plates that are read in this frame, the surest first.

        `seconds` are from the beginning of the video or stream, and more than in the frame before.
        """
        started = time.perf_counter()
        height, width = picture.shape[:2]
        places = self._recognizer.find(picture) if min(height, width) > 1 else []
        known = [(place, self._seen(place, seconds)) for place in places]
        due = [(place, one) for place, one in known if one.is_due(seconds, self._pace)]
        readings = self._read(picture, due, seconds)
        self._known = [one for one in self._known if seconds - one.seen < self._pace.forgotten_s]
        spent = (time.perf_counter() - started) * 1000
        return PictureResult(readings, width, height, spent, self._recognizer.model)

    def _seen(self, place: Place, seconds: float) -> _Known:
        """The plate at this place, as it was in the frames before, or a new one."""
        before = [one for one in self._known if one.seen < seconds]
        near = max(before, key=lambda one: overlap(one.quad, place.quad), default=None)
        if near is None or overlap(near.quad, place.quad) < self._pace.same:
            near = _Known(place.quad, seconds, place.quad, seconds)
            self._known.append(near)
        near.quad, near.seen = place.quad, seconds
        return near

    def _read(
        self, picture: Picture, due: Sequence[tuple[Place, _Known]], seconds: float
    ) -> tuple[PlateReading, ...]:
        """Read the places; the states' names too, where a plate was never so large."""
        if not due:
            return ()
        grown = [one for _, one in due if one.quad.width >= self._pace.larger * one.named_width]
        for _, one in due:
            one.read_quad, one.read, one.times = one.quad, seconds, one.times + 1
            one.named_width = max(one.named_width, one.quad.width) if grown else one.named_width
        return tuple(self._recognizer.read(picture, [place for place, _ in due], named=bool(grown)))
