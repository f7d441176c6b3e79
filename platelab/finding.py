"""From a detector's cells to plates found, and how well they fit the plates that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from platelab.cells import Corners
from platelab.grounds import Gray
from platelab.scoring import Share

FIRST: Final = 0.4
"""Score from which a cell counts; an exported network brings its own in its metadata."""
SAME: Final = 0.3
"""Overlap (intersection over union) from which two cells found the same plate."""
FOUND: Final = 0.5
"""Overlap from which a plate counts as found."""
MULTIPLE: Final = 64
BEYOND: Final = 114
"""Level of what fills a picture up to a multiple of MULTIPLE pixels."""


class Looks(Protocol):
    """A detector: scores (cells) and corners (cells × 4 × 2) of a picture whose sides are multiples of 64."""

    def __call__(self, picture: Gray) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A plate found, in pixels of the picture."""

    corners: Corners
    score: float


def plates_in(picture: Gray, looks: Looks, longest: int, least: float = FIRST) -> list[Found]:
    """Plates, the surest first; the picture is looked at with its longer side at `longest` pixels at most."""
    share = min(1.0, longest / max(picture.shape))
    seen = (
        cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else picture
    )
    scores, corners = looks(filled_up(np.asarray(seen, np.uint8)))
    scale = np.array([picture.shape[1] / seen.shape[1], picture.shape[0] / seen.shape[0]], np.float32)
    return [Found(one.corners * scale, one.score) for one in chosen(scores, corners, least)]


def filled_up(picture: Gray) -> Gray:
    """With more rows below and columns to the right, up to multiples of 64."""
    down, right = (-side % MULTIPLE for side in picture.shape)
    filled = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_CONSTANT, value=BEYOND)
    return np.asarray(filled, np.uint8)


def chosen(scores: NDArray[np.float32], corners: NDArray[np.float32], least: float) -> list[Found]:
    """The surest cell of each plate; its corners are the mean of all cells that found the same plate."""
    sure = np.flatnonzero(scores >= least)
    left = list(sure[np.argsort(-scores[sure], kind="stable")][:300])
    found: list[Found] = []
    while left:
        first, *rest = left
        same = [cell for cell in rest if overlap(corners[first], corners[cell]) > SAME]
        group = [first, *(cell for cell in same if scores[cell] > 0.6 * scores[first])]
        mean = np.average(corners[group], axis=0, weights=scores[group])
        found.append(Found(np.asarray(mean, np.float32), float(scores[first])))
        taken = set(same)
        left = [cell for cell in rest if cell not in taken]
    return found


def overlap(one: Corners, other: Corners) -> float:
    """Shared area by joined area of two convex quadrangles, 0 to 1."""
    shared, _ = cv2.intersectConvexConvex(np.ascontiguousarray(one), np.ascontiguousarray(other))
    joined = cv2.contourArea(one) + cv2.contourArea(other) - shared
    return float(shared / joined) if joined > 1e-6 else 0.0


def boxed(corners: Corners) -> Corners:
    """The upright box around some corners, as corners."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def corner_error(found: Corners, known: Corners) -> float:
    """Distance of the worst corner, in heights of the known plate."""
    left, right = np.linalg.norm(known[3] - known[0]), np.linalg.norm(known[2] - known[1])
    return float(np.linalg.norm(found - known, axis=1).max() / max(1e-3, (left + right) / 2))


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of one known plate; `error` is that of `corner_error`, None where it is not known."""

    width: float
    overlap: float
    error: float | None

    @property
    def found(self) -> bool:
        return self.overlap >= FOUND


def matched(
    found: Sequence[Found], known: Sequence[Corners], *, exact: bool
) -> tuple[list[Seen], list[Found]]:
    """What was found of each known plate, and what was found where none is known.

    `exact`: the known corners are the plates' own, not those of upright boxes.
    """
    left = list(found)
    seen = []
    for corners in known:
        fits = [overlap(one.corners if exact else boxed(one.corners), corners) for one in left]
        best = int(np.argmax(fits)) if fits else -1
        width = float(np.linalg.norm(corners[1] - corners[0]))
        if best < 0 or fits[best] < FOUND:
            seen.append(Seen(width, max(fits, default=0.0), None))
            continue
        one = left.pop(best)
        seen.append(Seen(width, fits[best], corner_error(one.corners, corners) if exact else None))
    return seen, left


def shares(seen: Sequence[Seen], more: int) -> Mapping[str, Share]:
    """Recall and precision, given the number of finds where no plate is known."""
    hits = sum(one.found for one in seen)
    return {"recall": Share(hits, len(seen)), "precision": Share(hits, hits + more)}
