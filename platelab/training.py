"""Training the reader in pieces: what is kept between them, and one step."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  the name everybody knows

from platelab.batches import Batch
from platelab.network import STEPS, ReaderNet, Size

AVERAGE: Final = 0.998
"""How slowly the averaged weights, which are the ones exported, follow the trained ones."""
REGION_SHARE: Final = 0.3
CLIPPED_AT: Final = 2.0
STATE: Final = "state.pt"


class StateProblem(ValueError):
    """What was kept does not go on with what is asked for now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What must stay the same over all pieces of one training."""

    seed: int = 1
    batch: int = 32
    rate: float = 1.5e-3
    warming: int = 20_000
    size: Size = field(default_factory=Size)


@dataclass
class Trainee:
    """The network being trained, its average, the optimizer, and how many crops it has seen.

    `began` is the crop since which the optimizer collects moments: 0, unless only weights were kept.
    """

    plan: Plan
    device: torch.device
    net: ReaderNet
    averaged: ReaderNet
    optimizer: torch.optim.AdamW
    crops: int = 0
    began: int = 0

    @property
    def batches(self) -> int:
        return self.crops // self.plan.batch


def new_trainee(plan: Plan, device: torch.device) -> Trainee:
    """Before the first crop; the plan's seed decides the first weights."""
    torch.manual_seed(plan.seed)
    net, averaged = ReaderNet(plan.size), ReaderNet(plan.size)
    averaged.load_state_dict(net.state_dict())
    for one in (net, averaged):
        one.to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(one, torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
    return Trainee(plan, device, net, averaged.eval(), optimizer)


def loss_of(net: ReaderNet, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean loss of the texts (per character) and of the regions."""
    pictures = batch.pictures.to(device).float().contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        columns, regions = net(pictures)
    steps = torch.full((len(pictures),), STEPS, dtype=torch.long)
    text = F.ctc_loss(
        columns.transpose(0, 1).cpu(), batch.characters, steps, batch.lengths, zero_infinity=True
    )
    return text, F.cross_entropy(regions, batch.regions.to(device))


def rate_of(trainee: Trainee) -> float:
    """How fast to learn: the plan's rate, reached step by step."""
    plan = trainee.plan
    return plan.rate * min(1.0, (trainee.crops - trainee.began + plan.batch) / max(plan.warming, 1))


def step(trainee: Trainee, batch: Batch, cooled: float = 1.0) -> tuple[float, float]:
    """Learn from one batch, at the plan's rate times `cooled`; the two losses before it."""
    for group in trainee.optimizer.param_groups:
        group["lr"] = rate_of(trainee) * cooled
    trainee.net.train()
    text, region = loss_of(trainee.net, batch, trainee.device)
    trainee.optimizer.zero_grad()
    (text + REGION_SHARE * region.to(text.device)).backward()
    torch.nn.utils.clip_grad_norm_(trainee.net.parameters(), CLIPPED_AT)
    trainee.optimizer.step()
    _follow(trainee)
    trainee.crops += trainee.plan.batch
    return text.item(), region.item()


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


def keep(trainee: Trainee, folder: Path, faces: tuple[str, ...]) -> None:
    """Everything the next piece needs, written beside the old state and put in its place at once."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "plan": dataclasses.asdict(trainee.plan),
        "faces": list(faces),
        "crops": trainee.crops,
        "began": trainee.began,
        "net": trainee.net.state_dict(),
        "averaged": trainee.averaged.state_dict(),
        "optimizer": trainee.optimizer.state_dict(),
    }
    beside = folder / f"{STATE}.new"
    torch.save(content, beside)
    beside.replace(folder / STATE)


def resume(folder: Path, device: torch.device, faces: tuple[str, ...] | None) -> Trainee:
    """Go on where `keep` stopped; `faces` None: only to look at it.

    Raises:
        StateProblem: other faces are at hand than before, so the crops would not be the same.
    """
    content: dict[str, Any] = torch.load(folder / STATE, map_location="cpu", weights_only=True)
    if faces is not None and tuple(content["faces"]) != faces:
        missing = sorted(set(content["faces"]) ^ set(faces))
        raise StateProblem(
            f"The training in {folder} began with other faces; these differ: {', '.join(missing)}. "
            "Name the same folders with --faces, or begin a new training in an empty folder."
        )
    plan = plan_from(content["plan"])
    trainee = new_trainee(plan, device)
    trainee.net.load_state_dict(content["net"])
    trainee.averaged.load_state_dict(content["averaged"])
    trainee.optimizer.load_state_dict(content["optimizer"])
    trainee.crops, trainee.began = content["crops"], content.get("began", 0)
    return trainee


def plan_from(kept: dict[str, Any]) -> Plan:
    """A plan as `keep` wrote it."""
    size = kept["size"] | {"stages": tuple(kept["size"]["stages"])}
    return Plan(**(kept | {"size": Size(**size)}))
