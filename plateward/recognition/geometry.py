"""Turned boxes: where a line of text lies in a picture, and cutting it out upright."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from plateward.recognition.results import PlateBox

Picture: TypeAlias = NDArray[np.uint8]
"""Height × width × 3, blue-green-red, 8 bits."""

Points: TypeAlias = NDArray[np.float32]
"""N × 2: x to the right, y downwards, in pixels."""


@dataclass(frozen=True, eq=False)
class Quad:
    """A turned rectangle around a line of text.

    Attributes:
        corners: 4 × 2 pixels, ordered top left, top right, bottom right, bottom left.
    """

    corners: Points

    @classmethod
    def from_points(cls, points: Points) -> Quad:
        """Order four corners; the long sides become top and bottom, the text's left end comes first."""
        box = np.asarray(points, dtype=np.float32)
        by_x = box[np.argsort(box[:, 0], kind="stable")]
        left, right = by_x[:2], by_x[2:]
        top_left, bottom_left = left[np.argsort(left[:, 1], kind="stable")]
        top_right, bottom_right = right[np.argsort(right[:, 1], kind="stable")]
        return cls(np.array([top_left, top_right, bottom_right, bottom_left], dtype=np.float32))

    @classmethod
    def around(cls, quads: Iterable[Quad], angle_of: Quad) -> Quad:
        """The smallest rectangle turned like `angle_of` that holds all of `quads`."""
        along, across = angle_of.axes
        points = np.concatenate([quad.corners for quad in quads])
        u, v = points @ along, points @ across
        spans = ((u.min(), v.min()), (u.max(), v.min()), (u.max(), v.max()), (u.min(), v.max()))
        return cls(np.array([a * along + b * across for a, b in spans], dtype=np.float32))

    @cached_property
    def center(self) -> Points:
        return np.asarray(self.corners.mean(axis=0), dtype=np.float32)

    @cached_property
    def width(self) -> float:
        top, bottom = self.corners[1] - self.corners[0], self.corners[2] - self.corners[3]
        return float(np.linalg.norm(top + bottom) / 2)

    @cached_property
    def height(self) -> float:
        left, right = self.corners[3] - self.corners[0], self.corners[2] - self.corners[1]
        return float(np.linalg.norm(left + right) / 2)

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / max(self.height, 1e-6)

    @cached_property
    def axes(self) -> tuple[Points, Points]:
        """Unit vectors along the text and across it (downwards)."""
        along = self.corners[1] - self.corners[0] + self.corners[2] - self.corners[3]
        along = along / max(float(np.linalg.norm(along)), 1e-6)
        return along.astype(np.float32), np.array([-along[1], along[0]], dtype=np.float32)

    @property
    def angle(self) -> float:
        """Degrees the text is turned clockwise, −90 to 90."""
        along, _ = self.axes
        return float(np.degrees(np.arctan2(along[1], along[0])))

    def grown(self, sideways: float, upwards: float) -> Quad:
        """Larger on each side by these shares of the height."""
        along, across = self.axes
        across_own = (self.corners[3] - self.corners[0] + self.corners[2] - self.corners[1]) / 2
        length = float(np.linalg.norm(across_own))
        down = across_own / length if length > 0 else across
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        moves = [(a * sideways * along + b * upwards * down) * self.height for a, b in signs]
        return Quad((self.corners + np.array(moves, dtype=np.float32)).astype(np.float32))

    def band(self, upper: float, lower: float) -> Quad:
        """What lies between two shares of the height, from 0 (top) to 1."""
        left, right = self.corners[3] - self.corners[0], self.corners[2] - self.corners[1]
        at = [(0, left, upper), (1, right, upper), (1, right, lower), (0, left, lower)]
        points = [self.corners[corner] + side * share for corner, side, share in at]
        return Quad(np.array(points, dtype=np.float32))

    def moved(self, dx: float, dy: float) -> Quad:
        return Quad((self.corners + np.array([dx, dy], dtype=np.float32)).astype(np.float32))

    def offset_to(self, other: Quad) -> tuple[float, float]:
        """Where the other's center lies, along and across this text, in heights of this text."""
        along, across = self.axes
        step = other.center - self.center
        unit = max(self.height, 1e-6)
        return float(step @ along) / unit, float(step @ across) / unit

    def box(self, picture_width: int, picture_height: int) -> PlateBox:
        """In whole pixels, kept inside the picture."""
        limit = np.array([picture_width - 1, picture_height - 1])
        inside = np.clip(np.rint(self.corners), 0, limit).astype(int)
        (x0, y0), (x1, y1) = inside.min(axis=0), inside.max(axis=0)
        a, b, c, d = ((int(x), int(y)) for x, y in inside)
        return PlateBox(int(x0), int(y0), int(x1 - x0), int(y1 - y0), (a, b, c, d))


def cut(picture: Picture, quad: Quad, scale: float = 1.0) -> Picture:
    """The quad's content, upright, `scale` times as large as in the picture; at least 2 × 2 pixels."""
    width, height = max(2, round(quad.width * scale)), max(2, round(quad.height * scale))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    warp = cv2.getPerspectiveTransform(quad.corners, target)
    upright = cv2.warpPerspective(
        picture, warp, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(upright, dtype=np.uint8)


def cut_to(picture: Picture, quad: Quad, width: int, height: int) -> Picture:
    """The quad's content, upright and stretched to width × height; larger ones are averaged, not sampled."""
    times = max(1, round(quad.width / width)) if quad.width > width * 1.5 else 1
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32) * times
    way = cv2.INTER_LINEAR if times > 1 else cv2.INTER_CUBIC
    warp = cv2.getPerspectiveTransform(quad.corners, target)
    upright = cv2.warpPerspective(
        picture, warp, (width * times, height * times), flags=way, borderMode=cv2.BORDER_REPLICATE
    )
    if times > 1:
        upright = cv2.resize(upright, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(upright, dtype=np.uint8)


def overlap(one: Quad, other: Quad) -> float:
    """Shared area as a share of the smaller quad's, 0 to 1."""
    shared, _ = cv2.intersectConvexConvex(one.corners, other.corners)
    smaller = min(one.width * one.height, other.width * other.height)
    return min(1.0, float(shared) / max(smaller, 1e-6))
