"""Plates of all issuers in gray, as they come from the press and as years on the road leave them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np

from platelab.bench import Bench, Look
from platelab.drawing import Mask
from platelab.emblems import emblem, ghost, sticker
from platelab.faces import Face, Faces, word
from platelab.inscriptions import Inscription
from platelab.layout import Box, Spacing, fitted, lay, pieces

SIZES: Final[Mapping[tuple[str, int], tuple[int, int]]] = {
    ("US", 1): (256, 128), ("US", 2): (184, 108),
    ("EU", 1): (384, 84), ("EU", 2): (220, 158),
    ("BR", 1): (312, 100), ("BR", 2): (200, 164),
}  # fmt: skip
"""Width and height of the sheet in pixels by style and rows."""

INFRARED_SHARE: Final = 0.14
EMBLEMS_BESIDE: Final = 0.18
"""Probability of an emblem before, and of one behind, an American serial."""
LEAST_CONTRAST: Final = 0.2
DEALERS: Final = (
    "TOYOTA", "HONDA", "CHEVROLET", "FORD CITY", "AUTO MALL", "MOTORS", "OAK LAWN", "SAN DIEGO", "McCARTHY",
    "FUSZ", "www.autos.com", "NISSAN OF", "SUPERSTORE", "LAMBORGHINI", "UNIVERSITY", "ALUMNI", "MY OTHER CAR",
    "PENSKE", "ENGINEERS", "TACOMA", "LARSON", "MOPAR", "HARLEY", "BAIL BONDS", "DAVE SMITH", "U.S. ARMY",
    "RETIRED", "GO TEAM",
)  # fmt: skip


def press(sign: Inscription, faces: Faces, chance: random.Random) -> Mask:
    """The plate, flat: rows × columns, 0 to 1."""
    style = sign.issuer.style
    width, height = SIZES[style, len(sign.rows)]
    look = _look(sign, chance)
    bench = Bench(
        np.full((height, width), look.sheet, np.float32), np.zeros((height, width), np.float32), look, chance
    )
    _picture(bench)
    {"US": _american, "EU": _european, "BR": _brazilian}[style](bench, sign, faces)
    _characters(bench, sign, faces)
    _ink(bench)
    _bolts(bench)
    if style == "US" and bench.likely(0.4):
        _frame(bench, faces)
    elif bench.likely(0.6):
        _border(bench)
    return np.clip(bench.sheet, 0, 1, out=bench.sheet)


def _look(sign: Inscription, chance: random.Random) -> Look:
    issuer = sign.issuer
    if chance.random() < INFRARED_SHARE:
        bright, dark = chance.uniform(0.6, 0.98), chance.uniform(0.02, 0.25)
        if min(issuer.sheets) < 0.4 and chance.random() < 0.4:
            bright, dark = dark, bright
        return Look(bright, dark, chance.uniform(0, 0.25), chance.uniform(0, 0.3))
    sheet = chance.choice(issuer.sheets) + chance.gauss(0, 0.04)
    ink = chance.choice(issuer.inks)
    return Look(sheet, _apart(sheet, ink, chance), chance.uniform(0, 1) ** 1.5, chance.uniform(0, 1))


def _apart(sheet: float, ink: float, chance: random.Random) -> float:
    """The ink's level, faded by the sun, yet readable."""
    faded = ink + (sheet - ink) * max(0.0, chance.gauss(0.05, 0.15))
    if abs(faded - sheet) >= LEAST_CONTRAST:
        return faded
    return sheet - LEAST_CONTRAST * 1.5 if sheet > 0.5 else sheet + LEAST_CONTRAST * 1.5


def _picture(bench: Bench) -> None:
    """Gradients, soft clouds and ridges behind the characters."""
    width, height = bench.size
    strength = 0.35 * bench.look.picture
    if bench.likely(0.6):
        ramp = np.interp(
            np.arange(height),
            (0, height * bench.some(0.2, 0.8), height),
            [bench.some(-1, 1) for _ in range(3)],
        )
        bench.sheet += (ramp * strength * 0.5).astype(np.float32)[:, np.newaxis]
    if bench.likely(0.55):
        coarse = np.array([bench.some(-1, 1) for _ in range(28)], np.float32).reshape(4, 7)
        bench.sheet += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(
            strength * 0.5
        )
    if bench.likely(0.3):
        _ridge(bench, strength)
    if bench.likely(0.25):
        ghost(bench)


def _ridge(bench: Bench, strength: float) -> None:
    width, height = bench.size
    base = bench.some(0.25, 0.95) * height
    xs = np.linspace(0, width, 9)
    ys = base + np.array([bench.some(-0.18, 0.18) for _ in xs]) * height
    outline = np.stack([np.append(xs, (width, 0)), np.append(ys, (height, height))], axis=1)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255, cv2.LINE_AA)
    bench.sheet += mask.astype(np.float32) * np.float32(bench.some(-1, 1) * strength / 255)


