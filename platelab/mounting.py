"""Plates seen from somewhere: how their corners lie, and laying them into a picture."""

from __future__ import annotations

import random
from typing import Final

import cv2
import numpy as np

from platelab.cells import Corners
from platelab.drawing import Mask

YAW, PITCH, ROLL = 28.0, 10.0, 4.0
"""Standard deviations of the angles plates are seen at, in degrees."""
STEEPEST: Final = 62.0


def seen_from(
    middle: tuple[float, float], width: float, aspect: float, chance: random.Random, tilt: float = 1.0
) -> Corners:
    """Corners of a plate whose longer edge is `width` pixels, seen from somewhere aside and above."""
    yaw, pitch, roll = (
        np.radians(max(-STEEPEST, min(STEEPEST, chance.gauss(0, spread * tilt))))
        for spread in (YAW, PITCH, ROLL)
    )
    flat = np.array([(-1, -1 / aspect), (1, -1 / aspect), (1, 1 / aspect), (-1, 1 / aspect)]) / 2
    x, y = flat[:, 0], flat[:, 1]
    depth = x * np.sin(yaw) + y * np.sin(pitch)
    away = chance.uniform(2.5, 10.0)
    view = np.stack([x * np.cos(yaw), y * np.cos(pitch)], axis=1) * (away / (away + depth))[:, np.newaxis]
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    turned = view @ turn.T
    size = max(np.linalg.norm(turned[1] - turned[0]), np.linalg.norm(turned[2] - turned[3]))
    return np.asarray(turned * (width / size) + middle, np.float32)


def lay_on(picture: Mask, flat: Mask, corners: Corners) -> None:
    """Draw a flat picture (0 to 1) between the corners of another, in place, with soft edges."""
    window = _window(picture, corners)
    if window is None:
        return
    left, top, width, height = window
    small = _near_size(flat, corners)
    rows, columns = small.shape
    source = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source, (corners - (left, top) - 0.5).astype(np.float32))
    shown = cv2.warpPerspective(small, warp, (width, height), borderMode=cv2.BORDER_REPLICATE)
    part = picture[top : top + height, left : left + width]
    part += _inside(part, corners - (left, top)) * (shown - part)


def darken(picture: Mask, corners: Corners, factor: float, blur: float) -> None:
    """Multiply what is between the corners, and softly around it, in place."""
    window = _window(picture, corners, 3 * blur)
    if window is None:
        return
    left, top, width, height = window
    part = picture[top : top + height, left : left + width]
    mask = _inside(part, corners - (left, top))
    if blur > 0.3:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), blur), np.float32)
    part *= 1 + mask * np.float32(factor - 1)


def grown(corners: Corners, share: float, sideways: float | None = None) -> Corners:
    """Moved away from the middle by this share of width and height."""
    middle = corners.mean(axis=0)
    across = (corners[1] + corners[2] - corners[0] - corners[3]) / 4
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 4
    wide = share if sideways is None else sideways
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    moves = np.array([a * wide * across + b * share * down for a, b in signs])
    return np.asarray(middle + (corners - middle) + moves, np.float32)


def _window(picture: Mask, corners: Corners, more: float = 2.0) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of the part of the picture that the corners touch; None outside of it."""
    height, width = picture.shape
    left, top = (max(0, int(value)) for value in corners.min(axis=0) - more)
    right, bottom = corners.max(axis=0) + more
    right, bottom = min(width, int(right) + 1), min(height, int(bottom) + 1)
    if right - left < 2 or bottom - top < 2:
        return None
    return left, top, right - left, bottom - top


def _near_size(flat: Mask, corners: Corners) -> Mask:
    """Shrunk to about the size it will be seen at, so that nothing is jagged."""
    wide = float(np.linalg.norm(corners[1] - corners[0] + corners[2] - corners[3]) / 2)
    tall = float(np.linalg.norm(corners[3] - corners[0] + corners[2] - corners[1]) / 2)
    size = (min(flat.shape[1], max(2, round(wide))), min(flat.shape[0], max(2, round(tall))))
    return np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.float32)


def _inside(part: Mask, corners: Corners) -> Mask:
    """How much of each pixel is between the corners; OpenCV draws half a pixel more, taken off here."""
    mask = np.zeros(part.shape, np.uint8)
    wide, tall = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    inner = grown(corners, -1 / max(2.0, float(tall)), -1 / max(2.0, float(wide)))
    cv2.fillConvexPoly(mask, np.rint((inner - 0.5) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    return mask.astype(np.float32) * np.float32(1 / 255)
