"""Faces of license plates, drawn flat at 640 × 320 pixels."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from platelab.alphabet import strokes
from platelab.drawing import Canvas, Color, Mask, area, blurred, by_height, mixed, paint, scaled, stroke

WIDTH, HEIGHT = 640, 320
SHAPE = (HEIGHT, WIDTH)
SERIAL_GAP = 0.62
"""Between characters, as a share of their width."""
CALIFORNIA_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
MONTH_COLORS: tuple[Color, ...] = ((0.85, 0.3, 0.1), (0.1, 0.45, 0.75), (0.9, 0.75, 0.1), (0.2, 0.6, 0.3))


@dataclass(frozen=True)
class Plate:
    """What a plate says and who issued it (ISO 3166-2)."""

    text: str
    region: str


def california(chance: random.Random) -> Plate:
    """A passenger serial such as 8ABC123."""
    letters = "".join(chance.choice(CALIFORNIA_LETTERS) for _ in range(3))
    return Plate(f"{chance.choice('6789')}{letters}{chance.randrange(1000):03d}", "US-CA")


def arizona(chance: random.Random) -> Plate:
    """A passenger serial such as ABC1234."""
    letters = "".join(chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(2))
    return Plate(f"C{letters}{chance.randrange(10000):04d}", "US-AZ")


def nevada(chance: random.Random) -> Plate:
    """A passenger serial such as 123A45."""
    letter = chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ")
    return Plate(f"{chance.randrange(100, 1000)}{letter}{chance.randrange(10, 100)}", "US-NV")


def face(plate: Plate, chance: random.Random) -> Canvas:
    """The plate as it comes from the press: design, embossed characters, stickers and bolts."""
    canvas = _DESIGNS[plate.region](chance)
    ink, serial_color = _INKS[plate.region]
    top, height = 96, 148
    _emboss(canvas, plate.text, serial_color, (40, top, WIDTH - 80, height), 18)
    _write(
        canvas, ink.header, ink.header_color, (WIDTH * ink.inset, 26, WIDTH * (1 - 2 * ink.inset), 40), 7.5
    )
    _write(canvas, ink.footer, ink.footer_color, (190, 274, WIDTH - 380, 22), 4)
    _border(canvas, scaled(serial_color, 0.8))
    _bolts(canvas, chance)
    return canvas


@dataclass(frozen=True)
class _Print:
    header: str
    header_color: Color
    inset: float
    footer: str
    footer_color: Color


_INKS: Mapping[str, tuple[_Print, Color]] = {
    "US-CA": (
        _Print("CALIFORNIA", (0.75, 0.1, 0.13), 0.27, "DMV.CA.GOV", (0.1, 0.16, 0.42)),
        (0.08, 0.13, 0.36),
    ),
    "US-AZ": (
        _Print("ARIZONA", (0.12, 0.25, 0.24), 0.31, "GRAND CANYON STATE", (0.95, 0.95, 0.97)),
        (0.07, 0.24, 0.2),
    ),
    "US-NV": (
        _Print("NEVADA", (0.1, 0.16, 0.35), 0.33, "HOME MEANS NEVADA", (0.1, 0.16, 0.35)),
        (0.09, 0.14, 0.33),
    ),
}


def _california_design(chance: random.Random) -> Canvas:
    canvas = by_height(SHAPE, [(0, (0.95, 0.96, 0.97)), (1, (0.92, 0.93, 0.95))])
    for x in (70, WIDTH - 70):
        _sticker(canvas, x, chance.choice(MONTH_COLORS))
    return canvas


def _arizona_design(_: random.Random) -> Canvas:
    canvas = by_height(
        SHAPE,
        [
            (0, (0.55, 0.75, 0.78)),
            (0.3, (0.86, 0.92, 0.9)),
            (0.75, (0.95, 0.93, 0.85)),
            (1, (0.9, 0.86, 0.8)),
        ],
    )
    ridge = [(0, 258), (90, 236), (150, 262), (240, 246), (330, 270), (430, 240), (520, 264), (640, 232)]
    paint(canvas, area(SHAPE, np.array([*ridge, (640, 320), (0, 320)], dtype=float), 1.5), (0.42, 0.33, 0.55))
    return canvas


def _nevada_design(_: random.Random) -> Canvas:
    canvas = by_height(
        SHAPE,
        [
            (0, (0.62, 0.75, 0.9)),
            (0.28, (0.86, 0.91, 0.96)),
            (0.8, (0.95, 0.95, 0.93)),
            (1, (0.93, 0.88, 0.75)),
        ],
    )
    ridge = [(0, 96), (80, 66), (140, 92), (220, 58), (300, 90), (390, 62), (470, 94), (560, 64), (640, 92)]
    snow = area(SHAPE, np.array([*ridge, (640, 200), (0, 200)], dtype=float), 2)
    fade = np.clip((200 - np.arange(HEIGHT, dtype=np.float32)) / 110, 0, 1)[:, np.newaxis]
    paint(canvas, (snow * fade).astype(np.float32), (0.66, 0.75, 0.86), 0.55)
    return canvas


_DESIGNS: Mapping[str, Callable[[random.Random], Canvas]] = {
    "US-CA": _california_design,
    "US-AZ": _arizona_design,
    "US-NV": _nevada_design,
}


def text_mask(text: str, box: tuple[float, float, float, float], weight: float, gap: float = 0.32) -> Mask:
    """The text in a box (left, top, width, height in pixels), each character in a cell of the same width."""
    left, top, width, height = box
    cell = width / (len(text) + gap * (len(text) - 1))
    mask = np.zeros(SHAPE, dtype=np.float32)
    for place, char in enumerate(text):
        corner = np.array([left + place * cell * (1 + gap), top])
        for line in strokes(char):
            mask = np.maximum(mask, stroke(SHAPE, corner + line * [cell, height], weight))
    return mask


def _write(
    canvas: Canvas, text: str, color: Color, box: tuple[float, float, float, float], weight: float
) -> None:
    paint(canvas, text_mask(text, box, weight, 0.45), color)


def _emboss(
    canvas: Canvas, text: str, color: Color, box: tuple[float, float, float, float], weight: float
) -> None:
    """Pressed characters: ink on top, light on the edges that face up and left, shade on the others."""
    mask = text_mask(text, box, weight, SERIAL_GAP)
    raised = blurred(text_mask(text, box, weight + 8, SERIAL_GAP), 3)
    slope = cv2.Sobel(raised, cv2.CV_32F, 0, 1, ksize=3) + cv2.Sobel(raised, cv2.CV_32F, 1, 0, ksize=3)
    canvas += np.clip(slope, -0.5, 0.5)[..., np.newaxis] * 0.12
    paint(canvas, mask, color)


def _sticker(canvas: Canvas, x: float, color: Color) -> None:
    corners = np.array([(x - 36, 26), (x + 36, 26), (x + 36, 66), (x - 36, 66)], dtype=float)
    paint(canvas, area(SHAPE, corners, 1), color)
    inner = np.array([(x - 22, 36), (x + 22, 36), (x + 22, 56), (x - 22, 56)], dtype=float)
    paint(canvas, area(SHAPE, inner, 2.5), mixed(color, (1, 1, 1), 0.6))


def _border(canvas: Canvas, color: Color) -> None:
    edge = np.array([(9, 9), (WIDTH - 9, 9), (WIDTH - 9, HEIGHT - 9), (9, HEIGHT - 9), (9, 9)], dtype=float)
    paint(canvas, stroke(SHAPE, edge, 4, 1), color, 0.55)


def _bolts(canvas: Canvas, chance: random.Random) -> None:
    for x in (118, WIDTH - 118):
        for y in (46, HEIGHT - 34) if chance.random() < 0.7 else (46,):
            spot = area(SHAPE, np.array(cv2.ellipse2Poly((x, y), (11, 11), 0, 0, 360, 20), dtype=float), 1)
            paint(canvas, spot, (0.45, 0.46, 0.48))
