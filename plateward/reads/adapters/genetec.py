"""Genetec: reads as its Third-Party ALPR plugin takes them, and as SharpV cameras and Security Center send.

A SharpV writes its date in an order that its settings decide and its payload does not tell. The order is
taken only where it is plain, or where when the payload arrived settles it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, json_of, sent
from plateward.reads.adapters.fields import (
    digest,
    inner,
    is_no_plate,
    issuer,
    joined,
    picture,
    region,
    share,
    text,
    words,
)
from plateward.reads.adapters.times import Moment, moment, nearest, required

PERCENT = 100.0
_ORDERS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y")
_SETTLED_WITHIN = timedelta(days=2)
_MOTION = {"moving away": "receding", "approaching": "approaching"}


def parse(message: Message) -> Parsed:
    """Take one read apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    if "Plate" not in body:
        raise Unreadable("Plate is missing: this is no read as Genetec sends them")
    if is_no_plate(body["Plate"]):
        return Parsed((), "A vehicle without a plate.")
    if "DateUtc" in body or "TimeUtc" in body:
        return _of_camera(body, message)
    return _for_plugin(body, message)


def _for_plugin(body: dict[str, Any], message: Message) -> Parsed:
    at = required(moment(body.get("ReadTimeUtc"), _in_utc(message)), "ReadTimeUtc")
    camera, plate = body.get("ReferenceCameraId"), body["Plate"]
    values = {
        "event_id": joined(camera, body.get("ReferenceReadId"))
        or digest(camera, body.get("ReadTimeUtc"), plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(body.get("Confidence")),
        "region": _issuer(body.get("PlateStateProvince")),
    }
    return Parsed((_read(values, body, at),))


def _of_camera(body: dict[str, Any], message: Message) -> Parsed:
    told, plate = inner(body.get("Attributes")), body["Plate"]
    at = _dated(body.get("DateUtc"), body.get("TimeUtc"), message)
    values = {
        "event_id": digest(body.get("CameraName"), body.get("DateUtc"), body.get("TimeUtc"), plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(body.get("ConfidenceScore") or told.get("Confidence Score"), PERCENT),
        "region": _issuer(body.get("State")),
        "region_confidence": share(told.get("State Name Confidence Score"), PERCENT),
        "direction": _MOTION.get((text(told.get("Relative Motion")) or "").lower()),
        "vehicle": words(
            color=told.get("Vehicle Color"),
            make=told.get("Vehicle Make"),
            model=told.get("Vehicle Model"),
            type=told.get("Vehicle Type"),
        ),
    }
    return Parsed((_read(values, body, at),))


def _read(values: dict[str, Any], body: dict[str, Any], at: Moment) -> Any:
    pictures = (*picture(body, "ContextImage", "scene"), *picture(body, "PlateImage", "plate"))
    return sent(values, body, pictures, [at.note])


def _issuer(value: object) -> str | None:
    """A State or province by code or name; also a whole ISO 3166-2 code."""
    whole = region(value)
    return whole if whole and "-" in whole else issuer(value)


def _in_utc(message: Message) -> Message:
    """The same message for a field whose name says UTC."""
    return Message(body=b"", content_type="", received_at=message.received_at, zone="UTC")


def _dated(day: object, time: object, message: Message) -> Moment:
    """The instant of a date and time in UTC; of a date with two meanings the one that just happened."""
    written = f"{text(day) or ''} {(text(time) or '').partition('.')[0]}"
    possible = sorted({at for order in _ORDERS if (at := _as(written, order))})
    if not possible:
        raise Unreadable(f"DateUtc, TimeUtc: “{written}” is no date and time")
    if len(possible) == 1:
        return Moment(possible[0])
    chosen = nearest(possible, message.received_at)
    readings = " or ".join(f"{at:%B} {at.day}" for at in possible)
    if abs(chosen - message.received_at) > _SETTLED_WITHIN:
        raise Unreadable(
            f"DateUtc: “{day}” may be {readings}, and neither is near the arrival",
            "Set the camera to write dates as YYYY-MM-DD; then have the read sent again, or discard this.",
        )
    return Moment(
        chosen, f"“{day}” may be {readings}: taken as {chosen:%B} {chosen.day}, by when the payload arrived."
    )


def _as(written: str, order: str) -> datetime | None:
    try:
        return datetime.strptime(written, f"{order} %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


GENETEC = Adapter(
    id="genetec",
    maker="Genetec (AutoVu SharpV, Security Center)",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.BASIC, KeyPlace.QUERY}),
    paths=("/lpringestion/Reads",),
)
