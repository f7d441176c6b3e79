"""Networks as ONNX models: half precision in the file, single precision in computing."""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from platelab.training import Trainee, resume
from platelab.weights import load_weights, save_weights

OPSET: Final = 17
SMALLEST: Final = 256
"""Arrays with fewer numbers stay in single precision."""


class ExportProblem(RuntimeError):
    """The written model does not compute what the network computes."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Names of a model's input and outputs, and which of their axes may have any length."""

    input: str
    outputs: tuple[str, ...]
    free: Mapping[str, Mapping[int, str]]


def as_onnx(net: torch.nn.Module, example: torch.Tensor, ports: Ports, facts: Mapping[str, str]) -> bytes:
    """The network as an ONNX model with `facts` as its metadata."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # The older exporter keeps the graph small and needs no further package; the newer one is advised.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            net.cpu().eval(), (example,), f"{folder}/net.onnx", input_names=[ports.input],
            output_names=list(ports.outputs), dynamic_axes=ports.free, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
        model = onnx.load(f"{folder}/net.onnx")
    _halve(model)
    helper.set_model_props(model, dict(facts))
    return bytes(model.SerializeToString())


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


def session_of(content: bytes) -> Any:
    """The model on one thread of the processor."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def opened(path: Path) -> tuple[Trainee, tuple[str, ...]]:
    """A training's state, or weights of the repository, by the file's name; and what was drawn with."""
    device = torch.device("cpu")
    if path.suffix == ".npz":
        trainee, made = load_weights(path, device)
        return trainee, made.faces
    content = torch.load(path, map_location="cpu", weights_only=True)
    return resume(path.parent, device, None), tuple(content["faces"])


def export(
    network: str, arguments: Sequence[str] | None, exported: Callable[[Trainee, Sequence[str]], bytes]
) -> None:
    """The command of both networks: write the ONNX model, the weights, or both."""
    parser = argparse.ArgumentParser(
        prog=f"python -m platelab.export_{network}", description=f"Write the {network}."
    )
    parser.add_argument("--from", dest="source", type=Path, required=True, help=f"state.pt or {network}.npz")
    parser.add_argument("--out", type=Path, help="ONNX file to write")
    parser.add_argument("--weights", type=Path, help="half-precision weights (.npz) to write")
    chosen = parser.parse_args(arguments)
    trainee, materials = opened(chosen.source)
    if chosen.out:
        chosen.out.write_bytes(exported(trainee, materials))
    if chosen.weights:
        save_weights(trainee, materials, chosen.weights)
