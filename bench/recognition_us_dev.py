"""Measure recognition on a folder of photographs with `labels.csv` (columns `file` and `plate`).

    python bench/recognition_us_dev.py FOLDER [--limit N] [--misses]

Prints how many plates are read exactly, strictly and with O→0, Q→0 and I→1 folded on both sides, with Wilson
95 % intervals, the time a photograph takes, and how far the confidences can be trusted.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from pathlib import Path

from plateward.plates import normalize
from plateward.recognition import PictureResult, Recognizer
from plateward.recognition.pictures import PictureError, open_picture

FOLDED = str.maketrans("OQI", "001")
Z_95 = 1.959964
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Outcome:
    """One labelled photograph and what was read in it."""

    file: str
    label: str
    result: PictureResult
    processor_milliseconds: float

    @property
    def text(self) -> str:
        return self.result.readings[0].text if self.result.readings else ""

    @property
    def strict(self) -> bool:
        return self.text == self.label

    @property
    def folded(self) -> bool:
        return _fold(self.text) == _fold(self.label)

    @property
    def among(self) -> bool:
        """The label is any reading's text or alternative."""
        texts = (t for r in self.result.readings for t in (r.text, *(a.text for a in r.alternatives)))
        return _fold(self.label) in {_fold(text) for text in texts}


def _fold(text: str) -> str:
    return text.translate(FOLDED)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson score interval at 95 % (Wilson 1927)."""
    share, z2 = hits / count, Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return middle - half, middle + half


def measure(folder: Path, rows: Sequence[dict[str, str]], recognizer: Recognizer) -> Iterator[Outcome]:
    """Recognize every labelled photograph; ends the program where one cannot be opened."""
    for row in rows:
        try:
            picture = open_picture(folder / row["file"])
        except PictureError as problem:
            sys.exit(f"{folder / row['file']}: {problem}")
        started = time.process_time()
        result = recognizer.recognize(picture)
        spent = (time.process_time() - started) * 1000
        yield Outcome(row["file"], normalize(row["plate"]), result, spent)


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the table."""
    count = len(outcomes)
    print(f"{count} photographs; model {outcomes[0].result.model}")
    for name, hits in (
        ("exact, strict", sum(o.strict for o in outcomes)),
        ("exact, O Q→0, I→1 folded", sum(o.folded for o in outcomes)),
        ("folded, any reading or alternative", sum(o.among for o in outcomes)),
    ):
        low, high = wilson(hits, count)
        print(f"  {name:36} {hits:4}/{count}  {hits / count:.3f}  95 % {low:.3f}–{high:.3f}")
    wall = statistics.median(o.result.milliseconds for o in outcomes)
    processor = statistics.median(o.processor_milliseconds for o in outcomes)
    print(
        f"  median a photograph                  {wall:.0f} ms on the clock, {processor:.0f} ms of processor"
    )
    print("  confidence        readings   right (folded)   mean confidence")
    for low, high in pairwise(BINS):
        inside = [o for o in outcomes if o.result.readings and low <= _confidence(o) < high]
        if inside:
            right = statistics.fmean(o.folded for o in inside)
            mean = statistics.fmean(map(_confidence, inside))
            print(f"  {low:.1f}–{high:.1f} {len(inside):17}   {right:14.2f}   {mean:15.2f}")


def _confidence(outcome: Outcome) -> float:
    """Of the first reading, as folded: what O and 0 share counts together."""
    first = outcome.result.readings[0]
    same = (a.confidence for a in first.alternatives if _fold(a.text) == _fold(first.text))
    return min(0.999999, first.confidence + sum(same))


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="only the first N photographs")
    parser.add_argument("--misses", action="store_true", help="list what was read wrongly")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    labels = chosen.folder / "labels.csv"
    if not labels.is_file():
        sys.exit(
            f"{labels} is absent. The photographs are not part of this repository: "
            "give a folder of your own with pictures and a labels.csv (columns file, plate)."
        )
    with labels.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[: chosen.limit]
    if not rows:
        sys.exit(f"{labels} lists no photographs.")
    outcomes = list(measure(chosen.folder, rows, Recognizer.default(chosen.threads)))
    report(outcomes)
    if chosen.misses:
        for outcome in outcomes:
            if not outcome.folded:
                print(f"  {outcome.file}: {outcome.label} read as {outcome.text or 'nothing'}")


if __name__ == "__main__":
    main()
