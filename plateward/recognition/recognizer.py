"""A picture in, plates out: find lines, choose candidates, look closely from several views, decide."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from plateward.recognition.choosing import Candidate, Line, Scene, best_apart, candidates
from plateward.recognition.decoding import Hypothesis, alternatives, characters, decide
from plateward.recognition.detector import TextDetector
from plateward.recognition.geometry import Picture, Quad, cut, overlap
from plateward.recognition.interfaces import Detector, Emission, Reader
from plateward.recognition.models import TEXT_DETECTION, TEXT_READING, default_threads
from plateward.recognition.priors import usualness
from plateward.recognition.reader import TextReader
from plateward.recognition.regions import RegionName, named_region, region_near
from plateward.recognition.results import PictureResult, PlateReading


@dataclass(frozen=True, slots=True)
class Tuning:
    """Everything that was set by measuring (`bench/recognition_us_dev.py`).

    Attributes:
        longest_side: pixels at which the detector looks at the picture's longer side.
        most_enlarged: small pictures are enlarged for it at most so much.
        sizes: shares of that size to look at, one after the other, until something certain was found.
        certain: likeness to a plate (`choosing.likeness`) from which the further sizes are not looked at.
        closer_side: pixels at which the surroundings of a candidate are looked at again.
        most_candidates: plates read in one picture.
        sharpness, trim_cost: see `decoding.decide`.
        most_alternatives, least_alternative: how many other texts are kept, and from which probability.
    """

    longest_side: int = 1280
    most_enlarged: float = 2.0
    sizes: tuple[float, ...] = (1.0, 0.75, 1.5)
    certain: float = 2.8
    closer_side: int = 480
    most_candidates: int = 4
    sharpness: float = 1.5
    trim_cost: float = 4.0
    most_alternatives: int = 5
    least_alternative: float = 0.01


QUICK = Tuning(sizes=(1.0,))
"""For frames of moving pictures, of which the next comes soon."""


NAME_REACH = 3.0
"""A candidate within so many heights of a state's name makes a closer look at the name itself needless."""

VIEWS = ((3.0, 0.0, 0.0), (2.0, 0.15, 0.0), (2.0, 0.15, 0.08), (2.0, 0.0, -0.06))
"""Further cuts of the same line: scale, margin sideways and margin upwards as shares of its height."""


