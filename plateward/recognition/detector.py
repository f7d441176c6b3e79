"""Finding lines of text with PP-OCRv6's detector: a map of text probability, cut into turned boxes.

The network is a differentiable binarization detector (Liao et al. 2020, "Real-time Scene Text Detection with
Differentiable Binarization"): it paints shrunken text areas, which are then grown back.
"""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from plateward.recognition.geometry import Picture, Quad
from plateward.recognition.models import TEXT_DETECTION, open_session

STRIDE = 32
INK = 0.25
"""Probability from which a pixel counts as text."""
CERTAIN = 0.4
"""Mean probability a box must reach."""
GROWTH = 1.6
"""A shrunken area is grown back by area × GROWTH ÷ perimeter on each side, as the network was trained."""
SMALLEST_SIDE = 2.0

ProbabilityMap: TypeAlias = NDArray[np.float32]


class TextDetector:
    """The `Detector` on ONNX Runtime."""

    def __init__(self, threads: int) -> None:
        self._session: Any = open_session(TEXT_DETECTION, threads)

    def detect(self, picture: Picture, longest_side: int) -> list[Quad]:
        height, width = picture.shape[:2]
        share = longest_side / max(height, width)
        columns, rows = _in_strides(width * share), _in_strides(height * share)
        shrinking = columns * rows < width * height
        resized = cv2.resize(
            picture, (columns, rows), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        )
        blob = (resized.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[np.newaxis]
        text_map = self._session.run(None, {"x": np.ascontiguousarray(blob)})[0][0, 0]
        scale = np.array([width / columns, height / rows], dtype=np.float32)
        return [Quad.from_points(corners * scale) for corners in boxes_in(text_map)]


def boxes_in(text_map: ProbabilityMap) -> list[NDArray[np.float32]]:
    """Corners (4 × 2, in map pixels) of every text area in a rows × columns map of probabilities."""
    ink = cv2.dilate((text_map > INK).astype(np.uint8), np.ones((2, 2), dtype=np.uint8))
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for outline in outlines:
        center, (width, height), angle = cv2.minAreaRect(outline)
        if min(width, height) < SMALLEST_SIDE:
            continue
        corners = np.asarray(cv2.boxPoints((center, (width, height), angle)), np.float32)
        if _mean_inside(text_map, corners) < CERTAIN:
            continue
        growth = width * height * GROWTH / (width + height)
        boxes.append(
            np.asarray(cv2.boxPoints((center, (width + growth, height + growth), angle)), np.float32)
        )
    return boxes


def _mean_inside(text_map: ProbabilityMap, corners: NDArray[np.float32]) -> float:
    x, y, width, height = cv2.boundingRect(corners)
    x, y = max(0, x), max(0, y)
    window = text_map[y : y + height, x : x + width]
    mask = np.zeros(window.shape, dtype=np.uint8)
    cv2.fillPoly(mask, [np.rint(corners - (x, y)).astype(np.int32)], 1)
    return float(cv2.mean(window, mask)[0])


def _in_strides(length: float) -> int:
    return max(STRIDE, round(length / STRIDE) * STRIDE)
