import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.plates import normalize
from plateward.reads.adapters import ADAPTERS, Message, Sent, Unreadable
from plateward.reads.native import NativeRead, Way, heading_of
from plateward.reads.rules import checked_capture

READ: dict[str, Any] = {
    "event_id": "e-1",
    "captured_at": "2026-11-22T14:03:11.250-08:00",
    "plate": "8abc 123",
}
OPTIONAL = sorted(set(NativeRead.__struct_fields__) - set(READ))


def parse(body: bytes, content_type: str) -> Sent:
    (sent,) = several(body, content_type)
    return sent


def several(body: bytes, content_type: str) -> tuple[Sent, ...]:
    message = Message(body=body, content_type=content_type, received_at=datetime(2026, 11, 22, tzinfo=UTC))
    return ADAPTERS["native"].parse(message).reads


def parsed(**changes: Any) -> Sent:
    return parse(json.dumps(READ | changes).encode(), "application/json")


def reason(body: bytes, content_type: str = "application/json") -> str:
    with pytest.raises(Unreadable) as raised:
        parse(body, content_type)
    return str(raised.value)


def multipart(*parts: tuple[str, bytes], boundary: str = "frontier") -> tuple[bytes, str]:
    lines = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="f"\r\n\r\n%b\r\n'
        % (boundary.encode(), name.encode(), data)
        for name, data in parts
    ]
    body = b"".join(lines) + b"--%b--\r\n" % boundary.encode()
    return body, f'multipart/form-data; boundary="{boundary}"'


@pytest.mark.parametrize(
    ("looks", "direction", "heading"),
    [
        (90.0, "approaching", 270.0),
        (270.0, "approaching", 90.0),
        (90.0, "receding", 90.0),
        (90.0, None, None),
        (None, "receding", None),
    ],
)
def test_a_vehicle_drives_towards_its_camera_or_the_way_it_looks(
    looks: float | None, direction: Way | None, heading: float | None
) -> None:
    assert heading_of(looks, direction) == heading


def test_plate_is_kept_as_sent_and_normalized_beside_it() -> None:
    sent = parsed()
    assert sent.read.plate == "8abc 123"
    assert sent.plate == "8ABC123"


@pytest.mark.parametrize("field", OPTIONAL)
def test_what_the_device_does_not_know_stays_unknown(field: str) -> None:
    assert getattr(parsed().read, field) is None
    assert getattr(parsed(**{field: None}).read, field) is None


def test_a_sender_in_bulk_sends_one_read_a_line() -> None:
    lines = [json.dumps(READ | {"event_id": str(event)}) for event in range(3)]
    sent = several("\n".join(lines).encode() + b"\n", "application/x-ndjson")
    assert [one.read.event_id for one in sent] == ["0", "1", "2"]


def test_a_wrong_line_is_named_and_nothing_of_the_payload_is_taken() -> None:
    body = f"{json.dumps(READ)}\n\n{json.dumps(READ | {'confidence': 93})}".encode()
    said = reason(body, "application/x-ndjson")
    assert said.startswith("line 2: confidence: ")
    assert "Nothing of this payload was stored" in said


@pytest.mark.parametrize("body", [b"", b"{}\n" * 1001])
def test_no_line_and_too_many_lines_are_refused(body: bytes) -> None:
    assert "line" in reason(body, "application/x-ndjson") or "1001 reads" in reason(
        body, "application/x-ndjson"
    )


def test_fields_nobody_knows_are_kept_in_the_payload() -> None:
    assert parsed(gate={"number": 2}).payload["gate"] == {"number": 2}


def test_pictures_leave_the_payload_and_their_digest_stays() -> None:
    sent = parsed(pictures=[{"role": "scene", "data": "QUJD", "note": "x"}])
    assert [(p.role, p.data, p.where) for p in sent.pictures] == [("scene", b"ABC", "pictures[0]")]
    assert sent.payload["pictures"] == [
        {
            "role": "scene",
            "note": "x",
            "sha256": "b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78",
        }
    ]


def test_multipart_brings_the_read_and_its_pictures_byte_for_byte() -> None:
    picture = bytes(range(256)) * 3 + b"\r\n--front\r\n"
    sent = parse(*multipart(("scene", picture), ("read", json.dumps(READ).encode()), ("plate", b"p")))
    assert sent.read.event_id == "e-1"
    assert [(p.role, p.data) for p in sent.pictures] == [("scene", picture), ("plate", b"p")]


