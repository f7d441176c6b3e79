"""Labeled photographs: cut out by their boxes, and a missing picture is named."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from platelab.camera import HEIGHT, WIDTH
from platelab.labeled import labeled


def folder(place: Path, labels: str) -> Path:
    """A white plate on a black photograph."""
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[50:100, 100:200] = 255
    cv2.imwrite(str(place / "car.png"), picture)
    (place / "labels.csv").write_text(labels, encoding="utf-8")
    return place


def test_the_box_is_cut_out_with_a_little_around_it(tmp_path: Path) -> None:
    (only,) = labeled(folder(tmp_path, "file,x,y,w,h,plate\ncar.png,100,50,100,50,8ABC123\n"))
    assert (only.plate, only.width, only.region) == ("8ABC123", 104, "")
    assert only.picture.shape == (HEIGHT, WIDTH)
    assert only.picture.mean() > 200


def test_without_a_box_the_picture_is_the_plate_and_a_state_may_be_known(tmp_path: Path) -> None:
    (only,) = labeled(folder(tmp_path, "file,state,plate\ncar.png,wy,8ABC123\n"))
    assert (only.width, only.region) == (300, "US-WY")


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"lorry\.png.*labels\.csv"):
        list(labeled(folder(tmp_path, "file,plate\nlorry.png,8ABC123\n")))
