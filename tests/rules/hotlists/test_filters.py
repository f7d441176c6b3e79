"""How a read satisfies the vehicle that a partial plate watches for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.hotlists.filters import VehicleFilter

pytestmark = pytest.mark.clause("B-466.4(c)", "H-426.3(c)")

WHITE_TOYOTA = VehicleFilter(color="white", make="Toyota", region="US-CA")


def test_a_read_of_the_vehicle_fits_and_says_so() -> None:
    read = {"color": "White", "make": "Toyota", "model": "Camry"}
    assert WHITE_TOYOTA.fits(read, "US-CA")
    assert WHITE_TOYOTA.explain(read, "US-CA") == (
        "color White as wanted; make Toyota as wanted; state US-CA as wanted"
    )


@pytest.mark.parametrize(
    ("read", "region"), [({"color": "red"}, "US-CA"), ({"make": "Ford"}, ""), ({"color": "white"}, "US-NV")]
)
def test_what_was_read_otherwise_does_not_fit(read: dict[str, object], region: str) -> None:
    assert not WHITE_TOYOTA.fits(read, region)


def test_what_no_camera_recognized_rules_nothing_out_and_is_said() -> None:
    assert WHITE_TOYOTA.fits({}, "")
    assert WHITE_TOYOTA.explain({"color": None}, "") == "color not read; make not read; state not read"


def test_a_color_fits_in_either_spelling_and_is_told_in_one() -> None:
    for wanted in ("gray", "grey"):
        told = VehicleFilter(color=wanted)
        assert told.fits({"color": "Grey"}, "")
        assert told.fits({"color": "gray"}, "")
        assert told.explain({"color": "Grey"}, "") == "color Gray as wanted"


def test_a_part_of_what_was_read_suffices() -> None:
    assert VehicleFilter(make="toyota").fits({"make": "Toyota Motor"}, "")
    assert VehicleFilter(type="pickup").fits({"type": "Pickup truck"}, "")


@given(
    color=st.text(max_size=40),
    make=st.text(max_size=40),
    kind=st.text(max_size=40),
    region=st.sampled_from(["", "US-CA", "US-NV"]),
)
def test_without_facts_every_read_fits_and_nothing_is_explained(
    color: str, make: str, kind: str, region: str
) -> None:
    read = {"color": color, "make": make, "type": kind}
    assert not VehicleFilter()
    assert VehicleFilter().fits(read, region)
    assert VehicleFilter().explain(read, region) == ""


def test_the_facts_stand_in_words() -> None:
    assert WHITE_TOYOTA.words == "white, Toyota, US-CA only"
