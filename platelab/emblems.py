"""What stands on plates beside characters and must not be read: stickers, seals, animals, outlines, suns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.bench import Bench
from platelab.drawing import Mask
from platelab.faces import word
from platelab.layout import Box, lay


def emblem(bench: Bench, style: str, place: Box) -> None:
    """One that belongs on plates of the style, about as large as the place."""
    kind = bench.chance.choice(_KINDS[style])
    kind(bench, place)


def ghost(bench: Bench) -> None:
    """A large pale figure behind the characters."""
    width, height = bench.size
    place = Box(
        bench.some(-0.1, 0.8) * width,
        bench.some(0.0, 0.4) * height,
        bench.some(0.15, 0.5) * width,
        height * 0.7,
    )
    mask = _figure_mask(bench, place)
    bench.sheet += mask * np.float32(bench.some(-0.5, 0.3) * bench.look.picture)


def sticker(bench: Bench, box: Box) -> None:
    """One sticker, mostly with two digits."""
    x0, y0, x1, y1 = round(box.left), round(box.top), round(box.left + box.width), round(box.top + box.height)
    window = bench.sheet[max(0, y0) : y1, max(0, x0) : x1]
    window[:] = bench.some(0.05, 0.95)
    if window.size and bench.likely(0.7):
        digits = word(f"{bench.chance.randrange(100):02d}", None)
        mask = np.zeros_like(window)
        lay(mask, digits, Box(box.width * 0.2, box.height * 0.25, box.width * 0.6, box.height * 0.5))
        window += mask * (np.float32(bench.some(0, 1)) - window)


def _stickers(bench: Bench, place: Box) -> None:
    """One or two, one above the other."""
    wide, high = place.width * bench.some(0.6, 0.95), place.height * bench.some(0.2, 0.36)
    left = place.left + (place.width - wide) / 2
    rows = (0.08, 0.92 - high / place.height) if bench.likely(0.6) else (0.5 - high / place.height / 2,)
    for row in rows:
        sticker(bench, Box(left, place.top + row * place.height, wide, high))


def _seal(bench: Bench, place: Box) -> None:
    """Round seals, one or two, as on German and many American plates."""
    radius = min(place.width * 0.48, place.height * bench.some(0.14, 0.26))
    x = place.left + place.width / 2
    for share in (0.27, 0.75) if bench.likely(0.5) else (bench.some(0.35, 0.65),):
        center = (round(x), round(place.top + share * place.height))
        cv2.circle(bench.sheet, center, max(1, round(radius)), bench.some(0, 1), -1, cv2.LINE_AA)
        if bench.likely(0.7):
            cv2.circle(
                bench.sheet,
                center,
                max(1, round(radius)),
                bench.some(0, 0.5),
                max(1, round(radius * 0.2)),
                cv2.LINE_AA,
            )
        cv2.circle(bench.sheet, center, max(1, round(radius * 0.5)), bench.some(0, 1), -1, cv2.LINE_AA)


def _figure(bench: Bench, place: Box) -> None:
    """An animal, a rider, a cactus: bodies and limbs in one level, often the ink's."""
    value = bench.look.ink if bench.likely(0.6) else bench.some(0, 1)
    bench.blend(_figure_mask(bench, place), value, bench.some(0.5, 1))


def _figure_mask(bench: Bench, place: Box) -> Mask:
    mask = np.zeros(bench.sheet.shape, np.uint8)
    x, y = place.left + place.width / 2, place.top + place.height / 2
    for _ in range(bench.chance.randrange(1, 4)):
        center = (
            round(x + bench.some(-0.25, 0.25) * place.width),
            round(y + bench.some(-0.3, 0.3) * place.height),
        )
        axes = (
            max(1, round(bench.some(0.08, 0.3) * place.width)),
            max(1, round(bench.some(0.06, 0.26) * place.height)),
        )
        cv2.ellipse(mask, center, axes, bench.some(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    for _ in range(bench.chance.randrange(0, 6)):
        ends = [
            (round(x + bench.some(-0.5, 0.5) * place.width), round(y + bench.some(-0.5, 0.5) * place.height))
            for _ in range(2)
        ]
        thick = max(1, round(place.height * bench.some(0.02, 0.12)))
        cv2.line(mask, ends[0], ends[1], 255, thick, cv2.LINE_AA)
    return mask.astype(np.float32) / 255


def _outline(bench: Bench, place: Box) -> None:
    """A state's shape, filled or only drawn around."""
    corners = bench.chance.choice((3, 4, 5, 6, 8, 12))
    angles = np.sort([bench.some(0, 2 * np.pi) for _ in range(corners)])
    reach = np.array([bench.some(0.5, 1) for _ in angles])
    x, y = place.left + place.width / 2, place.top + place.height / 2
    high = place.height * bench.some(0.2, 0.5)
    points = np.stack([x + np.cos(angles) * reach * place.width * 0.5, y + np.sin(angles) * reach * high], 1)
    bench.blend(_polygon(bench, points), bench.some(0, 1), bench.some(0.4, 1))


def _polygon(bench: Bench, points: NDArray[np.float64]) -> Mask:
    mask = np.zeros(bench.sheet.shape, np.uint8)
    shape = [np.rint(points).astype(np.int32)]
    if bench.likely(0.7):
        cv2.fillPoly(mask, shape, 255, cv2.LINE_AA)
    else:
        cv2.polylines(mask, shape, True, 255, bench.chance.randrange(1, 4), cv2.LINE_AA)
    return mask.astype(np.float32) / 255


def _sun(bench: Bench, place: Box) -> None:
    """A disc with rays."""
    mask = np.zeros(bench.sheet.shape, np.float32)
    center = np.array([place.left + place.width / 2, place.top + place.height / 2])
    radius, reach = place.width * 0.2, place.width * bench.some(0.35, 0.5)
    for angle in np.arange(bench.chance.choice((4, 8, 12))) * (2 * np.pi / 12):
        end = center + np.array([np.cos(angle), np.sin(angle)]) * reach
        cv2.line(
            mask, np.rint(center).astype(int).tolist(), np.rint(end).astype(int).tolist(), 1.0, 1, cv2.LINE_AA
        )
    cv2.circle(mask, np.rint(center).astype(int).tolist(), max(1, round(radius)), 1.0, -1, cv2.LINE_AA)
    bench.blend(mask, bench.look.ink if bench.likely(0.5) else bench.some(0, 1))


_KINDS: Final[Mapping[str, tuple[Callable[[Bench, Box], None], ...]]] = {
    "US": (_stickers, _seal, _figure, _figure, _outline, _sun),
    "EU": (_stickers, _seal, _seal, _seal),
    "BR": (_seal, _outline),
}
