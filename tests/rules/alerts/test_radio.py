from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plateward.alerts.radio import INFORMATION_ONLY, Sighting, phonetic, radio_text, retraction
from plateward.alerts.rules import AlertFacts, AlertStatus, Answer, ConfirmationResult
from plateward.devices.rules import direction_words
from plateward.policy import dispatch_steps, load_profile

FOLDER = Path(__file__).parents[3] / "policies" / "barstow-pd"
BARSTOW = load_profile((FOLDER / "profile.yaml").read_bytes(), (FOLDER / "clauses.yaml").read_bytes())
STEPS = dispatch_steps(BARSTOW)
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
    assert radio_text(BARSTOW, STEPS[2], SEEN, AlertFacts()) == (
        "ALPR alert, unconfirmed. Vehicle: blue Honda Civic. Plate: Boy Boy Charles 1 2 3, "
        "read by the camera as 8 Boy Charles 1 2 3. "
        "Last seen at Main Street at First Avenue. Last known direction: northbound."
    )


@pytest.mark.clause("B-466.9(b)")
def test_what_is_not_known_is_said_to_be_unknown() -> None:
    nothing = Sighting(
        entered_plate="8ABC123", read_plate="8ABC123", vehicle="", place="Main Street", heading_deg=None
    )
    spoken = radio_text(BARSTOW, STEPS[2], nothing, AlertFacts())
    assert "description not known" in spoken
    assert "direction: not known" in spoken
    assert "read by the camera" not in spoken


@pytest.mark.clause("B-466.9(c)", "B-466.4(c)")
def test_units_hear_that_only_part_of_the_plate_is_known() -> None:
    spoken = radio_text(BARSTOW, STEPS[2], replace(SEEN, entered_plate="?BC*"), AlertFacts())
    assert "Plate: 8 Boy Charles 1 2 3, which fits a partial plate, unknown Boy Charles any number" in spoken
    assert "the whole plate is not known" in spoken


def test_confirming_in_clets_says_nothing_on_the_radio() -> None:
    assert radio_text(BARSTOW, STEPS[0], SEEN, AlertFacts()) == ""


@pytest.mark.parametrize(
    ("heading", "words"), [(350, "northbound"), (91, "eastbound"), (225, "southwestbound")]
)
def test_headings_are_said_as_directions(heading: float, words: str) -> None:
    assert direction_words(heading) == words


def answered(result: ConfirmationResult) -> AlertFacts:
    answer = Answer(result, datetime(2026, 11, 22, 20, 0, tzinfo=UTC), "Drew Dunn")
    status = AlertStatus.VERIFIED if answer.is_positive else AlertStatus.NOT_CONFIRMED
    return AlertFacts(status=status, answers=(answer,))


@pytest.mark.clause("B-466.9(c)", "B-466.9(d)", "B-466.9(e)")
def test_until_the_record_is_confirmed_every_description_says_first_that_it_is_not() -> None:
    for step in (STEPS[2], STEPS[4]):
        assert radio_text(BARSTOW, step, SEEN, AlertFacts()).startswith("ALPR alert, unconfirmed.")
        denied = radio_text(BARSTOW, step, SEEN, answered(ConfirmationResult.NOT_CONFIRMED))
        assert denied.startswith("ALPR alert, not confirmed by CLETS.")
        assert "confirmed" not in radio_text(BARSTOW, step, SEEN, answered(ConfirmationResult.CONFIRMED))


@pytest.mark.clause("B-466.9(e)")
def test_an_update_says_how_the_vehicle_came_there_and_a_description_does_not() -> None:
    moved = replace(
        SEEN, movement="From A to B, 1.0 miles in 2 minutes: eastbound, at least 30 miles per hour."
    )
    assert radio_text(BARSTOW, STEPS[4], moved, AlertFacts()).endswith(moved.movement)
    assert "miles" not in radio_text(BARSTOW, STEPS[2], moved, AlertFacts())


@pytest.mark.clause("B-466.9(d)")
def test_units_told_verified_hear_that_it_is_not() -> None:
    assert retraction(SEEN).endswith("8 Boy Charles 1 2 3 is not verified.")


def test_what_is_for_information_only_is_said_so_before_anything_else_also_once_it_is_confirmed() -> None:
    gang = replace(answered(ConfirmationResult.CONFIRMED), category="gang")
    for step in STEPS[1:]:
        assert radio_text(BARSTOW, step, SEEN, gang).startswith(INFORMATION_ONLY)
    for category in ("", "vehicle"):
        stolen = replace(AlertFacts(), category=category)
        assert "Information only" not in radio_text(BARSTOW, STEPS[2], SEEN, stolen)
