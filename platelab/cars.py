"""Drawing vehicles as seen from behind or in front."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from platelab.bodies import COLORS, Vehicle
from platelab.drawing import (
    Canvas,
    Color,
    Frame,
    Mask,
    Point,
    area,
    by_height,
    field,
    glow,
    mirrored,
    mixed,
    paint,
    rounded,
    scaled,
    shade,
    stroke,
)

GLASS: Color = (0.07, 0.08, 0.09)
RUBBER: Color = (0.045, 0.045, 0.05)
TRIM: Color = (0.10, 0.10, 0.11)
LAMP: Color = (0.55, 0.03, 0.03)
CHROME: Color = (0.74, 0.76, 0.78)


class Painter:
    """Draws one vehicle onto a canvas and remembers what belongs to it."""

    def __init__(
        self, canvas: Canvas, frame: Frame, vehicle: Vehicle, sky: Color, chance: random.Random
    ) -> None:
        self.canvas, self.frame, self.vehicle, self.sky, self.chance = canvas, frame, vehicle, sky, chance
        self.shape = vehicle.shape
        self.paint = COLORS[vehicle.color]

    def draw(self) -> None:
        self._shadow()
        self._tires()
        self._mirrors()
        self._body()
        self._glass()
        self._seams()
        if self.vehicle.rear:
            self._rear_lamps()
        else:
            self._grille()
            self._head_lamps()
        self._bumper()
        self._recess()

    def plate_corners(self) -> NDArray[np.float64]:
        """Top left, top right, bottom right, bottom left in pixels."""
        middle, half = self.shape.plate
        quarter = half / 2
        corners = (
            (-half, middle + quarter),
            (half, middle + quarter),
            (half, middle - quarter),
            (-half, middle - quarter),
        )
        return self.frame.pixels(corners)

    def lamps(self) -> tuple[Mask, Mask]:
        """Masks of both lamps."""
        right = self.shape.lamp
        return self._area(rounded(right, tension=0.3)), self._area(
            rounded([(-x, y) for x, y in right], tension=0.3)
        )

    def _area(self, points: Sequence[Point], soft: float = 0.0) -> Mask:
        return area(self.canvas.shape, self.frame.pixels(points), soft * self.frame.scale)

    def _line(self, points: Sequence[Point], width: float, soft: float = 0.0) -> Mask:
        return stroke(
            self.canvas.shape, self.frame.pixels(points), width * self.frame.scale, soft * self.frame.scale
        )

    def _shadow(self) -> None:
        wide = [(np.cos(a) * 1.12, np.sin(a) * 0.09 + 0.0) for a in np.linspace(0, 2 * np.pi, 40)]
        shade(self.canvas, self._area(wide, 0.07), 0.22)
        low = self.shape.lower[0][1]
        hull = [(-0.86, low * 0.55), (0.86, low * 0.55), (0.9, low + 0.15), (-0.9, low + 0.15)]
        paint(self.canvas, self._area(hull, 0.02), (0.03, 0.03, 0.032))
        axle = self._line([(-0.7, low * 0.62), (0, low * 0.5), (0.7, low * 0.62)], 0.035, 0.006)
        paint(self.canvas, axle, (0.075, 0.075, 0.08))

    def _tires(self) -> None:
        for side in (-1, 1):
            outline = [(0.66, 0.0), (0.9, 0.0), (0.93, 0.06), (0.93, 0.5), (0.64, 0.5), (0.64, 0.05)]
            paint(self.canvas, self._area([(side * x, y) for x, y in outline], 0.006), RUBBER)
            paint(
                self.canvas,
                self._line([(side * 0.7, 0.12), (side * 0.88, 0.12)], 0.012, 0.01),
                (0.12, 0.12, 0.12),
                0.6,
            )

    def _mirrors(self) -> None:
        height = self.shape.creases[-1] + 0.14 if self.vehicle.rear else self.shape.window[0][1] + 0.06
        inner = 0.72 if self.vehicle.style == "sedan" else 0.84
        for side in (-1, 1):
            outline = [
                (side * x, height + y)
                for x, y in ((inner, -0.02), (1.04, -0.03), (1.08, 0.03), (1.04, 0.09), (0.96, 0.09))
            ]
            paint(self.canvas, self._area(rounded(outline, tension=0.3)), scaled(self.paint, 0.55))
            glow(self.canvas, self._area([(x, y + 0.05) for x, y in outline[1:4]], 0.02), self.sky, 0.06)

    def _body(self) -> None:
        upper = self._area(rounded(mirrored(self.shape.upper), tension=0.35))
        lower = self._area(rounded(mirrored(self.shape.lower), tension=0.35))
        self._coat(upper, 0.82)
        self._coat(lower, 1.0)

    def _coat(self, mask: Mask, level: float) -> None:
        """Paint with the sky mirrored in its upper surfaces, and darker towards the sides and the road."""
        shape = self.shape
        top, low = shape.upper[-1][1], shape.lower[0][1]
        waist = shape.creases[-1]
        heights = [
            low,
            low + 0.1,
            shape.bumper - 0.03,
            shape.bumper + 0.02,
            waist - 0.04,
            waist + 0.02,
            waist + 0.08,
            top,
        ]
        light = [0.34, 0.52, 0.72, 0.6, 0.98, 1.22, 1.05, 1.12]
        mirror = [0.0, 0.02, 0.08, 0.03, 0.12, 0.34, 0.18, 0.3]

        def by_y(values: Sequence[float]) -> Mask:
            return field(
                self.canvas.shape, self.frame, lambda _, y: np.interp(y, heights, values).astype(np.float32)
            )

        sides = field(self.canvas.shape, self.frame, lambda x, _: 1 - 0.42 * np.clip(np.abs(x), 0, 1.1) ** 3)
        tone = (by_y(light) * sides * level)[..., np.newaxis] * np.asarray(self.paint, dtype=np.float32)
        sky = by_y(mirror)[..., np.newaxis] * np.asarray(self.sky, dtype=np.float32) * sides[..., np.newaxis]
        paint(self.canvas, mask, np.clip(tone + sky * 0.75, 0, 1).astype(np.float32))

    def _glass(self) -> None:
        window = self._area(rounded(mirrored(self.shape.window), tension=0.25))
        paint(self.canvas, self._area(rounded(mirrored(self.shape.window), tension=0.25), 0.012), TRIM, 0.7)
        bottom, top = self.shape.window[0][1], self.shape.window[-1][1]
        share = field(
            self.canvas.shape, self.frame, lambda _, y: np.clip((y - bottom) / (top - bottom), 0, 1)
        )
        reflected = np.asarray(mixed(GLASS, self.sky, 0.55), dtype=np.float32)
        dark = np.asarray(GLASS, dtype=np.float32)
        paint(self.canvas, window, dark + (reflected - dark) * (share**1.6)[..., np.newaxis])
        for x in (-0.36, 0.36):
            rest = rounded(
                [(x - 0.13, bottom), (x + 0.13, bottom), (x + 0.12, bottom + 0.16), (x - 0.12, bottom + 0.16)]
            )
            paint(self.canvas, self._area(rest, 0.012) * window, (0.03, 0.03, 0.035), 0.8)
        streak = self._area([(-0.5, bottom), (-0.28, bottom), (0.12, top), (-0.1, top)], 0.03) * window
        glow(self.canvas, streak, self.sky, 0.09)

    def _seams(self) -> None:
        gate, waist = self.shape.gate, self.shape.creases[-1]
        dark = scaled(self.paint, 0.35)
        for height in self.shape.creases:
            reach = 0.97 if height != waist else 0.9
            paint(
                self.canvas,
                self._line([(-reach, height), (0, height + 0.012), (reach, height)], 0.007, 0.003),
                dark,
                0.8,
            )
            below = self._line(
                [(-reach, height - 0.016), (0, height - 0.004), (reach, height - 0.016)], 0.008, 0.005
            )
            glow(self.canvas, below, self.sky, 0.08)
        if gate:
            for side in (-1, 1):
                cut = [(side * gate, self.shape.bumper), (side * (gate + 0.02), waist + 0.06)]
                paint(self.canvas, self._line(cut, 0.007, 0.003), dark, 0.75)

    def _rear_lamps(self) -> None:
        for mask in self.lamps():
            paint(self.canvas, mask, LAMP)
        for side in (-1, 1):
            points = [(side * x, y) for x, y in self.shape.lamp]
            center = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
            inner = [
                (center[0] + (x - center[0]) * 0.72, center[1] + (y - center[1]) * 0.62) for x, y in points
            ]
            paint(self.canvas, self._area(rounded(inner, tension=0.3), 0.008), (0.80, 0.10, 0.08), 0.8)
            core = [
                (center[0] + (x - center[0]) * 0.34, center[1] + (y - center[1]) * 0.26 - 0.02)
                for x, y in points
            ]
            paint(self.canvas, self._area(rounded(core, tension=0.3), 0.006), (0.92, 0.88, 0.85), 0.75)
            edge = [*points, points[0]]
            paint(self.canvas, self._line(edge, 0.006, 0.002), scaled(self.paint, 0.3), 0.7)

    def _head_lamps(self) -> None:
        for side, mask in zip((1, -1), self.lamps(), strict=True):
            paint(self.canvas, mask, (0.32, 0.34, 0.36))
            points = [(side * x, y) for x, y in self.shape.lamp]
            center = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
            inner = [
                (center[0] + (x - center[0]) * 0.75, center[1] + (y - center[1]) * 0.6) for x, y in points
            ]
            paint(self.canvas, self._area(rounded(inner, tension=0.3), 0.008), (0.82, 0.86, 0.9), 0.85)
            for shift in (-0.09, 0.08):
                spot = [
                    (center[0] + shift + 0.045 * np.cos(a), center[1] + 0.045 * np.sin(a))
                    for a in np.linspace(0, 6.28, 24)
                ]
                paint(self.canvas, self._area(spot, 0.004) * mask, (0.97, 0.98, 1.0), 0.9)

    def _grille(self) -> None:
        low, high = self.shape.bumper + 0.04, self.shape.lamp[0][1] + 0.1
        outline = rounded(
            mirrored([(0, low), (0.42, low), (0.5, (low + high) / 2), (0.46, high), (0, high)]), tension=0.2
        )
        mask = self._area(outline)
        paint(self.canvas, mask, (0.05, 0.05, 0.055))
        for height in np.linspace(low + 0.03, high - 0.03, 5):
            paint(
                self.canvas,
                self._line([(-0.46, height), (0.46, height)], 0.011) * mask,
                (0.36, 0.37, 0.38),
                0.8,
            )
        paint(self.canvas, self._line([*outline, outline[0]], 0.012, 0.002), CHROME, 0.8)
        emblem = [(0.07 * np.cos(a), (low + high) / 2 + 0.055 * np.sin(a)) for a in np.linspace(0, 6.28, 30)]
        paint(self.canvas, self._area(emblem), CHROME, 0.9)

    def _bumper(self) -> None:
        low = self.shape.lower[0][1]
        if self.vehicle.style == "pickup":
            outline = rounded(
                mirrored([(0, low), (0.9, low), (0.98, low + 0.04), (0.98, 0.68), (0, 0.68)]), tension=0.15
            )
            metal = by_height(self.canvas.shape, [(0, CHROME), (1, CHROME)])
            tone = field(
                self.canvas.shape,
                self.frame,
                lambda _, y: np.interp(y, (low, 0.5, 0.54, 0.66), (0.35, 0.62, 1.0, 0.8)),
            )
            paint(self.canvas, self._area(outline), (metal * tone[..., np.newaxis]).astype(np.float32))
        else:
            strip = rounded(
                mirrored([(0, low), (0.74, low), (0.84, low + 0.06), (0.8, low + 0.13), (0, low + 0.14)]),
                tension=0.2,
            )
            paint(self.canvas, self._area(strip, 0.004), TRIM, 0.92)
        if self.vehicle.rear and self.vehicle.style != "pickup":
            for side in (-1, 1):
                reflector = [
                    (side * 0.7, low + 0.2),
                    (side * 0.88, low + 0.21),
                    (side * 0.88, low + 0.235),
                    (side * 0.7, low + 0.225),
                ]
                paint(self.canvas, self._area(reflector), (0.6, 0.06, 0.05))
                pipe = [
                    (side * 0.58 + 0.06 * np.cos(a), low + 0.04 + 0.035 * np.sin(a))
                    for a in np.linspace(0, 6.28, 24)
                ]
                paint(self.canvas, self._area(pipe), CHROME, 0.85)
                paint(
                    self.canvas,
                    self._area([(side * 0.58 + (x - side * 0.58) * 0.7, y) for x, y in pipe]),
                    (0.03, 0.03, 0.03),
                )

    def _recess(self) -> None:
        """The hollow around the plate, the frame, and a maker's emblem above it."""
        middle, half = self.shape.plate
        around = half * 1.5, half * 0.72
        hollow = rounded(
            mirrored(
                [
                    (0, middle - around[1]),
                    (around[0], middle - around[1]),
                    (around[0] * 0.94, middle + around[1]),
                    (0, middle + around[1]),
                ]
            ),
            tension=0.15,
        )
        shade(self.canvas, self._area(hollow, 0.01), 0.55 if self.vehicle.color != "black" else 0.8)
        frame = mirrored(
            [
                (0, middle - half * 0.56),
                (half * 1.06, middle - half * 0.56),
                (half * 1.06, middle + half * 0.56),
                (0, middle + half * 0.56),
            ]
        )
        paint(
            self.canvas,
            self._area(frame, 0.003),
            self.chance.choice(((0.05, 0.05, 0.05), (0.05, 0.05, 0.05), (0.55, 0.56, 0.58))),
        )
        if self.vehicle.rear:
            height = (
                max(self.shape.creases[-1] + 0.055, middle + 0.3) if self.vehicle.style != "pickup" else 1.0
            )
            emblem = [(0.06 * np.cos(a), height + 0.042 * np.sin(a)) for a in np.linspace(0, 6.28, 30)]
            paint(self.canvas, self._area(emblem, 0.002), CHROME, 0.9)
            paint(
                self.canvas,
                self._area([(x * 0.62, height + (y - height) * 0.5) for x, y in emblem], 0.003),
                TRIM,
                0.7,
            )
