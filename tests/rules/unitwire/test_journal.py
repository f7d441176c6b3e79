from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.unitwire.journal import BEGINNING, Entry, linked, problem_of

NOW = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    made: list[Entry] = []
    for n in range(1, length + 1):
        entry = Entry(
            n=n,
            at=NOW,
            clock_offset_s=-1,
            user="ortiz",
            session=None,
            verb="unit.read_opened",
            subject=f"read {n}",
            detail={"plate": "8ABC123", "seconds": 2.5, "again": False, "note": None},
            previous=made[-1].hash if made else BEGINNING,
            hash=BEGINNING,
        )
        made.append(linked(entry))
    return made


@given(st.integers(0, 8), st.integers(0, 8))
def test_a_whole_chain_holds_wherever_it_was_cut_and_after_the_wire(length: int, cut: int) -> None:
    entries = msgspec.json.decode(msgspec.json.encode(chain(length)), type=list[Entry])
    cut = min(cut, length)
    assert problem_of(entries[:cut]) == (cut, "")
    previous = entries[cut - 1].hash if cut else BEGINNING
    assert problem_of(entries[cut:], after=cut, previous=previous) == (length - cut, "")


@pytest.mark.parametrize(
    ("broken", "good", "told"),
    [
        (lambda e: [e[0], e[2]], 1, "Entry 2 is missing"),
        (lambda e: [e[0], msgspec.structs.replace(e[1], user="other"), e[2]], 1, "not what was written"),
        (lambda e: [e[0], linked(msgspec.structs.replace(e[1], user="other")), e[2]], 2, "does not follow"),
        (lambda e: [msgspec.structs.replace(e[0], previous="1" * 64)], 0, "does not follow"),
        (lambda e: [e[0], e[0]], 1, "Entry 2 is missing"),
    ],
)
def test_a_broken_chain_is_found_where_it_breaks(
    broken: Callable[[list[Entry]], list[Entry]], good: int, told: str
) -> None:
    count, said = problem_of(broken(chain(3)))
    assert count == good
    assert told in said


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "alerts.alert.closed"},
        {"n": 0},
        {"user": "nul\0"},
        {"hash": "short"},
        {"at": "2026-11-23T12:00:00"},
    ],
)
def test_what_is_no_entry_is_not_decoded(change: dict[str, object]) -> None:
    told = msgspec.to_builtins(chain(1)[0]) | change
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told, Entry)
