"""The car's screen: a page for the person beside the camera, on this machine alone, also without network."""

from plateward.edge.screen.desk import Parts
from plateward.edge.screen.serving import Screen, ScreenError

__all__ = ["Parts", "Screen", "ScreenError"]
