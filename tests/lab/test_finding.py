"""From cells to plates: neighbors that found one plate are one; finds are compared with what is there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from platelab.finding import Found, chosen, corner_error, matched, overlap, plates_in, shares
from platelab.grounds import Gray, quad_of

LEFT, RIGHT = quad_of(10, 10, 40, 20), quad_of(100, 10, 40, 20)


def test_cells_that_found_the_same_plate_are_one_between_their_corners() -> None:
    corners = np.stack([LEFT, LEFT + 2, RIGHT])
    found = chosen(np.array([0.9, 0.9, 0.5], np.float32), corners, 0.3)
    assert [round(one.score, 1) for one in found] == [0.9, 0.5]
    assert np.allclose(found[0].corners, LEFT + 1)


def test_a_cell_that_is_less_sure_than_asked_finds_nothing() -> None:
    assert chosen(np.array([0.29], np.float32), LEFT[np.newaxis], 0.3) == []


def test_overlap_is_shared_by_joined_area() -> None:
    assert overlap(LEFT, LEFT) == pytest.approx(1)
    assert overlap(LEFT, quad_of(30, 10, 40, 20)) == pytest.approx(1 / 3)
    assert overlap(LEFT, RIGHT) == 0


def test_a_picture_is_shrunk_and_filled_up_and_corners_come_back_in_its_own_pixels() -> None:
    seen: list[tuple[int, ...]] = []

    def looks(picture: Gray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        seen.append(picture.shape)
        return np.array([0.9], np.float32), LEFT[np.newaxis]

    (one,) = plates_in(np.zeros((600, 1000), np.uint8), looks, 500)
    assert seen == [(320, 512)]
    assert np.allclose(one.corners, LEFT * 2)


def test_each_plate_is_found_once_and_what_is_left_over_is_too_much() -> None:
    found = [Found(LEFT + 1, 0.9), Found(LEFT - 1, 0.8)]
    seen, more = matched(found, [LEFT, RIGHT], exact=True)
    assert [one.found for one in seen] == [True, False]
    assert [one.score for one in more] == [0.8]
    rates = shares(seen, len(more))
    assert (rates["recall"].share, rates["precision"].share) == (0.5, 0.5)


def test_a_turned_plate_is_compared_by_its_box_where_only_a_box_is_known() -> None:
    turned = np.array([(0, 10), (50, 0), (50, 20), (0, 30)], np.float32)
    (seen,), more = matched([Found(turned, 0.9)], [quad_of(0, 0, 50, 30)], exact=False)
    assert seen.overlap == pytest.approx(1)
    assert more == [], "what is found is not too much as well"
    assert seen.error is None


def test_the_worst_corner_counts_in_heights_of_the_plate() -> None:
    moved = LEFT.copy()
    moved[2] += (0, 5)
    assert corner_error(moved, LEFT) == pytest.approx(0.25)
