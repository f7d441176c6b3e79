"""Reading whole plates with our own network (`platelab/README.md`): its characters, and who issued it."""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from plateward.recognition.geometry import Picture, Quad, cut_to
from plateward.recognition.interfaces import Look
from plateward.recognition.models import PLATE_READING, open_session

WIDTH, HEIGHT = 128, 48
KEPT_REGIONS = 5
"""Likeliest regions that a look keeps."""

Scores: TypeAlias = NDArray[np.float32]


class OwnReader:
    """The `PlateReader` on ONNX Runtime."""

    def __init__(self, threads: int) -> None:
        self._session: Any = open_session(PLATE_READING, threads)
        facts = self._session.get_modelmeta().custom_metadata_map
        self._regions: tuple[str, ...] = tuple(json.loads(facts["regions"]))

    def look(self, picture: Picture, plates: Sequence[Quad]) -> list[Look]:
        """Each plate is brought to the network's own size and gray, whatever its size and place."""
        if not plates:
            return []
        crops = np.stack([_gray(cut_to(picture, plate, WIDTH, HEIGHT)) for plate in plates])
        columns, regions = self._session.run(None, {"pictures": crops[:, np.newaxis].astype(np.float32)})
        return [
            Look(np.exp(steps), self._likeliest(scores))
            for steps, scores in zip(columns, regions, strict=True)
        ]

    def _likeliest(self, scores: Scores) -> tuple[tuple[str, float], ...]:
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        best = np.argsort(-shares)[:KEPT_REGIONS]
        return tuple((self._regions[index], float(shares[index])) for index in best)


def _gray(crop: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
