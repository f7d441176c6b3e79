"""Write the reader for ONNX Runtime.

    python -m platelab.export_reader --from training/state.pt --out reader.onnx
    python -m platelab.export_reader --from training/state.pt --weights reader.npz

The averaged weights are stored in half precision and computed with in single precision; the written model is
run once beside the network it came from, and refused if they differ.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch

from platelab.camera import HEIGHT, WIDTH
from platelab.exporting import ExportProblem, Ports, as_onnx, export, session_of
from platelab.faces import load_faces
from platelab.issuers import REGIONS
from platelab.samples import sample
from platelab.training import Trainee
from plateward.recognition.interfaces import ALPHABET

TOLERANCE: Final = 0.02
"""Largest difference of a probability between the network and its export."""
PORTS: Final = Ports(
    "pictures", ("columns", "regions"), {name: {0: "batch"} for name in ("pictures", "columns", "regions")}
)


def exported(trainee: Trainee, faces: Sequence[str]) -> bytes:
    """The averaged network as an ONNX model whose metadata say what made it.

    Raises:
        ExportProblem: it computes something else than the network.
    """
    net = trainee.averaged
    content = as_onnx(net, torch.zeros(2, 1, HEIGHT, WIDTH), PORTS, _facts(trainee, faces))
    _compare(net, content)
    return content


def _facts(trainee: Trainee, faces: Sequence[str]) -> dict[str, str]:
    return {
        "alphabet": ALPHABET, "regions": json.dumps(REGIONS), "crops": str(trainee.crops),
        "seed": str(trainee.plan.seed), "batch": str(trainee.plan.batch), "faces": json.dumps(list(faces)),
        "weights": str(sum(one.numel() for one in trainee.net.parameters())),
    }  # fmt: skip


def _compare(net: torch.nn.Module, content: bytes) -> None:
    faces = load_faces(())
    crops = np.stack([sample(1, number, faces).picture for number in range(16)])[:, np.newaxis].astype(
        np.float32
    )
    with torch.no_grad():
        expected = net(torch.from_numpy(crops))[0].exp().numpy()
    found = np.exp(session_of(content).run(["columns"], {"pictures": crops})[0])
    worst = float(np.abs(found - expected).max())
    if worst > TOLERANCE:
        raise ExportProblem(
            f"A probability of the written model differs by {worst:.3f} from the network's; at most "
            f"{TOLERANCE} is rounding. Nothing was written."
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Export."""
    export("reader", arguments, exported)


if __name__ == "__main__":
    main()
