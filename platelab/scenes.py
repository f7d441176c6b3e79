"""Streets to drive on, and the light and camera they are seen by."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.drawing import (
    Canvas,
    Color,
    Mask,
    area,
    blurred,
    by_height,
    glow,
    mixed,
    paint,
    scaled,
    shade,
    stroke,
)

HORIZON = 0.36
"""Share of the picture's height above the horizon."""


@dataclass(frozen=True)
class Light:
    """A time of day as the camera sees it.

    Attributes:
        sky_top, sky_low: colors of the sky, also mirrored in paint and glass.
        level: brightness of everything the sun or sky lights.
        tint: color cast.
        lamps: how strongly vehicles' lamps shine.
        plate: brightness of the plate; the camera's own flash makes its coating shine back at night.
        noise: standard deviation of the sensor's noise.
        gray: True for the look of an infra-red camera.
    """

    sky_top: Color
    sky_low: Color
    level: float
    tint: Color
    lamps: float
    plate: float
    noise: float
    gray: bool = False


LIGHTS: Mapping[str, Light] = {
    "day": Light((0.36, 0.58, 0.86), (0.80, 0.87, 0.93), 1.0, (1.0, 0.99, 0.96), 0.0, 0.96, 0.008),
    "overcast": Light((0.66, 0.69, 0.73), (0.84, 0.86, 0.88), 0.82, (0.97, 0.99, 1.0), 0.0, 0.84, 0.010),
    "dusk": Light((0.20, 0.24, 0.42), (0.95, 0.60, 0.38), 0.52, (1.0, 0.88, 0.80), 0.8, 0.66, 0.014),
    "night": Light((0.01, 0.015, 0.03), (0.07, 0.07, 0.10), 0.15, (0.88, 0.94, 1.0), 1.3, 0.82, 0.016),
    "infrared": Light(
        (0.02, 0.02, 0.02), (0.08, 0.08, 0.08), 0.22, (1.0, 1.0, 1.0), 0.5, 0.92, 0.018, gray=True
    ),
}


def street(shape: tuple[int, int, int], light: Light, chance: random.Random) -> Canvas:
    """An empty road running away from the camera, out of focus."""
    height, width = shape[:2]
    horizon = int(height * HORIZON)
    canvas = by_height(shape, [(0, light.sky_top), (HORIZON, light.sky_low), (1, light.sky_low)])
    _hills(canvas, horizon, light, chance)
    if chance.random() < 0.6:
        _town(canvas, horizon, light, chance)
    _road(canvas, horizon, light, chance)
    for _ in range(chance.randrange(1, 4)):
        _palm(canvas, horizon, light, chance)
    _street_lamps(canvas, horizon, light, chance)
    focus = width / 480
    return blurred(canvas, focus)


def _hills(canvas: Canvas, horizon: int, light: Light, chance: random.Random) -> None:
    width = canvas.shape[1]
    for depth, lift in enumerate((0.09, 0.055)):
        xs = np.linspace(0, width, 24)
        waves = sum(np.sin(xs / width * chance.uniform(3, 14) + chance.uniform(0, 6)) for _ in range(4))
        ridge = horizon - canvas.shape[0] * lift * (0.6 + 0.22 * np.asarray(waves))
        outline = np.array([*zip(xs, ridge, strict=True), (width, horizon + 4), (0, horizon + 4)])
        tone = mixed((0.44, 0.40, 0.38), light.sky_low, 0.55 - 0.25 * depth)
        paint(canvas, area(canvas.shape, outline, 1.5), scaled(tone, 0.35 + 0.65 * light.level))


def _town(canvas: Canvas, horizon: int, light: Light, chance: random.Random) -> None:
    """Low houses and shops on both sides, smaller towards the horizon."""
    width = canvas.shape[1]
    for side in (-1, 1):
        edge = 0.0
        while edge < 0.34:
            length = chance.uniform(0.07, 0.15)
            tall = chance.uniform(0.10, 0.24) * (1 - edge * 2.0)
            near, far = (width * (0.5 - 0.5 * side) + side * width * e for e in (edge, edge + length))
            _house(canvas, (near, far), horizon, tall * canvas.shape[0], light, chance)
            edge += length + chance.uniform(0.0, 0.03)


def _house(
    canvas: Canvas, span: tuple[float, float], horizon: int, tall: float, light: Light, chance: random.Random
) -> None:
    wall = chance.choice(
        ((0.80, 0.74, 0.64), (0.70, 0.62, 0.56), (0.62, 0.64, 0.66), (0.83, 0.80, 0.76), (0.66, 0.48, 0.40))
    )
    left, right = min(span), max(span)
    foot, roof = horizon + tall * 0.16, horizon - tall
    corners = np.array([(left, roof), (right, roof), (right, foot), (left, foot)])
    paint(
        canvas,
        area(canvas.shape, corners),
        scaled(wall, (0.25 + 0.75 * light.level) * chance.uniform(0.8, 1.0)),
    )
    cornice = np.array([(left, roof), (right, roof), (right, roof + tall * 0.07), (left, roof + tall * 0.07)])
    shade(canvas, area(canvas.shape, cornice), 0.7)
    for row in range(2):
        for column in range(4):
            x = left + (right - left) * (0.1 + 0.22 * column)
            y = roof + tall * (0.22 + 0.42 * row)
            pane = np.array(
                [
                    (x, y),
                    (x + (right - left) * 0.14, y),
                    (x + (right - left) * 0.14, y + tall * 0.24),
                    (x, y + tall * 0.24),
                ]
            )
            lit = light.level < 0.6 and chance.random() < 0.45
            paint(
                canvas,
                area(canvas.shape, pane),
                (0.95, 0.80, 0.50) if lit else scaled((0.20, 0.24, 0.28), 0.3 + light.level),
            )


