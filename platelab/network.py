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

from platelab.batches import Batch
from platelab.issuers import REGIONS
from platelab.layers import Losses, Residual, convolution
from plateward.recognition.interfaces import ALPHABET

STEPS = 32
ROWS = 3
CLASSES = 1 + len(ALPHABET)
REGION_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Size:
    """Channels of the three stages, width of the columns and number of attention blocks."""

    stages: tuple[int, int, int] = (32, 64, 128)
    columns: int = 192
    blocks: int = 2
    heads: int = 4

    def network(self) -> ReaderNet:
        return ReaderNet(self)


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
            convolution(1, low // 2, stride=(2, 2)),
            convolution(low // 2, low),
            nn.MaxPool2d(2),
            convolution(low, middle),
            nn.MaxPool2d((2, 1)),
            Residual(middle),
            convolution(middle, high),
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

    def losses(self, batch: Batch, device: torch.device) -> Losses:
        """Mean loss of the texts (per character) and of the regions."""
        pictures = batch.pictures.to(device).float().contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            columns, regions = self(pictures)
        steps = torch.full((len(pictures),), STEPS, dtype=torch.long)
        text = F.ctc_loss(
            columns.transpose(0, 1).cpu(), batch.characters, steps, batch.lengths, zero_infinity=True
        )
        region = F.cross_entropy(regions, batch.regions.to(device))
        return Losses(
            text + REGION_SHARE * region.to(text.device), {"text": text.item(), "region": region.item()}
        )
