"""Train the detector, or go on with it.

    python -m platelab.train_detector --state DIR --minutes 60 --faces DIR \
      --grounds PHOTOGRAPHS/train-openimages --grounds PHOTOGRAPHS/train-romania --watch PHOTOGRAPHS/us-dev

The state in DIR is written every few minutes and at the end; the same command goes on from there. `curve.csv`
in the same folder holds the losses, and what the averaged network finds of held-out drawn scenes and of the
watched photographs, which are never learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from platelab.batches import drawn_by
from platelab.detector_network import DetectorNet, DetectorSize
from platelab.finding import Looks, matched, plates_in, shares
from platelab.grounds import Gray
from platelab.photographed import Known, of_labels, of_scenes
from platelab.pieces import Piece, arguments_of, begin, train
from platelab.samples import faces_of
from platelab.scene_batches import SceneBatches
from platelab.scenery import Stock, stock_of
from platelab.training import Plan

PLAN: Final = Plan(batch=16, rate=2e-3, warming=8_000, size=DetectorSize())
WATCHED_SCENES: Final = 60
WATCHED_SEED: Final = 999
LOOKED_AT: Final = 960
"""Longest side of the watched photographs, in pixels."""


def looking(net: DetectorNet) -> Looks:
    """The network as `platelab.finding` asks it."""
    device = next(net.parameters()).device

    def looks(picture: Gray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.no_grad():
            scores, corners = net(torch.from_numpy(picture)[None, None].to(device).float())
        return torch.sigmoid(scores[0]).cpu().numpy(), corners[0].cpu().numpy()

    return looks


def watching(folders: Sequence[Path], held_out: Stock) -> Callable[[DetectorNet], Mapping[str, float]]:
    """Recall and precision on held-out scenes and labeled photographs, and the middle error of corners."""
    watched = {folder.name: list(of_labels(folder)) for folder in folders}
    watched["scenes"] = list(of_scenes(held_out, WATCHED_SCENES, WATCHED_SEED, (256, 384)))

    def found(net: DetectorNet) -> dict[str, float]:
        line: dict[str, float] = {}
        for name, pictures in watched.items():
            line |= {f"{name}_{what}": value for what, value in watch(looking(net), pictures).items()}
        return line

    return found


def watch(looks: Looks, pictures: Sequence[Known]) -> dict[str, float]:
    """Recall, precision and the median corner error (in heights) over some pictures."""
    seen, more = [], 0
    for known in pictures:
        plates, others = matched(plates_in(known.picture, looks, LOOKED_AT), known.plates, exact=known.exact)
        seen += plates
        more += len(others)
    line = {name: round(share.share, 4) for name, share in shares(seen, more).items()}
    errors = [one.error for one in seen if one.error is not None]
    return line | ({"corners": round(float(np.median(errors)), 4)} if errors else {})


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for a while."""
    parser = arguments_of("detector", PLAN)
    parser.add_argument(
        "--grounds", type=Path, action="append", default=[], help="folder with boxes.csv; may repeat"
    )
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    faces = faces_of(chosen.faces)
    stock, held_out = (stock_of(chosen.grounds, faces, held_out=held) for held in (False, True))
    piece = Piece(chosen.minutes, chosen.crops, chosen.every, watching(chosen.watch, held_out), chosen.cool)
    plan = Plan(chosen.seed, chosen.batch, chosen.rate, PLAN.warming, PLAN.size)
    trainee = begin(chosen.state, plan, stock.names, chosen.weights)
    batches = SceneBatches(trainee.plan.seed, trainee.plan.batch, trainee.batches, stock)
    train(trainee, chosen.state, stock.names, piece, drawn_by(chosen.workers, batches))


if __name__ == "__main__":
    main()
