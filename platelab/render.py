"""Render street pictures with vehicles and plates that exist nowhere.

    python -m platelab.render --out DIR --count N --seed S

writes `scene-001.jpg` … and `manifest.csv`. The same seed gives the same pictures.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.bodies import COLORS, Vehicle
from platelab.cars import Painter
from platelab.drawing import Canvas, Frame, Mask, blurred, glow, mixed, paint
from platelab.plates import HEIGHT, WIDTH, Plate, arizona, california, face, nevada
from platelab.scenes import LIGHTS, Light, photograph, street

SIZE = (540, 960, 3)
OVERSAMPLING = 2
MOST_BYTES = 45_000
REPEATED = 5
"""After so many vehicles one that was seen before comes past again, in another light."""
COLUMNS = ("file", "plate", "region", "vehicle_color", "vehicle_type", "view", "light")


@dataclass(frozen=True)
class Scene:
    """Everything a picture is made from."""

    plate: Plate
    vehicle: Vehicle
    light: str
    seed: int


def scenes(count: int, seed: int) -> Iterator[Scene]:
    """Scenes in order; every sixth shows a vehicle again."""
    chance = random.Random(seed)
    lights = ("day", "day", "overcast", "dusk", "night", "day", "infrared", "overcast", "dusk", "day")
    seen: list[Scene] = []
    used: set[str] = set()
    coats: list[str] = []
    for number in range(count):
        light = lights[number % len(lights)]
        if number % (REPEATED + 1) == REPEATED:
            again = seen[chance.randrange(len(seen))]
            yield Scene(again.plate, again.vehicle, light, chance.randrange(2**31))
            continue
        scene = Scene(_new_plate(chance, used), _vehicle(chance, coats), light, chance.randrange(2**31))
        seen.append(scene)
        yield scene


def _new_plate(chance: random.Random, used: set[str]) -> Plate:
    while True:
        maker = chance.choices((california, arizona, nevada), (0.78, 0.12, 0.10))[0]
        plate = maker(chance)
        if plate.text not in used:
            used.add(plate.text)
            return plate


def _vehicle(chance: random.Random, coats: list[str]) -> Vehicle:
    """Colors are dealt like cards, so that a few pictures already show all of them."""
    if not coats:
        coats.extend(chance.sample(tuple(COLORS), len(COLORS)))
    style = chance.choices(("sedan", "suv", "pickup"), (0.5, 0.3, 0.2))[0]
    rear = style == "pickup" or chance.random() < 0.8
    return Vehicle(style, coats.pop(), rear)


def picture(scene: Scene) -> NDArray[np.uint8]:
    """The scene as a camera saw it: 540 × 960 × 3, blue-green-red, 8 bits."""
    chance = random.Random(scene.seed)
    light = LIGHTS[scene.light]
    canvas, painter = _parked(scene, light, OVERSAMPLING, chance)
    _mount(canvas, painter, scene.plate, light, chance)
    _shine(canvas, painter, scene.vehicle, light)
    turned = _turn(canvas, chance)
    small = np.asarray(cv2.resize(turned, (SIZE[1], SIZE[0]), interpolation=cv2.INTER_AREA), np.float32)
    return photograph(small, light, chance)


def without_plate(scene: Scene) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The same vehicle in the same light, and the corners (4 × 2 pixels) between which a plate belongs."""
    chance = random.Random(scene.seed)
    light = LIGHTS[scene.light]
    canvas, painter = _parked(scene, light, 1, chance)
    _shine(canvas, painter, scene.vehicle, light)
    return photograph(canvas, light, chance), painter.plate_corners()


def _parked(scene: Scene, light: Light, oversampling: int, chance: random.Random) -> tuple[Canvas, Painter]:
    height, width = SIZE[0] * oversampling, SIZE[1] * oversampling
    canvas = street((height, width, 3), light, chance)
    half = width * chance.uniform(0.19, 0.30 if scene.vehicle.style == "sedan" else 0.25)
    frame = Frame(half, width * chance.uniform(0.42, 0.58), height * chance.uniform(0.88, 0.95))
    return canvas, _place(canvas, frame, scene, light, chance)


