"""Painting with smooth outlines: floating-point canvases, soft masks, gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Color: TypeAlias = tuple[float, float, float]
"""Red, green, blue, 0 to 1."""
Point: TypeAlias = tuple[float, float]
Canvas: TypeAlias = NDArray[np.floating[Any]]
"""Height × width × 3, red-green-blue, 0 to 1."""
Mask: TypeAlias = NDArray[np.floating[Any]]
"""Height × width, 0 to 1."""

_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Frame:
    """Maps drawing units (y upwards) to pixels (y downwards)."""

    scale: float
    origin_x: float
    origin_y: float

    def pixels(self, points: Sequence[Point]) -> NDArray[np.float64]:
        drawn = np.asarray(points, dtype=np.float64)
        return np.stack(
            [self.origin_x + drawn[:, 0] * self.scale, self.origin_y - drawn[:, 1] * self.scale], 1
        )


def mixed(one: Color, other: Color, share: float) -> Color:
    """`one` with a share, 0 to 1, of `other`."""
    a, b, c = (x * (1 - share) + y * share for x, y in zip(one, other, strict=True))
    return a, b, c


def scaled(color: Color, factor: float) -> Color:
    """Lighter or darker, kept within 0 and 1."""
    a, b, c = (min(1.0, max(0.0, x * factor)) for x in color)
    return a, b, c


def mirrored(half: Sequence[Point]) -> list[Point]:
    """A closed outline from its right half, given from bottom to top."""
    return [*half, *((-x, y) for x, y in reversed(half))]


def rounded(points: Sequence[Point], steps: int = 8, tension: float = 0.5) -> list[Point]:
    """A smooth closed curve through the points (cardinal spline)."""
    p = np.asarray(points, dtype=np.float64)
    before, after, following = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    out = []
    for t in np.linspace(0, 1, steps, endpoint=False):
        h1, h2 = 2 * t**3 - 3 * t**2 + 1, -2 * t**3 + 3 * t**2
        h3, h4 = t**3 - 2 * t**2 + t, t**3 - t**2
        out.append(h1 * p + h2 * after + tension * (h3 * (after - before) + h4 * (following - p)))
    curve = np.stack(out, axis=1).reshape(-1, 2)
    return [(float(x), float(y)) for x, y in curve]


def area(shape: tuple[int, ...], corners: NDArray[np.float64], soft: float = 0.0) -> Mask:
    """Mask of a polygon in pixels; `soft` is the blur's sigma."""
    mask = np.zeros(shape[:2], dtype=np.uint8)
    fixed = np.rint(corners * 2**_SUBPIXEL_BITS).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=_SUBPIXEL_BITS)
    return blurred(mask.astype(np.float32) / 255, soft)


def stroke(shape: tuple[int, ...], path: NDArray[np.float64], width: float, soft: float = 0.0) -> Mask:
    """Mask of an open line with round ends, in pixels."""
    mask = np.zeros(shape[:2], dtype=np.uint8)
    fixed = np.rint(path * 2**_SUBPIXEL_BITS).astype(np.int32)
    thickness = max(1, round(width))
    cv2.polylines(mask, [fixed], False, 255, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
    return blurred(mask.astype(np.float32) / 255, soft)


def paint(canvas: Canvas, mask: Mask, color: Color | Canvas, strength: float = 1.0) -> None:
    """Lay a color, or another canvas, over the masked part, in place."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    over = color[window] if isinstance(color, np.ndarray) else np.asarray(color, dtype=np.float32)
    share = (mask[window] * strength)[..., np.newaxis]
    canvas[window] += (over - canvas[window]) * share


def shade(canvas: Canvas, mask: Mask, factor: float) -> None:
    """Darken (below 1) or lighten (above 1) the masked part, in place."""
    canvas *= (1 + mask * (factor - 1))[..., np.newaxis]


def glow(canvas: Canvas, mask: Mask, color: Color, strength: float) -> None:
    """Add light, in place."""
    canvas += mask[..., np.newaxis] * (np.asarray(color, dtype=np.float32) * strength)


def by_height(shape: tuple[int, ...], stops: Sequence[tuple[float, Color]]) -> Canvas:
    """A vertical gradient; stops go from the top row (0) to the bottom row (1)."""
    rows = np.linspace(0, 1, shape[0])
    at = [stop for stop, _ in stops]
    channels = [np.interp(rows, at, [color[i] for _, color in stops]) for i in range(3)]
    column = np.stack(channels, axis=1).astype(np.float32)
    return np.repeat(column[:, np.newaxis], shape[1], axis=1)


def field(shape: tuple[int, ...], frame: Frame, value: Callable[[Mask, Mask], Mask]) -> Mask:
    """A value for each pixel from its x and y in drawing units."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return value((x - frame.origin_x) / frame.scale, (frame.origin_y - y) / frame.scale)


def blurred(picture: Mask, sigma: float) -> Mask:
    """Out of focus by this many pixels; unchanged at 0."""
    if sigma <= 0:
        return picture
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.float32)
