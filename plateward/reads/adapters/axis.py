"""Axis License Plate Verifier (ALPV): JSON alone, or the part `event` beside the part `image`.

A vehicle is announced as NEW, then UPDATE, then LOST under one `carID`. All of them together become one read.
"""

from datetime import datetime
from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    Passing,
    SentPicture,
    Unreadable,
    json_of,
    sent,
)
from plateward.reads.adapters.bodies import is_multipart, parts_of
from plateward.reads.adapters.fields import (
    box_of_size,
    country,
    digest,
    inner,
    instant_ms,
    is_no_plate,
    issuer,
    joined,
    listed,
    picture,
    place,
    region,
    share,
    text,
    words,
)
from plateward.reads.adapters.times import required
from plateward.reads.native import Role

_IN_VIEW = frozenset({"new", "update", "updated", "lost"})
_ROLES: dict[str, Role] = {"plate": "plate", "mmrcrop": "vehicle", "vehicle": "vehicle", "frame": "scene"}


def parse(message: Message) -> Parsed:
    """Take one event apart. Raises Unreadable."""
    document, images = _opened(message)
    body = json_of(document, dict[str, Any])
    if "carID" not in body and "plateUTF8" not in body:
        if "ALPV" in body or "identify" in body:
            return Parsed((), "A heartbeat of the camera.")
        raise Unreadable("carID and plateUTF8 are missing: this is no event of a license plate verifier")
    plate, taken_at = (
        body.get("plateUTF8") or body.get("plateText"),
        instant_ms(body.get("capture_timestamp")),
    )
    passing = _passing(body, taken_at)
    if is_no_plate(plate):
        return Parsed((), "A vehicle without a plate.", passing)
    role = _ROLES.get((text(body.get("imageType")) or "").lower(), "scene")
    pictures = tuple(SentPicture(role, data, "part “image”") for data in images) + _within(body)
    at = required(taken_at, "capture_timestamp")
    values = {
        "event_id": _event(body, plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(body.get("plateConfidence")),
        "region": _region(body),
        "plate_box": _box(body.get("plateCoordinates")),
        "lane": text(body.get("roiID")),
        "vehicle": _vehicle(inner(body.get("vehicle_info"))),
        "model": text(inner(body.get("camera_info")).get("ProdShortName")),
        **place(inner(body.get("geotag")).get("lat"), inner(body.get("geotag")).get("lon")),
    }
    return Parsed((sent(values, body, pictures),), passing=passing)


def _passing(body: dict[str, Any], at: datetime | None) -> Passing | None:
    """The vehicle in view; None for an event that stands alone. Its number begins anew with the camera."""
    state = (text(body.get("carState")) or "").lower()
    if state not in _IN_VIEW or at is None or not text(body.get("carID"), 150):
        return None
    return Passing(
        name=_event(body, None), at=at, begins=state == "new", ends=state == "lost", is_reused=True
    )


def _opened(message: Message) -> tuple[bytes, list[bytes]]:
    if not is_multipart(message):
        return message.body, []
    parts = parts_of(message)
    documents = [part.data for part in parts if part.name == "event"]
    if len(documents) != 1:
        raise Unreadable(f"The multipart body has {len(documents)} parts named “event”, but should have one")
    return documents[0], [part.data for part in parts if part.name == "image" and part.data]


def _within(body: dict[str, Any]) -> tuple[SentPicture, ...]:
    """Pictures inside the JSON; those of no known kind are left out with their bytes."""
    found: list[SentPicture] = []
    for image in map(inner, listed(body.get("imageArray"))):
        role = _ROLES.get((text(image.get("ImageType")) or "").lower())
        taken = picture(image, "BinaryImage", role or "scene")
        found += taken if role else ()
    return tuple(found)


def _event(body: dict[str, Any], plate: object) -> str:
    serial = inner(body.get("camera_info")).get("SerialNumber") or body.get("sensorProviderID")
    return joined(serial, body.get("carID")) or digest(serial, body.get("capture_timestamp"), plate)


def _region(body: dict[str, Any]) -> str | None:
    nation = country(body.get("plateCountry"))
    named = issuer(body.get("plateRegion")) if nation in {"US", "CA"} else None
    return region(body.get("plateISO3166-2")) or named or nation


def _box(edges: object) -> dict[str, float] | None:
    found = listed(edges)
    return box_of_size(*found) if len(found) == 4 else None  # noqa: PLR2004  left, top, width, height


def _vehicle(info: dict[str, Any]) -> dict[str, str] | None:
    return words(
        color=info.get("Color"), type=info.get("Type"), make=info.get("Make"), model=info.get("Model")
    )


AXIS = Adapter(
    id="axis",
    maker="Axis License Plate Verifier",
    parse=parse,
    media_types=frozenset({framing.JSON, framing.MULTIPART}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.BASIC, KeyPlace.QUERY, KeyPlace.DIGEST}),
)
