"""Measure an exported reader on labeled photographs and write its card.

    python -m platelab.evaluate_reader --model reader.onnx --card reader.md \
      --photographs DIR/us-dev --photographs DIR/us-plates --misread sheet.png

The cut-outs are the labels' boxes, so finding plates is not measured here. Needs no PyTorch.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from platelab.card import written
from platelab.labeled import Labeled, labeled
from platelab.samples import sheet
from platelab.scoring import Reading, Reliability, Score, Share, decoded, reliability, score, weighed
from plateward.recognition.reader import TextReader

WIDTHS: Final = (0, 60, 80, 100, 150, 10_000)
"""Widths of plates in the photograph that are measured apart, in pixels."""


class OnnxReader:
    """An exported reader, on one thread."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self.facts: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.regions: tuple[str, ...] = tuple(json.loads(self.facts["regions"]))

    def read(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], str]:
        """The columns of a cut-out (HEIGHT × WIDTH gray), and who most likely issued the plate."""
        columns, regions = self._session.run(
            None, {"pictures": picture[np.newaxis, np.newaxis].astype(np.float32)}
        )
        return np.asarray(columns[0], np.float32), self.regions[int(regions[0].argmax())]


@dataclass(frozen=True, slots=True)
class Measured:
    """One folder's result."""

    name: str
    score: Score
    weighed: Score
    present: Score
    by_width: Mapping[str, Score]
    region: Share
    bins: tuple[Reliability, ...]
    milliseconds: float


@dataclass(frozen=True, eq=False)
class Answer:
    """What was read of one cut-out."""

    shown: Labeled
    columns: NDArray[np.float32]
    region: str

    @cached_property
    def reading(self) -> Reading:
        return decoded(self.columns)


def answers(reader: OnnxReader, pictures: Sequence[Labeled]) -> list[Answer]:
    """Everything in order."""
    return [Answer(one, *reader.read(one.picture)) for one in pictures]


def measured(name: str, given: Sequence[Answer], present: Sequence[str], milliseconds: float) -> Measured:
    """Scores of a folder, whole and by width; the issuer where the labels know it.

    `present`: what the product's present reader reads of the same cut-outs.
    """
    known = [one for one in given if one.shown.region]
    return Measured(
        name,
        _scored(given),
        score([weighed(one.columns) for one in given], [one.shown.plate for one in given]),
        score(present, [one.shown.plate for one in given]),
        {
            f"{low}–{high - 1}" if high < WIDTHS[-1] else f"{low} up": _scored(inside)
            for low, high in pairwise(WIDTHS)
            if (inside := [one for one in given if low <= one.shown.width < high])
        },
        Share(sum(one.region == one.shown.region for one in known), len(known)),
        tuple(reliability([one.reading for one in given], [one.shown.plate for one in given])),
        milliseconds,
    )


def _scored(given: Sequence[Answer]) -> Score:
    return score([one.reading.text for one in given], [one.shown.plate for one in given])


def _misread(given: Sequence[Answer]) -> list[tuple[NDArray[np.uint8], str]]:
    wrong = [one for one in given if not score([one.reading.text], [one.shown.plate]).folded.right]
    return [(one.shown.picture, f"{one.shown.plate}>{one.reading.text}") for one in wrong]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the card."""
    parser = argparse.ArgumentParser(
        prog="python -m platelab.evaluate_reader", description="Measure a reader."
    )
    parser.add_argument("--model", type=Path, required=True, help="ONNX file of platelab.export_reader")
    parser.add_argument(
        "--photographs", type=Path, action="append", required=True, help="labeled folder; may repeat"
    )
    parser.add_argument("--card", type=Path, help="model card to write")
    parser.add_argument("--misread", type=Path, help="picture of all misread cut-outs to write")
    chosen = parser.parse_args(arguments)
    reader = OnnxReader(chosen.model)
    present = TextReader(threads=1)
    results, wrong = [], []
    for folder in chosen.photographs:
        pictures = list(labeled(folder))
        began = time.perf_counter()
        given = answers(reader, pictures)
        milliseconds = (time.perf_counter() - began) * 1000 / max(1, len(given))
        texts = [strip.text for strip in present.read([one.cut for one in pictures])]
        results.append(measured(folder.name, given, texts, milliseconds))
        wrong += _misread(given)
    text = written(reader.facts, results)
    print(text)
    if chosen.card:
        chosen.card.write_text(text, encoding="utf-8")
    if chosen.misread and wrong:
        cv2.imwrite(str(chosen.misread), sheet(wrong))


if __name__ == "__main__":
    main()
