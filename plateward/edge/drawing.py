"""Videos drawn from still pictures: cars that come nearer or drive away, for measuring and to try a unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from plateward.recognition.geometry import Picture
from plateward.recognition.pictures import open_picture

WIDTH, HEIGHT, RATE = 1280, 720, 10
NEAR: Final = 1.5
"""How much larger a car is at the near end of its way."""


class DrawingError(ValueError):
    """A video cannot be written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Way:
    """A picture that is shown for some seconds, `first` and in the end `last` times as large."""

    picture: Path
    seconds: float
    first: float
    last: float


def approaching(picture: Path, seconds: float) -> Way:
    """A car that comes nearer."""
    return Way(picture, seconds, 1.0, NEAR)


def receding(picture: Path, seconds: float) -> Way:
    """A car that drives away."""
    return Way(picture, seconds, NEAR, 1.0)


def write_video(video: Path, ways: Iterable[Way], rate: int = RATE) -> None:
    """One way after the other at so many frames a second, 1280×720. Raises DrawingError."""
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), rate, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise DrawingError(
            f"No video can be written to {video}. Name a file ending in .avi in a folder that is there."
        )
    for way in ways:
        for frame in _frames(way, rate):
            writer.write(frame)
    writer.release()


def _frames(way: Way, rate: int) -> Iterator[Picture]:
    whole = cv2.resize(open_picture(way.picture), (WIDTH, HEIGHT))
    for scale in np.geomspace(way.first, way.last, max(1, round(way.seconds * rate))):
        left, top = (round(side * (1 - 1 / scale) / 2) for side in (WIDTH, HEIGHT))
        window = whole[top : HEIGHT - top, left : WIDTH - left]
        yield np.asarray(cv2.resize(window, (WIDTH, HEIGHT)), dtype=np.uint8)