def test_parts_that_are_no_pictures_are_named_not_kept() -> None:
    sent = parse(*multipart(("read", json.dumps(READ).encode()), ("face", b"somebody")))
    assert sent.pictures == ()
    assert sent.payload["$ignored_parts"] == ["face"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"confidence": 93}, "confidence: "),
        ({"confidence": "0.9"}, "confidence: "),
        ({"characters": [{"char": "A", "confidence": -1}]}, "characters[0].confidence: "),
        ({"captured_at": "2026-11-22T14:03:11"}, "captured_at: "),
        ({"captured_at": 1_795_000_000}, "captured_at: "),
        ({"direction": "sideways"}, "direction: "),
        ({"region": "California"}, "region: "),
        ({"heading_deg": 360}, "heading_deg: "),
        ({"plate_box": {"x": 1, "y": 2, "w": 0, "h": 9}}, "plate_box.w: "),
        ({"pictures": [{"role": "scene", "data": "@@"}]}, "pictures[0].data: "),
        ({"plate": "– ? –"}, "plate: "),
        ({"plate": "A" * 21}, "plate: "),
        ({"latitude": 34.9}, "longitude"),
        ({"note": "a\0b"}, "note: "),
        ({"deep": [{"a\0": 1}]}, "deep[0]: "),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_to_do(changes: dict[str, Any], named: str) -> None:
    said = reason(json.dumps(READ | changes).encode())
    assert named in said
    assert "have" in said or "discard" in said


@pytest.mark.parametrize("field", sorted(READ))
def test_a_missing_required_field_is_named(field: str) -> None:
    body = {name: value for name, value in READ.items() if name != field}
    assert f"“{field}”" in reason(json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"<xml/>", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_with_a_reason(body: bytes) -> None:
    assert "what" not in reason(body)[:4]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"confidence": 93}, "confidence: expected a number <= 1.0. "),
        ({"plate": 7}, "plate: expected text, got a whole number. "),
        ({"characters": {}}, "characters: expected a list or null, got an object. "),
        ({"captured_at": "2026-11-22T14:03:11"}, "captured_at: expected a time with a timezone component. "),
    ],
)
def test_reasons_are_said_in_words(changes: dict[str, Any], said: str) -> None:
    assert reason(json.dumps(READ | changes).encode()).startswith(said)


def test_multipart_without_its_end_or_boundary_is_refused() -> None:
    body, content_type = multipart(("read", json.dumps(READ).encode()))
    assert "closing boundary" in reason(body[:-6], content_type)
    assert "no boundary" in reason(body, "multipart/form-data")
    assert "cannot be taken apart" in reason(b"nothing of the kind", content_type)


def test_multipart_needs_exactly_one_read() -> None:
    assert "0 parts named" in reason(*multipart(("scene", b"x")))
    assert "2 parts named" in reason(*multipart(("read", b"{}"), ("read", b"{}")))


def test_more_pictures_than_anybody_sends_are_refused() -> None:
    assert "9 pictures" in reason(*multipart(("read", json.dumps(READ).encode()), *[("scene", b"x")] * 9))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    changes=st.dictionaries(
        st.sampled_from([*READ, *OPTIONAL]) | st.text(max_size=12), JSON_VALUES, max_size=6
    ),
    missing=st.sets(st.sampled_from([*READ, *OPTIONAL])),
)
def test_no_payload_crashes_parsing_or_makes_it_invent_values(
    changes: dict[str, Any], missing: set[str]
) -> None:
    document = {name: value for name, value in (READ | changes).items() if name not in missing}
    try:
        sent = parse(json.dumps(document).encode(), "application/json")
    except Unreadable:
        return
    assert sent.plate == normalize(document["plate"]) != ""
    for field in OPTIONAL:
        if document.get(field) is None:
            assert getattr(sent.read, field) is None
    assert {k: v for k, v in sent.payload.items() if k != "pictures"} == {
        k: v for k, v in json.loads(json.dumps(document)).items() if k != "pictures"
    }


@given(
    body=st.binary(max_size=300),
    content_type=st.sampled_from(["application/json", "multipart/form-data; boundary=b"]),
)
def test_no_bytes_crash_parsing(body: bytes, content_type: str) -> None:
    with pytest.raises(Unreadable):
        parse(body, content_type)


RECEIVED = datetime(2026, 11, 22, 22, 3, 12, tzinfo=UTC)


def test_capture_time_is_utc_cut_to_the_millisecond() -> None:
    captured = datetime.fromisoformat("2026-11-22T14:03:11.250999-08:00")
    assert checked_capture(captured, RECEIVED) == datetime(2026, 11, 22, 22, 3, 11, 250_000, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [timedelta(minutes=9), timedelta(0), -timedelta(days=1800)])
def test_clocks_within_reason_are_taken(ahead: timedelta) -> None:
    assert checked_capture(RECEIVED + ahead, RECEIVED) == RECEIVED + ahead


@pytest.mark.parametrize(
    ("captured", "said"),
    [
        (RECEIVED + timedelta(minutes=11), "11 minutes after"),
        (RECEIVED + timedelta(hours=8), "8 hours after"),
        (RECEIVED + timedelta(days=400 * 365), "years after"),
        (RECEIVED - timedelta(days=5 * 365 + 1), "five years ago"),
        (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), "five years ago"),
        (datetime.fromisoformat("9999-12-31T23:59:59-10:00"), "years after"),
    ],
)
def test_a_clock_that_must_be_wrong_is_refused(captured: datetime, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        checked_capture(captured, RECEIVED)
