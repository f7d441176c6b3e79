"""Training a network in pieces: what is kept between them, and one step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from platelab.detector_network import DetectorNet, DetectorSize
from platelab.network import ReaderNet, Size

AVERAGE: Final = 0.998
"""How slowly the averaged weights, which are the ones exported, follow the trained ones."""
CLIPPED_AT: Final = 2.0
MOST_NAMED: Final = 12
"""Materials that an error names."""
STATE: Final = "state.pt"
SIZES: Final[Mapping[str, type[Size | DetectorSize]]] = {"reader": Size, "detector": DetectorSize}
"""What can be trained, by the name that is kept."""


class StateProblem(ValueError):
    """What was kept does not go on with what is asked for now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What must stay the same over all pieces of one training; `size` says which network it is."""

    seed: int = 1
    batch: int = 32
    rate: float = 1.5e-3
    warming: int = 20_000
    size: Size | DetectorSize = field(default_factory=Size)

    def told(self) -> dict[str, Any]:
        """In plain values; `plan_from` reads them."""
        kind = next(name for name, size in SIZES.items() if isinstance(self.size, size))
        return dataclasses.asdict(self) | {"kind": kind}


@dataclass
class Trainee:
    """The network being trained, its average, the optimizer, and how many pictures (crops) it has seen.

    `began` is the crop since which the optimizer collects moments: 0, unless only weights were kept.
    """

    plan: Plan
    device: torch.device
    net: ReaderNet | DetectorNet
    averaged: ReaderNet | DetectorNet
    optimizer: torch.optim.AdamW
    crops: int = 0
    began: int = 0

    @property
    def batches(self) -> int:
        return self.crops // self.plan.batch


def new_trainee(plan: Plan, device: torch.device) -> Trainee:
    """Before the first crop; the plan's seed decides the first weights."""
    torch.manual_seed(plan.seed)
    net, averaged = plan.size.network(), plan.size.network()
    averaged.load_state_dict(net.state_dict())
    for one in (net, averaged):
        one.to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(one, torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
    return Trainee(plan, device, net, averaged.eval(), optimizer)


def rate_of(trainee: Trainee) -> float:
    """How fast to learn: the plan's rate, reached step by step."""
    plan = trainee.plan
    return plan.rate * min(1.0, (trainee.crops - trainee.began + plan.batch) / max(plan.warming, 1))


def step(trainee: Trainee, batch: Any, cooled: float = 1.0) -> Mapping[str, float]:
    """Learn from one batch of the network's kind, at the plan's rate times `cooled`; the losses before it."""
    for group in trainee.optimizer.param_groups:
        group["lr"] = rate_of(trainee) * cooled
    trainee.net.train()
    losses = trainee.net.losses(batch, trainee.device)
    trainee.optimizer.zero_grad()
    losses.whole.backward()
    torch.nn.utils.clip_grad_norm_(trainee.net.parameters(), CLIPPED_AT)
    trainee.optimizer.step()
    _follow(trainee)
    trainee.crops += trainee.plan.batch
    return losses.parts


def _follow(trainee: Trainee) -> None:
    """Move the average; early on it follows faster, so that it forgets the first weights."""
    steps = trainee.batches + 1
    keep = min(AVERAGE, steps / (steps + 10))
    with torch.no_grad():
        own = trainee.net.state_dict()
        for name, kept in trainee.averaged.state_dict().items():
            if kept.dtype.is_floating_point:
                kept.lerp_(own[name], 1 - keep)
            else:
                kept.copy_(own[name])


def keep(trainee: Trainee, folder: Path, materials: tuple[str, ...]) -> None:
    """Everything the next piece needs, written beside the old state and put in its place at once."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "plan": trainee.plan.told(),
        "faces": list(materials),
        "crops": trainee.crops,
        "began": trainee.began,
        "net": trainee.net.state_dict(),
        "averaged": trainee.averaged.state_dict(),
        "optimizer": trainee.optimizer.state_dict(),
    }
    beside = folder / f"{STATE}.new"
    torch.save(content, beside)
    beside.replace(folder / STATE)


def resume(folder: Path, device: torch.device, materials: tuple[str, ...] | None) -> Trainee:
    """Go on where `keep` stopped; `materials` None: only to look at it.

    Raises:
        StateProblem: other faces or photographs are at hand than before, so the crops would not be the same.
    """
    content: dict[str, Any] = torch.load(folder / STATE, map_location="cpu", weights_only=True)
    if materials is not None and tuple(content["faces"]) != materials:
        differing = sorted(set(content["faces"]) ^ set(materials))
        raise StateProblem(
            f"The training in {folder} began with other faces or photographs; these differ: "
            f"{', '.join(differing[:MOST_NAMED])}. Name the same folders, or begin a new training in an "
            "empty folder."
        )
    plan = plan_from(content["plan"])
    trainee = new_trainee(plan, device)
    trainee.net.load_state_dict(content["net"])
    trainee.averaged.load_state_dict(content["averaged"])
    trainee.optimizer.load_state_dict(content["optimizer"])
    trainee.crops, trainee.began = content["crops"], content.get("began", 0)
    return trainee


def plan_from(told: Mapping[str, Any]) -> Plan:
    """A plan as `Plan.told` gave it; before there was a detector, it was the reader's."""
    rest = {name: value for name, value in told.items() if name not in {"kind", "size"}}
    size = SIZES[told.get("kind", "reader")]
    return Plan(**rest, size=size(**(told["size"] | {"stages": tuple(told["size"]["stages"])})))
