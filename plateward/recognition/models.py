"""Loading the neural networks: from installed packages, checked against pinned digests, never downloaded."""

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
    """One network file in the folder of an installed package, pinned by SHA-256."""

    name: str
    sha256: str
    package: str = "plateward.recognition"
    folder: str = "weights"

    @property
    def path(self) -> Path:
        found = importlib.util.find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise ModelProblem(
                f"The package {self.package}, which carries a recognition model, is not installed. "
                "Install the locked requirements: pip install -r requirements/base.txt"
            )
        return Path(found.submodule_search_locations[0]) / self.folder / self.name

    @property
    def own(self) -> bool:
        """Trained by us, not taken from a general text reader."""
        return self.package == "plateward.recognition"

    @property
    def short(self) -> str:
        """Name and first digits, to be kept with what it read; all four fit the 100 characters of a read."""
        return f"{self.name.removesuffix('.onnx')}@{self.sha256[:7]}"


PLATE_DETECTION = Model(
    "plate_detector.onnx", "b4fee2921062f8ee1db3a3cf28b3b92597c28009c34beeaf1e038bf86bf62ec0"
)
PLATE_READING = Model("plate_reader.onnx", "8b1766a05e53b7b089768a3ae517d1e81a8e72eb63c65a6b46f6267a7a1c20cd")
"""Our own (`platelab`)."""
TEXT_DETECTION = Model(
    "PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "rapidocr",
    "models",
)
TEXT_READING = Model(
    "PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "rapidocr",
    "models",
)
"""PP-OCRv6, Apache-2.0, in the `rapidocr` wheel."""
MODELS = (PLATE_DETECTION, PLATE_READING, TEXT_DETECTION, TEXT_READING)


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
            f"at run time; install {model.package.partition('.')[0]}, which carries it, again."
        ) from problem
    digest = hashlib.sha256(content).hexdigest()
    if digest != model.sha256:
        raise ModelProblem(
            f"The recognition model {model.path} has SHA-256 {digest}; this version expects {model.sha256}. "
            f"Install the locked version of {model.package.partition('.')[0]}, or measure the new model and "
            "change its digest here."
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
