"""Endless pictures to find plates in: scene number `n` of seed `s` is always the same.

    python -m platelab.scenery --out sheet.png --faces DIR --grounds DIR/train-romania

draws a sheet of them, with the corners to be found, for looking at.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from platelab.camera import compressed, exposed, moved
from platelab.cells import Target
from platelab.drawing import Mask
from platelab.faces import Faces
from platelab.grounds import Gray, Ground, Quads, drawn, parted, photographs
from platelab.inscriptions import inscription
from platelab.mounting import darken, grown, lay_on, seen_from
from platelab.notices import notice
from platelab.press import press
from platelab.samples import faces_of

FLAT_PLATES: Final = 6000
"""So many different plates are pressed; scenes show each of them in many views."""
FLAT_NOTICES: Final = 1500
DRAWN_GROUNDS: Final = 48
NARROWEST, WIDEST = 16.0, 640.0
"""Of plates to be found, in pixels."""
SEEN: Final = 0.7
"""A plate of which a smaller share is inside the picture is neither asked for nor counted as wrong."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A gray picture and the plates in it."""

    picture: Gray
    targets: tuple[Target, ...]


@dataclass(frozen=True, eq=False)
class Stock:
    """What scenes are made of; plates and notices once pressed are kept."""

    grounds: tuple[Ground, ...]
    faces: Faces
    _plates: dict[int, Gray] = field(default_factory=dict)
    _notices: dict[int, Gray] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.faces.names, *(ground.name for ground in self.grounds))

    def plate(self, chance: random.Random) -> Mask:
        """Some flat plate, 0 to 1."""
        number = chance.randrange(FLAT_PLATES)
        if number not in self._plates:
            own = random.Random(f"plate/{number}")
            self._plates[number] = np.asarray(press(inscription(own), self.faces, own) * 255, np.uint8)
        return self._plates[number].astype(np.float32) * np.float32(1 / 255)

    def notice(self, chance: random.Random) -> Mask:
        """Some flat thing with words on it that is no plate, 0 to 1."""
        number = chance.randrange(FLAT_NOTICES)
        if number not in self._notices:
            own = random.Random(f"notice/{number}")
            self._notices[number] = np.asarray(notice(self.faces, own) * 255, np.uint8)
        return self._notices[number].astype(np.float32) * np.float32(1 / 255)


def stock_of(folders: Sequence[Path], faces: Faces, *, held_out: bool = False) -> Stock:
    """Photographs of the folders (those to train on, or those held out) and drawn vehicles."""
    chosen = [ground for folder in folders for ground in parted(photographs(folder))[held_out]]
    return Stock((*chosen, *parted(_vehicles())[held_out]), faces)


@cache
def _vehicles() -> tuple[Ground, ...]:
    return tuple(drawn(DRAWN_GROUNDS))


def scene(seed: int, number: int, size: tuple[int, int], stock: Stock) -> Scene:
    """One of the endless row; `size` is its height and width in pixels."""
    chance = random.Random(f"{seed}/scene/{number}")
    ground = chance.choice(stock.grounds)
    warp = _view(ground, size, chance)
    picture = _seen(ground, warp, size, chance.randrange(256))
    night = chance.random() < 0.15
    if night:
        picture *= np.float32(chance.uniform(0.12, 0.6))
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 4))):
        _post_notice(picture, stock, chance)
    targets = _mounted(picture, ground, warp, stock, chance)
    return Scene(_photographed(picture, chance, night=night), tuple(targets))


def _view(ground: Ground, size: tuple[int, int], chance: random.Random) -> Mask:
    """The affine map (2 × 3) from the ground to the picture, mostly with a place for a plate in view."""
    height, width = size
    rows, columns = ground.picture.shape
    places = np.concatenate([ground.plates, ground.bare])
    if len(places) and chance.random() < 0.85:
        place = places[chance.randrange(len(places))]
        middle = place.mean(axis=0)
        wanted = NARROWEST * (min(WIDEST, 0.95 * width) / NARROWEST) ** chance.random()
        scale = wanted / max(4.0, float(np.linalg.norm(place[1] - place[0])))
    else:
        middle = np.array([chance.random() * columns, chance.random() * rows])
        scale = chance.uniform(0.4, 2.0)
    scale = min(3.0, max(0.2, width / columns * 0.5, scale))
    stretch = chance.uniform(1.0, 1.5) if ground.squeezed else chance.uniform(0.93, 1.07)
    mirrored = -1 if chance.random() < 0.3 else 1
    angle = np.radians(chance.gauss(0, 2.5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([scale * stretch * mirrored, scale])
    goal = np.array([chance.uniform(0.12, 0.88) * width, chance.uniform(0.12, 0.88) * height])
    offset = goal - linear @ middle
    outline = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)]) @ linear.T + offset
    offset += _covering(outline.min(axis=0), outline.max(axis=0), np.array([width, height]))
    return np.concatenate([linear, offset[:, np.newaxis]], axis=1)


