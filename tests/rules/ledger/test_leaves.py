"""What is sealed of a row, and that its details can go while the proof stays."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.leaves import Leaf, UnfitLeafError, commitment

HEADER = {"row": 7, "verb": "audit.access.recorded", "name": "Olivia Ortiz"}
OPENING = {"detail": {"plate": "7ABC123", "reason": "Taken on Main St"}}
SALT = bytes(range(32))

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_the_same_value_has_the_same_bytes_in_any_order() -> None:
    assert canonical_bytes({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}'.encode()
    assert canonical_bytes({"a": ["é", None], "b": 1}) == canonical_bytes({"b": 1, "a": ["é", None]})
    for wrong in (math.nan, math.inf, "\ud800"):
        with pytest.raises(ValueError, match=r"JSON|surrogates"):
            canonical_bytes(wrong)


@given(values, values, st.binary(min_size=32, max_size=32))
def test_a_leaf_reads_back_and_opens_with_its_own_details_only(
    header: object, detail: object, salt: bytes
) -> None:
    leaf = Leaf.of({"row": header}, {"detail": detail}, salt)
    assert Leaf.parse(leaf.data) == leaf
    assert leaf.opens_with(salt, {"detail": detail})
    assert not leaf.opens_with(salt, {"detail": [detail]})
    assert not leaf.opens_with(salt[::-1] + b"!", {"detail": detail})


def test_the_plate_is_nowhere_in_the_leaf_and_cannot_be_guessed_without_the_salt() -> None:
    leaf = Leaf.of(HEADER, OPENING, SALT)
    assert b"7ABC123" not in leaf.data
    assert commitment(b"", OPENING) != leaf.commitment
    with pytest.raises(ValueError, match="32 bytes"):
        Leaf.of(HEADER, OPENING, b"short")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"header":{}, "commitment":"00"}', b'{"commitment":1}']
)
def test_bytes_that_are_no_leaf_are_refused(data: bytes) -> None:
    with pytest.raises(UnfitLeafError):
        Leaf.parse(data)
