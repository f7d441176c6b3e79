"""What a detector's cells should say: where the plates of a scene are, as scores and corners of cells.

A picture is covered by one grid for each of STRIDES; a plate is the business of the grids whose WIDTHS hold
its width, and there of the cells around its middle. Everything is counted grid after grid, row after row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STRIDES: Final = (8, 16, 32, 64)
"""Pixels between the cells of each grid."""
WIDTHS: Final = ((0.0, 64.0), (48.0, 128.0), (96.0, 256.0), (192.0, 1e9))
"""Widths of plates in pixels that each grid answers for; neighbors share some."""
REACH: Final = 4
"""A network's corner is given in units of REACH strides from its cell's middle."""
CORE: Final = 0.28
"""Cells whose middle is nearer to the plate's than this share of its width and height say "here"."""
NOTHING, PLATE, UNASKED = 0, 1, 2
"""What a cell should say; of UNASKED ones nothing is learned."""

Corners = NDArray[np.float32]
"""4 × 2 pixels: top left, top right, bottom right, bottom left of the plate as printed."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A plate in a scene.

    Attributes:
        exact: False where only a box is known, whose corners then stand for it.
        asked: False where nothing is to be learned: too much of it is outside the picture.
    """

    corners: Corners
    exact: bool = True
    asked: bool = True

    @property
    def width(self) -> float:
        top, bottom = self.corners[1] - self.corners[0], self.corners[2] - self.corners[3]
        return float(max(np.linalg.norm(top), np.linalg.norm(bottom)))

    @property
    def height(self) -> float:
        left, right = self.corners[3] - self.corners[0], self.corners[2] - self.corners[1]
        return float(max(np.linalg.norm(left), np.linalg.norm(right)))


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """What all cells of one picture should say.

    Attributes:
        said: NOTHING, PLATE or UNASKED for each cell.
        cells: numbers of the cells that say PLATE; `corners` (each 4 × 2) and `exact` belong to them.
    """

    said: NDArray[np.uint8]
    cells: NDArray[np.int64]
    corners: NDArray[np.float32]
    exact: NDArray[np.bool_]


def middles(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The middle of every cell (cells × 2: x, y) and its stride; height and width are multiples of 64."""
    places, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride].astype(np.float32)
        places.append((np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * stride)
        strides.append(np.full(x.size, stride, np.float32))
    return np.concatenate(places), np.concatenate(strides)


def goals(targets: Sequence[Target], height: int, width: int) -> Goals:
    """What the cells of a picture of this size should say about its plates."""
    places, strides = middles(height, width)
    said = np.zeros(len(places), np.uint8)
    owner = np.full(len(places), -1)
    for number, target in enumerate(targets):
        core, near = _around(target, places, strides)
        said[near & (said == NOTHING)] = UNASKED
        if target.asked:
            said[core], owner[core] = PLATE, number
    cells = np.flatnonzero(said == PLATE)
    owners = owner[cells]
    corners = np.array([target.corners for target in targets], np.float32).reshape(-1, 4, 2)
    exact = np.array([target.exact for target in targets], np.bool_)
    return Goals(said, cells, corners[owners], exact[owners])


def _around(
    target: Target, places: NDArray[np.float32], strides: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The cells that say "here", and those of which nothing is asked, being on the plate or just beside."""
    share = _shares(target, places)
    core = np.zeros(len(places), np.bool_)
    near = np.zeros(len(places), np.bool_)
    distance = np.linalg.norm(places - target.corners.mean(axis=0), axis=1)
    for stride, (low, high) in zip(STRIDES, WIDTHS, strict=True):
        grid = strides == stride
        if low <= target.width <= high:
            closest = np.flatnonzero(grid)[np.argmin(distance[grid])]
            core |= grid & (share < CORE)
            core[closest] |= distance[closest] < stride
            near |= grid & ((share < 0.6) | (distance < 1.5 * stride))
        elif low / 2 <= target.width <= high * 2 or not target.asked:
            near |= grid & (share < 0.6)
    return core, near & ~core if target.asked else near | core


def _shares(target: Target, places: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each place is from the plate's middle: 0.5 on its edges, measured along its own axes."""
    middle = target.corners.mean(axis=0)
    along = (target.corners[1] + target.corners[2] - target.corners[0] - target.corners[3]) / 2
    down = (target.corners[2] + target.corners[3] - target.corners[0] - target.corners[1]) / 2
    axes = np.stack([along, down])
    if abs(np.linalg.det(axes)) < 1e-3:
        return np.full(len(places), np.inf, np.float32)
    return np.asarray(np.abs((places - middle) @ np.linalg.inv(axes)).max(axis=1), np.float32)
