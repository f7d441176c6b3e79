"""One pass over a plate finds exactly what going through the whole list would."""

from hypothesis import given
from hypothesis import strategies as st

from plateward.plates import PatternSet, PlatePattern, plate_key
from plateward.plates.plate_index import LONGEST, PlateIndex, number_of

# Few characters, so that patterns and plates meet often.
PLATES = st.text(alphabet="AB07", min_size=1, max_size=14)
PATTERNS = (
    st.text(alphabet="AB07??**", min_size=2, max_size=10)
    .filter(lambda text: sum(char.isalnum() for char in text) > 1)
    .map(lambda text: PlatePattern.parse(text).folded.text)
)


@given(st.lists(PATTERNS, max_size=12), PLATES)
def test_a_plate_fits_the_patterns_that_match_it_one_by_one(patterns: list[str], plate: str) -> None:
    key = plate_key(plate)
    expected = {pattern for pattern in patterns if PlatePattern(pattern).matches(key)}
    found = PatternSet(patterns).fitting(key)
    assert set(found) == expected
    assert len(found) == len(expected)


@given(st.lists(PLATES | PATTERNS, max_size=20), st.lists(PLATES, max_size=12))
def test_the_index_finds_what_going_through_the_list_finds(listed: list[str], read: list[str]) -> None:
    keys = [PlatePattern(text).folded.text for text in listed]
    asked = [plate_key(plate) for plate in read]
    expected = {
        key: fits for key in asked if (fits := {one for one in keys if PlatePattern(one).matches(key)})
    }
    found = PlateIndex.of(keys).fitting(asked)
    assert {key: set(fits) for key, fits in found.items()} == expected
    assert all(len(set(fits)) == len(fits) for fits in found.values())


@given(PLATES, PLATES)
def test_no_two_keys_share_a_number(one: str, other: str) -> None:
    numbers = [number_of(one), number_of(other)]
    assert all(number < 2**64 for number in numbers)
    assert (numbers[0] == numbers[1]) == (one == other) or max(len(one), len(other)) > LONGEST


def test_keys_that_differ_by_zeros_in_front_are_different() -> None:
    index = PlateIndex.of(["A8C", "Z" * LONGEST])
    assert index.fitting(["0A8C", "A8C", "00A8C", "Z" * LONGEST, ""]) == {
        "A8C": ("A8C",),
        "Z" * LONGEST: ("Z" * LONGEST,),
    }


def test_a_list_of_nothing_finds_nothing() -> None:
    assert PlateIndex.of([]).fitting(["8A8C123", ""]) == {}
    assert PatternSet([]).fitting("8A8C123") == ()