def _place(canvas: Canvas, frame: Frame, scene: Scene, light: Light, chance: random.Random) -> Painter:
    """Draw the vehicle in full light on a copy, then bring it down to the scene's light."""
    bright = canvas / max(0.16 + 0.84 * light.level, 0.2)
    painter = Painter(
        bright, frame, scene.vehicle, mixed(light.sky_low, (1, 1, 1), 0.15 * light.level), chance
    )
    before = bright.copy()
    painter.draw()
    changed = (np.abs(bright - before).max(axis=2) > 0.002).astype(np.float32)
    changed = blurred(changed, 1.0)
    level = 0.16 + 0.84 * light.level
    paint(canvas, changed, (bright * level).astype(np.float32))
    painter.canvas = canvas
    return painter


def _mount(canvas: Canvas, painter: Painter, plate: Plate, light: Light, chance: random.Random) -> None:
    design = np.clip(face(plate, chance), 0, 1) * light.plate
    source = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float32)
    target = painter.plate_corners().astype(np.float32)
    target += np.array([[chance.uniform(-1.5, 1.5) for _ in range(2)] for _ in range(4)], dtype=np.float32)
    warp = cv2.getPerspectiveTransform(source, target)
    size = (canvas.shape[1], canvas.shape[0])
    laid = np.asarray(cv2.warpPerspective(design, warp, size, flags=cv2.INTER_AREA), np.float32)
    sheet = np.ones((HEIGHT, WIDTH), dtype=np.float32)
    mask: Mask = np.asarray(cv2.warpPerspective(sheet, warp, size), np.float32)
    paint(canvas, mask, laid)
    if light.level < 0.6:
        glow(canvas, blurred(mask, 14), (0.9, 0.93, 1.0), 0.06)


def _shine(canvas: Canvas, painter: Painter, vehicle: Vehicle, light: Light) -> None:
    """Lamps that are on, with their bloom."""
    if not light.lamps:
        return
    color = (1.0, 0.10, 0.06) if vehicle.rear else (1.0, 0.96, 0.86)
    for lamp in painter.lamps():
        glow(canvas, lamp, color, 0.45 * light.lamps)
        for sigma, strength in ((12, 0.35), (45, 0.22)):
            glow(canvas, blurred(lamp, sigma), color, strength * light.lamps)


def _turn(canvas: Canvas, chance: random.Random) -> Canvas:
    """The camera stands a little aside and is never quite level."""
    height, width = canvas.shape[:2]
    aside, roll = chance.uniform(-0.055, 0.055), chance.uniform(-0.025, 0.025)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    left, right = height * max(aside, 0), height * max(-aside, 0)
    target = np.array(
        [(0, -left), (width, -right), (width, height + right), (0, height + left)], dtype=np.float32
    )
    center = np.array([width / 2, height / 2], dtype=np.float32)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]], dtype=np.float32)
    shown = ((target - center) @ turn.T * 1.04 + center).astype(np.float32)
    warp = cv2.getPerspectiveTransform(source, shown)
    return np.asarray(
        cv2.warpPerspective(
            canvas, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.float32,
    )


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """At most MOST_BYTES, as good as that allows."""
    for quality in range(88, 40, -4):
        _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) <= MOST_BYTES:
            return data.tobytes()
    raise ValueError(f"The picture does not fit into {MOST_BYTES} bytes at any usable quality.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pictures and their manifest."""
    parser = argparse.ArgumentParser(prog="python -m platelab.render", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write into; made if missing")
    parser.add_argument("--count", type=int, default=48, help="number of pictures (48)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same pictures (1)")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    with (chosen.out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for number, scene in enumerate(scenes(chosen.count, chosen.seed), 1):
            name = f"scene-{number:03d}.jpg"
            (chosen.out / name).write_bytes(jpeg(picture(scene)))
            view = "rear" if scene.vehicle.rear else "front"
            table.writerow(
                (
                    name,
                    scene.plate.text,
                    scene.plate.region,
                    scene.vehicle.color,
                    scene.vehicle.style,
                    view,
                    scene.light,
                )
            )


if __name__ == "__main__":
    main()
