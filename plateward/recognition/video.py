"""Frames of moving pictures to sightings: one for each pass of a plate, with its best picture.

tracker = Tracker()
for seconds, picture in …:
    for sighting in tracker.add(seconds, recognizer.recognize(picture).readings, picture):
        …                      # a plate has left, or has been in view for `Rules.longest_s`
… tracker.finish()             # what was still in view when the source ended
tracker.in_view()              # at any time: what is in view now, as far as it is known
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from plateward.plates import plate_key
from plateward.recognition.geometry import Picture
from plateward.recognition.results import PlateReading
from plateward.recognition.voting import together


class Direction(StrEnum):
    """Along the camera's view."""

    APPROACHING = "APPROACHING"
    RECEDING = "RECEDING"


class Heading(StrEnum):
    """Across the picture."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


@dataclass(frozen=True, slots=True)
class Rules:
    """When readings are of one pass.

    Attributes:
        gone_frames, gone_s: a plate has left when it was missed in so many frames and for so many seconds.
        longest_s: a plate that stays is handed over after this time, and counted anew.
        reach: how far, in widths of its characters, a plate may be from where it is expected.
        sure: two places where both readings are at least so certain and differ are of different plates.
        kept_votes: readings of one pass that vote; later ones take the place of the least certain.
    """

    gone_frames: int = 2
    gone_s: float = 1.0
    longest_s: float = 30.0
    reach: float = 6.0
    sure: float = 0.9
    kept_votes: int = 64


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One pass of a plate.

    Attributes:
        reading: voted over all frames; its box is the one in `picture`.
        first_seconds, last_seconds: of the frames, from the beginning of the video or stream.
        frames: in how many it was read.
        best_seconds: of the frame with the largest, sharpest and most certain view.
        picture: that frame; None where none was given.
        direction, heading: of the plate's way through the picture; None where it does not show clearly. Seen
            from a moving car they are relative to the car.
    """

    reading: PlateReading
    first_seconds: float
    last_seconds: float
    frames: int
    best_seconds: float
    picture: Picture | None
    direction: Direction | None
    heading: Heading | None


LEAST_POINTS = 3
"""Frames needed to speak of a direction."""
GROWTH = 0.12
"""Change of the plate's size over the pass (natural logarithm) from which it approaches or recedes."""
SHIFT = 1.0
"""Widths of the plate it must move to have a heading."""
STEADY = 0.6
"""Squared correlation with time that size or place must have."""
FAMILIAR = 0.5
"""Share of places that agree, from which two readings at the same place are of one plate."""


@dataclass(slots=True)
class _Track:
    """A plate in view: its votes, its way, its best picture."""

    rules: Rules
    first: float
    votes: list[PlateReading] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    spots: list[tuple[float, float, float]] = field(default_factory=list)
    missed: int = 0
    frames: int = 0
    best: PlateReading | None = None
    best_score: float = -1.0
    best_seconds: float = 0.0
    picture: Picture | None = None

    @property
    def last(self) -> float:
        return self.times[-1]

    def take(self, seconds: float, reading: PlateReading, picture: Picture | None) -> None:
        self.missed, self.frames = 0, self.frames + 1
        self.votes.append(reading)
        if len(self.votes) > self.rules.kept_votes:
            self.votes.remove(min(self.votes, key=lambda vote: vote.confidence))
        self.times.append(seconds)
        self.spots.append(_spot(reading))
        score = _worth(reading, picture)
        if score > self.best_score:
            self.best, self.best_score = reading, score
            self.best_seconds, self.picture = seconds, picture

    def expected(self, seconds: float) -> tuple[float, float, float]:
        """Center and width where the plate should be now if it goes on as between its last two frames."""
        x, y, width = self.spots[-1]
        if len(self.spots) > 1 and self.times[-1] > self.times[-2]:
            share = min(2.0, (seconds - self.times[-1]) / (self.times[-1] - self.times[-2]))
            before = self.spots[-2]
            x, y = x + (x - before[0]) * share, y + (y - before[1]) * share
        return x, y, width

    def sighting(self) -> Sighting:
        shown = self.best if self.best is not None else self.votes[-1]
        return Sighting(
            together(self.votes, shown), self.first, self.last, self.frames, self.best_seconds, self.picture,
            self._direction(), self._heading(),
        )  # fmt: skip

    def _direction(self) -> Direction | None:
        sizes = np.log([spot[2] for spot in self.spots])
        change = _change(self.times, sizes)
        if abs(change) < GROWTH:
            return None
        return Direction.APPROACHING if change > 0 else Direction.RECEDING

    def _heading(self) -> Heading | None:
        width = float(np.median([spot[2] for spot in self.spots]))
        change = _change(self.times, np.array([spot[0] for spot in self.spots]) / width)
        if abs(change) < SHIFT:
            return None
        return Heading.RIGHT if change > 0 else Heading.LEFT


