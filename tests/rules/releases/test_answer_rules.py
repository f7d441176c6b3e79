"""What is decided about the pictures of an answer, and boxes around found plates."""

import pytest

from plateward.releases.answer_rules import box_around, frozen_problem, may_send, undecided_problem
from plateward.releases.records_rules import RecordsState


@pytest.mark.clause("B-466.7¶2")
def test_undecided_pictures_are_named_and_none_is_no_problem() -> None:
    assert undecided_problem([]) == ""
    assert "“Scene”; “Yard”" in undecided_problem(["Scene", "Yard"])


@pytest.mark.clause("B-466.7¶2")
def test_an_answer_is_open_until_the_determination_and_frozen_after_it() -> None:
    assert frozen_problem(RecordsState.RECEIVED) == ""
    assert "further determination" in frozen_problem(RecordsState.DETERMINED)
    assert "is closed. Nothing is added" in frozen_problem(RecordsState.CLOSED)
    assert "is withdrawn. Nothing is added" in frozen_problem(RecordsState.WITHDRAWN)


@pytest.mark.clause("B-466.7¶2")
def test_a_replaced_copy_is_not_sent() -> None:
    assert may_send(is_replaced=False).allowed
    assert "do not send it" in may_send(is_replaced=True).reason


def test_a_box_is_larger_than_the_plate_and_stays_in_the_picture() -> None:
    turned = [(100.0, 50.0), (200.0, 60.0), (198.0, 90.0), (98.0, 80.0)]
    left, top, width, height = box_around(turned, 640, 480) or (0, 0, 0, 0)
    assert (left, top) == (82, 44)
    assert (left + width, top + height) == (216, 97)
    assert box_around([(-5.0, -5.0), (10.0, 8.0)], 640, 480) == (0, 0, 13, 10)
    assert box_around([(700.0, 10.0), (720.0, 20.0)], 640, 480) is None
