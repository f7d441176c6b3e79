"""Pictures with known plates to measure a detector on: labeled and held-out photographs, drawn scenes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from platelab.cells import Corners
from platelab.grounds import Gray, Ground, parted, photographs, quad_of
from platelab.scenery import Stock, scene


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A gray picture, its plates, and whether their corners are exact; `texts` of them where known."""

    name: str
    picture: Gray
    plates: tuple[Corners, ...]
    exact: bool
    texts: tuple[str, ...] = ()


def of_labels(folder: Path) -> Iterator[Known]:
    """Photographs of a folder with `labels.csv`, where each has one labeled plate with its box.

    Raises:
        FileNotFoundError: a picture that the labels name cannot be read.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            picture = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                raise FileNotFoundError(f"{folder / row['file']} is named in labels.csv but cannot be read.")
            box = quad_of(*(float(row[key]) for key in ("x", "y", "w", "h")))
            yield Known(
                row["file"], np.asarray(picture, np.uint8), (box,), exact=False, texts=(row["plate"],)
            )


def of_boxes(folder: Path) -> Iterator[Known]:
    """The photographs of a training folder that are held out from training."""
    for ground in parted(photographs(folder))[1]:
        yield _of_ground(ground)


def _of_ground(ground: Ground) -> Known:
    return Known(ground.name, ground.picture, tuple(ground.plates), exact=False)


def of_scenes(stock: Stock, count: int, seed: int, size: tuple[int, int]) -> Iterator[Known]:
    """Drawn scenes on held-out grounds whose plates all have exact corners."""
    number = 0
    while count:
        drawn = scene(seed, number, size, stock)
        number += 1
        asked = [one for one in drawn.targets if one.asked]
        if asked and len(asked) == len(drawn.targets) and all(one.exact for one in asked):
            count -= 1
            yield Known(f"scene-{number}", drawn.picture, tuple(one.corners for one in asked), exact=True)
