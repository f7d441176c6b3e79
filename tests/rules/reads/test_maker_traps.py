"""What each maker's format hides: clocks, scales, states of a car, lists that are no hits, faces."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plateward.reads.adapters import ADAPTERS, Message, Parsed, Passing, Unreadable
from plateward.reads.adapters.base import Sent
from tests.maker_samples import MULTIPART, sample

SENT_AT = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
HERE = "America/Los_Angeles"


def only(parsed: Parsed) -> Sent:
    (one,) = parsed.reads
    return one


def changed(name: str, **values: Any) -> Parsed:
    """A JSON sample with other values at its top."""
    found = sample(name)
    return found.parse(json.dumps(found.document | values).encode())


def notes(one: Sent) -> str:
    return " ".join(one.payload.get("$notes", []))


def roles(one: Sent) -> list[str]:
    return [picture.role for picture in one.pictures]


def hikvision(at: str, received_at: datetime, *more: tuple[str, str]) -> Sent:
    found = sample("hikvision-anpr.xml")
    body = found.body.replace(b"2026-01-01T00:00:01+00:00", at.encode())
    for old, new in more:
        body = body.replace(old.encode(), new.encode())
    return only(found.parse(body, received_at=received_at, zone=HERE))


# Plate Recognizer and ParkPow


def test_both_types_of_plate_recognizer_tell_the_same() -> None:
    one, two = (only(sample(f"platerecognizer-stream-type{kind}.json").parse()) for kind in (1, 2))
    assert one.read == two.read
    assert (one.read.plate, one.plate, one.read.region) == ("tst0123", "TST0123", "US-VA")
    assert one.read.confidence == 0.902
    assert one.read.heading_deg is one.read.speed_kmh is None


def test_plate_recognizers_upload_is_the_scene_in_either_body() -> None:
    assert roles(only(sample("platerecognizer-stream.multipart").parse())) == ["scene"]
    document = sample("platerecognizer-stream-type1.json").document
    body = b"json=" + json.dumps(document).replace(" ", "+").encode()
    message = Message(body=body, content_type="application/x-www-form-urlencoded", received_at=SENT_AT)
    assert only(ADAPTERS["platerecognizer"].parse(message)).plate == "TST0123"


def test_each_result_is_a_read_of_its_own_and_empty_ones_are_none() -> None:
    found = sample("parkpow-log-vehicle.json").document["results"][0]
    results = [found, found | {"plate": "tst0456"}, {"plate": None, "vehicle": {}}]
    reads = changed("parkpow-log-vehicle.json", results=results).reads
    assert [one.plate for one in reads] == ["TST0123", "TST0456"]
    assert len({one.read.event_id for one in reads}) == 2
    assert [len(one.payload["results"]) for one in reads] == [1, 1]
    assert changed("parkpow-log-vehicle.json", results=[]).note


# Hikvision


def test_hikvisions_pictures_are_told_by_their_names_and_characters_by_their_order() -> None:
    one = only(sample("hikvision-anpr.multipart").parse())
    assert roles(one) == ["plate", "scene"]
    assert one.read.plate_box is not None
    assert one.read.plate_box.picture == "scene"
    assert [round(c.confidence or 0, 2) for c in one.read.characters or ()][3] == 0.61
    assert (one.read.region, one.read.confidence, one.read.speed_kmh) == ("US", 0.91, None)
    assert [other.text for other in one.read.candidates or ()] == ["TSTO123"]


def test_hikvisions_namespace_may_be_either() -> None:
    found = sample("hikvision-anpr.xml")
    other = found.body.replace(b"www.isapi.org", b"www.hikvision.com")
    assert only(found.parse(other)).read == only(found.parse()).read


def test_the_factory_offset_behind_local_time_is_seen_by_the_arrival() -> None:
    arrived = datetime(2026, 1, 1, 8, 0, 5, tzinfo=UTC)
    one = hikvision("2026-01-01T00:00:01+08:00", arrived)
    assert one.read.captured_at == arrived - timedelta(seconds=4)
    assert "contradicts the arrival" in notes(one)


def test_a_right_instant_with_the_factory_offset_is_taken_as_it_is() -> None:
    one = hikvision("2026-01-01T16:00:01+08:00", datetime(2026, 1, 1, 8, 0, 5, tzinfo=UTC))
    assert one.read.captured_at == datetime(2026, 1, 1, 8, 0, 1, tzinfo=UTC)
    assert not notes(one)


def test_a_late_read_with_the_factory_offset_is_not_guessed_but_flagged() -> None:
    one = hikvision(
        "2026-01-01T00:00:01+08:00",
        datetime(2026, 1, 1, 8, 0, 5, tzinfo=UTC),
        ("<isDataRetransmission>false", "<isDataRetransmission>true"),
    )
    assert one.read.is_late
    assert one.read.captured_at == datetime(2025, 12, 31, 16, 0, 1, tzinfo=UTC)
    assert "may be the factory's" in notes(one)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<eventType>ANPR", "<eventType>fielddetection"),
        ("<licensePlate>TST0123", "<licensePlate>noPlate"),
        ("<licensePlate>TST0123", "<licensePlate>unknown"),
    ],
)
def test_hikvisions_other_events_and_vehicles_without_plate_are_no_reads(old: str, new: str) -> None:
    found = sample("hikvision-anpr.xml")
    assert found.parse(found.body.replace(old.encode(), new.encode())).note


@pytest.mark.parametrize("adapter", ["hikvision", "onvif", "milestone"])
def test_xml_with_entities_or_a_document_type_is_refused(adapter: str) -> None:
    body = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><EventNotificationAlert>&e;</EventNotificationAlert>'
    message = Message(body=body, content_type="application/xml", received_at=SENT_AT)
    with pytest.raises(Unreadable, match="document type or entities"):
        ADAPTERS[adapter].parse(message)


# Axis


def test_what_is_told_of_a_car_in_view_names_the_car_and_whether_it_is_over() -> None:
    first, last = (sample(name).parse() for name in ("axis-alpv-new.json", "axis-alpv-lost.multipart"))
    assert first.passing == Passing(name="SYN000000001/42", at=SENT_AT, begins=True, is_reused=True)
    assert last.passing == Passing(name="SYN000000001/42", at=SENT_AT, ends=True, is_reused=True)
    assert (only(first).plate, only(last).plate) == ("TST0I23", "TST0123")
    one = only(last)
    assert (one.read.event_id, one.read.region) == ("SYN000000001/42", "US-VA")
    assert one.read.captured_at == SENT_AT
    assert roles(one) == ["plate"]
    assert (one.read.vehicle and one.read.vehicle.type) == "truck"


@pytest.mark.parametrize("changes", [{"carState": "unk"}, {"carState": None}, {"carID": "-"}])
def test_an_event_of_no_car_in_view_stands_alone(changes: dict[str, Any]) -> None:
    parsed = changed("axis-alpv-lost.json", **changes)
    assert parsed.passing is None
    assert only(parsed).plate == "TST0123"


def test_a_car_that_is_lost_without_a_plate_is_over_all_the_same() -> None:
    parsed = changed("axis-alpv-lost.json", plateUTF8="", plateText="")
    assert not parsed.reads
    assert parsed.passing
    assert parsed.passing.ends


# Frigate


def test_frigates_readings_of_an_object_are_those_of_one_car_in_view() -> None:
    end, refined = (
        sample(f"frigate-{name}.json").parse() for name in ("events-end", "tracked_object_update")
    )
    assert only(end).read.captured_at == SENT_AT
    assert end.passing
    assert refined.passing
    assert (end.passing.name, end.passing.ends) == (refined.passing.name, True)
    assert (only(refined).plate, refined.passing.ends) == ("TST0123", False)
    update = changed("frigate-events-end.json", type="update")
    assert update.passing
    assert not update.passing.ends


def test_a_known_plates_name_is_not_its_plate() -> None:
    document = sample("frigate-events-end.json").document
    document["after"]["sub_label"] = ["Chief's car", 0.9]
    assert only(changed("frigate-events-end.json", after=document["after"])).plate == "TST0123"
    del document["after"]["recognized_license_plate"]
    assert not changed("frigate-events-end.json", after=document["after"]).reads


# Dahua


def test_dahuas_faces_and_occupants_are_gone_before_anything_is_stored() -> None:
    one = only(sample("dahua-tollgateinfo.json").parse())
    shot = one.payload["Picture"]
    assert "FacePic" not in shot
    assert "InCarPeopleNum" not in shot["SnapInfo"]
    assert one.payload["$left_out"] == ["Picture.SnapInfo.InCarPeopleNum", "Picture.FacePic"]
    assert "/9j/" not in json.dumps(one.payload)
    assert roles(one) == ["scene", "vehicle", "plate"]
    assert one.read.confidence == pytest.approx(230 / 255)
    assert shot["SnapInfo"]["BlockUser"] is False


def test_a_vehicle_without_a_plate_is_no_read_of_dahuas() -> None:
    shot = sample("dahua-tollgateinfo.json").document["Picture"]
    shot["Plate"]["IsExist"] = False
    assert changed("dahua-tollgateinfo.json", Picture=shot).note


# Clocks without an offset


@pytest.mark.parametrize(
    ("written", "arrived", "captured", "note"),
    [
        ("2026-01-01 00:00:01.000", "2026-01-01T08:00:05+00:00", "2026-01-01T08:00:01+00:00", "local time"),
        ("2026-11-01 01:30:00.000", "2026-11-01T08:30:05+00:00", "2026-11-01T08:30:00+00:00", "is twice"),
        ("2026-11-01 01:30:00.000", "2026-11-01T09:30:05+00:00", "2026-11-01T09:30:00+00:00", "is twice"),
        ("2026-03-08 02:30:00.000", "2026-03-08T10:30:05+00:00", "2026-03-08T10:30:00+00:00", "is left out"),
    ],
)
def test_local_time_is_the_agencys_and_doubtful_nights_are_flagged(
    written: str, arrived: str, captured: str, note: str
) -> None:
    found = sample("milesight-push.json")
    body = json.dumps(found.document | {"time_msec": written}).encode()
    one = only(found.parse(body, received_at=datetime.fromisoformat(arrived), zone=HERE))
    assert one.read.captured_at == datetime.fromisoformat(captured)
    assert note in notes(one)


# Genetec


def test_a_date_of_two_meanings_is_settled_by_the_arrival_and_flagged() -> None:
    found = sample("genetec-sharpv-ambiguous-date.json")
    one = only(found.parse())
    assert one.read.captured_at == datetime(2026, 1, 12, 0, 0, 1, tzinfo=UTC)
    assert "January 12 or December 1" in notes(one)
    with pytest.raises(Unreadable, match="neither is near"):
        found.parse(received_at=datetime(2026, 6, 1, tzinfo=UTC))


def test_a_plain_date_is_not_flagged_and_the_scale_is_a_hundred() -> None:
    one = only(sample("genetec-sharpv.json").parse())
    assert one.read.captured_at == datetime(2026, 1, 13, 0, 0, 1, tzinfo=UTC)
    assert not notes(one)
    assert (one.read.confidence, one.read.direction, one.read.region) == (0.95, "receding", "US-VA")


def test_a_state_is_no_country_of_the_same_code_and_in_or_out_no_direction() -> None:
    one = only(sample("genetec-lpringestion.json").parse())
    assert (one.read.region, one.read.direction) == ("US-VA", None)


def test_a_file_of_hotlist_entries_is_no_read() -> None:
    body = b"stolen;VA;TST0123;2026-01-01;2026-01-04;S1\n;;TST0777;;;\n"
    with pytest.raises(Unreadable):
        ADAPTERS["genetec"].parse(Message(body=body, content_type="text/plain", received_at=SENT_AT))


# Milesight, Verkada, UniFi


def test_milesights_dash_is_unknown_and_its_list_a_note() -> None:
    one = only(changed("milesight-push.json", confidence="-", type="Black"))
    assert one.read.confidence is None
    assert one.read.vehicle is None
    assert (one.read.region, one.read.direction) == ("US", "approaching")
    assert one.payload["type"] == "Black"


def test_verkadas_milliseconds_come_before_its_seconds() -> None:
    assert only(sample("verkada-lpr.json").parse()).read.captured_at == SENT_AT
    data = sample("verkada-lpr.json").document["data"]
    del data["detected"]
    assert only(changed("verkada-lpr.json", data=data)).read.captured_at == SENT_AT
    assert changed("verkada-lpr.json", webhook_type="motion").note


def test_each_plate_among_unifis_triggers_is_a_read() -> None:
    alarm = sample("unifi-alarm.json").document["alarm"]
    (seen,) = alarm["triggers"]
    alarm["triggers"] = [
        seen,
        seen | {"value": "TST0456", "key": "license_plate_of_interest"},
        seen | {"key": "motion", "value": "x"},
    ]
    reads = changed("unifi-alarm.json", alarm=alarm).reads
    assert [one.plate for one in reads] == ["TST0123", "TST0456"]
    assert all(one.read.confidence is None for one in reads)


# Blue Iris


def test_blue_iris_gives_every_plate_of_its_three_shapes() -> None:
    dumped = sample("blueiris-ai_dump.json").parse().reads
    assert [(one.plate, one.read.confidence) for one in dumped] == [("TST0123", 0.94), ("TST9", 0.72)]
    memo = only(sample("blueiris-memo.json").parse())
    assert (memo.plate, memo.read.confidence) == ("TST0123", 0.94)
    bracketed = changed("blueiris-memo.json", memo="[TST0456]:90%,person:71%,DayPlate:88%")
    assert only(bracketed).plate == "TST0456"


def test_blue_iris_without_a_time_gets_the_arrivals_and_says_so() -> None:
    one = only(sample("blueiris-plate_number.json").parse(received_at=SENT_AT))
    assert one.read.captured_at == SENT_AT
    assert "the time of arrival stands for it" in notes(one)


# ONVIF, Milestone, Flock


def test_an_objects_plate_in_several_frames_is_one_read_the_likeliest() -> None:
    found = sample("onvif-metadata.xml")
    frame = found.body[found.body.index(b"<tt:Frame") : found.body.index(b"</tt:VideoAnalytics>")]
    surer = frame.replace(b"0.92", b"0.99").replace(b"00:01.000Z", b"00:02.000Z")
    one = only(found.parse(found.body.replace(frame, frame + surer)))
    assert (one.read.confidence, one.read.region) == (0.99, "US-VA")
    assert one.read.captured_at == SENT_AT + timedelta(seconds=1)


def test_onvifs_likelihood_may_be_an_element_and_the_event_one_of_its_own() -> None:
    found = sample("onvif-event.xml")
    old = b'<tt:PlateNumber Likelihood="0.92">TST0123</tt:PlateNumber>'
    new = b"<tt:PlateNumber>TST0123<tt:Likelihood>0.5</tt:Likelihood></tt:PlateNumber>"
    assert only(found.parse()).read.confidence == 0.92
    assert only(found.parse(found.body.replace(old, new))).read.confidence == 0.5


@pytest.mark.parametrize("name", ["milestone-alarm.xml", "flock-alert.json"])
def test_another_systems_alarm_is_a_note_and_no_read(name: str) -> None:
    parsed = sample(name).parse()
    assert not parsed.reads
    assert parsed.note


def test_a_multipart_body_cut_off_is_refused_with_the_reason() -> None:
    found = sample("axis-alpv-lost.multipart")
    assert found.content_type == MULTIPART
    with pytest.raises(Unreadable, match="cannot be taken apart"):
        found.parse(found.body[:-30])


def test_a_units_read_keeps_its_place_in_the_spool_and_how_the_clock_stood() -> None:
    one = only(changed("plateward-unit-read.json"))
    assert one.payload["unit"] == {
        "spool": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "sequence": 41,
        "list_version": 12,
        "clock_offset_s": -0.4,
        "model": "plates-3",
        "source": "front",
    }


def test_a_units_read_under_another_name_or_number_is_refused() -> None:
    with pytest.raises(Unreadable, match="is not the name of number 41"):
        changed("plateward-unit-read.json", event_id="7c9e6679-7425-40de-944b-e07fc1f90ae7-000000000000042")
    with pytest.raises(Unreadable, match="unit"):
        changed("plateward-unit-read.json", unit={"sequence": 0})
