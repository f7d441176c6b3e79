"""What a photograph shows, what a system said, and whether that is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from plateward.plates import normalize, plausible
from plateward.recognition.pictures import open_picture
from plateward.recognition.video import sharpness

FOLDED = str.maketrans("OQI", "001")
Z_95 = 1.959964
DARK, FLAT, BLURRED = 70.0, 28.0, 0.42
"""Mean and deviation of a plate's gray values, and `sharpness`, below which it counts as such."""
SHORTEST, LONGEST = 4, 8

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Case:
    """A labelled photograph; `box` is x, y, width, height, None where the whole photograph is the plate."""

    path: Path
    plate: str
    box: Box | None

    @classmethod
    def of(cls, folder: Path, row: Mapping[str, str]) -> Case:
        box = (int(row["x"]), int(row["y"]), int(row["w"]), int(row["h"])) if row.get("x") else None
        return cls(folder / row["file"], normalize(row["plate"]), box)

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Of the plate, by its pixels: small by `width`, dark, flat, blurred."""
        return frozenset(
            name
            for name, value, limit in (
                ("dark", self._gray.mean(), DARK),
                ("flat", self._gray.std(), FLAT),
                ("blurred", self._sharpness, BLURRED),
            )
            if value < limit
        )

    @cached_property
    def width(self) -> int:
        """Of the plate, in pixels."""
        return self.box[2] if self.box else int(self._crop.shape[1])

    @cached_property
    def _crop(self) -> Any:
        picture = open_picture(self.path)
        x, y, width, height = self.box or (0, 0, picture.shape[1], picture.shape[0])
        return picture[max(0, y) : y + height, max(0, x) : x + width]

    @cached_property
    def _gray(self) -> Any:
        return cv2.cvtColor(self._crop, cv2.COLOR_BGR2GRAY).astype(np.float32)

    @cached_property
    def _sharpness(self) -> float:
        return sharpness(self._crop)


@dataclass(frozen=True)
class Outcome:
    """What one system said of one photograph; `confidences` of the characters, where it gives them."""

    case: Case
    text: str
    confidence: float
    alternatives: tuple[str, ...]
    confidences: tuple[float, ...]
    found: bool
    processor_ms: float
    peak_mib: float

    @property
    def strict(self) -> bool:
        return self.text == self.case.plate

    @property
    def folded(self) -> bool:
        return fold(self.text) == fold(self.case.plate)

    @property
    def among(self) -> bool:
        """The label is the text or an alternative, folded."""
        return fold(self.case.plate) in map(fold, (self.text, *self.alternatives))


def fold(text: str) -> str:
    """What labels without the letter O, and people, confuse."""
    return text.translate(FOLDED)


def judged(case: Case, said: Mapping[str, Any]) -> Outcome:
    """Compare an answer of the worker with the label."""
    plates = said["plates"] if "plates" in said else picked(said["lines"])
    first = plates[0] if plates else {"text": "", "confidence": 0.0, "box": None}
    others = first.get("alternatives", ())
    same = sum(other["confidence"] for other in others if fold(other["text"]) == fold(first["text"]))
    return Outcome(
        case, first["text"], min(1.0, first["confidence"] + same), tuple(other["text"] for other in others),
        tuple(char["confidence"] for char in first.get("characters", ())),
        bool(plates) and _on_plate(case, first["box"]["corners"]),
        said["processor_ms"], said["peak_mib"],
    )  # fmt: skip


def picked(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The likeliest plate among a text reader's lines: by length, serial formats, digits and confidence."""
    scored = []
    for line in lines:
        text = normalize(line["text"])
        if SHORTEST <= len(text) <= LONGEST:
            fits = max((match.score for match in plausible(text) if not match.changes), default=0.0)
            digits = any(char.isdigit() for char in text)
            scored.append((fits + digits + line["confidence"], text, line))
    scored.sort(key=lambda each: -each[0])
    return [
        {"text": text, "confidence": line["confidence"], "box": {"corners": line["corners"]}}
        for _, text, line in scored
    ]


def _on_plate(case: Case, corners: Sequence[Sequence[float]]) -> bool:
    """The middle of what was read lies on the labelled plate."""
    if case.box is None:
        return True
    x, y, width, height = case.box
    middle_x, middle_y = np.mean(np.asarray(corners, dtype=np.float64), axis=0)
    return bool(x <= middle_x <= x + width and y <= middle_y <= y + height)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Score interval at 95 % (Wilson 1927)."""
    share, z2 = hits / count, Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return middle - half, middle + half
