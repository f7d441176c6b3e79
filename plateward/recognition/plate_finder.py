"""Finding whole plates with our own network (`platelab/README.md`): their corners, and how surely."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from plateward.recognition.geometry import Picture, Quad, overlap
from plateward.recognition.interfaces import Place
from plateward.recognition.models import PLATE_DETECTION, open_session

MULTIPLE = 64
BEYOND = 114
"""Gray of what fills a picture up to a multiple of MULTIPLE pixels."""
SAME_PLATE = 0.3
"""Overlap (shared by joined area) from which two cells mean the same plate."""
KINDRED = 0.6
"""Cells at least so sure, by the surest one, share in the corners."""
MOST_CELLS = 300

SMALL_SIDE = 320
"""Longest side, in pixels, at which a picture is looked at once more for plates seen from close by."""
LARGE = 0.25
"""Width, as a share of the longest side, from which a plate is one of those."""
PART = 0.5
"""Overlap from which a smaller place is a part of a large plate."""

Gray: TypeAlias = NDArray[np.uint8]
"""Height × width."""

Corners: TypeAlias = NDArray[np.float32]
"""Cells × 4 × 2 pixels: top left, top right, bottom right, bottom left of the plate as printed."""


class OwnDetector:
    """The `PlateFinder` on ONNX Runtime."""

    def __init__(self, threads: int) -> None:
        self._session: Any = open_session(PLATE_DETECTION, threads)
        self._threshold = float(self._session.get_modelmeta().custom_metadata_map["threshold"])

    def find(self, picture: Picture, longest_side: int) -> list[Place]:
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        near = self._large(gray) if longest_side > SMALL_SIDE else []
        far = [
            place
            for place in self._look(gray, longest_side)
            if all(overlap(place.quad, large.quad) < PART for large in near)
        ]
        return sorted([*near, *far], key=lambda place: -place.score)

    def _large(self, gray: Gray) -> list[Place]:
        """Plates that fill a good part of the picture; looked at large they would fall into pieces."""
        least = LARGE * max(gray.shape)
        return [place for place in self._look(gray, SMALL_SIDE) if place.quad.width >= least]

    def _look(self, gray: Gray, longest_side: int) -> list[Place]:
        height, width = gray.shape
        share = longest_side / max(height, width)
        seen: Gray = gray
        if share != 1:
            way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
            size = max(1, round(width * share)), max(1, round(height * share))
            seen = np.asarray(cv2.resize(gray, size, None, 0, 0, way), dtype=np.uint8)
        scale = np.array([width / seen.shape[1], height / seen.shape[0]], dtype=np.float32)
        down, right = (-side % MULTIPLE for side in seen.shape)
        filled = cv2.copyMakeBorder(seen, 0, down, 0, right, cv2.BORDER_CONSTANT, value=BEYOND)
        scores, corners = self._session.run(None, {"pictures": filled[np.newaxis, np.newaxis]})
        return [
            Place(Quad(place.quad.corners * scale), place.score)
            for place in places_in(scores[0], corners[0], self._threshold)
        ]


def places_in(scores: NDArray[np.float32], corners: Corners, threshold: float) -> list[Place]:
    """One place for each plate, the surest first: the mean of the cells that mean the same one."""
    sure = np.flatnonzero(scores >= threshold)
    left: Sequence[int] = sure[np.argsort(-scores[sure], kind="stable")][:MOST_CELLS].tolist()
    places: list[Place] = []
    while left:
        first, *rest = left
        same = [cell for cell in rest if _shared(corners[first], corners[cell]) > SAME_PLATE]
        group = [first, *(cell for cell in same if scores[cell] > KINDRED * scores[first])]
        mean = np.average(corners[group], axis=0, weights=scores[group])
        places.append(Place(Quad(mean.astype(np.float32)), float(scores[first])))
        left = [cell for cell in rest if cell not in same]
    return places


def _shared(one: Corners, other: Corners) -> float:
    """Shared area by joined area, 0 to 1."""
    shared, _ = cv2.intersectConvexConvex(one, other)
    joined = cv2.contourArea(one) + cv2.contourArea(other) - shared
    return float(shared / joined) if joined > 0 else 0.0
