"""Frames of moving pictures to sightings: one for each plate that stays in view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plateward.recognition.results import PlateReading

PATIENCE = 1
"""Frames a plate may be missed or misread without ending its sighting."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The same text in following frames.

    Attributes:
        reading: the most certain one.
        first_seconds, last_seconds: of the frames, from the beginning of the video or stream.
        frames: in how many it was read.
    """

    reading: PlateReading
    first_seconds: float
    last_seconds: float
    frames: int


@dataclass(slots=True)
class _Open:
    sighting: Sighting
    missed: int = 0


class SightingLog:
    """Groups readings frame by frame; a sighting comes out when its plate is gone."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def add(self, seconds: float, readings: Sequence[PlateReading]) -> list[Sighting]:
        """Take one frame's readings; returns the sightings that ended before it, in order of appearance."""
        for text in self._open.keys() - {reading.text for reading in readings}:
            self._open[text].missed += 1
        for reading in readings:
            self._continue(seconds, reading)
        ended = [text for text, entry in self._open.items() if entry.missed > PATIENCE]
        return [self._open.pop(text).sighting for text in ended]

    def finish(self) -> list[Sighting]:
        """The sightings still open when the source ends."""
        remaining = [entry.sighting for entry in self._open.values()]
        self._open.clear()
        return remaining

    def _continue(self, seconds: float, reading: PlateReading) -> None:
        entry = self._open.get(reading.text)
        if entry is None:
            self._open[reading.text] = _Open(Sighting(reading, seconds, seconds, 1))
            return
        so_far = entry.sighting
        best = max(so_far.reading, reading, key=lambda each: each.confidence)
        entry.sighting = replace(so_far, reading=best, last_seconds=seconds, frames=so_far.frames + 1)
        entry.missed = 0
