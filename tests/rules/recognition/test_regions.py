import pytest

from plateward.recognition.regions import RegionName, named_region, region_near
from plateward.recognition.words import SLOGANS, STATES
from tests.rules.recognition.lines import line


def near(*names: tuple[str, float, float]) -> RegionName | None:
    """Names at x, y around a plate at 400, 300."""
    found = []
    for text, x, y in names:
        read = line(text, x=x, y=y, height=12)
        name = named_region(text, read.strip.confidence)
        if name is not None:
            found.append((read.quad, name))
    return region_near(line("8ABC123").quad, found)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("California", "US-CA"),
        ("CAL1FORNIA", "US-CA"),
        ("Grand Canyon State", "US-AZ"),
        ("NEW MEXICO USA", "US-NM"),
        ("West Virginia", "US-WV"),
        ("Virginia", "US-VA"),
        ("Arkansas", "US-AR"),
        ("Kansas", "US-KS"),
        ("10,000 lakes", "US-MN"),
    ],
)
def test_names_and_slogans_tell_the_state_even_when_misread_a_little(text: str, region: str) -> None:
    name = named_region(text, 1.0)
    assert name is not None
    assert name.region == region


@pytest.mark.parametrize("text", ["VALLEY MOTORS", "8ABC123", "CA", "STATE", ""])
def test_other_words_name_no_state(text: str) -> None:
    assert named_region(text, 1.0) is None


def test_every_state_and_the_district_has_its_name() -> None:
    assert len(set(STATES.values())) == 51
    assert set(SLOGANS.values()) <= set(STATES.values())


def test_a_name_above_the_serial_gives_the_region() -> None:
    found = near(("CALIFORNIA", 420, 280))
    assert found is not None
    assert found.region == "US-CA"


def test_a_name_elsewhere_in_the_picture_gives_none() -> None:
    assert near(("CALIFORNIA", 420, 100)) is None


def test_two_states_on_one_plate_leave_the_region_unknown() -> None:
    assert near(("CALIFORNIA", 420, 280), ("NEVADA", 420, 336)) is None


def test_a_name_read_without_confidence_leaves_the_region_unknown() -> None:
    name = named_region("NEVADA", 0.4)
    assert name is not None
    assert region_near(line("8ABC123").quad, [(line("NEVADA", y=280, height=12).quad, name)]) is None
