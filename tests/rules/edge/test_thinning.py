import pytest

from plateward.edge.thinning import Level, level

GIGABYTE = 10**9


@pytest.mark.clause("B-466.5", "H-426.4")
@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (5 * GIGABYTE, Level.ENOUGH),
        (2 * GIGABYTE, Level.ENOUGH),
        (2 * GIGABYTE - 1, Level.THIN),
        (GIGABYTE - 1, Level.READS_ONLY),
        (GIGABYTE // 2 - 1, Level.STOP),
    ],
)
def test_pictures_go_before_capturing_stops(room: int, expected: Level) -> None:
    assert level(room, thin_below=2 * GIGABYTE, stop_below=GIGABYTE) is expected


@pytest.mark.clause("B-466.5", "H-426.4")
def test_without_a_room_in_the_policy_no_picture_goes_and_capturing_stops_earlier() -> None:
    assert level(2 * GIGABYTE - 1, thin_below=None, stop_below=GIGABYTE) is Level.ENOUGH
    assert level(GIGABYTE - 1, thin_below=None, stop_below=GIGABYTE) is Level.STOP