def _american(bench: Bench, sign: Inscription, faces: Faces) -> None:
    height = len(bench.sheet)
    issuer = sign.issuer
    small = len(sign.rows) == 2
    if bench.likely(0.25):
        band = bench.some(0.12, 0.26) * height
        bench.sheet[: round(band)] += np.float32(bench.some(-0.7, 0.3) * bench.look.picture)
    if bench.likely(0.2):
        bench.sheet[height - round(bench.some(0.1, 0.22) * height) :] += np.float32(
            bench.some(-0.6, 0.3) * bench.look.picture
        )
    tall = bench.some(0.11, 0.2 if not small else 0.15) * height
    _print(
        bench,
        bench.chance.choice(issuer.names),
        faces,
        tall,
        bench.some(0.03, 0.09) * height,
        bench.some(0.3, 0.8),
    )
    slogan = bench.chance.choice(issuer.slogans)
    if slogan and bench.likely(0.8):
        low = bench.some(0.07, 0.13) * height
        _print(
            bench, slogan, faces, low, height - low - bench.some(0.02, 0.07) * height, bench.some(0.4, 0.8)
        )
    _stickers(bench)


def _print(bench: Bench, text: str, faces: Faces, tall: float, top: float, widest: float) -> None:
    """A centered line of small print in its own level."""
    width, _ = bench.size
    font = bench.chance.choice(faces.fonts) if faces.fonts else None
    line = word(text, font)
    wide = min(line.shape[1] / line.shape[0] * tall * bench.some(0.9, 1.5), width * widest)
    mask = np.zeros_like(bench.ink)
    lay(mask, line, Box((width - wide) / 2 + bench.chance.gauss(0, 0.02) * width, top, wide, tall))
    under = float(bench.sheet[min(len(bench.sheet) - 1, round(top))].mean())
    value = bench.look.ink if bench.likely(0.5) else bench.some(0, 1)
    if abs(value - under) < LEAST_CONTRAST:
        value = 0.05 if under > 0.45 else 0.95
    bench.blend(mask, value, bench.some(0.5, 1))


def _stickers(bench: Bench) -> None:
    """Month and year in the corners."""
    width, height = bench.size
    for x in (0.04, 0.82):
        for y in (0.04, 0.8):
            if bench.likely(0.28):
                wide, tall = bench.some(0.09, 0.14), bench.some(0.11, 0.17)
                sticker(
                    bench, Box((x + bench.some(0, 0.05)) * width, y * height, wide * width, tall * height)
                )


def _european(bench: Bench, sign: Inscription, faces: Faces) -> None:
    width, height = bench.size
    if bench.likely(0.85):
        band = round(min(width, height * 4.6) * bench.some(0.085, 0.11))
        bench.sheet[:, :band] = 0.2 + bench.chance.gauss(0, 0.05)
        letters = word(sign.issuer.names[0], faces.fonts[0] if faces.fonts else None)
        mask = np.zeros_like(bench.ink)
        lay(mask, letters, Box(band * 0.2, height * 0.62, band * 0.6, height * 0.24))
        for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            x, y = band / 2 + np.cos(angle) * band * 0.26, height * 0.32 + np.sin(angle) * band * 0.26
            cv2.circle(mask, (round(x), round(y)), 1, 1.0, -1)
        bench.blend(mask, 0.9)
    if sign.region in {"FR", "IT", "AT", "SK"} and bench.likely(0.5):
        bench.sheet[:, -round(height * 0.42) :] = 0.2


def _brazilian(bench: Bench, sign: Inscription, faces: Faces) -> None:
    height = len(bench.sheet)
    modern = sign.text[4:5].isalpha()
    names = sign.issuer.names
    name = names[-1] if modern else bench.chance.choice(names[:-1])
    if modern:
        bench.sheet[: round(height * 0.24)] = 0.22
    _print(bench, name, faces, height * 0.15, height * 0.05, bench.some(0.35, 0.6))


_BOXES: Final[Mapping[tuple[str, int], tuple[tuple[float, float, float, float], ...]]] = {
    ("US", 1): ((0.055, 0.29, 0.89, 0.47),),
    ("US", 2): ((0.12, 0.2, 0.76, 0.32), (0.08, 0.56, 0.84, 0.32)),
    ("EU", 1): ((0.115, 0.13, 0.865, 0.74),),
    ("EU", 2): ((0.18, 0.08, 0.74, 0.38), (0.08, 0.53, 0.84, 0.38)),
    ("BR", 1): ((0.05, 0.28, 0.9, 0.62),),
    ("BR", 2): ((0.15, 0.22, 0.7, 0.34), (0.06, 0.61, 0.88, 0.34)),
}
"""Left, top, width, height of each row as shares of the sheet."""


def _characters(bench: Bench, sign: Inscription, faces: Faces) -> None:
    width, height = bench.size
    face = bench.chance.choice(faces.serial)
    style = sign.issuer.style
    spacing = Spacing.some(sign.issuer.separators, EMBLEMS_BESIDE if style == "US" else 0.0, bench.chance)
    grow, shift = bench.some(0.84, 1.14), bench.some(-0.03, 0.03)
    for row, (left, top, wide, tall) in zip(sign.rows, _BOXES[style, len(sign.rows)], strict=True):
        rise = tall * (grow - 1) / 2
        box = Box(left * width, (top - rise + shift) * height, wide * width, tall * grow * height)
        for mark, place in fitted(pieces(row, face, spacing), box, bench.chance):
            _mark(bench, mark, place, face, style)
    _weight(bench)


