"""Labeled photographs for measuring, never for training: cut-outs by their boxes.

A folder holds pictures and `labels.csv` with `file`, `plate` and, unless the whole picture is the plate, its
box `x,y,w,h`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.camera import HEIGHT, WIDTH
from plateward.recognition.geometry import Picture

MARGIN = 0.03
"""Of a box's height, added around it."""


@dataclass(frozen=True, slots=True, eq=False)
class Labeled:
    """A cut-out (HEIGHT × WIDTH gray), what it says, the same as photographed, the issuer if known."""

    name: str
    picture: NDArray[np.uint8]
    plate: str
    cut: Picture
    region: str = ""

    @property
    def width(self) -> int:
        """In pixels of the photograph."""
        return int(self.cut.shape[1])


def labeled(folder: Path) -> Iterator[Labeled]:
    """All cut-outs of a folder.

    Raises:
        FileNotFoundError: a picture that the labels name is missing.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            piece = _cut(_opened(folder / row["file"]), row)
            state = row.get("state", "")
            region = f"US-{state.upper()}" if len(state) == 2 else ""
            yield Labeled(row["file"], _sized(piece), row["plate"], piece, region)


def _opened(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(f"{path} is named in labels.csv but cannot be read as a picture.")
    return np.asarray(picture, np.uint8)


def _cut(picture: Picture, row: Mapping[str, str]) -> Picture:
    if "x" not in row:
        return picture
    x, y, width, height = (int(row[key]) for key in ("x", "y", "w", "h"))
    more = round(height * MARGIN)
    return picture[max(0, y - more) : y + height + more, max(0, x - more) : x + width + more]


def _sized(piece: Picture) -> NDArray[np.uint8]:
    gray = cv2.cvtColor(piece, cv2.COLOR_BGR2GRAY)
    way = cv2.INTER_AREA if piece.shape[1] > WIDTH else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(gray, (WIDTH, HEIGHT), interpolation=way), np.uint8)
