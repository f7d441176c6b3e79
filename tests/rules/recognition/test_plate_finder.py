import numpy as np
import pytest
from numpy.typing import NDArray

from plateward.recognition.plate_finder import OwnDetector, places_in


def plate(x: float, y: float, width: float = 100) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + width / 2), (x, y + width / 2)]


def test_cells_of_one_plate_are_one_place_with_their_mean_corners() -> None:
    corners = np.array([plate(100, 100), plate(104, 100), plate(600, 300)], dtype=np.float32)
    places = places_in(np.array([0.8, 0.8, 0.5], dtype=np.float32), corners, threshold=0.3)
    assert [place.score for place in places] == [pytest.approx(0.8), pytest.approx(0.5)]
    assert places[0].quad.corners[0].tolist() == pytest.approx([102, 100])


def test_a_much_less_certain_cell_has_no_say_in_the_corners() -> None:
    corners = np.array([plate(100, 100), plate(120, 110)], dtype=np.float32)
    (place,) = places_in(np.array([0.9, 0.35], dtype=np.float32), corners, threshold=0.3)
    assert place.quad.corners[0].tolist() == [100, 100]


def test_below_the_threshold_is_no_plate() -> None:
    assert places_in(np.array([0.2], dtype=np.float32), np.array([plate(0, 0)], np.float32), 0.3) == []


class Cells:
    """A network that finds the plates given, in shares of the picture's width, at each longest side."""

    def __init__(self, seen: dict[int, list[tuple[float, float, float]]]) -> None:
        self.seen = seen
        self.asked: list[int] = []

    def run(self, _: None, given: dict[str, NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        side = given["pictures"].shape[3]
        self.asked.append(side)
        found = self.seen[side]
        corners = [plate(x * side, 20, width * side) for x, width, _ in found]
        scores = [score for _, _, score in found]
        return [np.array([scores], np.float32), np.array([corners], np.float32).reshape(1, -1, 4, 2)]


def found_by(cells: Cells) -> list[tuple[int, int, float]]:
    """Left side, width and score of the plates in a picture of 640 × 320 pixels looked at at 1280."""
    finder = OwnDetector.__new__(OwnDetector)
    finder._session, finder._threshold = cells, 0.3
    places = finder.find(np.zeros((320, 640, 3), np.uint8), 1280)
    return [
        (round(place.quad.corners[0, 0]), round(place.quad.width), round(place.score, 1)) for place in places
    ]


def test_a_plate_that_fills_the_picture_is_found_small_and_its_pieces_are_left_out() -> None:
    cells = Cells({320: [(0.1, 0.6, 0.7)], 1280: [(0.1, 0.2, 0.9), (0.4, 0.2, 0.8)]})
    assert found_by(cells) == [(64, 384, 0.7)]
    assert cells.asked == [320, 1280]


def test_a_plate_of_the_usual_size_is_found_as_the_large_look_has_it() -> None:
    cells = Cells({320: [(0.1, 0.1, 0.9)], 1280: [(0.1, 0.11, 0.6), (0.7, 0.1, 0.8)]})
    assert found_by(cells) == [(448, 64, 0.8), (64, 70, 0.6)]
