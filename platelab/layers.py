"""What both networks are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the name everybody knows


@dataclass(frozen=True, slots=True)
class Losses:
    """What is to become smaller, and its parts by name."""

    whole: Tensor
    parts: Mapping[str, float]


def convolution(
    before: int, after: int, stride: tuple[int, int] = (1, 1), *, active: bool = True
) -> nn.Sequential:
    """Three by three, each channel brought to one mean and deviation."""
    layers: list[nn.Module] = [
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if active else []))


class Residual(nn.Module):
    """Two convolutions around which the input passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one, self.two = convolution(channels, channels), convolution(channels, channels, active=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.two(self.one(x)))