def _mark(bench: Bench, mark: str, place: Box, face: Face, style: str) -> None:
    if mark in face.glyphs:
        lay(bench.ink, face.glyphs[mark], place)
        return
    x, y = place.left + place.width / 2, place.top + place.height * bench.some(0.4, 0.6)
    size = place.height
    if mark == ".":
        cv2.circle(
            bench.ink, (round(x), round(y)), max(1, round(size * bench.some(0.05, 0.1))), 1.0, -1, cv2.LINE_AA
        )
    elif mark == "-":
        half, thick = place.width * 0.35, max(1, round(size * bench.some(0.06, 0.12)))
        cv2.line(bench.ink, (round(x - half), round(y)), (round(x + half), round(y)), 1.0, thick, cv2.LINE_AA)
    elif mark == "*":
        emblem(bench, style, place)


def _weight(bench: Bench) -> None:
    """Sometimes fatter or thinner than the face was cut."""
    drawn = bench.chance.random()
    if drawn < 0.2:
        cv2.dilate(bench.ink, np.ones((3, 3), np.uint8), dst=bench.ink)
    elif drawn < 0.3:
        cv2.erode(bench.ink, np.ones((2, 2), np.uint8), dst=bench.ink)


def _ink(bench: Bench) -> None:
    """Raised metal first, ink on top of it, worn in places."""
    look = bench.look
    if look.relief > 0.35:
        raised = cv2.GaussianBlur(bench.ink, (0, 0), bench.some(1.2, 2.6))
        slope = raised - np.roll(
            raised, (bench.chance.choice((-3, -2, 2, 3)), bench.chance.choice((-2, 0, 2))), (0, 1)
        )
        bench.sheet += slope * np.float32(0.45 * look.relief)
    ink = bench.ink
    if bench.likely(0.2):
        worn = np.array([bench.some(0, 1) for _ in range(60)], np.float32).reshape(5, 12)
        ink = ink * np.clip(0.45 + cv2.resize(worn, bench.size, interpolation=cv2.INTER_LINEAR), 0, 1)
    bench.blend(ink, look.ink)
    if bench.likely(0.12):
        _dirt(bench)


def _dirt(bench: Bench) -> None:
    coarse = np.array([bench.some(0, 1) for _ in range(96)], np.float32).reshape(8, 12)
    spots = np.clip(cv2.resize(coarse, bench.size, interpolation=cv2.INTER_CUBIC) * 2 - 1.25, 0, 1)
    bench.blend(spots, bench.some(0.1, 0.8), bench.some(0.3, 0.9))


def _bolts(bench: Bench) -> None:
    width, height = bench.size
    style_high = bench.some(0.07, 0.12)
    for x in (0.2, 0.8):
        for y in (style_high, 1 - style_high):
            if bench.likely(0.5):
                center = (round((x + bench.some(-0.03, 0.03)) * width), round(y * height))
                cv2.circle(
                    bench.sheet,
                    center,
                    max(1, round(height * bench.some(0.02, 0.05))),
                    bench.some(0, 1),
                    -1,
                    cv2.LINE_AA,
                )


def _border(bench: Bench) -> None:
    width, height = bench.size
    inset, thick = round(bench.some(0, 0.03) * height), max(1, round(bench.some(0.01, 0.04) * height))
    value = bench.look.ink if bench.likely(0.7) else bench.some(0, 1)
    cv2.rectangle(
        bench.sheet, (inset, inset), (width - 1 - inset, height - 1 - inset), value, thick, cv2.LINE_AA
    )


def _frame(bench: Bench, faces: Faces) -> None:
    """A dealer's frame, which may hide the state's name and touch the characters."""
    width, height = bench.size
    top, bottom = (round(bench.some(0.03, 0.24) * height) for _ in range(2))
    side = round(bench.some(0.015, 0.05) * width)
    value = bench.chance.choice((bench.some(0, 0.2), bench.some(0, 0.2), bench.some(0.5, 1)))
    bench.sheet[:top] = value
    bench.sheet[height - bottom :] = value
    bench.sheet[:, :side] = value
    bench.sheet[:, width - side :] = value
    for start, thick in ((0, top), (height - bottom, bottom)):
        if thick > 0.1 * height and bench.likely(0.75):
            font = bench.chance.choice(faces.fonts) if faces.fonts else None
            line = word(bench.chance.choice(DEALERS), font)
            mask = np.zeros_like(bench.ink)
            tall = thick * bench.some(0.5, 0.8)
            wide = min(width * 0.85, line.shape[1] / line.shape[0] * tall * bench.some(1, 1.6))
            lay(mask, line, Box((width - wide) / 2, start + (thick - tall) / 2, wide, tall))
            bench.blend(mask, 1 - value)
