"""From the flat plate to the cut-out a reader gets: place in the photograph, light, lens, sensor, JPEG."""

from __future__ import annotations

import random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.drawing import Mask

WIDTH, HEIGHT = 128, 48
"""Of the cut-outs the reader gets, in pixels."""
PAD: Final = 0.2
"""Of the plate's height: how much of its surroundings is drawn around it."""
NARROW, USUAL, WIDE = (28.0, 48.0), (48.0, 130.0), (130.0, 320.0)
"""Widths of the plate in the photograph, in pixels."""


def photograph(plate: Mask, chance: random.Random, hardness: float = 1.0) -> NDArray[np.uint8]:
    """The cut-out as the reader gets it: HEIGHT × WIDTH, gray, 8 bits.

    `hardness`, 0 to 1, scales how often it is small, blurred, dark or badly cut out.
    """
    noise = np.random.default_rng(chance.getrandbits(63))
    scene = _surrounded(plate, chance)
    view = _seen(scene, plate.shape, chance, hardness)
    sharp = _through_lens(exposed(view, chance, hardness), chance, hardness)
    grain = 0.003 + 0.03 * hardness * chance.random() ** 3
    sensed = sharp + noise.standard_normal(sharp.shape, np.float32) * np.float32(grain)
    pixels = np.clip(sensed * 255, 0, 255).astype(np.uint8)
    if chance.random() < 0.75:
        pixels = compressed(pixels, chance)
    return _resized(pixels, chance)


def _surrounded(plate: Mask, chance: random.Random) -> Mask:
    """The plate on a vehicle: paint, shadow of the recess, bumper edges."""
    height, width = plate.shape
    pad = round(height * PAD)
    paint = chance.uniform(0, 1) ** 1.5
    scene = np.full((height + 2 * pad, width + 2 * pad), paint, np.float32)
    scene *= np.linspace(chance.uniform(0.6, 1.3), chance.uniform(0.6, 1.3), len(scene), dtype=np.float32)[
        :, np.newaxis
    ]
    for _ in range(chance.randrange(3)):
        row = chance.randrange(len(scene))
        cv2.line(
            scene,
            (0, row),
            (scene.shape[1], row + chance.randrange(-9, 9)),
            chance.uniform(0, 1),
            chance.randrange(1, 9),
        )
    shadow = chance.randrange(0, 5)
    if shadow:
        scene[pad - shadow : pad + height + shadow, pad - shadow : pad + width + shadow] *= np.float32(
            chance.uniform(0.2, 0.9)
        )
    scene[pad : pad + height, pad : pad + width] = plate
    return scene


