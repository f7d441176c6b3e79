"""Looking for lines of text with the general text networks: in a whole picture, and closer where it pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from plateward.recognition.choosing import Line
from plateward.recognition.geometry import Picture, Quad, cut, overlap
from plateward.recognition.interfaces import Detector, Emission, Reader

VIEWS = ((3.0, 0.0, 0.0), (2.0, 0.15, 0.0), (2.0, 0.15, 0.08), (2.0, 0.0, -0.06))
"""Further cuts of a line: scale, margin sideways and margin upwards as shares of its height."""
SERIAL_VIEW = (2.0, 0.2, -0.15)
"""The same from a plate's corners to the line of its serial."""
NAME_BANDS = ((-0.03, 0.3), (0.72, 1.03))
"""Where most plates carry the state's name or slogan, in shares of their height from the top."""
NAMED_FROM = 90.0
"""Width in pixels from which such small print may be legible."""
NAMED_ASPECT = 3.0
"""Width by height of the longest plates with a name: American ones have 2, European ones (no name) 4.7."""
CLOSER = 2.0
"""Scale of the cuts where a part of the picture is looked at closely."""


class TextLooker:
    """A text detector and a text reader together."""

    def __init__(self, detector: Callable[[], Detector], reader: Reader, closer_side: int) -> None:
        """`detector` is called once, when lines are first looked for: frames of moving pictures need none."""
        self._load_detector, self._reader, self._closer_side = detector, reader, closer_side

    @cached_property
    def _detector(self) -> Detector:
        return self._load_detector()

    def watched(self, watch: Callable[[str, Any], Any]) -> TextLooker:
        """The same with what `watch` makes of its parts."""
        reader = watch("read", self._reader)
        return TextLooker(lambda: watch("detect", self._detector), reader, self._closer_side)

    def look(self, picture: Picture, longest_side: int) -> list[Line]:
        """All lines of a picture."""
        return self._read(picture, self._detector.detect(picture, longest_side), 1.0)

    def look_closer(self, picture: Picture, place: Quad) -> list[Line]:
        """Lines in the enlarged surroundings of a place."""
        x0, y0, x1, y1 = _surroundings(picture, place)
        found = self._detector.detect(picture[y0:y1, x0:x1], self._closer_side)
        return self._read(picture, [quad.moved(x0, y0) for quad in found], CLOSER)

    def views(self, picture: Picture, quad: Quad, lines: Sequence[Line]) -> list[Emission]:
        """One line read from several slightly different cuts, and what was read of it before."""
        cuts = [cut(picture, quad.grown(sideways, upwards), scale) for scale, sideways, upwards in VIEWS]
        emissions = [strip.emission for strip in self._reader.read(cuts)]
        return emissions + [line.strip.emission for line in lines if _same_line(quad, line.quad)]

    def on_plates(
        self, picture: Picture, plates: Sequence[Quad], *, named: bool
    ) -> list[tuple[Emission, list[Line]]]:
        """The serial of each plate whose corners are known; if `named`, also where its state may stand.

        All are read at once. Plates too small to read a name on or too long to have one have no such lines.
        """
        scale, sideways, upwards = SERIAL_VIEW
        serials = [plate.grown(sideways, upwards) for plate in plates]
        bands = [_name_bands(plate) if named else [] for plate in plates]
        quads = [*serials, *(quad for own in bands for quad in own)]
        strips = self._reader.read([cut(picture, quad, scale) for quad in quads])
        names = iter(strips[len(serials) :])
        return [
            (strip.emission, [Line(quad, next(names)) for quad in own])
            for strip, own in zip(strips, bands, strict=False)
        ]

    def _read(self, picture: Picture, quads: Sequence[Quad], scale: float) -> list[Line]:
        strips = self._reader.read([cut(picture, quad, scale) for quad in quads])
        return [Line(quad, strip) for quad, strip in zip(quads, strips, strict=True)]


def _name_bands(plate: Quad) -> list[Quad]:
    may_name = plate.width >= NAMED_FROM and plate.aspect <= NAMED_ASPECT
    return [plate.band(*band) for band in NAME_BANDS] if may_name else []


def _same_line(one: Quad, other: Quad) -> bool:
    return overlap(one, other) > 0.7 and 0.8 < other.width / max(one.width, 1e-6) < 1.25  # noqa: PLR2004 - shares


def _surroundings(picture: Picture, place: Quad) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the window for a closer look: the whole plate around its characters."""
    height, width = picture.shape[:2]
    (x0, y0), (x1, y1) = place.corners.min(axis=0), place.corners.max(axis=0)
    aside, above = 0.35 * (x1 - x0), 1.1 * place.height
    left, top = max(0, int(x0 - aside)), max(0, int(y0 - above))
    return left, top, min(width, int(x1 + aside) + 1), min(height, int(y1 + above) + 1)
