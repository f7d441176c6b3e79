"""Batches of cut-outs for training: batch `n` of a seed is always the same, whoever draws it.

Drawn by worker processes beside the training one; with more workers the order stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from platelab.faces import Faces
from platelab.issuers import REGIONS
from platelab.samples import Sample, sample
from plateward.recognition.interfaces import ALPHABET

B = TypeVar("B")
"""Batches of either network."""
AHEAD = 6
"""Batches each worker keeps ready."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures (batch × 1 × HEIGHT × WIDTH, 8 bits), all texts as one row of classes, lengths, regions."""

    pictures: Tensor
    characters: Tensor
    lengths: Tensor
    regions: Tensor


def together(samples: Sequence[Sample]) -> Batch:
    """One batch of some samples."""
    classes = [[1 + ALPHABET.index(char) for char in one.text] for one in samples]
    return Batch(
        torch.from_numpy(np.stack([one.picture for one in samples])[:, np.newaxis]),
        torch.tensor([number for text in classes for number in text]),
        torch.tensor([len(text) for text in classes]),
        torch.tensor([REGIONS.index(one.region) for one in samples]),
    )


class Batches(IterableDataset[Batch]):
    """All batches from number `first` on, without end."""

    def __init__(self, seed: int, size: int, first: int, faces: Faces) -> None:
        self.seed, self.size, self.first, self.faces = seed, size, first, faces

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        step, number = (worker.num_workers, self.first + worker.id) if worker else (1, self.first)
        while True:
            start = number * self.size
            yield together([sample(self.seed, start + place, self.faces) for place in range(self.size)])
            number += step


def drawn_by(workers: int, batches: IterableDataset[B]) -> Iterator[B]:
    """The batches in order, drawn by this many processes (0: by this one)."""
    # Workers are forked, and one that took over OpenCV's threads would wait for them for ever.
    cv2.setNumThreads(1)
    loader = DataLoader(
        batches, batch_size=None, num_workers=workers, prefetch_factor=AHEAD if workers else None
    )
    return iter(loader)
