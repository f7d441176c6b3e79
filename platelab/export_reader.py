"""Write the reader for ONNX Runtime.

    python -m platelab.export_reader --from training/state.pt --out reader.onnx
    python -m platelab.export_reader --from training/state.pt --weights reader.npz

The averaged weights are stored in half precision and computed with in single precision; the written model is
run once beside the network it came from, and refused if they differ.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from platelab.camera import HEIGHT, WIDTH
from platelab.faces import load_faces
from platelab.issuers import REGIONS
from platelab.samples import sample
from platelab.training import Trainee, resume
from platelab.weights import load_weights, save_weights
from plateward.recognition.interfaces import ALPHABET

OPSET: Final = 17
TOLERANCE: Final = 0.02
"""Largest difference of a probability between the network and its export."""
SMALLEST: Final = 256
"""Arrays with fewer numbers stay in single precision."""


class ExportProblem(RuntimeError):
    """The written model does not compute what the network computes."""


def exported(trainee: Trainee, faces: Sequence[str]) -> bytes:
    """The averaged network as an ONNX model whose metadata say what made it.

    Raises:
        ExportProblem: it computes something else than the network.
    """
    net = trainee.averaged.cpu().eval()
    axes = {name: {0: "batch"} for name in ("pictures", "columns", "regions")}
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # The older exporter keeps the graph small and needs no further package; the newer one is advised.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            net, (torch.zeros(2, 1, HEIGHT, WIDTH),), f"{folder}/net.onnx", input_names=["pictures"],
            output_names=["columns", "regions"], dynamic_axes=axes, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
        model = onnx.load(f"{folder}/net.onnx")
    _halve(model)
    helper.set_model_props(model, _facts(trainee, faces))
    content = bytes(model.SerializeToString())
    _compare(net, content)
    return content


def _facts(trainee: Trainee, faces: Sequence[str]) -> dict[str, str]:
    return {
        "alphabet": ALPHABET, "regions": json.dumps(REGIONS), "crops": str(trainee.crops),
        "seed": str(trainee.plan.seed), "batch": str(trainee.plan.batch), "faces": json.dumps(list(faces)),
        "weights": str(sum(one.numel() for one in trainee.net.parameters())),
    }  # fmt: skip


def _halve(model: Any) -> None:
    """Store the arrays in half precision, each followed by a node that widens it again."""
    graph = model.graph
    widening = []
    for array in graph.initializer:
        if array.data_type != TensorProto.FLOAT or np.prod(array.dims) < SMALLEST:
            continue
        name = array.name
        array.CopyFrom(
            numpy_helper.from_array(numpy_helper.to_array(array).astype(np.float16), f"{name}.half")
        )
        widening.append(helper.make_node("Cast", [array.name], [name], to=TensorProto.FLOAT))
    for node in reversed(widening):
        graph.node.insert(0, node)


def _compare(net: torch.nn.Module, content: bytes) -> None:
    faces = load_faces(())
    crops = np.stack([sample(1, number, faces).picture for number in range(16)])[:, np.newaxis].astype(
        np.float32
    )
    with torch.no_grad():
        expected = net(torch.from_numpy(crops))[0].exp().numpy()
    session: Any = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = np.exp(session.run(["columns"], {"pictures": crops})[0])
    worst = float(np.abs(found - expected).max())
    if worst > TOLERANCE:
        raise ExportProblem(
            f"A probability of the written model differs by {worst:.3f} from the network's; at most "
            f"{TOLERANCE} is rounding. Nothing was written."
        )


def opened(path: Path) -> tuple[Trainee, tuple[str, ...]]:
    """A training's state, or weights of the repository, by the file's name; and the faces drawn with."""
    device = torch.device("cpu")
    if path.suffix == ".npz":
        trainee, made = load_weights(path, device)
        return trainee, made.faces
    return resume(path.parent, device, None), _faces_of_state(path)


def _faces_of_state(path: Path) -> tuple[str, ...]:
    return tuple(torch.load(path, map_location="cpu", weights_only=True)["faces"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Export."""
    parser = argparse.ArgumentParser(prog="python -m platelab.export_reader", description="Write the reader.")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="state.pt or reader.npz")
    parser.add_argument("--out", type=Path, help="ONNX file to write")
    parser.add_argument("--weights", type=Path, help="half-precision weights (.npz) to write")
    chosen = parser.parse_args(arguments)
    trainee, faces = opened(chosen.source)
    if chosen.out:
        chosen.out.write_bytes(exported(trainee, faces))
    if chosen.weights:
        save_weights(trainee, faces, chosen.weights)


if __name__ == "__main__":
    main()
