"""A CSV file of reads: what its columns become, and that every wrong line is named before any is stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plateward.reads.adapters import ADAPTERS, Message
from plateward.reads.csv_file import Checked, UnusableFile, check

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HERE = "America/Los_Angeles"


def checked(text: str) -> Checked:
    return check(text.encode(), zone=HERE, now=NOW)


def reads(found: Checked) -> list[dict[str, Any]]:
    return [json.loads(document) for document in found.documents]


def problem(text: str) -> str:
    (only,) = checked(text).problems
    return f"{only.line}: {only.text}"


def test_columns_are_known_by_their_headers_and_the_rest_is_kept() -> None:
    found = checked(
        "License_Plate;Timestamp;Score;State;Driver;Note\n"
        "8abc-123;2026-11-20 14:03:11;91%;Nevada;Jane Roe;north lot\n"
    )
    (read,) = reads(found)
    assert read["plate"] == "8abc-123"
    assert read["captured_at"] == "2026-11-20T22:03:11Z"
    assert (read["confidence"], read["region"], read["is_late"]) == (0.91, "US-NV", True)
    assert read["csv"]["Note"] == "north lot"
    assert "Jane" not in json.dumps(read)
    assert found.mapping["plate"] == "License_Plate"
    assert found.ignored == ("Driver", "Note")


def test_what_is_checked_is_what_the_inbox_can_store() -> None:
    lines = "".join(f"{NOW - timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ},8ABC{n}\n" for n in range(1, 1202))
    chunks = list(checked("captured_at,plate\n" + lines).chunks)
    stored = [
        ADAPTERS["native"]
        .parse(Message(body=body, content_type="application/x-ndjson", received_at=NOW))
        .reads
        for body in chunks
    ]
    assert [len(one) for one in stored] == [1000, 201]
    assert stored[0][0].plate == "8ABC1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("yesterday,8ABC123,", "2: captured_at: “yesterday” is no date and time"),
        ("2026-11-20,8ABC123,", "is no date and time"),
        ("2026-11-01 01:30:00,8ABC123,", "no plain local time that night"),
        ("2026-03-08 02:30:00,8ABC123,", "no plain local time that night"),
        ("2026-11-25 12:00:00,8ABC123,", "after this payload arrived"),
        ("2026-11-20 12:00:00,,0.9", "plate: it is empty"),
        ("2026-11-20 12:00:00,--,0.9", "holds no letter or digit"),
        ("2026-11-20 12:00:00,8ABC123,91", "is not between 0 and 1"),
        ("2026-11-20 12:00:00,8ABC123,0.9,x", "4 cells under 3 columns"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_do(line: str, said: str) -> None:
    assert said in problem(f"captured_at,plate,confidence\n{line}\n")


def test_a_line_that_contradicts_or_repeats_another_is_wrong() -> None:
    head = "captured_at,plate,event_id\n2026-11-20 12:00:00,8ABC123,7\n\n"
    assert "4: its time and event are those of line 2" in problem(head + "2026-11-20 12:00:00,6XYZ789,7\n")
    assert not checked(head + "2026-11-20 12:00:05,8ABC123,7\n").problems


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "captured_at and none plate"),
        (b"captured_at,speed\n", "headed plate"),
        (b"captured_at,plate\n", "no line below"),
        (b"captured_at,plate,Plate\n", "same name"),
        (b"captured_at,plate\n\xff\n", "not UTF-8"),
        (b"captured_at,plate\n\x00\n", "NUL"),
        (b'captured_at,plate\n"x"y,8ABC123\n', "is no CSV"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(data: bytes, said: str) -> None:
    with pytest.raises(UnusableFile, match=said):
        check(data, zone=HERE, now=NOW)


def test_the_same_file_again_is_the_same_payload() -> None:
    text = "captured_at,plate\n2026-11-20 12:00:00,8ABC123\n"
    later = check(text.encode(), zone=HERE, now=NOW + timedelta(days=1))
    assert list(later.chunks) == list(checked(text).chunks)
