"""Flat things that are no plates: signs, stickers, shop fronts, numbers on doors; fences and grilles."""

from __future__ import annotations

import random
from typing import Final

import cv2
import numpy as np

from platelab.drawing import Mask
from platelab.faces import Faces, word
from platelab.layout import Box, lay
from platelab.press import DEALERS

SIGNS: Final = (
    "STOP", "YIELD", "ONE WAY", "NO PARKING", "ANY TIME", "TOW AWAY", "EXIT", "SPEED LIMIT", "DO NOT ENTER",
    "FOR SALE", "OPEN", "TAXI", "POLICE", "AMBULANCE", "SCHOOL BUS", "LOADING ZONE", "DRIVE THRU",
    "BABY ON BOARD", "STUDENT DRIVER", "HOW AM I DRIVING", "KEEP BACK", "WIDE LOAD", "PIZZA DELIVERY",
    "LEASING", "VOTE", "PROUD PARENT", "HONOR ROLL", "COEXIST", "SALT LIFE", "TURBO", "HYBRID", "SILVERADO",
    "EXPLORER", "COROLLA", "ACCORD", "4X4 OFF ROAD", "DIESEL", "UNLEADED",
)  # fmt: skip
FENCES: Final = 0.35
LONGEST_PLATE: Final = 8
"""Characters: a single line as short as this could be a plate, and is not shown as anything else."""


def notice(faces: Faces, chance: random.Random) -> Mask:
    """Some sign, sometimes a fence: rows × columns, 0 to 1."""
    if chance.random() < FENCES:
        return _fence(chance)
    lines = words(chance)
    tall = 40 * len(lines) + chance.randrange(8, 40)
    wide = round(tall * chance.uniform(0.6, 1.6) if len(lines) > 1 else tall * chance.uniform(2.5, 7))
    sheet = chance.random()
    ink = sheet + chance.choice((-1, 1)) * chance.uniform(0.3, 0.9)
    ink = ink if 0 <= ink <= 1 else 1 - sheet
    flat = np.full((tall, wide), sheet, np.float32)
    mask = np.zeros_like(flat)
    row = tall / (len(lines) + 0.4)
    for number, text in enumerate(lines):
        font = chance.choice(faces.fonts) if faces.fonts else None
        width = wide * min(0.9, chance.uniform(0.5, 0.95))
        lay(mask, word(text, font), Box((wide - width) / 2, (number + 0.25) * row, width, row * 0.75))
    if chance.random() < 0.4:
        cv2.rectangle(mask, (2, 2), (wide - 3, tall - 3), 1.0, chance.randrange(1, 5))
    return np.clip(flat + mask * np.float32(ink - sheet), 0, 1)


def _fence(chance: random.Random) -> Mask:
    """Bars, rails, wires: what has as many upright edges as a serial."""
    tall, wide = chance.randrange(40, 160), chance.randrange(80, 320)
    flat = np.full((tall, wide), chance.random(), np.float32)
    flat *= np.linspace(chance.uniform(0.5, 1.3), chance.uniform(0.5, 1.3), tall, dtype=np.float32)[
        :, np.newaxis
    ]
    gap, thick, level = chance.uniform(5, 26), chance.randrange(1, 5), chance.random()
    lean = chance.choice((0.0, 0.0, 0.0, 1.0, -1.0, 0.2)) * tall
    for x in np.arange(-tall, wide + tall, gap):
        cv2.line(flat, (round(x), 0), (round(x + lean), tall), level, thick, cv2.LINE_AA)
        if abs(lean) == tall:
            cv2.line(flat, (round(x + lean), 0), (round(x), tall), level, thick, cv2.LINE_AA)
    for _ in range(chance.randrange(4)):
        y = chance.randrange(tall)
        cv2.line(flat, (0, y), (wide, y), level, thick + chance.randrange(3), cv2.LINE_AA)
    return np.clip(flat, 0, 1)


def words(chance: random.Random) -> list[str]:
    """The lines of a sign; one alone is longer than a plate's could be."""
    lines = [_text(chance) for _ in range(chance.choice((1, 2, 2, 3, 4)))]
    if len(lines) == 1 and len(lines[0]) <= LONGEST_PLATE:
        lines = [f"{lines[0]} {_text(chance)}"]
    return [line if len(lines) > 1 or len(line) > LONGEST_PLATE else f"{line} {line}" for line in lines]


def _text(chance: random.Random) -> str:
    drawn = chance.random()
    if drawn < 0.2:
        return f"{chance.randrange(200, 999)}-{chance.randrange(200, 999)}-{chance.randrange(10000):04d}"
    if drawn < 0.3:
        return f"www.{chance.choice(DEALERS).lower().replace(' ', '')[:10]}.com"
    return chance.choice(SIGNS if drawn < 0.7 else DEALERS)
