"""What a detector's cells are taught: where plates are, and nothing of plates that are cut off."""

import numpy as np
import pytest
from numpy.typing import NDArray

from platelab.cells import NOTHING, PLATE, UNASKED, Target, goals, middles
from platelab.grounds import quad_of


def plate(x: float, y: float, width: float, *, exact: bool = True, asked: bool = True) -> Target:
    return Target(quad_of(x, y, width, width / 2), exact, asked)


def said_at(said: NDArray[np.uint8], height: int, width: int, x: float, y: float, stride: int) -> int:
    places, strides = middles(height, width)
    distance = np.linalg.norm(places - (x, y), axis=1) + np.where(strides == stride, 0, 1e9)
    return int(said[distance.argmin()])


def test_cells_are_counted_grid_after_grid_and_row_after_row() -> None:
    places, strides = middles(128, 64)
    assert places[:2].tolist() == [[4, 4], [12, 4]]
    assert [int((strides == stride).sum()) for stride in (8, 16, 32, 64)] == [128, 32, 8, 2]
    assert places[-1].tolist() == [32, 96]


def test_the_cells_around_a_plates_middle_say_so_with_its_corners() -> None:
    target = plate(100, 100, 40)
    told = goals([target], 256, 256)
    assert said_at(told.said, 256, 256, 120, 110, 8) == PLATE
    assert said_at(told.said, 256, 256, 20, 20, 8) == NOTHING
    assert said_at(told.said, 256, 256, 103, 103, 8) == UNASKED, "its edge is neither plate nor nothing"
    assert all((corners == target.corners).all() for corners in told.corners)


@pytest.mark.parametrize("width", [8, 16, 30, 64, 130, 250])
@pytest.mark.parametrize("at", [(31.9, 40.1), (100, 100), (3, 120)])
def test_a_plate_of_any_width_has_at_least_one_cell(width: float, at: tuple[float, float]) -> None:
    assert len(goals([plate(*at, width)], 256, 256).cells) >= 1


def test_wide_plates_are_the_business_of_coarse_grids() -> None:
    told = goals([plate(20, 60, 220)], 256, 256)
    assert said_at(told.said, 256, 256, 130, 115, 32) == PLATE
    assert said_at(told.said, 256, 256, 130, 115, 8) == NOTHING


def test_nothing_is_learned_where_a_plate_is_cut_off() -> None:
    told = goals([plate(100, 100, 40, asked=False)], 256, 256)
    assert len(told.cells) == 0
    assert said_at(told.said, 256, 256, 120, 110, 8) == UNASKED


def test_known_boxes_are_told_from_known_corners() -> None:
    told = goals([plate(20, 20, 40, exact=False), plate(180, 180, 40)], 256, 256)
    assert {bool(exact) for exact in told.exact[told.corners[:, 0, 0] < 100]} == {False}
    assert {bool(exact) for exact in told.exact[told.corners[:, 0, 0] > 100]} == {True}


def test_a_picture_without_plates_says_nothing_anywhere() -> None:
    told = goals([], 64, 64)
    assert not told.said.any()
    assert told.corners.shape == (0, 4, 2)
