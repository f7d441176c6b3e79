"""Drawn scenes: the same number is always the same scene, and its corners lie where its plates are."""

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from platelab.faces import load_faces
from platelab.grounds import HELD_OUT, Ground, parted, photographs, quad_of
from platelab.mounting import lay_on, seen_from
from platelab.notices import LONGEST_PLATE, notice, words
from platelab.scenery import Stock, scene

NOWHERE = np.zeros((0, 4, 2), np.float32)
SIZE = (128, 192)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  drawings, no secrets


def ground(plates: np.ndarray) -> Ground:
    picture = np.random.default_rng(1).integers(0, 255, (240, 320)).astype(np.uint8)
    return Ground("noise", picture, plates, NOWHERE, NOWHERE)


@pytest.fixture(scope="module")
def stock() -> Stock:
    return Stock((ground(quad_of(100, 80, 60, 20)[np.newaxis]),), load_faces(()))


def test_a_scene_depends_on_its_seed_and_number_alone(stock: Stock) -> None:
    first = [scene(3, number, SIZE, stock) for number in range(6)]
    again = [scene(3, number, SIZE, Stock(stock.grounds, stock.faces)) for number in reversed(range(6))]
    for one, other in zip(first, reversed(again), strict=True):
        assert (one.picture == other.picture).all()
        assert [target.corners.tolist() for target in one.targets] == [
            target.corners.tolist() for target in other.targets
        ]
    assert any(
        (one.picture != scene(4, number, SIZE, stock).picture).any() for number, one in enumerate(first)
    )


def test_corners_go_round_as_the_plate_is_printed(stock: Stock) -> None:
    targets = [target for number in range(30) for target in scene(5, number, SIZE, stock).targets]
    assert len(targets) > 20
    for target in targets:
        assert cv2.contourArea(target.corners, oriented=True) > 0, "clockwise on the screen"
        assert target.corners[0, 0] < target.corners[1, 0], "nobody hangs a plate upside down"


def test_a_plate_that_is_mostly_outside_is_not_asked_for(stock: Stock) -> None:
    for number in range(60):
        for target in scene(6, number, SIZE, stock).targets:
            middle = target.corners.mean(axis=0)
            if not (0 <= middle[0] < SIZE[1] and 0 <= middle[1] < SIZE[0]):
                assert not target.asked


def test_a_plate_is_drawn_exactly_between_its_corners() -> None:
    picture = np.zeros((100, 100), np.float32)
    corners = seen_from((50, 50), 40, 2, chance(4))
    lay_on(picture, np.ones((64, 128), np.float32), corners)
    assert picture.sum() == pytest.approx(cv2.contourArea(corners), rel=0.03)
    x, y = corners.mean(axis=0)
    assert picture[round(float(y)), round(float(x))] == 1


def test_a_sign_never_has_a_single_line_as_short_as_a_plates() -> None:
    signs = [words(chance(number)) for number in range(200)]
    assert {1, 2, 3, 4} == {len(lines) for lines in signs}
    assert all(len(lines[0]) > LONGEST_PLATE for lines in signs if len(lines) == 1)


def test_signs_and_fences_are_flat_pictures_of_levels() -> None:
    faces = load_faces(())
    for number in range(30):
        flat = notice(faces, chance(number))
        assert flat.ndim == 2
        assert 0 <= flat.min() < flat.max() <= 1


def test_photographs_bring_their_boxes_and_every_tenth_is_held_out(tmp_path: Path) -> None:
    for number in range(HELD_OUT + 1):
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), np.zeros((40, 60), np.uint8))
    rows = "\n".join(f"{number:02d}.png,5,6,30,10,license-plate" for number in range(HELD_OUT + 1))
    (tmp_path / "boxes.csv").write_text(f"file,x,y,w,h,what\n{rows}\n03.png,0,0,50,40,vehicle\n")
    kept, held_out = parted(photographs(tmp_path))
    assert [one.name for one in held_out] == ["00.png", "10.png"]
    assert len(kept) == HELD_OUT - 1
    assert kept[2].plates.tolist() == [quad_of(5, 6, 30, 10).tolist()]
    assert len(kept[2].vehicles) == 1


def test_a_missing_photograph_is_named(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text("file,x,y,w,h,what\ngone.jpg,1,2,3,4,license-plate\n")
    with pytest.raises(FileNotFoundError, match=r"gone\.jpg is named in boxes\.csv"):
        photographs(tmp_path)
