"""Train the reader, or go on with it.

    python -m platelab.train_reader --state DIR --minutes 60 --faces DIR --watch PHOTOGRAPHS/us-dev

The state in DIR is written every few minutes and at the end; the same command goes on from there. `curve.csv`
in the same folder holds the losses and what the averaged network reads of the watched photographs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from platelab.batches import Batches, drawn_by
from platelab.labeled import Labeled, labeled
from platelab.network import ReaderNet
from platelab.pieces import Piece, arguments_of, begin, train
from platelab.samples import faces_of
from platelab.scoring import decoded, score
from platelab.training import Plan


def watching(folders: Sequence[Path]) -> Callable[[ReaderNet], Mapping[str, float]]:
    """How often a network reads the labeled plates of the folders without any mistake."""
    watched = {folder.name: list(labeled(folder)) for folder in folders}

    def shares(net: ReaderNet) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, pictures in watched.items():
            result = score(read_all(net, pictures), [one.plate for one in pictures])
            found[f"{name}_strict"] = round(result.strict.share, 4)
            found[f"{name}_folded"] = round(result.folded.share, 4)
        return found

    return shares


def read_all(net: ReaderNet, pictures: Sequence[Labeled]) -> list[str]:
    """What the network reads of each cut-out."""
    device = next(net.parameters()).device
    stacked = torch.from_numpy(np.stack([one.picture for one in pictures])[:, np.newaxis])
    with torch.no_grad():
        columns = [net(part.to(device).float())[0].cpu().numpy() for part in stacked.split(64)]
    return [decoded(one).text for part in columns for one in part]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for a while."""
    chosen = arguments_of("reader", Plan()).parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    faces = faces_of(chosen.faces)
    piece = Piece(chosen.minutes, chosen.crops, chosen.every, watching(chosen.watch), chosen.cool)
    plan = Plan(seed=chosen.seed, batch=chosen.batch, rate=chosen.rate)
    trainee = begin(chosen.state, plan, faces.names, chosen.weights)
    batches = Batches(trainee.plan.seed, trainee.plan.batch, trainee.batches, faces)
    train(trainee, chosen.state, faces.names, piece, drawn_by(chosen.workers, batches))


if __name__ == "__main__":
    main()
