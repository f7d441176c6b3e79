"""Train the reader, or go on with it.

    python -m platelab.train_reader --state DIR --minutes 60 --faces DIR --watch PHOTOGRAPHS/us-dev

The state in DIR is written every few minutes and at the end; the same command goes on from there. `curve.csv`
in the same folder holds the losses and what the averaged network reads of the watched photographs.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from platelab.batches import Batches, drawn_by
from platelab.faces import Faces
from platelab.labeled import Labeled, labeled
from platelab.network import ReaderNet
from platelab.samples import faces_of
from platelab.scoring import decoded, score
from platelab.training import STATE, Plan, Trainee, keep, new_trainee, resume, step
from platelab.weights import load_weights


@dataclass(frozen=True, slots=True)
class Piece:
    """How long this piece of the training lasts, and what is watched meanwhile."""

    minutes: float
    crops: int
    every: float
    watched: tuple[tuple[str, tuple[Labeled, ...]], ...]
    cool: bool = False


def begin(folder: Path, plan: Plan, faces: Faces, weights: Path | None = None) -> Trainee:
    """The trainee kept in the folder, else one that goes on from weights, else a new one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if (folder / STATE).exists():
        return resume(folder, device, faces.names)
    if weights:
        return load_weights(weights, device, plan)[0]
    return new_trainee(plan, device)


def train(trainee: Trainee, folder: Path, faces: Faces, piece: Piece, workers: int) -> None:
    """Learn until the piece is over; keep the state and note the curve on the way."""
    batches = Batches(trainee.plan.seed, trainee.plan.batch, trainee.batches, faces)
    losses: list[tuple[float, float]] = []
    began = noted = time.monotonic()
    goal = trainee.crops + piece.crops
    for batch in drawn_by(workers, batches):
        now = time.monotonic()
        left = 1 - max((now - began) / (piece.minutes * 60), 1 - (goal - trainee.crops) / piece.crops)
        losses.append(step(trainee, batch, max(0.0, left) if piece.cool else 1.0))
        over = now - began > piece.minutes * 60 or trainee.crops >= goal
        if over or now - noted > piece.every * 60:
            keep(trainee, folder, faces.names)
            _note(trainee, folder, piece, losses, len(losses) * trainee.plan.batch / (now - noted))
            losses, noted = [], time.monotonic()
        if over:
            return


def _note(
    trainee: Trainee, folder: Path, piece: Piece, losses: Sequence[tuple[float, float]], speed: float
) -> None:
    """One line of the curve, also printed."""
    text, region = np.mean(losses, axis=0)
    line: dict[str, float | int] = {
        "crops": trainee.crops, "crops_per_second": round(speed, 1),
        "loss_text": round(float(text), 4), "loss_region": round(float(region), 4),
    }  # fmt: skip
    for name, pictures in piece.watched:
        result = score(read_all(trainee.averaged, pictures), [one.plate for one in pictures])
        line |= {
            f"{name}_strict": round(result.strict.share, 4),
            f"{name}_folded": round(result.folded.share, 4),
        }
    path = folder / "curve.csv"
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(line), lineterminator="\n")
        if fresh:
            table.writeheader()
        table.writerow(line)
    print(" ".join(f"{key}={value}" for key, value in line.items()), flush=True)


def read_all(net: ReaderNet, pictures: Sequence[Labeled]) -> list[str]:
    """What the network reads of each cut-out."""
    device = next(net.parameters()).device
    stacked = torch.from_numpy(np.stack([one.picture for one in pictures])[:, np.newaxis])
    with torch.no_grad():
        columns = [net(part.to(device).float())[0].cpu().numpy() for part in stacked.split(64)]
    return [decoded(one).text for part in columns for one in part]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for a while."""
    parser = argparse.ArgumentParser(prog="python -m platelab.train_reader", description="Train the reader.")
    parser.add_argument(
        "--state", type=Path, required=True, help="folder that keeps the training between pieces"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long this piece lasts (10)")
    parser.add_argument("--crops", type=int, default=10**9, help="most crops of this piece")
    parser.add_argument("--cool", action="store_true", help="learn ever slower, down to nothing at the end")
    parser.add_argument(
        "--weights", type=Path, help="reader.npz to go on from where --state holds nothing yet"
    )
    parser.add_argument("--every", type=float, default=3.0, help="minutes between notes of the curve (3)")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw crops (1)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the training process (1)")
    parser.add_argument("--batch", type=int, default=32, help="crops in a step; fixed once begun (32)")
    parser.add_argument(
        "--rate", type=float, default=Plan().rate, help="of learning; fixed once begun (0.0015)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the crops and the first weights; fixed once begun (1)"
    )
    parser.add_argument(
        "--faces", type=Path, action="append", default=[], help="folder with fonts; may repeat"
    )
    parser.add_argument(
        "--watch", type=Path, action="append", default=[], help="folder of labeled photographs"
    )
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    faces = faces_of(chosen.faces)
    watched = tuple((folder.name, tuple(labeled(folder))) for folder in chosen.watch)
    piece = Piece(chosen.minutes, chosen.crops, chosen.every, watched, chosen.cool)
    trainee = begin(
        chosen.state, Plan(seed=chosen.seed, batch=chosen.batch, rate=chosen.rate), faces, chosen.weights
    )
    train(trainee, chosen.state, faces, piece, chosen.workers)


if __name__ == "__main__":
    main()
