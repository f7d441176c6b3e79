import pytest

from plateward.recognition.choosing import (
    Line,
    Scene,
    candidates,
    is_caption,
    is_writing,
    likeness,
    neighbors,
)
from tests.rules.recognition.lines import line

PICTURE_HEIGHT = 720


def chosen(*lines: Line) -> list[str]:
    return [found.text for found in candidates(lines, Scene.of(lines, PICTURE_HEIGHT), 4)]


def test_the_serial_is_chosen_among_state_slogan_and_dealer() -> None:
    plate = (
        line("California", y=270, height=12),
        line("8ABC123", y=290),
        line("dmv.ca.gov", y=325, height=10),
        line("VALLEY MOTORS", y=340, height=12),
    )
    assert chosen(*plate) == ["8ABC123"]


@pytest.mark.parametrize(
    "writing",
    [
        "2014-05-08 13:17:05",
        "05/08/2014",
        "12:33",
        "(760) 555-0136",
        "647-0604",
        "www.example.com",
        "Call 1-800-555-0199",
        "35 MPH",
    ],
)
def test_times_dates_telephones_and_addresses_are_captions(writing: str) -> None:
    assert is_caption(writing)
    assert chosen(line(writing, width=200)) == []


@pytest.mark.parametrize("word", ["ARIZONA", "Cal1fornia", "TOYOTA", "POLICE", "Grand Canyon State", "Ford"])
def test_names_of_states_makes_and_signs_are_writing(word: str) -> None:
    assert is_writing(word)


@pytest.mark.parametrize("plate", ["8ABC123", "HH9G5W", "10-DTM59", "KA 123 B", "FORD123"])
def test_plates_are_not_writing(plate: str) -> None:
    assert not is_writing(plate)


def test_a_plate_in_two_halves_is_joined() -> None:
    assert chosen(line("7ABC", x=300, y=300), line("123", x=385, y=301)) == ["7ABC123"]


@pytest.mark.parametrize(
    "second",
    [
        line("123", x=385, y=380),  # another line
        line("123", x=700, y=300),  # far away
        line("123", x=385, y=300, height=14),  # much smaller
    ],
)
def test_what_does_not_stand_on_one_line_is_not_joined(second: Line) -> None:
    assert neighbors([line("7ABC", x=300, y=300), second]) == []


def test_halves_that_make_no_serial_together_are_not_joined() -> None:
    assert "STOPTHIS" not in chosen(line("STOP", x=300), line("THIS", x=385))


def test_a_line_of_another_shape_is_no_plate() -> None:
    assert chosen(line("8ABC123", width=900)) == []


def test_a_cameras_caption_at_the_edge_loses_against_a_plate() -> None:
    assert chosen(line("CAM1234", y=2, height=20), line("AYE1132", y=300, height=20))[0] == "AYE1132"


def test_the_nearer_vehicles_plate_comes_first() -> None:
    assert chosen(line("HH9G5W", x=100, height=30), line("WH3T6N", x=600, height=15)) == ["HH9G5W", "WH3T6N"]


def test_small_print_on_the_plate_is_no_second_plate() -> None:
    assert chosen(line("AYX8803", y=300), line("ABC1234", y=335, height=12)) == ["AYX8803"]


def test_letters_alone_are_a_plate_only_where_nothing_better_is() -> None:
    assert chosen(line("FZRULZ")) == ["FZRULZ"]
    assert chosen(line("FZRULZ"), line("8ABC123", x=700)) == ["8ABC123"]


def test_a_known_format_is_more_like_a_plate_than_an_unknown_one() -> None:
    assert likeness("8ABC123", 0.9) > likeness("8A8C1", 0.9) > likeness("STORAGE", 0.9)
