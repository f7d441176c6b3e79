"""Pictures to mount drawn plates on: photographs with known boxes, and drawn vehicles without plates.

A folder of photographs holds `boxes.csv` with `file,x,y,w,h,what`; `what` is `license-plate` or `vehicle`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.render import scenes, without_plate

Gray: TypeAlias = NDArray[np.uint8]
Quads: TypeAlias = NDArray[np.float32]
"""N × 4 × 2 pixels: top left, top right, bottom right, bottom left."""

HELD_OUT: Final = 10
"""Every so many photographs one is kept from training and measured on."""
PLATE: Final = "license-plate"
VEHICLE: Final = "vehicle"
_DRAWN_SEED: Final = 77


@dataclass(frozen=True, eq=False)
class Ground:
    """A gray picture.

    Attributes:
        plates: boxes of the plates that are there.
        vehicles: boxes of vehicles.
        bare: places where a plate belongs and none is.
        squeezed: True where width and height are not in their natural relation.
    """

    name: str
    picture: Gray
    plates: Quads
    vehicles: Quads
    bare: Quads
    squeezed: bool = False

    @cached_property
    def smaller(self) -> tuple[Gray, ...]:
        """The picture, at half its size, at a quarter: to shrink from without jagged edges."""
        half = cv2.resize(self.picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        quarter = cv2.resize(half, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return self.picture, np.asarray(half, np.uint8), np.asarray(quarter, np.uint8)


def photographs(folder: Path) -> list[Ground]:
    """All photographs of a folder, in the order of their names.

    Raises:
        FileNotFoundError: the folder has no `boxes.csv`, or a picture that it names cannot be read.
    """
    boxes: dict[str, dict[str, list[Quads]]] = {}
    with (folder / "boxes.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kinds = boxes.setdefault(row["file"], {PLATE: [], VEHICLE: []})
            kinds[row["what"]].append(quad_of(*(float(row[key]) for key in ("x", "y", "w", "h"))))
    return [_photograph(folder / name, kinds) for name, kinds in sorted(boxes.items())]


def _photograph(path: Path, kinds: dict[str, list[Quads]]) -> Ground:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise FileNotFoundError(f"{path} is named in boxes.csv but cannot be read as a picture.")
    square = picture.shape[0] == picture.shape[1]
    plates, vehicles = (_stacked(kinds[what]) for what in (PLATE, VEHICLE))
    return Ground(path.name, np.asarray(picture, np.uint8), plates, vehicles, _stacked([]), squeezed=square)


def quad_of(x: float, y: float, width: float, height: float) -> Quads:
    """The corners of an upright box, 4 × 2."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def _stacked(quads: Sequence[Quads]) -> Quads:
    return np.array(quads, np.float32).reshape(-1, 4, 2)


def drawn(count: int) -> Iterator[Ground]:
    """Vehicles on streets, with no plate where it belongs."""
    for number, scene in enumerate(scenes(count, _DRAWN_SEED)):
        pixels, corners = without_plate(scene)
        gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
        yield Ground(
            f"drawn-{number:03d}", gray, _stacked([]), _stacked([]), _stacked([corners.astype(np.float32)])
        )


def parted(grounds: Sequence[Ground]) -> tuple[list[Ground], list[Ground]]:
    """Those to train on, and those held out."""
    kept = [ground for number, ground in enumerate(grounds) if number % HELD_OUT]
    return kept, list(grounds[::HELD_OUT])
