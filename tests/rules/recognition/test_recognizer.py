from collections.abc import Sequence

import numpy as np

from plateward.recognition import Recognizer, Tuning
from plateward.recognition.geometry import Picture, Quad
from plateward.recognition.interfaces import Strip
from tests.rules.recognition.lines import emission, line

NO_CAR = np.zeros((480, 640, 3), dtype=np.uint8)


class Finds:
    """A detector that finds the same lines at the sizes given, and nothing at others."""

    def __init__(self, quads: Sequence[Quad], sizes: Sequence[int]) -> None:
        self.quads, self.sizes = list(quads), sizes
        self.asked: list[int] = []

    def detect(self, picture: Picture, longest_side: int) -> list[Quad]:
        whole = picture.shape == NO_CAR.shape
        self.asked += [longest_side] if whole else []
        return self.quads if whole and longest_side in self.sizes else []


class Reads:
    """A reader to whom every line says the same."""

    def __init__(self, text: str) -> None:
        self.strip = Strip(text, 0.95, emission(text))

    def read(self, cuts: Sequence[Picture]) -> list[Strip]:
        return [self.strip for _ in cuts]


def test_any_detector_and_reader_make_a_recognizer() -> None:
    quad = line("8ABC123", x=200, y=200).quad
    result = Recognizer(Finds([quad], [1280]), Reads("8ABC123"), "stub@1").recognize(NO_CAR)
    (reading,) = result.readings
    assert (reading.text, reading.region, reading.region_confidence) == ("8ABC123", None, 0.0)
    assert (reading.box.x, reading.box.y) == (200, 200)
    assert (result.width, result.height, result.model) == (640, 480, "stub@1")


def test_a_certain_plate_is_looked_at_once() -> None:
    detector = Finds([line("8ABC123", x=200, y=200).quad], [1280])
    Recognizer(detector, Reads("8ABC123"), "stub").recognize(NO_CAR)
    assert detector.asked == [1280]


def test_where_nothing_was_found_other_sizes_are_tried() -> None:
    detector = Finds([line("8ABC123", x=200, y=200).quad], [1920])
    result = Recognizer(detector, Reads("8ABC123"), "stub").recognize(NO_CAR)
    assert detector.asked == [1280, 960, 1920]
    assert [reading.text for reading in result.readings] == ["8ABC123"]


def test_moving_pictures_are_looked_at_once_in_any_case() -> None:
    detector = Finds([], [])
    Recognizer(detector, Reads(""), "stub", Tuning(sizes=(1.0,))).recognize(NO_CAR)
    assert detector.asked == [1280]


def test_no_plate_is_an_empty_answer() -> None:
    assert Recognizer(Finds([], []), Reads(""), "stub").recognize(NO_CAR).readings == ()
