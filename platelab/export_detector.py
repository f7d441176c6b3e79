"""Write the detector for ONNX Runtime.

    python -m platelab.export_detector --from training/state.pt --out detector.onnx
    python -m platelab.export_detector --from training/state.pt --weights detector.npz

The model takes 8-bit gray pictures of any size whose sides are multiples of 64, and gives for each cell the
probability that a plate's middle is there, and the plate's corners in pixels. It is run once beside the
network it came from, at a size of its own, and refused if they differ.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from platelab.exporting import ExportProblem, Ports, as_onnx, export, session_of
from platelab.faces import load_faces
from platelab.finding import FIRST
from platelab.inscriptions import inscription
from platelab.mounting import lay_on, seen_from
from platelab.press import press
from platelab.training import Trainee

TOLERANCE: Final = 0.02
"""Largest difference of a score between the network and its export."""
FARTHEST: Final = 0.5
"""Largest difference in pixels of a corner of a cell that is at least half sure."""
PORTS: Final = Ports(
    "pictures",
    ("scores", "corners"),
    {
        "pictures": {0: "batch", 2: "height", 3: "width"},
        "scores": {0: "batch", 1: "cells"},
        "corners": {0: "batch", 1: "cells"},
    },
)
COMPARED: Final = (256, 448)
"""Height and width of the picture that the written model is compared on."""


class Shipped(nn.Module):
    """The network with its outputs as they are used: probabilities, and 8-bit pictures in."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        scores, corners = self.net(pictures.float())
        return torch.sigmoid(scores), corners


def exported(trainee: Trainee, materials: Sequence[str], threshold: float = FIRST) -> bytes:
    """The averaged network as an ONNX model whose metadata say what made it.

    Raises:
        ExportProblem: it computes something else than the network.
    """
    net = Shipped(trainee.averaged).eval()
    example = torch.zeros(2, 1, 128, 192, dtype=torch.uint8)
    content = as_onnx(net, example, PORTS, _facts(trainee, materials, threshold))
    _compare(net, content)
    return content


def _facts(trainee: Trainee, materials: Sequence[str], threshold: float) -> dict[str, str]:
    return {
        "scenes": str(trainee.crops), "seed": str(trainee.plan.seed), "batch": str(trainee.plan.batch),
        "materials": str(len(materials)), "threshold": f"{threshold:.2f}",
        "weights": str(sum(one.numel() for one in trainee.net.parameters())),
    }  # fmt: skip


def _compare(net: nn.Module, content: bytes) -> None:
    pictures = _example()
    with torch.no_grad():
        scores, corners = (one.numpy() for one in net(torch.from_numpy(pictures)))
    found, places = session_of(content).run(None, {"pictures": pictures})
    sure = scores > 0.5
    worst = float(np.abs(found - scores).max())
    farthest = float(np.abs(places - corners)[sure].max(initial=0.0))
    if worst > TOLERANCE or farthest > FARTHEST:
        raise ExportProblem(
            f"A score of the written model differs by {worst:.3f} from the network's and a corner by "
            f"{farthest:.2f} pixels; at most {TOLERANCE} and {FARTHEST} are rounding. Nothing was written."
        )


def _example() -> np.ndarray:
    """A picture with some plates, drawn with our own strokes."""
    chance = random.Random(1)
    faces = load_faces(())
    picture = np.full(COMPARED, 0.3, np.float32)
    for place in range(4):
        flat = press(inscription(chance), faces, chance)
        middle = (60.0 + 110 * place, 60.0 + 40 * place)
        lay_on(picture, flat, seen_from(middle, 90.0, flat.shape[1] / flat.shape[0], chance))
    return (picture * 255).astype(np.uint8)[np.newaxis, np.newaxis]


def main(arguments: Sequence[str] | None = None) -> None:
    """Export."""
    export("detector", arguments, exported)


if __name__ == "__main__":
    main()