def _covering(low: Mask, high: Mask, size: Mask) -> Mask:
    """How far to move what reaches from `low` to `high` so that it covers 0 to `size`, if it can."""
    inwards = np.minimum(0, -low) + np.maximum(0, size - high)
    return np.where(high - low >= size, inwards, 0.0)


def _seen(ground: Ground, warp: Mask, size: tuple[int, int], beyond: int) -> Mask:
    """The ground in view, 0 to 1; `beyond` is the level outside of it."""
    scale = float(np.sqrt(abs(np.linalg.det(warp[:, :2]))))
    level = 2 if scale < 0.3 else 1 if scale < 0.6 else 0
    enlarged = warp @ np.diag([2.0**level, 2.0**level, 1.0])
    view = cv2.warpAffine(ground.smaller[level], enlarged, size[::-1], borderValue=beyond)
    return view.astype(np.float32) * np.float32(1 / 255)


def _mounted(picture: Mask, ground: Ground, warp: Mask, stock: Stock, chance: random.Random) -> list[Target]:
    """Mount plates in place; all plates in view, drawn and photographed ones."""
    shape = picture.shape
    targets = [
        _replaced(picture, place, stock, chance)
        if chance.random() < 0.55 or warp[0, 0] < 0
        else Target(_box(place), exact=False)
        for place in _moved_by(warp, ground.plates)
    ]
    bare = [place for place in _moved_by(warp, ground.bare) if chance.random() < 0.8]
    if not len(ground.plates):
        vehicles = _moved_by(warp, ground.vehicles)
        bare += [_bumper(place, chance) for place in vehicles if chance.random() < 0.5]
    targets += [_fitted(picture, place, stock, chance) for place in bare]
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        found = _anywhere(picture, targets, stock, chance)
        targets += [found] if found else []
    return [known for target in targets if (known := _known(target, shape))]


def _moved_by(warp: Mask, quads: Quads) -> Quads:
    """Corners in the picture, in the order of what is seen, also where the ground is mirrored."""
    seen = quads @ warp[:, :2].T + warp[:, 2]
    return np.asarray(seen[:, [1, 0, 3, 2]] if warp[0, 0] < 0 else seen, np.float32)


def _box(quad: Quads) -> Quads:
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _replaced(picture: Mask, place: Quads, stock: Stock, chance: random.Random) -> Target:
    """A drawn plate over a photographed one, which it hides."""
    around = grown(_box(place), 0.2, 0.12)
    darken(picture, around, chance.uniform(0.1, 0.8), 0.0)
    return _fitted(picture, place, stock, chance)


def _fitted(picture: Mask, place: Quads, stock: Stock, chance: random.Random) -> Target:
    """A drawn plate in the middle of a place, about as wide as it."""
    flat = stock.plate(chance)
    width = float(np.linalg.norm(place[1] - place[0])) * chance.uniform(0.95, 1.2)
    x, y = place.mean(axis=0)
    corners = seen_from((float(x), float(y)), width, flat.shape[1] / flat.shape[0], chance, 0.5)
    return _hung(picture, flat, corners, chance)


def _bumper(vehicle: Quads, chance: random.Random) -> Quads:
    """Where on a vehicle a plate might be."""
    (left, top), (right, bottom) = vehicle.min(axis=0), vehicle.max(axis=0)
    wide = (right - left) * chance.uniform(0.14, 0.3)
    x, y = (
        left + (right - left) * chance.uniform(0.25, 0.75),
        top + (bottom - top) * chance.uniform(0.55, 0.85),
    )
    return np.array([(x, y), (x + wide, y), (x + wide, y + wide / 3), (x, y + wide / 3)], np.float32)


def _anywhere(picture: Mask, others: Sequence[Target], stock: Stock, chance: random.Random) -> Target | None:
    """A plate at any place that no other plate takes."""
    height, width = picture.shape
    flat = stock.plate(chance)
    wide = NARROWEST * (min(WIDEST, 0.85 * width) / NARROWEST) ** chance.random()
    middle = chance.uniform(0, width), chance.uniform(0, height)
    for other in others:
        if np.linalg.norm(other.corners.mean(axis=0) - middle) < 0.7 * (wide + other.width):
            return None
    corners = seen_from(middle, wide, flat.shape[1] / flat.shape[0], chance)
    return _hung(picture, flat, corners, chance)


def _hung(picture: Mask, flat: Mask, corners: Quads, chance: random.Random) -> Target:
    """The plate with what is around plates: a recess, a frame, a lamp above, a wheel below, or nothing."""
    width = float(np.linalg.norm(corners[1] - corners[0]))
    drawn_around = chance.random()
    if drawn_around < 0.45:
        around = grown(corners, chance.uniform(0.1, 0.9), chance.uniform(0.05, 0.5))
        darken(picture, around, chance.uniform(0.2, 1.6), width * chance.uniform(0, 0.06))
    elif drawn_around < 0.6:
        lay_on(
            picture,
            np.full((4, 4), chance.random() ** 2, np.float32),
            grown(corners, chance.uniform(0.05, 0.25), chance.uniform(0.02, 0.12)),
        )
    elif drawn_around < 0.7:
        _motorcycle(picture, corners, chance)
    lay_on(picture, flat * np.float32(chance.uniform(0.45, 1.1)), corners)
    return Target(corners)


