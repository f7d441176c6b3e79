import re
import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.plates import PatternError, PlatePattern, grams, plate_key
from plateward.plates.pattern import MAX_LENGTH, MIN_KNOWN

# Few letters, so that patterns and plates meet often.
PLATES = st.text(alphabet="AB01", max_size=8)
TYPED = st.text(alphabet="AB01?*", min_size=2, max_size=9).filter(
    lambda text: sum(char.isalnum() for char in text) >= MIN_KNOWN
)


def naive(text: str) -> str:
    return "".join({"?": ".", "*": ".*"}.get(char, char) for char in text)


def like(pattern: str, text: str) -> bool:
    r"""SQL's LIKE, from its definition: `_` one character, `%` any run, `\` takes the next one literally."""
    if not pattern:
        return not text
    head, rest = pattern[0], pattern[1:]
    if head == "%":
        return any(like(rest, text[start:]) for start in range(len(text) + 1))
    if head == "\\":
        head, rest = rest[0], rest[1:]
        return text[:1] == head and like(rest, text[1:])
    return bool(text) and (head in ("_", text[0])) and like(rest, text[1:])


@given(TYPED, PLATES)
def test_a_pattern_matches_what_a_plain_expression_matches(typed: str, plate: str) -> None:
    assert PlatePattern.parse(typed).matches(plate) == bool(re.fullmatch(naive(typed), plate))


@given(TYPED, PLATES)
def test_the_database_finds_what_the_pattern_matches(typed: str, plate: str) -> None:
    pattern = PlatePattern.parse(typed)
    assert pattern.matches(plate) == like(pattern.sql_like, plate)


@given(TYPED, PLATES)
def test_the_index_never_hides_a_match(typed: str, plate: str) -> None:
    pattern = PlatePattern.parse(typed)
    if pattern.matches(plate):
        assert set(pattern.sql_grams) <= grams(plate)


@given(TYPED)
def test_parsing_its_own_spelling_changes_nothing(typed: str) -> None:
    pattern = PlatePattern.parse(typed)
    assert PlatePattern.parse(pattern.text) == pattern


@given(TYPED, PLATES)
def test_a_folded_pattern_finds_look_alikes_and_everything_it_found_before(typed: str, plate: str) -> None:
    pattern = PlatePattern.parse(typed)
    if pattern.matches(plate):
        assert pattern.folded.matches(plate_key(plate))


@given(st.text(alphabet=string.printable, max_size=20))
def test_whatever_is_typed_becomes_a_safe_pattern_or_is_refused(typed: str) -> None:
    with suppress(PatternError):
        pattern = PlatePattern.parse(typed)
        assert re.fullmatch(r"[A-Z0-9_%]{2,}", pattern.sql_like)
        assert len(pattern.text) <= MAX_LENGTH


def test_a_whole_plate_is_exact() -> None:
    pattern = PlatePattern.parse("8abc-123")
    assert (pattern.text, pattern.is_exact, pattern.known) == ("8ABC123", True, 7)
    assert pattern.matches("8 ABC 123")
    assert not pattern.matches("8ABC1234")


def test_a_question_mark_is_exactly_one_character() -> None:
    pattern = PlatePattern.parse("8AB?123")
    assert pattern.matches("8ABX123")
    assert not pattern.matches("8AB123")
    assert not pattern.matches("8ABXY123")


def test_a_star_is_any_run_also_none() -> None:
    pattern = PlatePattern.parse("8A*23")
    assert pattern.matches("8A23")
    assert pattern.matches("8ABC123")
    assert not pattern.matches("8ABC124")


def test_equal_patterns_have_one_spelling() -> None:
    assert PlatePattern.parse("7A*?*2*").text == PlatePattern.parse("7a ?* 2**").text == "7A?*2*"


def test_grams_hold_pairs_the_end_and_fixed_places() -> None:
    assert PlatePattern.parse("7A?*2").sql_grams == ["7A", "2$", "a7", "bA"]
    assert PlatePattern.parse("7??B?3?").sql_grams == ["a7", "dB", "f3"]
    assert PlatePattern.parse("*AA*AA*").sql_grams == ["AA"]


@pytest.mark.parametrize(
    ("pattern", "ending"),
    [("*123", "123"), ("7*123", ""), ("?*123", ""), ("*1?3", ""), ("*12*", ""), ("7ABC123", "")],
)
def test_the_end_of_a_plate_is_told_where_nothing_else_is_known(pattern: str, ending: str) -> None:
    assert PlatePattern.parse(pattern).ending == ending
    assert grams("7a-2") == {"7A", "A2", "2$", "a7", "bA", "c2"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "At least 2 known"),
        ("A?????", "At least 2 known letters or digits are needed; this has 1."),
        ("***", "At least 2 known"),
        ("AB%1", "“%” cannot be part of a plate. Use letters and digits"),
        ("AB_1", "“_” cannot be part of a plate"),
        ("AB\\1", "“\\” cannot be part of a plate"),
        ("A" * 17, "at most 16 characters; this has 17"),
    ],
)
def test_a_pattern_that_cannot_be_searched_is_refused_with_what_to_write(typed: str, says: str) -> None:
    with pytest.raises(PatternError, match=re.escape(says)):
        PlatePattern.parse(typed)
