"""The detector's network: convolutions at ever coarser grids, brought together; a score and corners a cell.

Input: batch × 1 × height × width gray pictures, 0 to 255, both sides multiples of 64. Outputs: scores before
the sigmoid, batch × cells, and corners in pixels, batch × cells × 4 × 2, the cells in the order of `cells.py`
(feature pyramid: Lin et al. 2017; anchor-free cells: Tian et al. 2019, FCOS).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the name everybody knows

from platelab.cells import REACH, STRIDES, UNASKED
from platelab.layers import Losses, Residual, convolution
from platelab.scene_batches import SceneBatch

VALUES: Final = 9
"""A cell's score and its four corners."""
SELDOM: Final = -4.6
"""The score every cell begins with: plates are seldom."""
FOCUS: Final = 2.0
"""How much less cells count that are right already (Lin et al. 2017, focal loss)."""
CORNERS_SHARE: Final = 1.5
BOX_SHARE: Final = 0.5
"""How much the edges of known boxes count beside known corners."""
LEAST_HEIGHT: Final = 6.0
"""Errors of corners count in heights of the plate, of at least so many pixels."""
ROUNDED: Final = 0.08
"""Errors smaller than this share of the height count as their square."""


@dataclass(frozen=True, slots=True)
class DetectorSize:
    """Channels after each halving, and of the maps that are brought together."""

    stages: tuple[int, ...] = (16, 24, 32, 48, 64, 64)
    joined: int = 40

    def network(self) -> DetectorNet:
        return DetectorNet(self)


class DetectorNet(nn.Module):
    """The whole detector."""

    def __init__(self, size: DetectorSize) -> None:
        super().__init__()
        halved, quartered, *grids = size.stages
        self.seen = nn.Sequential(convolution(1, halved, (2, 2)), convolution(halved, quartered, (2, 2)))
        before = [quartered, *grids]
        self.stages = nn.ModuleList(
            nn.Sequential(convolution(before[place], channels, (2, 2)), Residual(channels))
            for place, channels in enumerate(grids)
        )
        self.across = nn.ModuleList(nn.Conv2d(channels, size.joined, 1) for channels in grids)
        self.shared = nn.Conv2d(size.joined, size.joined, 3, padding=1)
        self.said = nn.Conv2d(size.joined, VALUES, 1)
        nn.init.normal_(self.said.weight, std=0.01)
        nn.init.constant_(self.said.bias, 0.0)
        with torch.no_grad():
            self.said.bias[0] = SELDOM

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.seen(pictures / 64 - 2)
        grids = []
        for stage, across in zip(self.stages, self.across, strict=True):
            maps = stage(maps)
            grids.append(across(maps))
        for place in reversed(range(len(grids) - 1)):
            grids[place] = grids[place] + F.interpolate(grids[place + 1], scale_factor=2.0, mode="nearest")
        said = [
            _decoded(self.said(F.relu(self.shared(F.relu(grid)))).float(), stride)
            for grid, stride in zip(grids, STRIDES, strict=True)
        ]
        scores, corners = zip(*said, strict=True)
        return torch.cat(scores, dim=1), torch.cat(corners, dim=1)

    def losses(self, batch: SceneBatch, device: torch.device) -> Losses:
        """Of the scores, and of the corners where there are plates."""
        pictures = batch.pictures.to(device).float().contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            scores, corners = self(pictures)
        plates = max(1, len(batch.cells))
        score = _focal(scores, batch.said.to(device)) / plates
        chosen = corners.flatten(0, 1)[batch.cells.to(device)]
        error = _corner_errors(chosen, batch.corners.to(device), batch.exact.to(device)).sum() / plates
        return Losses(score + CORNERS_SHARE * error, {"score": score.item(), "corners": error.item()})


def _decoded(said: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Scores (batch × cells) and corners in pixels (batch × cells × 4 × 2) of one grid."""
    ones = torch.ones_like(said[:, :1])
    # Counted up instead of taken from the shape, so that the exported graph fits any size.
    x, y = (ones.cumsum(3) - 0.5) * stride, (ones.cumsum(2) - 0.5) * stride
    places = torch.cat([x, y] * 4, dim=1)
    corners = places + said[:, 1:] * (stride * REACH)
    return said[:, 0].flatten(1), corners.flatten(2).transpose(1, 2).unflatten(2, (4, 2))


def _focal(scores: Tensor, said: Tensor) -> Tensor:
    """Sum over all cells of which something is asked."""
    goal = (said == 1).float()
    plain = F.binary_cross_entropy_with_logits(scores, goal, reduction="none")
    sure = torch.sigmoid(scores)
    miss = goal * (1 - sure) + (1 - goal) * sure
    weight = 0.25 * goal + 0.75 * (1 - goal)
    return (weight * miss**FOCUS * plain * (said != UNASKED)).sum() * 2


def _corner_errors(found: Tensor, known: Tensor, exact: Tensor) -> Tensor:
    """For each cell the mean error of its corners, or of its edges where only a box is known, in heights."""
    left, right = known[:, 3] - known[:, 0], known[:, 2] - known[:, 1]
    height = torch.maximum(left.norm(dim=1), right.norm(dim=1)).clamp(min=LEAST_HEIGHT)
    error = (found - known) / height[:, None, None]
    corner = F.smooth_l1_loss(error, torch.zeros_like(error), reduction="none", beta=ROUNDED).mean((1, 2))
    edges = torch.stack(
        [error[:, [0, 3], 0], error[:, [1, 2], 0], error[:, [0, 1], 1], error[:, [3, 2], 1]], dim=1
    ).mean(dim=2)
    edge = F.smooth_l1_loss(edges, torch.zeros_like(edges), reduction="none", beta=ROUNDED).mean(dim=1)
    return torch.where(exact, corner, BOX_SHARE * edge)
