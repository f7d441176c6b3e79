import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.plates import LOOK_ALIKES, ComparisonKind, compare, normalize, plate_key

PLATES = st.text(alphabet=string.ascii_uppercase + string.digits, min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("written", "plate"),
    [
        ("8abc-123", "8ABC123"),
        (" 8ABC 123 ", "8ABC123"),
        ("８ＡＢＣ１２３", "8ABC123"),
        ("8ABC·123™", "8ABC123TM"),
        ("", ""),
        ("¡–!", ""),
        ("警視庁", ""),
    ],
)
def test_one_plate_has_one_spelling(written: str, plate: str) -> None:
    assert normalize(written) == plate


# A few characters of each kind that normalizing treats differently.
ANYTHING = st.text(alphabet="aZ09 -–·?%_\\ß™ｱＡ９ﬁıİ警Ⅷ½é")


@given(ANYTHING)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert set(once) <= set(string.ascii_uppercase + string.digits)


@given(PLATES, st.data())
def test_plates_that_differ_by_look_alikes_share_a_key(plate: str, data: st.DataObject) -> None:
    group = {char: {char, *(k for k, v in LOOK_ALIKES.items() if v == char)} for char in plate_key(plate)}
    other = "".join(data.draw(st.sampled_from(sorted(group[char]))) for char in plate_key(plate))
    assert plate_key(other) == plate_key(plate)
    assert compare(other, plate).kind is not ComparisonKind.DIFFERENT


@given(PLATES)
def test_a_key_is_its_own_key(plate: str) -> None:
    assert plate_key(plate_key(plate)) == plate_key(plate)


@given(PLATES, PLATES)
def test_comparison_agrees_with_spelling_and_key(read: str, entry: str) -> None:
    found = compare(read, entry)
    assert (found.kind is ComparisonKind.EXACT) == (read == entry) == (not found.differences)
    assert (found.kind is ComparisonKind.DIFFERENT) == (plate_key(read) != plate_key(entry))


@pytest.mark.parametrize(
    ("read", "entry", "kind", "explanation"),
    [
        (
            "8BC123",
            "BBC123",
            ComparisonKind.LOOK_ALIKE,
            "read 8BC123, entry BBC123: one look-alike (8/B)",
        ),
        (
            "8OC123",
            "B0C123",
            ComparisonKind.LOOK_ALIKE,
            "read 8OC123, entry B0C123: two look-alikes (8/B, O/0)",
        ),
        ("abc-123", "ABC123", ComparisonKind.EXACT, "read ABC123, entry ABC123: the same"),
        (
            "ABC123",
            "ABC12",
            ComparisonKind.DIFFERENT,
            "read ABC123, entry ABC12: one different character (3/–)",
        ),
        ("", "ABC1", ComparisonKind.DIFFERENT, None),
    ],
)
def test_comparison_explains_itself(
    read: str, entry: str, kind: ComparisonKind, explanation: str | None
) -> None:
    found = compare(read, entry)
    assert found.kind is kind
    assert explanation is None or found.explanation == explanation


def test_more_than_nine_differences_are_counted_in_figures() -> None:
    assert "10 different characters" in compare("A" * 10, "Z" * 10).explanation