def _motorcycle(picture: Mask, corners: Quads, chance: random.Random) -> None:
    """A wheel below the plate and a lamp above it."""
    x, y = corners.mean(axis=0)
    wide = float(np.linalg.norm(corners[1] - corners[0]))
    wheel = (round(float(x)), round(float(y + wide * chance.uniform(0.7, 1.1))))
    axes = (max(1, round(wide * chance.uniform(0.2, 0.35))), max(1, round(wide * chance.uniform(0.7, 1.1))))
    cv2.ellipse(picture, wheel, axes, 0, 0, 360, chance.uniform(0, 0.15), -1, cv2.LINE_AA)
    lamp = (round(float(x)), round(float(y - wide * chance.uniform(0.5, 0.8))))
    size = (max(1, round(wide * chance.uniform(0.2, 0.4))), max(1, round(wide * chance.uniform(0.08, 0.2))))
    cv2.ellipse(picture, lamp, size, 0, 0, 360, chance.uniform(0.2, 1), -1, cv2.LINE_AA)


def _post_notice(picture: Mask, stock: Stock, chance: random.Random) -> None:
    height, width = picture.shape
    flat = stock.notice(chance)
    middle = chance.uniform(0, width), chance.uniform(0, height)
    wide = 24 * (0.6 * width / 24) ** chance.random()
    corners = seen_from(middle, wide, flat.shape[1] / flat.shape[0], chance)
    lay_on(picture, flat * np.float32(chance.uniform(0.4, 1.1)), corners)


def _known(target: Target, shape: tuple[int, ...]) -> Target | None:
    """As it is learned from: not at all where it is outside, not asked for where it is cut off or tiny."""
    height, width = shape
    (left, top), (right, bottom) = target.corners.min(axis=0), target.corners.max(axis=0)
    shown = max(0.0, min(right, width) - max(left, 0)) * max(0.0, min(bottom, height) - max(top, 0))
    share = shown / max(1e-3, (right - left) * (bottom - top))
    if share <= 0:
        return None
    asked = share >= SEEN and target.width >= NARROWEST * 0.9 and target.height >= 4
    return Target(target.corners, target.exact, asked)


def _photographed(picture: Mask, chance: random.Random, *, night: bool) -> Gray:
    """Light, lens, sensor, JPEG."""
    noise = np.random.default_rng(chance.getrandbits(63))
    view = exposed(picture, chance, 0.05 if night else 0.45)
    sigma = abs(chance.gauss(0, 0.8))
    if sigma > 0.3:
        view = np.asarray(cv2.GaussianBlur(view, (0, 0), min(sigma, 2.2)), np.float32)
    if chance.random() < 0.1:
        view = moved(view, chance.randrange(3, 9), chance)
    if chance.random() < 0.25:
        view = view + (view - cv2.GaussianBlur(view, (0, 0), 1.2)) * np.float32(chance.uniform(0.4, 1.5))
    grain = 0.002 + 0.03 * chance.random() ** 3
    sensed = view + noise.standard_normal(view.shape, np.float32) * np.float32(grain)
    pixels = np.clip(sensed * 255, 0, 255).astype(np.uint8)
    return compressed(pixels, chance) if chance.random() < 0.6 else pixels


def marked(shown: Scene) -> Gray:
    """The picture with its targets outlined: white where asked for, gray where only a box is known."""
    picture = shown.picture.copy()
    for target in shown.targets:
        level = 255 if target.exact else 140
        points = np.rint(target.corners).astype(np.int32)
        cv2.polylines(picture, [points], True, level if target.asked else 0, 1, cv2.LINE_AA)
        cv2.circle(picture, points[0].tolist(), 2, level, -1)
    return picture


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a sheet."""
    parser = argparse.ArgumentParser(prog="python -m platelab.scenery", description="Draw training scenes.")
    parser.add_argument("--out", type=Path, required=True, help="picture to write")
    parser.add_argument("--count", type=int, default=24, help="number of scenes (24)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same scenes (1)")
    parser.add_argument("--size", type=int, default=256, help="height and width in pixels (256)")
    parser.add_argument("--faces", type=Path, action="append", default=[], help="folder with fonts")
    parser.add_argument("--grounds", type=Path, action="append", default=[], help="folder with boxes.csv")
    chosen = parser.parse_args(arguments)
    stock = stock_of(chosen.grounds, faces_of(chosen.faces))
    size = (chosen.size, chosen.size)
    cells = [marked(scene(chosen.seed, number, size, stock)) for number in range(chosen.count)]
    cells += [np.zeros(size, np.uint8)] * (-len(cells) % 6)
    rows = [np.hstack(cells[start : start + 6]) for start in range(0, len(cells), 6)]
    cv2.imwrite(str(chosen.out), np.vstack(rows))


if __name__ == "__main__":
    main()
