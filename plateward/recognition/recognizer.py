"""A picture in, plates out: find them, read them from several views with one or both readers, decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from plateward.recognition.choosing import Candidate, Line, Scene, best_apart, candidates
from plateward.recognition.decoding import (
    PLATE_DOUBTS,
    PRINT_DOUBTS,
    Calibration,
    Hypothesis,
    Witness,
    alternatives,
    characters,
    decide,
)
from plateward.recognition.detector import TextDetector
from plateward.recognition.following import Follower
from plateward.recognition.geometry import Picture, Quad, overlap
from plateward.recognition.interfaces import Emission, Place, PlateFinder, PlateReader
from plateward.recognition.models import MODELS, TEXT_DETECTION, checked_bytes, default_threads
from plateward.recognition.plate_finder import OwnDetector
from plateward.recognition.plate_reader import OwnReader
from plateward.recognition.priors import usualness
from plateward.recognition.reader import TextReader
from plateward.recognition.regions import RegionName, named_region, region_near
from plateward.recognition.results import PictureResult, PlateReading, SecondOpinion
from plateward.recognition.text_lines import TextLooker


@dataclass(frozen=True, slots=True)
class Tuning:
    """Everything that was set by measuring (`bench/recognition.py`).

    Attributes:
        longest_side: pixels at which a picture's longer side is looked at.
        frame_side: the same for frames of moving pictures.
        most_enlarged: small pictures are enlarged for it at most so much.
        text: whether the general text networks are asked; without them nothing but our own is loaded.
        closely, most_closely: score from which plates found are looked at closely for text, and how many.
        trusted: confidence from which such a reading makes a look at the whole picture needless.
        least_place: score from which a plate found in a frame is read.
        sizes: shares of the side at which lines of text are looked for, one after the other, until something
            certain was found.
        certain: likeness to a plate (`choosing.likeness`) from which there is no further look.
        closer_side: pixels at which the surroundings of a plate are looked at for text.
        most_candidates: plates read in one picture.
        plate_weight, text_weight: of the plate reader's and the text reader's views, see `decoding.Witness`.
        alone_weight: of the plate reader's where the text reader is not asked.
        least_alone: confidence below which what is read between corners found is taken for no plate.
        trim_cost: see `decoding.decide`.
        most_alternatives, least_alternative: how many other texts are kept, and from which probability.
    """

    longest_side: int = 1280
    frame_side: int = 960
    most_enlarged: float = 2.0
    text: bool = True
    closely: float = 0.45
    most_closely: int = 3
    trusted: float = 0.9
    least_place: float = 0.6
    sizes: tuple[float, ...] = (1.0, 0.75, 1.5)
    certain: float = 2.8
    closer_side: int = 480
    most_candidates: int = 4
    plate_weight: float = 0.8
    text_weight: float = 1.2
    alone_weight: float = 1.0
    least_alone: float = 0.3
    trim_cost: float = 5.5
    most_alternatives: int = 5
    least_alternative: float = 0.01


ONE_LOOK = Tuning(sizes=(1.0,))
"""For units: whole photographs are searched at one size at most. Frames are read as ever."""

OWN = Tuning(text=False)
"""Our own networks alone: a fraction of time and memory, at less accuracy."""

CALIBRATION = Calibration(temperature=1.0, unforeseen=0.015)
"""Fitted on one half of the labelled photographs, measured on the other (`docs/recognition.md`)."""

NAME_REACH = 3.0
"""A candidate within so many heights of a state's name makes a closer look at the name itself needless."""

LINE_VIEWS = ((0.0, 0.02), (-0.03, 0.15), (0.05, 0.15))
"""From a serial's line to its plate, which is not much larger: margins sideways and upwards, in heights."""

PLATE_VIEWS = ((0.05, 0.04), (0.2, 0.05), (0.35, 0.06))
"""The same from a plate's corners, which are found a little too narrow on wide plates."""

SAME_PLATE = 0.5
"""Overlap from which two places are parts of one plate."""

SERIAL_MARGIN = -0.2
"""From a plate's corners to its serial's line."""


