"""The detector's model card: what trained it and how well it finds plates, written by the measurement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from platelab.card import shown, table
from platelab.scoring import Share

if TYPE_CHECKING:
    from platelab.evaluate_detector import Detected

PURPOSE: Final = """\
# Card of the plate detector

Finds license plates in gray pictures of any size, and their four corners as the plate is printed: top left,
top right, bottom right, bottom left. It reads nothing.
"""
LICENCES: Final = """\
Trained on three things: drawn plates and drawn vehicles of this repository (faces as in the reader's card);
photographs of Open Images (pictures CC BY 2.0 by their authors, annotations CC BY 4.0 by Google LLC; by way
of the Roboflow export "license-plates-f8vsn" version 3 of workspace samrat-sahoo); dash-camera photographs of
Romania by Robert Lucian Chiriac (MIT, © 2020). Every tenth photograph of both sets was held out. The weights
contain no photograph. us-dev, eu-cars and br-cars were measured on and never learned from.
"""
LIMITS: Final = """\
- Each labeled photograph has one labeled plate; further plates found in it count against precision.
- The boxes of labels are upright, so recall on photographs says little of the corners' exactness.
- Signs and stickers with a single short line of text can be taken for plates; so can plates on paper.
- Plates wider than about half the picture are found more surely when the picture is looked at smaller.
- No real motorcycle, night or infra-red photograph is in any set; they were drawn in training only.
"""


def written(facts: Mapping[str, str], results: Sequence[Detected], times: Mapping[str, float]) -> str:
    """The whole card in Markdown."""
    made = (
        f"{int(facts['scenes']):,} drawn scenes (seed {facts['seed']}, {facts['batch']} in a step: "
        f"{int(facts['scenes']) // int(facts['batch']):,} steps), {int(facts['weights']):,} weights, "
        f"{facts['materials']} faces, photographs and drawn vehicles."
    )
    timed = ", ".join(f"{size} {milliseconds:.1f}" for size, milliseconds in times.items())
    parts = (
        PURPOSE, "## Training\n", made, "", LICENCES, "## Finding\n",
        f"Score from {facts['threshold']} on; found: an overlap of at least 0.5. 95 % intervals (Wilson).",
        "`longest`: longest side of the picture as the network saw it.\n",
        *_found(results), "\n## Recall by width of the plate as the network saw it\n", *_widths(results),
        "\n## Corners\n",
        "Share of drawn plates whose worst corner is at most a fifth of the plate's height away; and of",
        "photographed plates read without any mistake (folded) between the corners found, and in the labels'",
        "boxes.\n",
        *_corners(results), "\n## Time\n",
        f"Milliseconds on one thread of a busy computer, the fastest of twelve: {timed}.",
        "\n## Known failures\n", LIMITS.rstrip(),
    )  # fmt: skip
    return "\n".join(parts) + "\n"


def _found(results: Sequence[Detected]) -> Iterator[str]:
    return table(
        ("set", "longest", "plates", "recall", "precision"),
        (
            (one.name, str(one.longest), str(one.recall.of), shown(one.recall), shown(one.precision))
            for one in results
        ),
    )


def _widths(results: Sequence[Detected]) -> Iterator[str]:
    bins = sorted({width for one in results for width in one.by_width}, key=_lowest)
    return table(
        ("set", "longest", *(f"{width} px" for width in bins)),
        (
            (one.name, str(one.longest), *(_counted(one.by_width.get(width)) for width in bins))
            for one in results
        ),
    )


def _lowest(width: str) -> int:
    return int(width.replace("–", " ").split()[0])


def _counted(share: Share | None) -> str:
    return f"{share.share:.2f} of {share.of}" if share else "–"


def _corners(results: Sequence[Detected]) -> Iterator[str]:
    return table(
        ("set", "longest", "within a fifth", "read between corners", "read in labels' boxes"),
        (
            (one.name, str(one.longest), *map(_or_dash, (one.exact, one.read, one.read_of_labels)))
            for one in results
            if one.exact or one.read
        ),
    )


def _or_dash(share: Share | None) -> str:
    return shown(share) if share else "–"
