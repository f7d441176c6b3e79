"""Keys follow each other: trust in one of them reaches the others, each for its own part of the journal."""

import pytest

from plateward.ledger.notes import NoteError, SigningKey
from plateward.ledger.rotations import Rotation, Span, spans

NAME = "alpr.city.example/journal"
FIRST, SECOND, THIRD, THIEF = (SigningKey.from_seed(NAME, bytes([n]) * 32) for n in (1, 2, 3, 9))


def turn(old: SigningKey, new: SigningKey, size: int, *signers: SigningKey) -> str:
    return Rotation(old.verifier, new.verifier, size, "ROUTINE").signed(*(signers or (old, new)))


NOTES = [turn(FIRST, SECOND, 10), turn(SECOND, THIRD, 25)]
CHAIN = [Span(FIRST.verifier, -1, 10), Span(SECOND.verifier, 10, 25), Span(THIRD.verifier, 25, None)]


@pytest.mark.parametrize("trusted", [FIRST, SECOND, THIRD])
def test_any_key_of_the_chain_leads_to_all(trusted: SigningKey) -> None:
    assert spans(trusted.verifier, NOTES) == CHAIN


def test_a_key_signs_its_own_part_only() -> None:
    first, second, third = CHAIN
    assert [first.covers(size) for size in (0, 10, 11)] == [True, True, False]
    assert [second.covers(size) for size in (10, 11, 25, 26)] == [False, True, True, False]
    assert third.covers(10**9)


def test_without_a_rotation_the_key_is_good_for_all() -> None:
    assert spans(FIRST.verifier, []) == [Span(FIRST.verifier)]


def test_a_successor_that_the_old_key_did_not_name_is_not_followed() -> None:
    forged = turn(FIRST, THIEF, 10, THIEF)
    assert spans(FIRST.verifier, [forged]) == [Span(FIRST.verifier)]


def test_after_a_loss_the_new_key_vouches_for_the_old_one_and_not_the_other_way() -> None:
    lost = turn(FIRST, SECOND, 10, SECOND)
    assert spans(SECOND.verifier, [lost]) == [Span(FIRST.verifier, -1, 10), Span(SECOND.verifier, 10)]
    assert spans(FIRST.verifier, [lost]) == [Span(FIRST.verifier)]


def test_a_rotation_that_goes_back_in_the_journal_is_not_followed() -> None:
    back = turn(SECOND, THIEF, 5)
    assert spans(FIRST.verifier, [NOTES[0], back])[-1] == Span(SECOND.verifier, 10, None)


def test_what_is_no_rotation_is_ignored_and_told() -> None:
    assert spans(FIRST.verifier, ["nonsense", FIRST.sign("x\n")]) == [Span(FIRST.verifier)]
    with pytest.raises(NoteError, match="rotation's lines"):
        Rotation.parse(f"x\n\n{FIRST.sign(chr(10))}")


def test_a_rotation_reads_back() -> None:
    made = Rotation(FIRST.verifier, SECOND.verifier, 10, "COMPROMISED")
    assert Rotation.parse(made.signed(FIRST, SECOND)) == made
