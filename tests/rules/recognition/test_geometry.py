import numpy as np
import pytest

from plateward.recognition.geometry import Quad, cut, overlap


def upright(x: float, y: float, width: float, height: float) -> Quad:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Quad.from_points(np.array(corners, dtype=np.float32))


def turned(center: tuple[float, float], width: float, height: float, degrees: float) -> Quad:
    angle = np.radians(degrees)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [np.array(center) + a * width / 2 * along + b * height / 2 * across for a, b in signs]
    return Quad.from_points(np.array(corners, dtype=np.float32))


def test_corners_are_ordered_from_the_top_left_however_they_come() -> None:
    shuffled = np.array([(110, 50), (10, 20), (110, 20), (10, 50)], dtype=np.float32)
    assert Quad.from_points(shuffled).corners.tolist() == [[10, 20], [110, 20], [110, 50], [10, 50]]


@pytest.mark.parametrize("degrees", [-20, 0, 15])
def test_a_turned_box_keeps_its_measures(degrees: float) -> None:
    quad = turned((300, 200), 120, 40, degrees)
    assert quad.width == pytest.approx(120, abs=0.1)
    assert quad.height == pytest.approx(40, abs=0.1)
    assert quad.angle == pytest.approx(degrees, abs=0.1)


def test_a_cut_out_plate_stands_upright() -> None:
    picture = np.zeros((200, 300, 3), dtype=np.uint8)
    quad = turned((150, 100), 100, 30, 20)
    rows, columns = np.mgrid[0:200, 0:300]
    along, _ = quad.axes
    left = (columns - 150) * along[0] + (rows - 100) * along[1] < 0
    picture[left] = 255
    upright_cut = cut(picture, quad, 2.0)
    assert upright_cut.shape == (60, 200, 3)
    assert upright_cut[:, :90].min() > 250
    assert upright_cut[:, 110:].max() < 5


def test_a_grown_box_adds_shares_of_the_height() -> None:
    grown = upright(100, 100, 80, 20).grown(0.5, 0.25)
    assert (grown.width, grown.height) == (pytest.approx(100), pytest.approx(30))


def test_joined_boxes_lie_in_one_around_them() -> None:
    whole = Quad.around((upright(10, 10, 40, 20), upright(60, 11, 50, 20)), angle_of=upright(60, 11, 50, 20))
    assert (whole.width, whole.height) == (pytest.approx(100), pytest.approx(21))


def test_overlap_is_a_share_of_the_smaller_box() -> None:
    assert overlap(upright(0, 0, 100, 100), upright(0, 0, 10, 10)) == pytest.approx(1.0)
    assert overlap(upright(0, 0, 10, 10), upright(50, 50, 10, 10)) == 0.0


def test_a_box_stays_inside_the_picture() -> None:
    box = upright(-5, 90, 50, 30).box(100, 100)
    assert (box.x, box.y, box.width, box.height) == (0, 90, 45, 9)
    assert box.corners == ((0, 90), (45, 90), (45, 99), (0, 99))


def test_a_band_is_what_lies_between_two_shares_of_the_height() -> None:
    quad = Quad(np.array([[0, 0], [100, 0], [100, 50], [0, 50]], dtype=np.float32))
    assert quad.band(0.25, 0.5).corners.tolist() == [[0, 12.5], [100, 12.5], [100, 25], [0, 25]]