def _road(canvas: Canvas, horizon: int, light: Light, chance: random.Random) -> None:
    height, width = canvas.shape[:2]
    level = 0.16 + 0.84 * light.level
    verge = chance.choice(((0.62, 0.56, 0.46), (0.60, 0.58, 0.55), (0.46, 0.48, 0.36)))
    ground = area(
        canvas.shape, np.array([(0, horizon), (width, horizon), (width, height), (0, height)], dtype=float)
    )
    paint(canvas, ground, scaled(verge, level))
    vanishing = (width * chance.uniform(0.44, 0.56), horizon)

    def from_bottom(share: float) -> tuple[float, float]:
        return vanishing[0] + (width * share - vanishing[0]) * 1.0, float(height)

    def strip(left: float, right: float, color: Color, strength: float = 1.0) -> None:
        corners = np.array([vanishing, from_bottom(right), from_bottom(left)], dtype=float)
        paint(canvas, area(canvas.shape, corners), scaled(color, level), strength)

    strip(-0.95, 1.95, (0.66, 0.65, 0.63))
    strip(-0.72, 1.72, (0.34, 0.345, 0.36))
    strip(-0.70, -0.66, (0.85, 0.85, 0.82), 0.7)
    strip(1.66, 1.70, (0.90, 0.74, 0.25), 0.7)
    grain = (
        np.random.default_rng(chance.randrange(2**31))
        .normal(0, 1, (height // 3, width // 3))
        .astype(np.float32)
    )
    texture = cv2.resize(blurred(grain, 1.2), (width, height))
    canvas += (texture * 0.035 * level * ground)[..., np.newaxis]
    far = np.clip((np.arange(height, dtype=np.float32) - horizon) / (height - horizon), 0, 1)
    canvas *= (1 - 0.16 * (far**0.5) * (far > 0))[:, np.newaxis, np.newaxis]


def _palm(canvas: Canvas, horizon: int, light: Light, chance: random.Random) -> None:
    height, width = canvas.shape[:2]
    x = width * chance.choice((chance.uniform(0.02, 0.2), chance.uniform(0.8, 0.98)))
    tall = height * chance.uniform(0.2, 0.33)
    lean = chance.uniform(-0.08, 0.08) * tall
    level = 0.12 + 0.88 * light.level
    trunk = np.array([(x + lean * t**2, horizon + 8 - tall * t) for t in np.linspace(0, 1, 12)])
    paint(canvas, stroke(canvas.shape, trunk, height * 0.008), scaled((0.36, 0.29, 0.22), level))
    top = trunk[-1]
    for angle in np.linspace(-0.25, np.pi + 0.25, 11):
        reach = tall * chance.uniform(0.24, 0.34)
        frond = [
            top + np.array([np.cos(angle) * t, -np.sin(angle) * t * 0.7 + 0.42 * t**2]) * reach
            for t in np.linspace(0, 1, 9)
        ]
        paint(
            canvas,
            stroke(canvas.shape, np.array(frond), height * 0.009),
            scaled((0.20, 0.30, 0.15), level),
            0.9,
        )


def _street_lamps(canvas: Canvas, horizon: int, light: Light, chance: random.Random) -> None:
    height, width = canvas.shape[:2]
    for x, size in ((0.12, 1.0), (0.3, 0.5), (0.88, 1.0), (0.7, 0.5)):
        if chance.random() < 0.4:
            continue
        foot, top = (width * x, horizon + height * 0.05 * size), (width * x, horizon - height * 0.28 * size)
        arm = (width * x + (0.5 - x) * height * 0.14 * size, top[1] - 4)
        pole = stroke(canvas.shape, np.array([foot, top, arm]), height * 0.006 * size)
        paint(canvas, pole, scaled((0.35, 0.36, 0.37), 0.2 + 0.8 * light.level))
        if light.level < 0.6:
            spot = _spot(canvas.shape, arm, height * 0.012 * size)
            glow(canvas, spot, (1.0, 0.86, 0.6), 2.0)
            glow(canvas, _spot(canvas.shape, arm, height * 0.06 * size), (1.0, 0.78, 0.45), 0.35)


def _spot(shape: tuple[int, ...], center: tuple[float, float], radius: float) -> Mask:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return np.asarray(
        np.exp(-((x - center[0]) ** 2 + (y - center[1]) ** 2) / (2 * radius**2)), dtype=np.float32
    )


def photograph(canvas: Canvas, light: Light, chance: random.Random) -> NDArray[np.uint8]:
    """What the camera makes of the scene: cast, lens, motion, noise; 8 bits, blue-green-red."""
    height, width = canvas.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 0.55
    seen = canvas * np.asarray(light.tint, dtype=np.float32) * (1 - edge)[..., np.newaxis]
    if light.gray:
        seen = np.repeat((seen @ np.array([0.35, 0.45, 0.2], dtype=np.float32))[..., np.newaxis], 3, axis=2)
    seen = blurred(seen, chance.uniform(0.35, 0.75))
    noise = np.random.default_rng(chance.randrange(2**31)).normal(0, light.noise, (height, width, 3))
    noise = noise.mean(axis=2, keepdims=True) * 1.4 if light.gray else noise
    return np.ascontiguousarray(np.clip((seen + noise) * 255, 0, 255).astype(np.uint8)[:, :, ::-1])
