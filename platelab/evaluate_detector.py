"""Measure an exported detector and write its card.

    python -m platelab.evaluate_detector --model detector.onnx --card detector.md --reader reader.onnx \
      --photographs DIR/us-dev --photographs DIR/eu-cars --grounds DIR/train-romania --faces DIR

Found is a plate whose box overlaps the labeled one by half (intersection over union). Corners are measured on
drawn scenes, where they are known, and, with --reader, by what is read between them. Needs no PyTorch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from platelab.camera import HEIGHT, WIDTH
from platelab.cells import Corners
from platelab.detector_card import written
from platelab.evaluate_reader import OnnxReader
from platelab.finding import Found, Seen, boxed, matched, overlap, plates_in, shares
from platelab.grounds import Gray
from platelab.labeled import MARGIN
from platelab.mounting import grown
from platelab.photographed import Known, of_boxes, of_labels, of_scenes
from platelab.samples import faces_of
from platelab.scenery import stock_of
from platelab.scoring import Share, decoded, score

LONGEST: Final = (640, 960, 1280)
"""Longest sides in pixels at which photographs are looked at."""
WIDTHS: Final = (0, 40, 60, 80, 120, 200, 10_000)
"""Widths of plates that are measured apart, in pixels of what the network sees."""
READABLE: Final = 0.2
"""Largest error of a corner, in heights of the plate, between which the reader still reads (its training has
corners about half as wrong)."""
TIMED: Final = ((480, 640), (736, 1280))
SCENES: Final = 200
SCENES_SEED: Final = 4242


class OnnxDetector:
    """An exported detector, on one thread."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self.facts: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.threshold = float(self.facts["threshold"])

    def __call__(self, picture: Gray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        scores, corners = self._session.run(None, {"pictures": picture[np.newaxis, np.newaxis]})
        return scores[0], corners[0]

    def milliseconds(self, height: int, width: int) -> float:
        """The fastest of some runs."""
        picture = np.random.default_rng(1).integers(0, 255, (-(-height // 64) * 64, width), np.uint8)
        times = []
        for _ in range(12):
            began = time.perf_counter()
            self(picture)
            times.append(time.perf_counter() - began)
        return min(times) * 1000


@dataclass(frozen=True, slots=True)
class Detected:
    """One set's result at one size; `exact` and `read` are None where corners or texts are unknown."""

    name: str
    longest: int
    recall: Share
    precision: Share
    by_width: Mapping[str, Share]
    exact: Share | None = None
    read: Share | None = None
    read_of_labels: Share | None = None


def detected(
    name: str, pictures: Sequence[Known], detector: OnnxDetector, longest: int, reader: OnnxReader | None
) -> Detected:
    """What the detector finds of the pictures, and what is read between its corners."""
    finds = [plates_in(one.picture, detector, longest, detector.threshold) for one in pictures]
    seen: list[Seen] = []
    more = 0
    for one, found in zip(pictures, finds, strict=True):
        scale = min(1.0, longest / max(one.picture.shape))
        plates, others = matched(found, one.plates, exact=one.exact)
        seen += [Seen(plate.width * scale, plate.overlap, plate.error) for plate in plates]
        more += len(others)
    exact = [one for one in seen if one.error is not None]
    readable = sum(one.error is not None and one.error <= READABLE for one in exact)
    rates = shares(seen, more)
    boxes = [[Found(corners, 1.0) for corners in one.plates] for one in pictures]
    texts = reader is not None and all(one.texts for one in pictures)
    return Detected(
        name, longest, rates["recall"], rates["precision"], _by_width(seen),
        Share(readable, len(seen)) if pictures[0].exact else None,
        _read(pictures, finds, reader) if reader and texts else None,
        _read(pictures, boxes, reader) if reader and texts else None,
    )  # fmt: skip


def _by_width(seen: Sequence[Seen]) -> dict[str, Share]:
    inside = {
        f"{low}–{high - 1}" if high < WIDTHS[-1] else f"{low} up": [
            one for one in seen if low <= one.width < high
        ]
        for low, high in pairwise(WIDTHS)
    }
    return {name: Share(sum(one.found for one in some), len(some)) for name, some in inside.items() if some}


def _read(pictures: Sequence[Known], finds: Sequence[Sequence[Found]], reader: OnnxReader) -> Share:
    """Labeled plates read without any mistake (look-alikes folded) where the detector found one there."""
    texts = []
    for known, found in zip(pictures, finds, strict=True):
        fitting = max(found, key=lambda one: overlap(boxed(one.corners), known.plates[0]), default=None)
        text = decoded(reader.read(cut_out(known.picture, fitting.corners))[0]).text if fitting else ""
        texts.append(text)
    return score(texts, [one.texts[0] for one in pictures]).folded


def cut_out(picture: Gray, corners: Corners) -> Gray:
    """The plate between the corners as the reader gets it, HEIGHT × WIDTH."""
    wide = float(np.linalg.norm(corners[1] - corners[0] + corners[2] - corners[3]) / 2)
    tall = float(np.linalg.norm(corners[3] - corners[0] + corners[2] - corners[1]) / 2)
    more = grown(corners, 2 * MARGIN, 2 * MARGIN * tall / max(wide, 1.0))
    size = (max(WIDTH, round(wide)), max(HEIGHT, round(tall)))
    goal = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform((more - 0.5).astype(np.float32), goal)
    upright = cv2.warpPerspective(picture, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(upright, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the card."""
    parser = argparse.ArgumentParser(
        prog="python -m platelab.evaluate_detector", description="Measure a detector."
    )
    parser.add_argument("--model", type=Path, required=True, help="ONNX file of platelab.export_detector")
    parser.add_argument("--reader", type=Path, help="ONNX file of platelab.export_reader")
    parser.add_argument(
        "--photographs", type=Path, action="append", default=[], help="labeled folder; may repeat"
    )
    parser.add_argument(
        "--grounds", type=Path, action="append", default=[], help="folder trained on; may repeat"
    )
    parser.add_argument(
        "--faces", type=Path, action="append", default=[], help="folder with fonts; may repeat"
    )
    parser.add_argument("--card", type=Path, help="model card to write")
    chosen = parser.parse_args(arguments)
    detector = OnnxDetector(chosen.model)
    reader = OnnxReader(chosen.reader) if chosen.reader else None
    sets = {folder.name: list(of_labels(folder)) for folder in chosen.photographs}
    sets |= {f"{folder.name} (held out)": list(of_boxes(folder)) for folder in chosen.grounds}
    stock = stock_of(chosen.grounds, faces_of(chosen.faces), held_out=True)
    scenes = list(of_scenes(stock, SCENES, SCENES_SEED, (384, 512)))
    results = [
        detected(name, pictures, detector, longest, reader)
        for name, pictures in sets.items()
        for longest in LONGEST
    ]
    results.append(detected("drawn scenes", scenes, detector, 512, None))
    times = {f"{width}×{height}": detector.milliseconds(height, width) for height, width in TIMED}
    text = written(detector.facts, results, times)
    print(text)
    if chosen.card:
        chosen.card.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
