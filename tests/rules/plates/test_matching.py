"""Why a plate as read answers what was asked, and how far from it a plate may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.plates import Mark, PlatePattern, explain, near_keys, plate_key

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def told(pattern: str, plate: str) -> str:
    match = explain(PlatePattern.parse(pattern), plate)
    return match.explanation if match else ""


def marks(pattern: str, plate: str) -> list[tuple[str, str]]:
    match = explain(PlatePattern.parse(pattern), plate)
    return [(run.read, run.mark.name) for run in match.runs] if match else []


@pytest.mark.parametrize(
    ("pattern", "plate", "explanation"),
    [
        ("7ABC123", "7ABC123", "exactly as asked"),
        ("7??C*", "7ABC123", "7 and C as given, the rest unknown"),
        ("*BC1*", "7ABC123", "BC1 as given, the rest unknown"),
        ("7ABC123*", "7ABC123", "exactly as asked"),
        ("7ABO12", "7AB012", "look-alike: 0 read, O asked"),
        ("7?BO*", "7A8Q123", "look-alike: 8 read, B asked, Q read, O asked"),
        ("7ABC123", "7ABC124", "one character differs: 4 read, 3 asked"),
        ("7ABC123", "7ABC1234", "one character more than asked: 4"),
        ("7ABC123", "ABC123", "one character of those asked is missing: 7"),
        ("7ABC123", "7A8C124", "look-alike: 8 read, B asked; one character differs: 4 read, 3 asked"),
        ("7ABC123", "6XYZ789", ""),
        ("7AB*", "6ABC", ""),
    ],
)
def test_a_match_says_what_agrees_and_what_does_not(pattern: str, plate: str, explanation: str) -> None:
    assert told(pattern, plate) == explanation


def test_every_character_of_a_read_has_its_mark() -> None:
    assert marks("7??C*", "7ABC123") == [("7", "GIVEN"), ("AB", "OPEN"), ("C", "GIVEN"), ("123", "OPEN")]
    assert marks("7ABC123", "7A8C12") == [
        ("7A", "GIVEN"),
        ("8", "LOOK_ALIKE"),
        ("C12", "GIVEN"),
        ("", "MISSING"),
    ]


def test_an_alignment_without_look_alikes_is_preferred() -> None:
    assert marks("*XB*", "X8XB") == [("X8", "OPEN"), ("XB", "GIVEN")]


@given(st.text(CHARACTERS, min_size=4, max_size=8), st.data())
def test_near_keys_are_those_one_edit_away(plate: str, data: st.DataObject) -> None:
    key, char = plate_key(plate), data.draw(st.sampled_from(CHARACTERS))
    place = data.draw(st.integers(0, len(key) - 1))
    edited = [
        key[:place] + key[place + 1 :],
        key[:place] + char + key[place + 1 :],
        key[:place] + char + key[place:],
        key + char,
    ]
    assert {plate_key(text) for text in edited} <= near_keys(key)
    assert key in near_keys(key)


@given(st.text(CHARACTERS, min_size=4, max_size=8), st.data())
def test_what_has_a_near_key_can_be_explained(plate: str, data: st.DataObject) -> None:
    near = data.draw(st.sampled_from(sorted(near_keys(plate_key(plate)))))
    match = explain(PlatePattern(plate), near)
    assert match is not None
    assert "".join(run.read for run in match.runs) == near
    edits = [run for run in match.runs if run.mark in {Mark.DIFFERENT, Mark.EXTRA, Mark.MISSING}]
    assert len(edits) <= 1


@pytest.mark.parametrize(
    ("pattern", "located"),
    [("7ABC123", 7), ("7??B?3?", 3), ("*BC*", 2), ("*B*C*", 0), ("*A*23", 2), ("*7*3", 1), ("?A*3*", 1)],
)
def test_what_of_a_pattern_an_index_can_look_for(pattern: str, located: int) -> None:
    assert PlatePattern.parse(pattern).located == located