class Recognizer:
    """Composes a detector and a reader; one instance may be shared by threads."""

    def __init__(self, detector: Detector, reader: Reader, model: str, tuning: Tuning = Tuning()) -> None:
        self._detector, self._reader, self._model, self._tuning = detector, reader, model, tuning

    @classmethod
    def default(cls, threads: int | None = None, tuning: Tuning = Tuning()) -> Recognizer:
        """With the networks of the locked `rapidocr` wheel.

        Args:
            threads: for each network; by default PLATEWARD_RECOGNITION_THREADS, or 1.
            tuning: `QUICK` for frames of moving pictures.

        Raises:
            ModelProblem: a network's file is missing or not the pinned one.
        """
        count = default_threads() if threads is None else threads
        names = "+".join(
            f"{m.name.removesuffix('.onnx')}@{m.sha256[:12]}" for m in (TEXT_DETECTION, TEXT_READING)
        )
        return cls(TextDetector(count), TextReader(count), names, tuning)

    def recognize(self, picture: Picture) -> PictureResult:
        """All plates in a height × width × 3 picture (blue-green-red, 8 bits, upright)."""
        started = time.perf_counter()
        height, width = picture.shape[:2]
        readings = tuple(self._readings(picture)) if min(height, width) > 1 else ()
        return PictureResult(readings, width, height, (time.perf_counter() - started) * 1000, self._model)

    def _readings(self, picture: Picture) -> list[PlateReading]:
        """Look once; look again at other sizes only while nothing certain was found."""
        side = self._side_for(picture)
        lines: list[Line] = []
        found: list[tuple[Candidate, PlateReading]] = []
        for share in self._tuning.sizes:
            lines += self._look_twice(picture, round(side * share))
            found = self._read_plates(picture, lines)
            if found and found[0][0].likeness >= self._tuning.certain:
                break
        return [reading for _, reading in found]

    def _look_twice(self, picture: Picture, longest_side: int) -> list[Line]:
        """All lines of a picture, and those in the enlarged surroundings of whatever may be a plate."""
        lines = self._look(picture, longest_side)
        for place in self._places(lines, Scene.of(lines, picture.shape[0])):
            lines += self._look_closer(picture, place)
        return lines

    def _read_plates(self, picture: Picture, lines: Sequence[Line]) -> list[tuple[Candidate, PlateReading]]:
        scene, names = Scene.of(lines, picture.shape[0]), _names(lines)
        decided: dict[Candidate, PlateReading] = {}
        for candidate in candidates(lines, scene, self._tuning.most_candidates):
            region = region_near(candidate.quad, names)
            ranked = self._decide(picture, candidate, lines, region)
            if ranked:
                reading = self._reading(picture, candidate.quad, ranked, region)
                likeness = scene.likeness(candidate.quad, reading.text, _mean_confidence(reading))
                decided[Candidate(candidate.quad, reading.text, likeness)] = reading
        return [(candidate, decided[candidate]) for candidate in best_apart(list(decided), len(decided))]

    def _side_for(self, picture: Picture) -> int:
        """Small pictures are enlarged for the detector: it misses characters below about ten pixels."""
        side = int(max(picture.shape[:2]))
        return min(self._tuning.longest_side, round(side * self._tuning.most_enlarged))

    def _look(self, picture: Picture, longest_side: int) -> list[Line]:
        quads = self._detector.detect(picture, longest_side)
        strips = self._reader.read([cut(picture, quad) for quad in quads])
        return [Line(quad, strip) for quad, strip in zip(quads, strips, strict=True)]

    def _places(self, lines: Sequence[Line], scene: Scene) -> list[Quad]:
        """Where a closer look pays: candidates, and states' names, whose line may hide the plate's."""
        chosen = [candidate.quad for candidate in candidates(lines, scene, self._tuning.most_candidates)]
        return chosen + [
            name
            for name in scene.named
            if all(abs(name.offset_to(other)[1]) > NAME_REACH for other in chosen)
        ]

    def _look_closer(self, picture: Picture, place: Quad) -> list[Line]:
        """Find and read lines again in the enlarged surroundings of a place."""
        x0, y0, x1, y1 = _surroundings(picture, place)
        window = picture[y0:y1, x0:x1]
        quads = [quad.moved(x0, y0) for quad in self._detector.detect(window, self._tuning.closer_side)]
        strips = self._reader.read([cut(picture, quad, 2.0) for quad in quads])
        return [Line(quad, strip) for quad, strip in zip(quads, strips, strict=True)]

    def _decide(
        self, picture: Picture, candidate: Candidate, lines: Sequence[Line], region: RegionName | None
    ) -> list[Hypothesis]:
        cuts = [
            cut(picture, candidate.quad.grown(sideways, upwards), scale) for scale, sideways, upwards in VIEWS
        ]
        emissions: list[Emission] = [strip.emission for strip in self._reader.read(cuts)]
        emissions += [line.strip.emission for line in lines if _same_line(candidate.quad, line.quad)]
        prior = partial(usualness, region=region.region if region else None)
        return decide(emissions, prior, self._tuning.sharpness, self._tuning.trim_cost)

    def _reading(
        self, picture: Picture, quad: Quad, ranked: Sequence[Hypothesis], region: RegionName | None
    ) -> PlateReading:
        height, width = picture.shape[:2]
        return PlateReading(
            text=ranked[0].text,
            characters=characters(ranked),
            confidence=ranked[0].probability,
            region=region.region if region else None,
            region_confidence=region.confidence if region else 0.0,
            box=quad.box(width, height),
            alternatives=alternatives(ranked, self._tuning.most_alternatives, self._tuning.least_alternative),
        )


def _mean_confidence(reading: PlateReading) -> float:
    return sum(char.confidence for char in reading.characters) / len(reading.characters)


def _names(lines: Sequence[Line]) -> list[tuple[Quad, RegionName]]:
    named = ((line.quad, named_region(line.strip.text, line.strip.confidence)) for line in lines)
    return [(quad, name) for quad, name in named if name is not None]


def _same_line(one: Quad, other: Quad) -> bool:
    return overlap(one, other) > 0.7 and 0.8 < other.width / max(one.width, 1e-6) < 1.25  # noqa: PLR2004 - shares


def _surroundings(picture: Picture, place: Quad) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the window for a closer look: the whole plate around its characters."""
    height, width = picture.shape[:2]
    (x0, y0), (x1, y1) = place.corners.min(axis=0), place.corners.max(axis=0)
    aside, above = 0.35 * (x1 - x0), 1.1 * place.height
    left, top = max(0, int(x0 - aside)), max(0, int(y0 - above))
    return left, top, min(width, int(x1 + aside) + 1), min(height, int(y1 + above) + 1)
