"""The model card: what the reader was trained with and how well it reads, written by the measurement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from platelab.scoring import Score, Share, miscalibration

if TYPE_CHECKING:
    from platelab.evaluate_reader import Measured

PURPOSE: Final = """\
# Card of the plate reader

Reads the serial of one cut-out plate (gray, 48 × 128 pixels) and guesses who issued it. It finds no plates.
Every reading is a machine's guess that a person compares with the picture.
"""
LICENCES: Final = """\
Trained on drawn plates alone; no photograph was learned from. Drawn with our own strokes (Apache-2.0, as
this repository), Roadgeek (Debian `fonts-roadgeek`, MIT) and `@fontsource` faces (SIL Open Font License 1.1);
the weights contain no font. The photographs measured on are not part of this repository.
"""
LIMITS: Final = """\
- O and 0, I and 1: many faces draw them alike, and the labels of the American sets write every O as 0, so
  `folded` (O, Q as 0, I as 1 on both sides) is the fairer number there.
- Small characters stacked beside the serial are read as part of it; the labels of `us-plates` leave many out.
- The issuer is guessed from the drawn designs; special and older designs are mostly unknown to it.
- Plates of two rows, plates under 50 pixels and motion blur are in the training, but in no set measured here.
"""


def written(facts: Mapping[str, str], results: Sequence[Measured]) -> str:
    """The whole card in Markdown."""
    faces = json.loads(facts["faces"])
    own = sum(name.startswith("strokes") for name in faces)
    made = (
        f"{int(facts['crops']):,} drawn crops (seed {facts['seed']}, {facts['batch']} in a step: "
        f"{int(facts['crops']) // int(facts['batch']):,} steps), {int(facts['weights']):,} weights, "
        f"{own} own faces and {len(faces) - own} fonts."
    )
    parts = (
        PURPOSE, "## Training\n", made, "", LICENCES, "## Accuracy\n",
        "Whole plates without any mistake, on the labels' own boxes, with the 95 % interval (Wilson).",
        "`weighed`: decoded with the product's serial formats and look-alikes. The present reader is the",
        "text reader the product uses today, on the same cut-outs, without formats.\n",
        *_accuracy(results), "\n## By width of the plate in the photograph (folded)\n", *_widths(results),
        "\n## Issuer\n", *_regions(results),
        "\n## Calibration of single characters\n", *_calibration(results),
        "\n## Known failures\n", LIMITS.rstrip(),
    )  # fmt: skip
    return "\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def shown(share: Share) -> str:
    """A rate with its interval."""
    low, high = share.interval
    return f"{share.share:.3f} ({low:.2f}–{high:.2f})"


def _accuracy(results: Sequence[Measured]) -> Iterator[str]:
    head = ("set", "plates", "", "strict", "folded")
    rows = []
    for one in results:
        ways = (("this reader", one.score), ("weighed", one.weighed), ("present reader", one.present))
        rows += [
            (one.name, str(found.strict.of), way, shown(found.strict), shown(found.folded))
            for way, found in ways
        ]
    yield from table(head, rows)
    times = ", ".join(f"{one.name} {one.milliseconds:.1f}" for one in results)
    yield f"\nMilliseconds a plate on one thread of a busy computer: {times}."


def _widths(results: Sequence[Measured]) -> Iterator[str]:
    bins = list(dict.fromkeys(width for one in results for width in one.by_width))
    return table(
        ("set", *(f"{width} px" for width in bins)),
        ((one.name, *(_counted(one.by_width.get(width)) for width in bins)) for one in results),
    )


def _counted(score: Score | None) -> str:
    return f"{score.folded.share:.2f} of {score.folded.of}" if score else "–"


def _regions(results: Sequence[Measured]) -> Iterator[str]:
    return table(
        ("set", "plates with a known issuer", "right"),
        ((one.name, str(one.region.of), shown(one.region)) for one in results if one.region.of),
    )


def _calibration(results: Sequence[Measured]) -> Iterator[str]:
    yield "Over readings as long as their plate; look-alikes of `folded` count as right.\n"
    for one in results:
        yield f"\n{one.name}: expected calibration error {miscalibration(one.bins):.3f}\n"
        yield from table(
            ("probability", "characters", "promised", "right"),
            (
                (
                    f"{each.low:.2f}–{each.high:.2f}",
                    str(each.kept.of),
                    f"{each.promised:.3f}",
                    f"{each.kept.share:.3f}",
                )
                for each in one.bins
                if each.kept.of
            ),
        )
