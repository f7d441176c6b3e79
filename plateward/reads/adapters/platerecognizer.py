"""Plate Recognizer's Stream and Snapshot webhook, and ParkPow's log-vehicle address, which bridges speak.

A result of type 1 has the plate as text, one of type 2 as an object; both may come in one payload.
"""

from typing import Any
from urllib.parse import parse_qs

from plateward.reads import framing
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    Sent,
    SentPicture,
    Unreadable,
    json_of,
    sent,
)
from plateward.reads.adapters.bodies import is_multipart, parts_of
from plateward.reads.adapters.fields import (
    best,
    box,
    candidates,
    digest,
    inner,
    is_no_plate,
    likeliest,
    listed,
    picture,
    region,
    share,
    words,
)
from plateward.reads.adapters.times import Moment, moment, required

NO_PLATE = "No plate in this picture."


def parse(message: Message) -> Parsed:
    """Take one webhook apart. Raises Unreadable."""
    document, pictures = _opened(message)
    payload = json_of(document, dict[str, Any])
    data, event = inner(payload.get("data")), inner(payload.get("hook")).get("event")
    if "results" not in data:
        if isinstance(event, str) and event not in {"recognition", "image.done"}:
            return Parsed((), f"The event “{event[:40]}”, which holds no read.")
        raise Unreadable("data.results is missing: this is no webhook of Plate Recognizer")
    times = (moment(data.get(name), message) for name in ("timestamp", "timestamp_local", "timestamp_camera"))
    at = next((found for found in times if found), None)
    known_by = (data.get("camera_id"), data.get("filename"), data.get("timestamp"))
    return _reads(listed(data["results"]), (payload, "data"), at, known_by, pictures)


def parse_vehicle(message: Message) -> Parsed:
    """Take what is sent to ParkPow's `log-vehicle` apart. Raises Unreadable."""
    payload = json_of(message.body, dict[str, Any])
    if "results" not in payload:
        raise Unreadable("results is missing: this is no vehicle as ParkPow takes them")
    pictures = picture(payload, "image", "scene")
    at = moment(payload.get("time"), message)
    known_by = (payload.get("camera"), payload.get("time"))
    return _reads(listed(payload["results"]), (payload, ""), at, known_by, pictures)


def _opened(message: Message) -> tuple[bytes, tuple[SentPicture, ...]]:
    """The JSON and the pictures of a body in any of the three forms Plate Recognizer sends."""
    if framing.media_type(message.content_type) == framing.FORM:
        fields = parse_qs(message.body.decode("utf-8", "replace"))
        return fields.get("json", [""])[0].encode(), ()
    if not is_multipart(message):
        return message.body, ()
    parts = parts_of(message)
    documents = [part.data for part in parts if part.name == "json"]
    if len(documents) != 1:
        raise Unreadable(f"The multipart body has {len(documents)} parts named “json”, but should have one")
    uploads = [part.data for part in parts if part.name == "upload" and part.data]
    return documents[0], tuple(SentPicture("scene", data, "part “upload”") for data in uploads)


def _reads(
    results: list[Any],
    whole: tuple[dict[str, Any], str],
    at: Moment | None,
    known_by: tuple[object, ...],
    pictures: tuple[SentPicture, ...],
) -> Parsed:
    """A read for each result with a plate; each keeps the payload with its own result only."""
    payload, holder = whole
    found = []
    for one in (inner(result) for result in results):
        values = _of_type_2(one) if isinstance(one.get("plate"), dict) else _of_type_1(one)
        if is_no_plate(values["plate"]):
            continue
        own = {**(payload[holder] if holder else payload), "results": [one]}
        kept = {**payload, holder: own} if holder else own
        found.append(_read(values, kept, required(at, "timestamp or time"), known_by, pictures))
    return Parsed(tuple(found), NO_PLATE)


def _read(
    values: dict[str, Any],
    payload: dict[str, Any],
    at: Moment,
    known_by: tuple[object, ...],
    pictures: tuple[SentPicture, ...],
) -> Sent:
    event = digest(*known_by, values["plate_box"], values["plate"])
    return sent(values | {"event_id": event, "captured_at": at.at}, payload, pictures, [at.note])


def _of_type_1(one: dict[str, Any]) -> dict[str, Any]:
    vehicle, issued = inner(one.get("vehicle")), inner(one.get("region"))
    model = likeliest(one.get("model_make"), "make", "score")
    return {
        "plate": one.get("plate"),
        "confidence": share(one.get("score")),
        "candidates": candidates(one.get("candidates"), "plate", "score"),
        "region": region(issued.get("code")),
        "region_confidence": share(issued.get("score")),
        "plate_box": _box(one.get("box")),
        "vehicle": words(
            color=best(one.get("color"), "color", "score"),
            make=model.get("make"),
            model=model.get("model"),
            type=vehicle.get("type"),
        ),
    }


def _of_type_2(one: dict[str, Any]) -> dict[str, Any]:
    plate, vehicle = inner(one.get("plate")), inner(one.get("vehicle"))
    read, described = inner(plate.get("props")), inner(vehicle.get("props"))
    top = likeliest(read.get("plate"), "value", "score")
    issued = likeliest(read.get("region"), "value", "score")
    model = likeliest(described.get("make_model"), "make", "score")
    return {
        "plate": top.get("value"),
        "confidence": share(top.get("score")),
        "candidates": candidates(read.get("plate"), "value", "score"),
        "region": region(issued.get("value")),
        "region_confidence": share(issued.get("score")),
        "plate_box": _box(plate.get("box")),
        "vehicle": words(
            color=best(described.get("color"), "value", "score"),
            make=model.get("make"),
            model=model.get("model"),
            type=vehicle.get("type"),
        ),
    }


def _box(sides: object) -> dict[str, float] | None:
    named = inner(sides)
    return box(named.get("xmin"), named.get("ymin"), named.get("xmax"), named.get("ymax"))


KEYS = frozenset({KeyPlace.BEARER, KeyPlace.TOKEN, KeyPlace.HEADER, KeyPlace.QUERY})
PLATE_RECOGNIZER = Adapter(
    id="platerecognizer",
    maker="Plate Recognizer",
    parse=parse,
    media_types=frozenset({framing.JSON, framing.MULTIPART, framing.FORM}),
    key_places=KEYS,
    paths=("/api/v1/webhook-receiver/",),
    is_zoned=True,
)
PARKPOW = Adapter(
    id="parkpow",
    maker="ParkPow",
    parse=parse_vehicle,
    media_types=frozenset({framing.JSON}),
    key_places=KEYS,
    paths=("/api/v1/log-vehicle/",),
    is_zoned=True,
)
