"""Batches of scenes for training: batch `n` of a seed is always the same, whoever draws it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from platelab.cells import goals
from platelab.scenery import Scene, Stock, scene

SHAPES: Final = (
    (256, 256),
    (256, 256),
    (256, 320),
    (256, 256),
    (384, 512),
    (256, 256),
    (256, 384),
    (448, 640),
)
"""Height and width of the pictures of successive batches."""


@dataclass(frozen=True, slots=True)
class SceneBatch:
    """Pictures (batch × 1 × height × width, 8 bits) and what their cells should say.

    Attributes:
        said: batch × cells, see `platelab.cells`.
        cells: numbers of the cells that say "plate", counted through the whole batch; each has its corners
            (4 × 2) and whether they are exact.
    """

    pictures: Tensor
    said: Tensor
    cells: Tensor
    corners: Tensor
    exact: Tensor


def together(scenes: list[Scene]) -> SceneBatch:
    """One batch of scenes of one size."""
    height, width = scenes[0].picture.shape
    each = [goals(one.targets, height, width) for one in scenes]
    count = len(each[0].said)
    return SceneBatch(
        torch.from_numpy(np.stack([one.picture for one in scenes])[:, np.newaxis]),
        torch.from_numpy(np.stack([one.said for one in each])),
        torch.from_numpy(np.concatenate([one.cells + count * place for place, one in enumerate(each)])),
        torch.from_numpy(np.concatenate([one.corners for one in each])),
        torch.from_numpy(np.concatenate([one.exact for one in each])),
    )


def shape_of(number: int, size: int) -> tuple[tuple[int, int], int]:
    """Height and width of the pictures of batch `number`, and how many there are.

    As many pixels as `size` of the smallest have.
    """
    height, width = SHAPES[number % len(SHAPES)]
    smallest = SHAPES[0][0] * SHAPES[0][1]
    return (height, width), max(1, size * smallest // (height * width))


class SceneBatches(IterableDataset[SceneBatch]):
    """All batches from number `first` on, without end."""

    def __init__(self, seed: int, size: int, first: int, stock: Stock) -> None:
        self.seed, self.size, self.first, self.stock = seed, size, first, stock

    def __iter__(self) -> Iterator[SceneBatch]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        step, number = (worker.num_workers, self.first + worker.id) if worker else (1, self.first)
        while True:
            shape, count = shape_of(number, self.size)
            start = number * self.size
            yield together([scene(self.seed, start + place, shape, self.stock) for place in range(count)])
            number += step