def _seen(scene: Mask, plate: tuple[int, ...], chance: random.Random, hardness: float) -> Mask:
    """At the photograph's resolution, cut out by a box or by corners that are not quite right."""
    height, width = plate[:2]
    pad = (scene.shape[0] - height) // 2
    low, high = chance.choices((NARROW, USUAL, WIDE), (0.1 * hardness, 0.55 * hardness, 0.35))[0]
    wide = low * (high / low) ** chance.random()
    wide *= max(1.0, (width / height / 2) ** 0.5)  # longer plates are wider at the same distance
    scale = min(1.0, wide / width)
    if scale < 0.9:
        size = (max(8, round(scene.shape[1] * scale)), max(8, round(scene.shape[0] * scale)))
        scene = np.asarray(cv2.resize(scene, size, interpolation=cv2.INTER_AREA), np.float32)
    factor = scene.shape[1] / (width + 2 * pad)
    corners = _corners(width, height, chance)
    source = (np.array([(0, 0), (width, 0), (width, height), (0, height)]) + pad) * factor
    size = (max(16, round(wide)), max(8, round(wide * height / width)))
    target = corners * size
    warp = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    return np.asarray(cv2.warpPerspective(scene, warp, size, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _corners(width: float, height: float, chance: random.Random) -> NDArray[np.float64]:
    """Where the plate's corners lie in the cut-out, as shares of its width and height."""
    unit = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - (width / 2, height / 2)
    if chance.random() < 0.5:  # an upright box around a turned plate
        turned = _turned(unit, chance.gauss(0, 3.2), chance.gauss(0, 0.05))
        low, high = turned.min(axis=0), turned.max(axis=0)
    else:  # corners of a detector
        turned = _turned(unit, chance.gauss(0, 1.2), chance.gauss(0, 0.03))
        low, high = -np.array([width, height]) / 2, np.array([width, height]) / 2
    shares = (turned - low) / (high - low)
    shares += np.array([[chance.gauss(0, 0.012), chance.gauss(0, 0.025)] for _ in range(4)])
    margins = [chance.uniform(-0.03, 0.1) * height, chance.uniform(-0.03, 0.1) * height]
    room = np.array([2 * margins[0] / width, 2 * margins[1] / height])
    shift = np.array([chance.gauss(0, 0.008), chance.gauss(0, 0.02)])
    return np.asarray((shares - 0.5) * (1 - room) + 0.5 + shift)


def _turned(points: NDArray[np.float64], degrees: float, shear: float) -> NDArray[np.float64]:
    """Rotated, and slanted as by a view from the side."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, 0], [shear, 1]]) if shear > 0 else np.array([[1, shear], [0, 1]])
    return np.asarray(points @ slant @ turn.T)


def exposed(view: Mask, chance: random.Random, hardness: float) -> Mask:
    """Exposure, fall-off, shadows, glare."""
    height, width = view.shape
    gain = chance.choices(
        (chance.uniform(0.7, 1.1), chance.uniform(0.12, 0.7), chance.uniform(1.1, 1.45)),
        (0.6, 0.28 * hardness, 0.12 * hardness),
    )[0]
    lifted = chance.uniform(0, 0.25) if chance.random() < 0.4 else 0.0
    lit = lifted + view * np.float32(gain * (1 - lifted))
    if chance.random() < 0.5:
        across = np.linspace(chance.uniform(0.6, 1.2), chance.uniform(0.6, 1.2), width, dtype=np.float32)
        down = np.linspace(chance.uniform(0.6, 1.2), chance.uniform(0.6, 1.2), height, dtype=np.float32)
        lit *= across * down[:, np.newaxis]
    if chance.random() < 0.1:
        lit *= _shadow(height, width, chance)
    if chance.random() < 0.12:
        lit += _glare(height, width, chance)
    if chance.random() < 0.3:
        lit = np.power(np.clip(lit, 0, 1), np.float32(chance.uniform(0.6, 1.6)))
    return np.asarray(lit, np.float32)


def _shadow(height: int, width: int, chance: random.Random) -> Mask:
    mask = np.ones((height, width), np.float32)
    a, b = chance.uniform(-0.2, 1.2) * height, chance.uniform(-0.2, 1.2) * height
    outline = np.array([(0, a), (width, b), (width, height), (0, height)])
    if chance.random() < 0.5:
        outline[2:, 1] = 0
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], chance.uniform(0.3, 0.8), cv2.LINE_AA)
    return mask


def _glare(height: int, width: int, chance: random.Random) -> Mask:
    x, y = chance.uniform(0, 1) * width, chance.uniform(0, 1) * height
    reach = chance.uniform(0.08, 0.4) * width
    across = np.exp(-(((np.arange(width, dtype=np.float32) - x) / reach) ** 2))
    down = np.exp(-(((np.arange(height, dtype=np.float32) - y) / reach) ** 2))
    return np.asarray(down[:, np.newaxis] * across * chance.uniform(0.2, 0.8), np.float32)


def _through_lens(lit: Mask, chance: random.Random, hardness: float) -> Mask:
    """Out of focus, moving, then sharpened by the camera; in shares of the plate's width."""
    width = lit.shape[1]
    sigma = abs(chance.gauss(0, 0.0045)) * width * hardness + chance.uniform(0, 0.5)
    if sigma > 0.25:
        lit = np.asarray(cv2.GaussianBlur(lit, (0, 0), min(sigma, 4.0)), np.float32)
    if chance.random() < 0.15 * hardness:
        lit = moved(lit, 1 + round(chance.uniform(0.005, 0.024) * width), chance)
    if chance.random() < 0.35:
        amount, reach = chance.uniform(0.4, 2.0), chance.uniform(0.7, 1.8)
        lit = lit + (lit - cv2.GaussianBlur(lit, (0, 0), reach)) * np.float32(amount)
    return np.clip(lit, 0, 1)


def moved(lit: Mask, length: int, chance: random.Random) -> Mask:
    """Smeared over `length` pixels in some direction."""
    size = max(3, length | 1)
    kernel = np.zeros((size, size), np.float32)
    angle = chance.choice((0.0, 0.0, np.pi / 2, chance.uniform(0, np.pi)))
    half = (size - 1) / 2
    dx, dy = np.cos(angle) * half, np.sin(angle) * half
    cv2.line(kernel, (round(half - dx), round(half - dy)), (round(half + dx), round(half + dy)), 1.0)
    return np.asarray(cv2.filter2D(lit, -1, kernel / kernel.sum()), np.float32)


def compressed(pixels: NDArray[np.uint8], chance: random.Random) -> NDArray[np.uint8]:
    """JPEG; its 8 × 8 blocks begin anywhere."""
    top, left = chance.randrange(8), chance.randrange(8)
    padded = cv2.copyMakeBorder(pixels, top, 0, left, 0, cv2.BORDER_REPLICATE)
    quality = chance.choice((chance.randrange(22, 60), chance.randrange(45, 96)))
    _, data = cv2.imencode(".jpg", padded, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)[top:, left:]


def _resized(pixels: NDArray[np.uint8], chance: random.Random) -> NDArray[np.uint8]:
    smaller = pixels.shape[1] > WIDTH
    way = cv2.INTER_AREA if smaller else chance.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))
    return np.asarray(cv2.resize(pixels, (WIDTH, HEIGHT), interpolation=way), np.uint8)
