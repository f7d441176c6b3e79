"""The real detector and reader on pictures we rendered, by day and night, in color and infra-red."""

from pathlib import Path

import pytest

from plateward.plates import normalize
from plateward.recognition import Recognizer
from plateward.recognition.pictures import decode, open_picture

SAMPLE = (
    "scene-001.jpg",
    "scene-003.jpg",
    "scene-004.jpg",
    "scene-005.jpg",
    "scene-007.jpg",
    "scene-011.jpg",
)
"""Two by day, and one each by dusk, night and infra-red; California and Nevada."""


@pytest.mark.parametrize("name", SAMPLE)
def test_plate_and_state_are_read(
    name: str, recognizer: Recognizer, manifest: dict[str, dict[str, str]], pictures: Path
) -> None:
    result = recognizer.recognize(open_picture(pictures / name))
    (reading,) = result.readings
    assert reading.text == manifest[name]["plate"]
    assert reading.region == manifest[name]["region"]
    assert 0.5 < reading.region_confidence <= 1.0


@pytest.mark.parametrize("name", SAMPLE[:3])
def test_frames_are_read_between_corners(
    name: str, recognizer: Recognizer, manifest: dict[str, dict[str, str]], pictures: Path
) -> None:
    frame = open_picture(pictures / name)
    (reading,) = recognizer.follower().recognize(0.0, frame).readings
    assert (reading.text, reading.region) == (manifest[name]["plate"], manifest[name]["region"])


def test_every_character_has_its_own_confidence(recognizer: Recognizer, pictures: Path) -> None:
    (reading,) = recognizer.recognize(open_picture(pictures / SAMPLE[0])).readings
    assert "".join(character.char for character in reading.characters) == reading.text
    assert all(0.8 < character.confidence <= 1.0 for character in reading.characters)
    assert reading.confidence <= min(character.confidence for character in reading.characters)
    assert all(other.confidence < reading.confidence for other in reading.alternatives)


def test_the_box_lies_on_the_plate(recognizer: Recognizer, pictures: Path) -> None:
    result = recognizer.recognize(open_picture(pictures / SAMPLE[0]))
    box = result.readings[0].box
    assert (result.width, result.height) == (960, 540)
    assert 60 < box.width < 200
    assert 2 < box.width / box.height < 5
    assert 250 < box.y < 500


def test_the_road_without_a_vehicle_shows_no_plate(recognizer: Recognizer, pictures: Path) -> None:
    sky = open_picture(pictures / SAMPLE[0])[:200, :240]
    assert recognizer.recognize(sky).readings == ()


def test_the_demo_shows_forty_different_plates(manifest: dict[str, dict[str, str]], pictures: Path) -> None:
    assert len({row["plate"] for row in manifest.values()}) == 40
    assert set(manifest) == {path.name for path in pictures.glob("*.jpg")}
    assert all(normalize(row["plate"]) == row["plate"] for row in manifest.values())


def test_the_demos_pictures_are_small_and_of_one_size(pictures: Path) -> None:
    for path in pictures.glob("*.jpg"):
        data = path.read_bytes()
        assert len(data) <= 45_000
        assert decode(data).shape == (540, 960, 3)
