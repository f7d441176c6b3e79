"""Loading the neural networks: from the installed wheel, checked against pinned digests, never downloaded."""

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime

THREADS_VARIABLE = "PLATEWARD_RECOGNITION_THREADS"


class ModelProblem(RuntimeError):
    """A network's file is missing or not the one this version was measured with."""


@dataclass(frozen=True, slots=True)
class Model:
    """One network file inside the `rapidocr` wheel (PP-OCRv6, Apache-2.0), pinned by SHA-256."""

    name: str
    sha256: str

    @property
    def path(self) -> Path:
        found = importlib.util.find_spec("rapidocr")
        if found is None or not found.submodule_search_locations:
            raise ModelProblem(
                "The package rapidocr, which carries the recognition models, is not installed. "
                "Install the locked requirements: pip install -r requirements/base.txt"
            )
        return Path(found.submodule_search_locations[0]) / "models" / self.name


TEXT_DETECTION = Model(
    "PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"
)
TEXT_READING = Model(
    "PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"
)


def checked_bytes(model: Model) -> bytes:
    """The file's content.

    Raises:
        ModelProblem: it is missing, or its digest is not the pinned one.
    """
    try:
        content = model.path.read_bytes()
    except OSError as problem:
        raise ModelProblem(
            f"The recognition model {model.path} cannot be read ({problem.strerror}). Nothing is downloaded "
            "at run time; reinstall the locked rapidocr wheel, which carries it."
        ) from problem
    digest = hashlib.sha256(content).hexdigest()
    if digest != model.sha256:
        raise ModelProblem(
            f"The recognition model {model.path} has SHA-256 {digest}; this version expects {model.sha256}. "
            "Install the locked rapidocr version, or measure the new model and change its digest here."
        )
    return content


def default_threads() -> int:
    """Threads a network may use, from PLATEWARD_RECOGNITION_THREADS; 1 where it is not set.

    Raises:
        ModelProblem: the variable is not a whole number from 1 up.
    """
    value = os.environ.get(THREADS_VARIABLE, "1")
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ModelProblem(f"{THREADS_VARIABLE} is {value!r}; set it to a whole number from 1 up.")
    return int(value)


def open_session(model: Model, threads: int) -> Any:
    """An ONNX Runtime session on the processor, with its own `threads` threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads would burn the cores that the receiver and the database need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(checked_bytes(model), options, providers=["CPUExecutionProvider"])
