"""What holds for every maker's adapter, told on synthetic samples in tests/samples.

A sample's name begins with its adapter's id.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plateward.reads.adapters import ADAPTERS, Message, Parsed, Unreadable

SAMPLES = sorted(Path(__file__).parents[2].joinpath("samples").glob("*.json"))
ARRIVED = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
JUNK = st.sampled_from(
    [None, "", "unknown", -1, 1e300, [], {}, True, "A" * 999, "\U0001f697", [[[]]], {"x": 1}]
)


def adapter_of(sample: Path) -> str:
    return sample.name.partition("-")[0]


def parse(adapter: str, document: object) -> Parsed:
    body = json.dumps(document).encode()
    return ADAPTERS[adapter].parse(Message(body=body, content_type="application/json", received_at=ARRIVED))


def places(document: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document, as the keys that lead there."""
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


def holder_of(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_every_sample_is_understood(sample: Path) -> None:
    parsed = parse(adapter_of(sample), json.loads(sample.read_bytes()))
    assert parsed.reads or parsed.note
    for one in parsed.reads:
        assert one.plate.startswith("TST")
        assert one.read.confidence is None or 0 < one.read.confidence <= 1


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_missing_and_strange_fields_neither_crash_nor_invent(sample: Path, data: st.DataObject) -> None:
    document = json.loads(sample.read_bytes())
    path = data.draw(st.sampled_from(list(places(document))))
    if data.draw(st.booleans()):
        del holder_of(document, path)[path[-1]]
    else:
        holder_of(document, path)[path[-1]] = data.draw(JUNK)
    try:
        parsed = parse(adapter_of(sample), document)
    except Unreadable:
        return
    sent = json.dumps(document)
    for one in parsed.reads:
        assert one.read.plate in sent
        assert one.read.event_id


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b'{"a":"\\u0000"}'])
def test_what_is_no_payload_is_refused_with_the_reason(adapter: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        ADAPTERS[adapter].parse(Message(body=body, content_type="application/json", received_at=ARRIVED))