class Tracker:
    """Follows plates from frame to frame; a sighting comes out when its plate is gone."""

    def __init__(self, rules: Rules = Rules()) -> None:
        self._rules = rules
        self._tracks: list[_Track] = []

    def add(
        self, seconds: float, readings: Sequence[PlateReading], picture: Picture | None = None
    ) -> list[Sighting]:
        """Take one frame; returns the sightings that are complete, in order of appearance.

        Args:
            seconds: from the beginning of the video or stream; never less than in the frame before.
            readings: of this frame.
            picture: the frame itself, kept where it shows a plate best; the caller must not write to it.
        """
        pairs = self._pairs(seconds, readings)
        for index, reading in enumerate(readings):
            track = pairs.get(index)
            if track is None:
                track = _Track(self._rules, seconds)
                self._tracks.append(track)
            track.take(seconds, reading, picture)
        for track in self._tracks:
            track.missed += track.last < seconds
        return self._take_out([track for track in self._tracks if self._is_over(track, seconds)])

    def in_view(self) -> list[Sighting]:
        """The plates in view, as far as they are known now, in order of appearance."""
        return [track.sighting() for track in self._tracks]

    def finish(self) -> list[Sighting]:
        """The sightings still open when the source ends."""
        return self._take_out(list(self._tracks))

    def _take_out(self, tracks: Sequence[_Track]) -> list[Sighting]:
        self._tracks = [track for track in self._tracks if track not in tracks]
        return [track.sighting() for track in tracks]

    def _is_over(self, track: _Track, seconds: float) -> bool:
        rules = self._rules
        gone = track.missed >= rules.gone_frames and seconds - track.last >= rules.gone_s
        return gone or seconds - track.first >= rules.longest_s

    def _pairs(self, seconds: float, readings: Sequence[PlateReading]) -> dict[int, _Track]:
        """Which reading goes on with which track: the likeliest pairs first, each at most once."""
        scored = [
            (score, index, number)
            for (number, track), (index, reading) in product(enumerate(self._tracks), enumerate(readings))
            if (score := self._likeness(track, seconds, reading)) > 0
        ]
        pairs: dict[int, int] = {}
        for _, index, number in sorted(scored, key=lambda each: -each[0]):
            if index not in pairs and number not in pairs.values():
                pairs[index] = number
        return {index: self._tracks[number] for index, number in pairs.items()}

    def _likeness(self, track: _Track, seconds: float, reading: PlateReading) -> float:
        """How likely a reading goes on with a track; 0 where it does not."""
        if track.last >= seconds:
            return 0.0
        x, y, width = track.expected(seconds)
        here = _spot(reading)
        apart = float(np.hypot(x - here[0], y - here[1])) / max(width, here[2], 1.0)
        known = max(track.votes, key=lambda vote: vote.confidence)
        if plate_key(known.text) == plate_key(reading.text):
            return 3.0 - min(apart, 100.0) / 100.0
        agreed, contradicted = _agreement(known, reading, self._rules.sure)
        if agreed < FAMILIAR:
            return 0.0
        if apart < 1 / 2:
            return 1.0 + agreed - apart
        return agreed * (1 - apart / self._rules.reach) if not contradicted else 0.0


def _spot(reading: PlateReading) -> tuple[float, float, float]:
    """Center and width of the characters, in pixels."""
    corners = np.array(reading.box.corners, dtype=np.float64)
    top, bottom = corners[1] - corners[0], corners[2] - corners[3]
    x, y = corners.mean(axis=0)
    return float(x), float(y), max(1.0, float(np.linalg.norm(top + bottom)) / 2)


def _agreement(one: PlateReading, other: PlateReading, sure: float) -> tuple[float, bool]:
    """Share of places that agree, and whether any two certain characters contradict each other.

    Texts of different length are laid on each other at the left or at the right, as they agree better.
    """
    a, b = plate_key(one.text), plate_key(other.text)
    length = max(len(a), len(b), 1)
    shifts = {0, len(b) - len(a)}
    agreed = max(sum(x == y for x, y in zip(a[max(0, -s) :], b[max(0, s) :], strict=False)) for s in shifts)
    if len(a) != len(b):
        return agreed / length, False
    certain = [
        min(x.confidence, y.confidence) >= sure
        for x, y in zip(one.characters, other.characters, strict=False)
    ]
    contradicted = any(sure_both and x != y for sure_both, x, y in zip(certain, a, b, strict=False))
    return agreed / length, contradicted


def _worth(reading: PlateReading, picture: Picture | None) -> float:
    """How well a frame shows a plate: large, sharp, certain."""
    worth = _spot(reading)[2] * max(reading.confidence, 0.01)
    if picture is None:
        return worth
    box = reading.box
    return worth * sharpness(picture[box.y : box.y + box.height + 1, box.x : box.x + box.width + 1])


def sharpness(plate: Picture) -> float:
    """Contrast between neighboring pixels by contrast over the whole plate, at one size; about 0 to 1."""
    if min(plate.shape[:2]) < 2:  # noqa: PLR2004 - no neighbors
        return 0.0
    gray = cv2.resize(cv2.cvtColor(plate, cv2.COLOR_BGR2GRAY), (96, 32)).astype(np.float32)
    steps = float(np.abs(np.diff(gray, axis=1)).mean() + np.abs(np.diff(gray, axis=0)).mean())
    return steps / (float(gray.std()) + 8.0)


def _change(times: Sequence[float], values: NDArray[np.float64]) -> float:
    """Total change over the time by a straight line; 0 where too few points or no steady one."""
    if len(times) < LEAST_POINTS or times[-1] <= times[0]:
        return 0.0
    when = np.asarray(times) - np.mean(times)
    what = values - values.mean()
    slope = float(when @ what / (when @ when))
    spread = float(what @ what)
    steady = spread > 0 and slope**2 * float(when @ when) / spread >= STEADY
    return slope * (times[-1] - times[0]) if steady else 0.0
