"""The reader's network: convolutions to columns, attention among columns, one guess for each column.

Input: batch × 1 × HEIGHT × WIDTH gray pictures, 0 to 255. Outputs: batch × STEPS × 37 logarithms of
probabilities (class 0 is "nothing", then ALPHABET: connectionist temporal classification), and scores of the
regions. Every picture is brought to mean 0 and deviation 1 first, so exposure does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the name everybody knows

from platelab.issuers import REGIONS
from plateward.recognition.interfaces import ALPHABET

STEPS = 32
ROWS = 3
CLASSES = 1 + len(ALPHABET)


@dataclass(frozen=True, slots=True)
class Size:
    """Channels of the three stages, width of the columns and number of attention blocks."""

    stages: tuple[int, int, int] = (32, 64, 128)
    columns: int = 192
    blocks: int = 2
    heads: int = 4


class Residual(nn.Module):
    """Two convolutions around which the input passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one, self.two = _convolution(channels, channels), _convolution(channels, channels, active=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.two(self.one(x)))


class Attention(nn.Module):
    """Every column looks at all others, then thinks for itself."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.thought = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        batch, steps, width = x.shape
        parts = self.mixed(self.before(x)).view(batch, steps, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5, dim=-1)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(batch, steps, width))
        thought: Tensor = self.thought(self.after(x))
        return x + thought


class ReaderNet(nn.Module):
    """The whole reader."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        low, middle, high = size.stages
        self.seen = nn.Sequential(
            _convolution(1, low // 2, stride=(2, 2)),
            _convolution(low // 2, low),
            nn.MaxPool2d(2),
            _convolution(low, middle),
            nn.MaxPool2d((2, 1)),
            Residual(middle),
            _convolution(middle, high),
            nn.MaxPool2d((2, 1)),
            Residual(high),
        )
        self.columns = nn.Linear(high * ROWS, size.columns)
        self.places = nn.Parameter(torch.randn(STEPS, size.columns) * 0.02)
        self.blocks = nn.Sequential(*(Attention(size.columns, size.heads) for _ in range(size.blocks)))
        self.normal = nn.LayerNorm(size.columns)
        self.characters = nn.Linear(size.columns, CLASSES)
        self.regions = nn.Sequential(
            nn.Linear(high * ROWS * 2 + size.columns, 160), nn.ReLU(), nn.Linear(160, len(REGIONS))
        )

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
        spread = ((pictures - mean) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
        maps = self.seen((pictures - mean) / (spread + 2.0))
        columns = self.columns(maps.permute(0, 3, 1, 2).flatten(2))
        read = self.normal(self.blocks(columns + self.places))
        # An issuer shows in its printed name: in what appears anywhere along the upper or lower row.
        pooled = torch.cat(
            [maps.amax(dim=3).flatten(1), maps.mean(dim=3).flatten(1), read.mean(dim=1)], dim=1
        )
        return torch.log_softmax(self.characters(read).float(), dim=-1), self.regions(pooled).float()


def _convolution(
    before: int, after: int, stride: tuple[int, int] = (1, 1), *, active: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if active else []))
