"""What holds for every maker's adapter, told on the synthetic samples of tests/samples."""

import json
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plateward.reads.adapters import ADAPTERS, Message, Unreadable
from tests.maker_samples import ARRIVED, SAMPLES, Sample, edits

JUNK = st.sampled_from(
    [None, "", "unknown", -1, 1e300, [], {}, True, "A" * 999, "\U0001f697", [[[]]], {"x": 1}]
)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.name}-{sample.kind}")


def test_every_adapter_has_a_sample() -> None:
    assert {sample.adapter for sample in SAMPLES} | {"native"} == set(ADAPTERS)


@each_sample
def test_every_sample_is_understood(sample: Sample) -> None:
    parsed = sample.parse()
    assert parsed.reads or parsed.note
    for one in parsed.reads:
        assert one.plate.startswith("TST")
        assert one.read.confidence is None or 0 < one.read.confidence <= 1


@each_sample
def test_the_same_sent_again_has_the_same_name(sample: Sample) -> None:
    names = [[(one.read.event_id, one.read.captured_at) for one in sample.parse().reads] for _ in range(2)]
    assert names[0] == names[1]
    assert len(set(names[0])) == len(names[0])


@each_sample
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_missing_and_strange_fields_neither_crash_nor_invent(sample: Sample, data: st.DataObject) -> None:
    document = sample.document
    remove, put = data.draw(st.sampled_from(list(edits(document))))
    if data.draw(st.booleans()):
        remove()
    else:
        put(data.draw(JUNK))
    body = sample.with_document(document)
    try:
        parsed = sample.parse(body)
    except Unreadable:
        return
    sent = unescape(body.decode("utf-8", "replace"))
    for one in parsed.reads:
        assert one.read.plate in sent or one.read.plate.encode("unicode-escape").decode() in sent
        assert one.read.event_id


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
@pytest.mark.parametrize("media_type", ["application/json", "application/xml"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b'{"a":"\\u0000"}', b"<a>", b"<a/>", b"<a>" * 99],
)
def test_what_is_no_payload_is_refused_with_the_reason(adapter: str, media_type: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        ADAPTERS[adapter].parse(Message(body=body, content_type=media_type, received_at=ARRIVED))


PEOPLE = st.sampled_from(
    [
        "FacePic",
        "faceImage",
        "driverName",
        "DriverSeatBelt",
        "InCarPeopleNum",
        "passengerCount",
        "occupants",
        "pilotSafebelt",
        "HumanFace",
        "uphone",
        "smoking",
        "PersonList",
        "codriver",
        "vicepilotsunvisor",
    ]
)
SECRET = "Somebody 4711"


@each_sample
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_nothing_about_people_is_kept_wherever_it_stands(sample: Sample, data: st.DataObject) -> None:
    document, name = sample.document, data.draw(PEOPLE)
    if isinstance(document, Element):
        place = data.draw(st.sampled_from(list(document.iter())))
        if data.draw(st.booleans()):
            place.append(Element("SimpleItem", {"Name": name, "Value": SECRET}))
        else:
            SubElement(place, name).text = SECRET
    else:
        data.draw(st.sampled_from(list(objects(document))))[name] = data.draw(
            st.sampled_from([SECRET, [SECRET], {"Content": SECRET}])
        )
    try:
        reads = sample.parse(sample.with_document(document)).reads
    except Unreadable:
        return
    for one in reads:
        assert SECRET not in json.dumps(one.payload)
        assert SECRET not in str(one.read)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, however deep."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(one)