class Recognizer:
    """Composes networks; one instance may be shared by threads."""

    def __init__(
        self,
        finder: PlateFinder,
        plate_reader: PlateReader,
        text: Callable[[], TextLooker],
        model: str,
        tuning: Tuning = Tuning(),
    ) -> None:
        """`text` is called once, when the text networks are first needed."""
        self._finder, self._plate_reader, self._load_text = finder, plate_reader, text
        self._model, self._tuning = model, tuning

    @classmethod
    def default(cls, threads: int | None = None, tuning: Tuning = Tuning()) -> Recognizer:
        """With the networks of this version and of the locked `rapidocr` wheel.

        Args:
            threads: for each network; by default PLATEWARD_RECOGNITION_THREADS, or 1.
            tuning: `ONE_LOOK` or `OWN` for small computers.

        Raises:
            ModelProblem: a network's file is missing or not the pinned one.
        """
        count = default_threads() if threads is None else threads

        def text() -> TextLooker:
            return TextLooker(partial(TextDetector, count), TextReader(count), tuning.closer_side)

        names = "+".join(model.short for model in MODELS if tuning.text or model.own)
        recognizer = cls(OwnDetector(count), OwnReader(count), text, names, tuning)
        if tuning.text:
            # A damaged installation is told now, not at the first doubt.
            _ = recognizer._text
            checked_bytes(TEXT_DETECTION)
        return recognizer

    @cached_property
    def _text(self) -> TextLooker:
        return self._load_text()

    @property
    def model(self) -> str:
        """Name and digest of every network that has part in the readings."""
        return self._model

    def watched(self, watch: Callable[[str, Any], Any]) -> Recognizer:
        """The same recognizer with what `watch` makes of its parts, as to measure them one by one."""
        finder, plate_reader = watch("detect", self._finder), watch("plate", self._plate_reader)
        return Recognizer(finder, plate_reader, lambda: self._text.watched(watch), self._model, self._tuning)

    def recognize(self, picture: Picture) -> PictureResult:
        """All plates in a height × width × 3 picture (blue-green-red, 8 bits, upright)."""
        started = time.perf_counter()
        height, width = picture.shape[:2]
        readings = tuple(self._readings(picture)) if min(height, width) > 1 else ()
        return PictureResult(readings, width, height, (time.perf_counter() - started) * 1000, self._model)

    def recognize_all(self, pictures: Sequence[Picture]) -> list[PictureResult]:
        """One result for each picture, in order."""
        return [self.recognize(picture) for picture in pictures]

    def follower(self) -> Follower:
        """For the frames of one camera or video, of which each needs its own."""
        return Follower(self)

    def find(self, frame: Picture) -> list[Place]:
        """The plates found in a frame of a moving picture, the surest first; no text is looked for."""
        side = min(self._tuning.frame_side, self._side_for(frame))
        places = [
            place for place in self._finder.find(frame, side) if place.score >= self._tuning.least_place
        ]
        return places[: self._tuning.most_candidates]

    def read(self, picture: Picture, places: Sequence[Place], *, named: bool = True) -> list[PlateReading]:
        """What is read between the corners found, all places at once, the surest first.

        A place where nothing like a plate is read has no reading. `named`: whether the states' names are
        looked for, which takes longer than the serials.
        """
        quads = [place.quad for place in places]
        read = zip(places, self._between_corners(picture, quads, named=named), strict=True)
        sure = [
            (place.score * reading.confidence, place, reading)
            for place, reading in read
            if reading is not None and reading.confidence >= self._tuning.least_alone
        ]
        kept: list[tuple[Place, PlateReading]] = []
        for _, place, reading in sorted(sure, key=lambda each: -each[0]):
            if all(overlap(place.quad, other.quad) < SAME_PLATE for other, _ in kept):
                kept.append((place, reading))
        return [reading for _, reading in kept]

    def _readings(self, picture: Picture) -> list[PlateReading]:
        side = self._side_for(picture)
        if self._tuning.text:
            return self._read_text(picture, side)
        return self.read(picture, self._finder.find(picture, side)[: self._tuning.most_candidates])

    def _read_text(self, picture: Picture, side: int) -> list[PlateReading]:
        """With all: closely at plates found; in the whole picture where that gives nothing certain."""
        tuning = self._tuning
        found = self._finder.find(picture, side)
        places = [place for place in found if place.score >= tuning.closely][: tuning.most_closely]
        lines = [line for place in places for line in self._text.look_closer(picture, place.quad)]
        read = self._read_lines(picture, lines)
        if read and self._is_certain(read[0], places):
            return [reading for _, reading in read]
        return self._read_whole(picture, side)

    def _is_certain(self, found: tuple[Candidate, PlateReading], places: Sequence[Place]) -> bool:
        candidate, reading = found
        on_plate = any(overlap(candidate.quad, place.quad) > SAME_PLATE for place in places)
        sure = reading.confidence >= self._tuning.trusted
        return on_plate and sure and candidate.likeness >= self._tuning.certain

    def _read_whole(self, picture: Picture, side: int) -> list[PlateReading]:
        """Lines of text in the whole picture, again at other sizes only while nothing certain was found."""
        lines: list[Line] = []
        found: list[tuple[Candidate, PlateReading]] = []
        for share in self._tuning.sizes:
            lines += self._look_twice(picture, round(side * share))
            found = self._read_lines(picture, lines)
            if found and found[0][0].likeness >= self._tuning.certain:
                break
        return [reading for _, reading in found]

    def _between_corners(
        self, picture: Picture, plates: Sequence[Quad], *, named: bool
    ) -> list[PlateReading | None]:
        """What the plate reader makes of each plate, and the text reader where it is asked."""
        views = self._own_views(picture, [plate.grown(*margin) for plate in plates for margin in PLATE_VIEWS])
        count = len(PLATE_VIEWS)
        own = [views[start : start + count] for start in range(0, len(views), count)]
        tuning = self._tuning
        if not tuning.text:
            alone = [[Witness(each, tuning.alone_weight, PLATE_DOUBTS)] for each in own]
            return [self._decided(picture, *each, None) for each in zip(plates, alone, strict=True)]
        read: list[PlateReading | None] = []
        for plate, each, (serial, lines) in zip(
            plates, own, self._text.on_plates(picture, plates, named=named), strict=True
        ):
            witnesses = [
                Witness(each, tuning.plate_weight, PLATE_DOUBTS),
                Witness([serial], tuning.text_weight, PRINT_DOUBTS),
            ]
            region = region_near(_serial_of(plate), _names(lines))
            read.append(self._decided(picture, plate, witnesses, region))
        return read

    def _decided(
        self, picture: Picture, plate: Quad, witnesses: Sequence[Witness], region: RegionName | None
    ) -> PlateReading | None:
        ranked = self._decide(witnesses, region)
        second = self._decide(witnesses[1:], None)
        return self._reading(picture, _serial_of(plate), ranked, region, second) if ranked else None

    def _read_lines(self, picture: Picture, lines: Sequence[Line]) -> list[tuple[Candidate, PlateReading]]:
        """The lines that are plates, read by both readers, likeliest first."""
        scene, names = Scene.of(lines, picture.shape[0]), _names(lines)
        decided: dict[Candidate, PlateReading] = {}
        for candidate in candidates(lines, scene, self._tuning.most_candidates):
            region = region_near(candidate.quad, names)
            witnesses = self._witnesses(picture, candidate.quad, lines)
            ranked = self._decide(witnesses, region)
            if ranked:
                second = self._decide(witnesses[1:], None)
                reading = self._reading(picture, candidate.quad, ranked, region, second)
                likeness = scene.likeness(candidate.quad, reading.text, _mean_confidence(reading))
                decided[Candidate(candidate.quad, reading.text, likeness)] = reading
        return [(candidate, decided[candidate]) for candidate in best_apart(list(decided), len(decided))]

    def _side_for(self, picture: Picture) -> int:
        """Small pictures are enlarged: characters below about ten pixels are missed."""
        side = int(max(picture.shape[:2]))
        return min(self._tuning.longest_side, round(side * self._tuning.most_enlarged))

    def _look_twice(self, picture: Picture, longest_side: int) -> list[Line]:
        """All lines of a picture, and those in the enlarged surroundings of whatever may be a plate."""
        lines = self._text.look(picture, longest_side)
        for quad in self._worth_a_look(lines, Scene.of(lines, picture.shape[0])):
            lines += self._text.look_closer(picture, quad)
        return lines

    def _worth_a_look(self, lines: Sequence[Line], scene: Scene) -> list[Quad]:
        """Candidates, and states' names, whose line may hide the plate's."""
        chosen = [candidate.quad for candidate in candidates(lines, scene, self._tuning.most_candidates)]
        return chosen + [
            name
            for name in scene.named
            if all(abs(name.offset_to(other)[1]) > NAME_REACH for other in chosen)
        ]

    def _witnesses(self, picture: Picture, line: Quad, lines: Sequence[Line]) -> list[Witness]:
        """What the plate reader and then the text reader see there."""
        own = self._own_views(picture, [line.grown(*margin) for margin in LINE_VIEWS])
        return [
            Witness(own, self._tuning.plate_weight, PLATE_DOUBTS),
            Witness(self._text.views(picture, line, lines), self._tuning.text_weight, PRINT_DOUBTS),
        ]

    def _own_views(self, picture: Picture, quads: Sequence[Quad]) -> list[Emission]:
        return [look.emission for look in self._plate_reader.look(picture, quads)]

    def _decide(self, witnesses: Sequence[Witness], region: RegionName | None) -> list[Hypothesis]:
        prior = partial(usualness, region=region.region if region else None)
        return decide(witnesses, prior, self._tuning.trim_cost, CALIBRATION)

    def _reading(
        self,
        picture: Picture,
        quad: Quad,
        ranked: Sequence[Hypothesis],
        region: RegionName | None,
        second: Sequence[Hypothesis],
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
            second_opinion=SecondOpinion(second[0].text, second[0].probability) if second else None,
        )


def _serial_of(plate: Quad) -> Quad:
    """The characters' place on a plate, where only the plate's is known."""
    return plate.grown(0.0, SERIAL_MARGIN)


def _mean_confidence(reading: PlateReading) -> float:
    return sum(char.confidence for char in reading.characters) / len(reading.characters)


def _names(lines: Sequence[Line]) -> list[tuple[Quad, RegionName]]:
    named = ((line.quad, named_region(line.strip.text, line.strip.confidence)) for line in lines)
    return [(quad, name) for quad, name in named if name is not None]
