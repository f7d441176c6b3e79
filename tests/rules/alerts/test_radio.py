from dataclasses import replace
from pathlib import Path

import pytest

from plateward.alerts.radio import Sighting, phonetic, radio_text
from plateward.devices.rules import direction_words
from plateward.policy import dispatch_steps, load_profile

FOLDER = Path(__file__).parents[3] / "policies" / "barstow-pd"
STEPS = dispatch_steps(
    load_profile((FOLDER / "profile.yaml").read_bytes(), (FOLDER / "clauses.yaml").read_bytes())
)
SEEN = Sighting(
    entered_plate="BBC123",
    read_plate="8BC123",
    vehicle="blue Honda Civic",
    place="Main Street at First Avenue",
    heading_deg=2,
)


def test_plates_are_spelled_with_the_radio_alphabet() -> None:
    assert phonetic("8bc-123") == "8 Boy Charles 1 2 3"


@pytest.mark.clause("B-466.9(c)")
def test_units_hear_vehicle_plate_and_last_known_direction() -> None:
    assert radio_text(STEPS[2], SEEN) == (
        "Vehicle: blue Honda Civic. Plate: Boy Boy Charles 1 2 3, read by the camera as 8 Boy Charles 1 2 3. "
        "Last seen at Main Street at First Avenue. Last known direction: northbound."
    )


@pytest.mark.clause("B-466.9(b)")
def test_what_is_not_known_is_said_to_be_unknown() -> None:
    nothing = Sighting(
        entered_plate="8ABC123", read_plate="8ABC123", vehicle="", place="Main Street", heading_deg=None
    )
    spoken = radio_text(STEPS[2], nothing)
    assert "description not known" in spoken
    assert "direction: not known" in spoken
    assert "read by the camera" not in spoken


@pytest.mark.clause("B-466.9(c)", "B-466.4(c)")
def test_units_hear_that_only_part_of_the_plate_is_known() -> None:
    spoken = radio_text(STEPS[2], replace(SEEN, entered_plate="?BC*"))
    assert "Plate: 8 Boy Charles 1 2 3, which fits a partial plate, unknown Boy Charles any number" in spoken
    assert "the whole plate is not known" in spoken


def test_confirming_in_clets_says_nothing_on_the_radio() -> None:
    assert radio_text(STEPS[0], SEEN) == ""


@pytest.mark.parametrize(
    ("heading", "words"), [(350, "northbound"), (91, "eastbound"), (225, "southwestbound")]
)
def test_headings_are_said_as_directions(heading: float, words: str) -> None:
    assert direction_words(heading) == words
