"""The sheet being pressed."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from platelab.drawing import Mask


@dataclass(frozen=True, slots=True)
class Look:
    """Levels, 0 (black) to 1 (white), and how much of the picture behind the characters shows."""

    sheet: float
    ink: float
    picture: float
    relief: float


@dataclass
class Bench:
    """What is being pressed: the sheet so far, and the mask of its characters."""

    sheet: Mask
    ink: Mask
    look: Look
    chance: random.Random

    @property
    def size(self) -> tuple[int, int]:
        return self.sheet.shape[1], self.sheet.shape[0]

    def some(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def blend(self, mask: Mask, value: float, strength: float = 1.0) -> None:
        """Bring the masked part of the sheet to one level."""
        self.sheet += mask * ((value - self.sheet) * np.float32(strength))
