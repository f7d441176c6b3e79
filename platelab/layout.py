"""Where on a plate each character stands, and what stands between groups."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from platelab.drawing import Mask
from platelab.faces import TALL, Face, Stencil
from platelab.inscriptions import Group

WIDEST_STRETCH = 1.3


@dataclass(frozen=True, slots=True)
class Box:
    """In pixels of the sheet."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A character or separator of a row; `x` and `width` before stretching, `top` and `height` as shares."""

    sign: str
    x: float
    width: float
    top: float = 0.0
    height: float = 1.0


@dataclass(frozen=True, slots=True)
class Spacing:
    """Gaps as shares of the characters' height."""

    gap: float
    separator: str
    separator_width: float
    leading: float = 0.0
    trailing: float = 0.0

    @classmethod
    def some(cls, separators: str, emblems: float, chance: random.Random) -> Spacing:
        """As the issuer does it; with probability `emblems` each, one stands before and behind the row."""
        separator = chance.choice(separators)
        widths = {
            "_": 0.0,
            "+": chance.uniform(0.2, 0.6),
            ".": 0.3,
            "-": 0.34,
            "*": chance.uniform(0.35, 0.8),
        }
        beside = [chance.uniform(0.4, 1.1) if chance.random() < emblems else 0.0 for _ in range(2)]
        return cls(chance.uniform(0.05, 0.22), separator, widths[separator], *beside)


def pieces(groups: Sequence[Group], face: Face, spacing: Spacing) -> list[Piece]:
    """The row from left to right, in units of the characters' height."""
    row: list[Piece] = []
    x = 0.0
    if spacing.leading:
        row.append(Piece("*", 0.0, spacing.leading))
        x += spacing.leading + spacing.gap
    for number, group in enumerate(groups):
        if number and spacing.separator_width:
            row.append(Piece(spacing.separator, x, spacing.separator_width))
            x += spacing.separator_width + spacing.gap
        placed = list(_group(group, face, spacing.gap, x))
        row += placed
        x = max(piece.x + piece.width for piece in placed) + spacing.gap
    if spacing.trailing:
        row.append(Piece("*", x, spacing.trailing))
    return row


def _group(group: Group, face: Face, gap: float, x: float) -> Iterator[Piece]:
    if group.stacked:
        share = 0.46
        width = max(_aspect(face, char) for char in group.text) * share * 1.15
        for row, char in enumerate(group.text):
            yield Piece(char, x, width, row * (1 - share), share)
        return
    for char in group.text:
        yield Piece(char, x, _aspect(face, char))
        x += _aspect(face, char) + gap


def _aspect(face: Face, char: str) -> float:
    return float(face.glyphs[char].shape[1] / TALL)


def fitted(row: Sequence[Piece], box: Box, chance: random.Random) -> list[tuple[str, Box]]:
    """Signs with their places in the box: the row is squeezed to fit, or stretched a little."""
    total = max(piece.x + piece.width for piece in row) * box.height
    room = box.width / total
    stretch = min(room, chance.uniform(0.85, WIDEST_STRETCH))
    start = box.left + (box.width - total * stretch) * min(0.9, max(0.1, chance.gauss(0.5, 0.12)))
    unit = box.height * stretch
    return [
        (
            piece.sign,
            Box(
                start + piece.x * unit,
                box.top + piece.top * box.height,
                piece.width * unit,
                piece.height * box.height,
            ),
        )
        for piece in row
    ]


def lay(mask: Mask, glyph: Stencil, box: Box) -> None:
    """Draw a mask (0 to 255) into the box of another (0 to 1), in place; what leaves the sheet is cut off."""
    width, height = max(1, round(box.width)), max(1, round(box.height))
    left, top = round(box.left), round(box.top)
    small = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA)
    x0, y0, x1, y1 = (
        max(left, 0),
        max(top, 0),
        min(left + width, mask.shape[1]),
        min(top + height, mask.shape[0]),
    )
    if x0 >= x1 or y0 >= y1:
        return
    window = mask[y0:y1, x0:x1]
    shown = small[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32) * np.float32(1 / 255)
    np.maximum(window, shown, out=window)
