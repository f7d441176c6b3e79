"""Training crops: the same number is the same picture, and the label is what is drawn."""

import random
import re

import numpy as np
import pytest

from platelab.camera import HEIGHT, WIDTH
from platelab.faces import TALL, Faces, load_faces
from platelab.inscriptions import Group, Inscription, inscription
from platelab.issuers import ISSUERS, REGIONS
from platelab.layout import Box, Spacing, fitted, pieces
from platelab.press import press
from platelab.samples import EASY_UNTIL, sample
from plateward.plates import plausible
from plateward.plates.regions import STATES
from plateward.recognition.interfaces import ALPHABET


@pytest.fixture(scope="module")
def faces() -> Faces:
    """Our own strokes: there on every computer."""
    return load_faces(())


def test_a_number_of_a_seed_is_always_the_same_crop(faces: Faces) -> None:
    first, again = sample(1, 7, faces), sample(1, 7, faces)
    assert (first.text, first.region) == (again.text, again.region)
    assert np.array_equal(first.picture, again.picture)
    assert first.picture.shape == (HEIGHT, WIDTH)


def test_another_number_or_seed_is_another_crop(faces: Faces) -> None:
    assert (
        len({sample(seed, number, faces).picture.tobytes() for seed in (1, 2) for number in range(8)}) == 16
    )


@pytest.mark.parametrize("number", range(0, 4 * EASY_UNTIL, 60_001))
def test_every_crop_shows_something(faces: Faces, number: int) -> None:
    drawn = sample(3, number, faces)
    assert re.fullmatch("[A-Z0-9]{2,10}", drawn.text)
    assert drawn.region in REGIONS


def test_all_states_and_territories_issue_plates() -> None:
    chance = random.Random(1)  # noqa: S311  a picture needs no cryptographic chance
    issued = {inscription(chance).region for _ in range(4000)}
    assert {f"US-{code}" for code in (*STATES, "PR", "GU", "VI", "AS", "MP")} <= issued
    assert issued == set(ISSUERS)


def test_most_american_serials_follow_their_states_formats() -> None:
    chance = random.Random(2)  # noqa: S311  the same
    drawn = [inscription(chance) for _ in range(1500)]
    american = [one for one in drawn if one.region.removeprefix("US-") in STATES]
    fitting = sum(
        any(match.format.jurisdiction == one.region and not match.changes for match in plausible(one.text))
        for one in american
    )
    assert 0.6 < fitting / len(american) < 0.95


def test_every_character_of_the_label_is_laid_out_in_reading_order(faces: Faces) -> None:
    row = (Group("12"), Group("MC", stacked=True), Group("3B"))
    spacing = Spacing(0.1, "*", 0.5)
    placed = pieces(row, faces.serial[0], spacing)
    assert [piece.sign for piece in placed] == ["1", "2", "*", "M", "C", "*", "3", "B"]
    above, below = placed[3], placed[4]
    assert above.x == below.x
    assert above.top + above.height <= below.top


def test_a_long_row_is_squeezed_into_its_box(faces: Faces) -> None:
    chance = random.Random(3)  # noqa: S311  the same
    row = pieces((Group("WWWWWWWW"),), faces.serial[0], Spacing(0.2, "_", 0))
    box = Box(10, 5, 120, 40)
    places = [place for _, place in fitted(row, box, chance)]
    assert min(place.left for place in places) >= box.left - 1
    assert max(place.left + place.width for place in places) <= box.left + box.width + 1


def test_the_characters_of_the_label_are_what_the_press_inks(faces: Faces) -> None:
    """A plate of I and one of W differ by their ink and nothing else that chance decides."""
    thin, fat = (
        press(Inscription("US-TX", ((Group(char * 6),),)), faces, random.Random(4))  # noqa: S311  the same
        for char in "IW"
    )
    assert np.abs(thin - fat).max() > 0.15
    same = press(Inscription("US-TX", ((Group("IIIIII"),),)), faces, random.Random(4))  # noqa: S311  the same
    assert np.array_equal(thin, same)


def test_every_face_has_every_character_at_one_height(faces: Faces) -> None:
    for face in faces.serial:
        assert set(face.glyphs) == set(ALPHABET)
        assert {glyph.shape[0] for glyph in face.glyphs.values()} == {TALL}
        assert all(glyph.max() > 128 for glyph in face.glyphs.values())


@pytest.mark.parametrize("region", ["US-WY", "DE", "BR"])
def test_plates_of_one_and_two_rows_can_be_pressed(faces: Faces, region: str) -> None:
    rows = ((Group("AB"),), (Group("1234"),))
    for sign in (Inscription(region, rows), Inscription(region, (rows[0] + rows[1],))):
        assert sign.text == "AB1234"
        flat = press(sign, faces, random.Random(5))  # noqa: S311  the same
        assert 0 <= flat.min() < flat.max() <= 1


def test_an_emblem_before_the_serial_moves_it_and_is_no_character(faces: Faces) -> None:
    row = (Group("AB1"),)
    plain = pieces(row, faces.serial[0], Spacing(0.1, "_", 0))
    decorated = pieces(row, faces.serial[0], Spacing(0.1, "_", 0, leading=0.8, trailing=0.6))
    assert [piece.sign for piece in decorated] == ["*", "A", "B", "1", "*"]
    assert decorated[1].x > plain[0].x
