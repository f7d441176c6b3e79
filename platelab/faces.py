"""Faces of characters as masks: fonts found on this computer, and our own strokes in many manners.

Fonts are named, never shipped: `fonts-roadgeek` of Debian and the OFL faces of npm's `@fontsource` packages.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from platelab.alphabet import VARIANTS, strokes
from plateward.recognition.interfaces import ALPHABET

Stencil: TypeAlias = NDArray[np.uint8]
"""Rows × columns: 0 nothing, 255 ink."""
TALL: Final = 64
"""Height of a character's mask in pixels."""
STROKE_FACES: Final = 28
_STROKE_SEED: Final = 20
_CELLS: Final = (0.36, 0.62)
FONTS: Final = (
    "RG2014B.ttf", "RG2014C.ttf", "RG2014D.ttf", "RG2014E.ttf", "RG2014EM.ttf",
    "league-gothic-latin-400-normal.woff", "oswald-latin-300-normal.woff", "oswald-latin-500-normal.woff",
    "barlow-condensed-latin-500-normal.woff", "barlow-condensed-latin-700-normal.woff",
    "saira-extra-condensed-latin-500-normal.woff", "saira-extra-condensed-latin-700-normal.woff",
    "roboto-condensed-latin-400-normal.woff", "roboto-condensed-latin-700-normal.woff",
    "overpass-latin-600-normal.woff", "overpass-latin-800-normal.woff", "bebas-neue-latin-400-normal.woff",
    "fjalla-one-latin-400-normal.woff", "antonio-latin-400-normal.woff", "antonio-latin-700-normal.woff",
    "pathway-gothic-one-latin-400-normal.woff", "big-shoulders-display-latin-600-normal.woff",
    "share-tech-mono-latin-400-normal.woff",
)  # fmt: skip
"""Files used where they are found, in this order; a missing one is simply not drawn with."""


@dataclass(frozen=True, eq=False)
class Face:
    """One alphabet: a mask of TALL rows, 0 to 255, for each character.

    Attributes:
        even: every character fills a cell of one width, as pressed by most American dies.
    """

    name: str
    glyphs: Mapping[str, Stencil]
    even: bool


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces for serials, and fonts for words."""

    serial: tuple[Face, ...]
    fonts: tuple[Path, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(face.name for face in self.serial)


def load_faces(folders: Sequence[Path]) -> Faces:
    """Our own faces and every font of FONTS found somewhere below the folders."""
    found = {
        path.name: path for folder in folders for path in sorted(folder.rglob("*")) if path.name in FONTS
    }
    fonts = tuple(found[name] for name in FONTS if name in found)
    return Faces(_stroke_faces() + tuple(map(_from_font, fonts)), fonts)


@cache
def _stroke_faces() -> tuple[Face, ...]:
    chance = random.Random(_STROKE_SEED)
    return tuple(_from_strokes(number, chance) for number in range(STROKE_FACES))


def _from_strokes(number: int, chance: random.Random) -> Face:
    """Thin to bold, narrow to wide, round to square."""
    weight, cell = chance.uniform(4.5, 12.5), chance.uniform(*_CELLS) * TALL
    square, slant = chance.uniform(0.5, 1.0), chance.choice((0.0, 0.0, 0.0, 0.06))
    ways = {char: chance.randrange(1 + len(VARIANTS.get(char, ()))) for char in ALPHABET}
    glyphs = {char: _drawn(char, ways[char], weight, cell, square, slant) for char in ALPHABET}
    return Face(f"strokes-{number:02d}", glyphs, even=True)


def _drawn(char: str, way: int, weight: float, cell: float, square: float, slant: float) -> Stencil:
    width = round(cell + weight + 2)
    mask = np.zeros((TALL, width), dtype=np.uint8)
    inset = weight / 2
    for line in strokes(char, way):
        bent = (line - 0.5) * 2
        if char in "0OQDCGU":
            bent = np.sign(bent) * np.abs(bent) ** square
        points = bent / 2 + 0.5
        x = inset + 1 + (points[:, 0] + slant * (0.5 - points[:, 1])) * cell
        y = inset + points[:, 1] * (TALL - weight)
        fixed = np.rint(np.stack([x, y], axis=1) * 16).astype(np.int32)
        cv2.polylines(mask, [fixed], False, 255, max(1, round(weight)), cv2.LINE_AA, 4)
    return mask


def _from_font(path: Path) -> Face:
    font = ImageFont.truetype(str(path), 96)
    _, top, _, bottom = font.getbbox("H")
    glyphs = {char: _printed(char, font, round(top), round(bottom)) for char in ALPHABET}
    return Face(path.stem, glyphs, even=False)


def _printed(char: str, font: ImageFont.FreeTypeFont, top: int, bottom: int) -> Stencil:
    left, _, right, _ = (round(edge) for edge in font.getbbox(char))
    sheet = Image.new("L", (max(2, right - left), bottom - top))
    ImageDraw.Draw(sheet).text((-left, -top), char, fill=255, font=font)
    width = max(2, round(sheet.width * TALL / sheet.height))
    return np.asarray(cv2.resize(np.asarray(sheet), (width, TALL), interpolation=cv2.INTER_AREA), np.uint8)


@cache
def word(text: str, font: Path | None) -> Stencil:
    """A word or line of small print, cropped to its ink; our own strokes where there is no font."""
    if font is None:
        return _stroke_word(text.upper())
    face = ImageFont.truetype(str(font), 28)
    left, top, right, bottom = (round(edge) for edge in face.getbbox(text))
    sheet = Image.new("L", (max(2, right - left), max(2, bottom - top)))
    ImageDraw.Draw(sheet).text((-left, -top), text, fill=255, font=face)
    return np.asarray(sheet, dtype=np.uint8)


def _stroke_word(text: str) -> Stencil:
    gap = np.zeros((TALL, 10), dtype=np.uint8)
    cells = [part for char in text if char in ALPHABET for part in (_stroke_faces()[0].glyphs[char], gap)]
    wide = np.concatenate(cells or [gap], axis=1)
    return np.asarray(
        cv2.resize(wide, (max(2, wide.shape[1] // 3), 22), interpolation=cv2.INTER_AREA), np.uint8
    )
