"""One piece of a training: learning until it is over, keeping the state, noting the curve."""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from platelab.training import STATE, Plan, Trainee, keep, new_trainee, resume, step
from platelab.weights import load_weights


@dataclass(frozen=True, slots=True)
class Piece:
    """How long this piece of the training lasts, and what is watched meanwhile.

    Attributes:
        watch: what the averaged network does with held-out pictures, as further columns of the curve.
    """

    minutes: float
    crops: int
    every: float
    watch: Callable[[Any], Mapping[str, float]] = lambda _: {}
    cool: bool = False


def begin(folder: Path, plan: Plan, materials: tuple[str, ...], weights: Path | None = None) -> Trainee:
    """The trainee kept in the folder, else one that goes on from weights, else a new one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if (folder / STATE).exists():
        return resume(folder, device, materials)
    if weights:
        return load_weights(weights, device, plan)[0]
    return new_trainee(plan, device)


def train(
    trainee: Trainee, folder: Path, materials: tuple[str, ...], piece: Piece, batches: Iterable[Any]
) -> None:
    """Learn from the batches until the piece is over; keep the state and note the curve on the way."""
    losses: list[Mapping[str, float]] = []
    began = noted = time.monotonic()
    goal = trainee.crops + piece.crops
    for batch in batches:
        now = time.monotonic()
        left = 1 - max((now - began) / (piece.minutes * 60), 1 - (goal - trainee.crops) / piece.crops)
        losses.append(step(trainee, batch, max(0.0, left) if piece.cool else 1.0))
        over = now - began > piece.minutes * 60 or trainee.crops >= goal
        if over or now - noted > piece.every * 60:
            keep(trainee, folder, materials)
            speed = len(losses) * trainee.plan.batch / (now - noted)
            _note(trainee, folder, losses, speed, piece.watch(trainee.averaged))
            losses, noted = [], time.monotonic()
        if over:
            return


def _note(
    trainee: Trainee, folder: Path, losses: Sequence[Mapping[str, float]], speed: float,
    watched: Mapping[str, float],
) -> None:  # fmt: skip
    """One line of the curve, also printed."""
    means = {f"loss_{name}": round(float(np.mean([one[name] for one in losses])), 4) for name in losses[0]}
    line = {"crops": trainee.crops, "crops_per_second": round(speed, 1), **means, **watched}
    path = folder / "curve.csv"
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(line), lineterminator="\n")
        if fresh:
            table.writeheader()
        table.writerow(line)
    print(" ".join(f"{key}={value}" for key, value in line.items()), flush=True)


def arguments_of(network: str, plan: Plan) -> argparse.ArgumentParser:
    """What both trainings are asked for; `plan` gives the usual batch and rate."""
    parser = argparse.ArgumentParser(
        prog=f"python -m platelab.train_{network}", description=f"Train the {network}."
    )
    parser.add_argument(
        "--state", type=Path, required=True, help="folder that keeps the training between pieces"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long this piece lasts (10)")
    parser.add_argument("--crops", type=int, default=10**9, help="most pictures of this piece")
    parser.add_argument("--cool", action="store_true", help="learn ever slower, down to nothing at the end")
    parser.add_argument(
        "--weights", type=Path, help=f"{network}.npz to go on from where --state holds nothing yet"
    )
    parser.add_argument("--every", type=float, default=3.0, help="minutes between notes of the curve (3)")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pictures (1)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the training process (1)")
    parser.add_argument(
        "--batch", type=int, default=plan.batch, help=f"pictures in a step; fixed once begun ({plan.batch})"
    )
    parser.add_argument(
        "--rate", type=float, default=plan.rate, help=f"of learning; fixed once begun ({plan.rate})"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the pictures and the first weights; fixed once begun (1)"
    )
    parser.add_argument(
        "--faces", type=Path, action="append", default=[], help="folder with fonts; may repeat"
    )
    parser.add_argument(
        "--watch", type=Path, action="append", default=[], help="folder of labeled photographs; may repeat"
    )
    return parser
