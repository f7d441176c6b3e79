"""Reading upright lines with PP-OCRv6's recognizer, keeping every character's probability."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from plateward.recognition.geometry import Picture
from plateward.recognition.interfaces import ALPHABET, Emission, Strip
from plateward.recognition.models import TEXT_READING, open_session

HEIGHT = 48
NARROWEST, WIDEST = 160, 960
BATCH = 6


class TextReader:
    """The `Reader` on ONNX Runtime."""

    def __init__(self, threads: int) -> None:
        self._session: Any = open_session(TEXT_READING, threads)
        printed = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._printed = ["", *printed, " "]
        self._columns = _columns_by_character(self._printed)

    def read(self, cuts: Sequence[Picture]) -> list[Strip]:
        strips: dict[int, Strip] = {}
        # Cuts of like width share a batch, so that little of it is padding.
        by_width = sorted(range(len(cuts)), key=lambda index: cuts[index].shape[1] / cuts[index].shape[0])
        for start in range(0, len(cuts), BATCH):
            chosen = by_width[start : start + BATCH]
            strips.update(zip(chosen, self._read_batch([cuts[i] for i in chosen]), strict=True))
        return [strips[index] for index in range(len(cuts))]

    def _read_batch(self, cuts: Sequence[Picture]) -> list[Strip]:
        lines = [_at_height(cut) for cut in cuts]
        width = max(NARROWEST, *(line.shape[1] for line in lines))
        blob = np.zeros((len(lines), 3, HEIGHT, width), dtype=np.float32)
        for row, line in enumerate(lines):
            blob[row, :, :, : line.shape[1]] = (line.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
        return [self._strip(scores) for scores in self._session.run(None, {"x": blob})[0]]

    def _strip(self, scores: NDArray[np.float32]) -> Strip:
        best = scores.argmax(axis=1)
        kept = [i for i, k in enumerate(best) if k and (i == 0 or best[i - 1] != k)]
        text = "".join(self._printed[best[i]] for i in kept)
        confidence = float(np.mean([scores[i, best[i]] for i in kept])) if kept else 0.0
        return Strip(text, confidence, _reduced(scores, self._columns))


def _columns_by_character(printed: Sequence[str]) -> list[NDArray[np.intp]]:
    """For each character of ALPHABET the network's outputs that mean it, in either case and any width."""
    plain = [unicodedata.normalize("NFKC", char).upper() for char in printed]
    return [np.array([i for i, p in enumerate(plain) if p == char], dtype=np.intp) for char in ALPHABET]


def _reduced(scores: NDArray[np.float32], columns: Sequence[NDArray[np.intp]]) -> Emission:
    """Steps × 37; what is neither a letter nor a digit counts as nothing."""
    characters = np.stack([scores[:, own].sum(axis=1) for own in columns], axis=1)
    nothing = np.clip(1.0 - characters.sum(axis=1, keepdims=True), 0.0, 1.0)
    return np.concatenate([nothing, characters], axis=1).astype(np.float32)


def _at_height(cut: Picture) -> Picture:
    height, width = cut.shape[:2]
    columns = min(WIDEST, max(HEIGHT // 2, round(width * HEIGHT / height)))
    return np.asarray(cv2.resize(cut, (columns, HEIGHT), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
