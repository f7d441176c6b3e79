"""Our own pictures: the same seed gives the same picture, and every character can be drawn."""

import random
from pathlib import Path

import numpy as np

from platelab.alphabet import strokes
from platelab.plates import HEIGHT, WIDTH, california, face
from platelab.render import picture, scenes
from plateward.plates import plausible
from plateward.recognition import Recognizer
from plateward.recognition.interfaces import ALPHABET
from plateward.recognition.pictures import open_picture


def test_the_same_seed_gives_the_same_scenes() -> None:
    assert list(scenes(20, 7)) == list(scenes(20, 7))
    assert list(scenes(20, 7)) != list(scenes(20, 8))


def test_a_vehicle_that_comes_again_looks_the_same_and_the_plate_is_new_otherwise() -> None:
    shown: dict[str, object] = {}
    for scene in scenes(48, 1):
        assert shown.setdefault(scene.plate.text, scene.vehicle) == scene.vehicle
    assert len(shown) == 40


def test_plates_follow_the_states_own_formats() -> None:
    for scene in scenes(48, 1):
        best = [match.format.jurisdiction for match in plausible(scene.plate.text) if not match.changes]
        assert scene.plate.region in best


def test_every_character_of_a_plate_can_be_drawn() -> None:
    for char in ALPHABET:
        points = np.concatenate(strokes(char))
        assert points.min() >= -0.05
        assert points.max() <= 1.06


def test_a_rendered_plate_alone_is_read(recognizer: Recognizer) -> None:
    chance = random.Random(5)  # noqa: S311  a picture needs no cryptographic chance
    plate = california(chance)
    flat = (np.clip(face(plate, chance), 0, 1) * 255).astype(np.uint8)[:, :, ::-1]
    scene = np.full((HEIGHT * 2, WIDTH * 2, 3), 60, dtype=np.uint8)
    scene[HEIGHT // 2 : HEIGHT // 2 + HEIGHT, WIDTH // 2 : WIDTH // 2 + WIDTH] = flat
    assert [reading.text for reading in recognizer.recognize(scene).readings] == [plate.text]


def test_the_demos_pictures_are_what_the_renderer_draws(
    pictures: Path, manifest: dict[str, dict[str, str]]
) -> None:
    """Nearly: decoders and blurs differ by a shade between versions."""
    first = next(scenes(48, 1))
    kept = open_picture(pictures / "scene-001.jpg").astype(np.int16)
    assert manifest["scene-001.jpg"]["plate"] == first.plate.text
    assert np.abs(picture(first).astype(np.int16) - kept).mean() < 4
