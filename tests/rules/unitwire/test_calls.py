from uuid import uuid4

import msgspec
import pytest

from plateward.unitwire.calls import (
    Acknowledged,
    Answers,
    PictureCompared,
    TransferReport,
    event_id,
    sequence_of,
)

SPOOL = uuid4()


def test_answers_of_both_kinds_come_apart_again() -> None:
    common = {"id": str(uuid4()), "session": str(uuid4()), "at": "2026-11-23T12:00:00Z"}
    sent = [
        common | {"kind": "assignment-acknowledged", "assignment": str(uuid4())},
        common
        | {
            "kind": "picture-compared",
            "event_id": event_id(SPOOL, 4),
            "entry": str(uuid4()),
            "characters": "YES",
        },
    ]
    found = msgspec.json.decode(msgspec.json.encode({"answers": sent}), type=Answers).answers
    assert [type(one) for one in found] == [Acknowledged, PictureCompared]


@pytest.mark.parametrize(
    "change", [{"highest_sequence": -1}, {"spool": "none"}, {"thinned": [{"sequence": 1, "what": "reads"}]}]
)
def test_a_report_that_says_something_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"spool": str(SPOOL), "highest_sequence": 3} | change, TransferReport)


def test_a_read_is_named_in_the_order_of_its_spool() -> None:
    assert sorted([event_id(SPOOL, 10), event_id(SPOOL, 9)]) == [event_id(SPOOL, 9), event_id(SPOOL, 10)]
    assert sequence_of(event_id(SPOOL, 10), SPOOL) == 10
    assert [sequence_of(one, SPOOL) for one in ("content:ab", event_id(uuid4(), 1), f"{SPOOL}-1")] == [
        None
    ] * 3
