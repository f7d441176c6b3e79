"""Weights that are kept in the repository: half precision, no code inside, with what made them.

The file is a NumPy archive of the averaged network's arrays and one text, `made`, in JSON. It is enough to
export, to measure and to go on training with fresh optimizer moments.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from platelab.training import Plan, Trainee, new_trainee, plan_from

MADE: Final = "made"


@dataclass(frozen=True, slots=True)
class Made:
    """What made the weights: the plan, the faces drawn with, and how many crops were seen."""

    plan: Plan
    faces: tuple[str, ...]
    crops: int


def save_weights(trainee: Trainee, faces: tuple[str, ...], path: Path) -> None:
    """The averaged weights of a training."""
    made = {"plan": trainee.plan.told(), "faces": faces, "crops": trainee.crops}
    arrays = {name: _half(value.cpu()) for name, value in trainee.averaged.state_dict().items()}
    np.savez_compressed(path, **{MADE: np.array(json.dumps(made)), **arrays})


def load_weights(path: Path, device: torch.device, plan: Plan | None = None) -> tuple[Trainee, Made]:
    """A trainee that goes on from the weights; the optimizer begins anew and warms up again.

    A `plan` may bring another batch and rate, for another computer; seed and size stay those of the weights.
    """
    with np.load(path, allow_pickle=False) as archive:
        content: dict[str, Any] = json.loads(str(archive[MADE]))
        state = {name: torch.from_numpy(archive[name]) for name in archive.files if name != MADE}
    made = Made(plan_from(content["plan"]), tuple(content["faces"]), content["crops"])
    own = dataclasses.replace(plan or made.plan, seed=made.plan.seed, size=made.plan.size)
    trainee = new_trainee(own, device)
    for net in (trainee.net, trainee.averaged):
        net.load_state_dict(state)
    trainee.crops = trainee.began = made.crops
    return trainee, made


def _half(value: torch.Tensor) -> Any:
    return value.half().numpy() if value.dtype.is_floating_point else value.numpy()
