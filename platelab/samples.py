"""Endless labeled cut-outs for the reader: number `n` of seed `s` is always the same picture.

    python -m platelab.samples --out sheet.png --faces DIR

draws a sheet of them for looking at.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.camera import HEIGHT, WIDTH, photograph
from platelab.faces import Faces, load_faces
from platelab.inscriptions import inscription
from platelab.press import press

EASY_UNTIL = 120_000
"""Crops start easy, so that the network finds out what characters are; from here on any may be hard."""
LEAST_HARDNESS = 0.2
"""Of the easiest crops then: more of what nobody could read teaches nothing."""
DEFAULT_FOLDERS = (Path("/usr/share/fonts/truetype/roadgeek"),)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A cut-out (HEIGHT × WIDTH gray) with the text on it and who issued the plate."""

    picture: NDArray[np.uint8]
    text: str
    region: str


def sample(seed: int, number: int, faces: Faces) -> Sample:
    """One of the endless row."""
    chance = random.Random(f"{seed}/{number}")
    sign = inscription(chance)
    most = min(1.0, 0.15 + 0.85 * number / EASY_UNTIL)
    return Sample(
        photograph(press(sign, faces, chance), chance, most * chance.uniform(LEAST_HARDNESS, 1)),
        sign.text,
        sign.region,
    )


def sheet(shown: Iterable[tuple[NDArray[np.uint8], str]], columns: int = 12) -> NDArray[np.uint8]:
    """Pictures in a grid, each with a line of words below."""
    cells = [_cell(picture, words) for picture, words in shown]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)])


def _cell(picture: NDArray[np.uint8], words: str) -> NDArray[np.uint8]:
    cell = np.full((HEIGHT + 18, WIDTH + 4), 255, dtype=np.uint8)
    cell[:HEIGHT, :WIDTH] = picture
    cv2.putText(cell, words, (2, HEIGHT + 13), cv2.FONT_HERSHEY_SIMPLEX, 0.38, 0, 1, cv2.LINE_AA)
    return cell


def faces_of(folders: Sequence[Path]) -> Faces:
    """Faces of the folders given, and of the place Debian's package puts them."""
    return load_faces((*DEFAULT_FOLDERS, *folders))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a sheet."""
    parser = argparse.ArgumentParser(prog="python -m platelab.samples", description="Draw training cut-outs.")
    parser.add_argument("--out", type=Path, required=True, help="picture to write")
    parser.add_argument("--count", type=int, default=96, help="number of cut-outs (96)")
    parser.add_argument(
        "--first", type=int, default=EASY_UNTIL, help="number of the first (the hardest begin there)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same cut-outs (1)")
    parser.add_argument("--faces", type=Path, action="append", default=[], help="folder with fonts")
    chosen = parser.parse_args(arguments)
    faces = faces_of(chosen.faces)
    drawn = (
        sample(chosen.seed, number, faces) for number in range(chosen.first, chosen.first + chosen.count)
    )
    cv2.imwrite(str(chosen.out), sheet((one.picture, f"{one.text} {one.region}") for one in drawn))


if __name__ == "__main__":
    main()
