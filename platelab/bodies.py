"""Body styles and paints of vehicles, in units of half their width; the ground is y = 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platelab.drawing import Color, Point

COLORS: Mapping[str, Color] = {
    "white": (0.90, 0.91, 0.92),
    "silver": (0.66, 0.68, 0.70),
    "gray": (0.36, 0.37, 0.39),
    "black": (0.09, 0.09, 0.10),
    "blue": (0.10, 0.22, 0.48),
    "red": (0.60, 0.07, 0.08),
    "green": (0.10, 0.28, 0.20),
    "gold": (0.66, 0.58, 0.42),
}


@dataclass(frozen=True)
class Shape:
    """A body style seen from one end; outlines are right halves from bottom to top."""

    lower: tuple[Point, ...]
    upper: tuple[Point, ...]
    window: tuple[Point, ...]
    lamp: tuple[Point, ...]
    creases: tuple[float, ...]
    bumper: float
    gate: float
    plate: Point
    """Height of the plate's center and half of its width."""


_SEDAN_LOWER = (
    (0, 0.24),
    (0.78, 0.24),
    (0.93, 0.31),
    (0.97, 0.5),
    (1.0, 0.74),
    (0.985, 0.92),
    (0.92, 1.06),
    (0.8, 1.12),
    (0, 1.15),
)
_TALL_LOWER = (
    (0, 0.3),
    (0.8, 0.3),
    (0.94, 0.38),
    (0.975, 0.6),
    (1.0, 0.85),
    (0.985, 1.1),
    (0.95, 1.22),
    (0.88, 1.27),
    (0, 1.29),
)

REAR: Mapping[str, Shape] = {
    "sedan": Shape(
        lower=_SEDAN_LOWER,
        upper=((0, 1.08), (0.84, 1.08), (0.77, 1.22), (0.66, 1.42), (0.56, 1.53), (0.4, 1.58), (0, 1.6)),
        window=((0, 1.15), (0.7, 1.14), (0.6, 1.36), (0.53, 1.46), (0.36, 1.51), (0, 1.52)),
        lamp=((0.56, 0.83), (0.95, 0.8), (0.985, 0.9), (0.94, 1.0), (0.62, 0.97)),
        creases=(0.63, 1.02),
        bumper=0.63,
        gate=0.6,
        plate=(0.83, 0.215),
    ),
    "suv": Shape(
        lower=_TALL_LOWER,
        upper=((0, 1.2), (0.93, 1.2), (0.88, 1.5), (0.82, 1.78), (0.74, 1.9), (0.55, 1.95), (0, 1.97)),
        window=((0, 1.3), (0.76, 1.3), (0.71, 1.6), (0.66, 1.75), (0.45, 1.81), (0, 1.82)),
        lamp=((0.8, 0.98), (0.97, 0.96), (0.985, 1.1), (0.945, 1.42), (0.88, 1.5), (0.855, 1.3)),
        creases=(0.7, 1.24),
        bumper=0.7,
        gate=0.8,
        plate=(0.98, 0.215),
    ),
    "pickup": Shape(
        lower=(
            (0, 0.34),
            (0.82, 0.34),
            (0.95, 0.42),
            (0.98, 0.7),
            (1.0, 0.95),
            (0.985, 1.22),
            (0.95, 1.3),
            (0, 1.32),
        ),
        upper=((0, 1.28), (0.86, 1.28), (0.82, 1.5), (0.75, 1.8), (0.66, 1.92), (0.5, 1.96), (0, 1.97)),
        window=((0, 1.38), (0.74, 1.38), (0.68, 1.66), (0.63, 1.79), (0.44, 1.84), (0, 1.85)),
        lamp=((0.86, 0.8), (0.97, 0.79), (0.985, 0.95), (0.965, 1.2), (0.87, 1.2)),
        creases=(0.72, 1.24),
        bumper=0.68,
        gate=0.84,
        plate=(0.55, 0.215),
    ),
}
FRONT: Mapping[str, Shape] = {
    "sedan": Shape(
        lower=(
            (0, 0.2),
            (0.76, 0.2),
            (0.93, 0.27),
            (0.97, 0.45),
            (1.0, 0.66),
            (0.97, 0.84),
            (0.86, 0.96),
            (0.6, 1.02),
            (0, 1.04),
        ),
        upper=((0, 0.98), (0.86, 0.96), (0.78, 1.12), (0.66, 1.38), (0.56, 1.5), (0.38, 1.56), (0, 1.58)),
        window=((0, 1.06), (0.74, 1.02), (0.62, 1.34), (0.54, 1.44), (0.36, 1.49), (0, 1.5)),
        lamp=((0.52, 0.68), (0.9, 0.74), (0.965, 0.84), (0.86, 0.88), (0.56, 0.78)),
        creases=(0.56,),
        bumper=0.56,
        gate=0.0,
        plate=(0.43, 0.215),
    ),
    "suv": Shape(
        lower=(
            (0, 0.28),
            (0.78, 0.28),
            (0.94, 0.36),
            (0.98, 0.6),
            (1.0, 0.86),
            (0.98, 1.08),
            (0.9, 1.2),
            (0.6, 1.26),
            (0, 1.28),
        ),
        upper=((0, 1.2), (0.9, 1.18), (0.86, 1.42), (0.78, 1.72), (0.7, 1.84), (0.5, 1.9), (0, 1.92)),
        window=((0, 1.3), (0.8, 1.27), (0.72, 1.62), (0.65, 1.75), (0.45, 1.8), (0, 1.81)),
        lamp=((0.58, 0.9), (0.94, 0.94), (0.975, 1.05), (0.9, 1.11), (0.6, 1.04)),
        creases=(0.68,),
        bumper=0.68,
        gate=0.0,
        plate=(0.52, 0.215),
    ),
}


@dataclass(frozen=True)
class Vehicle:
    """What is drawn: a body style, a paint and the end that is seen."""

    style: str
    color: str
    rear: bool = True

    @property
    def shape(self) -> Shape:
        return (REAR if self.rear else FRONT)[self.style]
