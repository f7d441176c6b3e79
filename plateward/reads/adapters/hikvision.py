"""Hikvision ISAPI: `EventNotificationAlert` as XML, alone or in a multipart body with its pictures.

Firmwares differ in the XML's namespace, so that only local names count. Cameras leave the factory at
+08:00 and keep writing that offset behind local time until somebody sets the zone.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plateward.reads import framing
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    Sent,
    SentPicture,
    Unreadable,
    sent,
)
from plateward.reads.adapters.bodies import is_multipart, parts_of, several, xml_of
from plateward.reads.adapters.fields import (
    box_of_size,
    country,
    digest,
    inner,
    is_no_plate,
    joined,
    number,
    place,
    positive,
    share,
    text,
    words,
)
from plateward.reads.adapters.times import FUTURE_TOLERANCE, Moment, local, required, written
from plateward.reads.framing import Part
from plateward.reads.native import Role

PERCENT = 100.0
FASTEST_KMH = 500.0
FACTORY_OFFSET = timedelta(hours=8)
_ROLES: dict[str, Role] = {
    "licenseplatepicture": "plate",
    "vehiclepicture": "vehicle",
    "detectionpicture": "scene",
}
_COUNTRIES = {7: "PL", 17: "GB", 19: "HR", 46: "TR", 59: "CN", 64: "TH", 169: "CA", 172: "US", 174: "MX"}
"""Hikvision's numbers of countries, as far as they are known for certain."""


def parse(message: Message) -> Parsed:
    """Take one notification apart. Raises Unreadable."""
    document, pictures = _opened(message)
    root, alert = xml_of(document)
    if root != "EventNotificationAlert":
        raise Unreadable(f"The XML is “{root[:60]}”, not an EventNotificationAlert")
    kind = text(alert.get("eventType"))
    if kind and kind.upper() != "ANPR":
        return Parsed((), f"The event “{kind}”, which holds no read.")
    anpr = inner(alert.get("ANPR"))
    if not anpr:
        raise Unreadable("ANPR is missing from the notification")
    if is_no_plate(anpr.get("licensePlate"), "noplate"):
        return Parsed((), "A vehicle without a plate.")
    return Parsed((_read(alert, anpr, pictures, message),))


def _opened(message: Message) -> tuple[bytes, tuple[SentPicture, ...]]:
    if not is_multipart(message):
        return message.body, ()
    parts = parts_of(message)
    documents = [part.data for part in parts if _is_document(part)]
    if len(documents) != 1:
        raise Unreadable(f"The multipart body has {len(documents)} parts with XML, but should have one")
    pictures = [(_role(part), part) for part in parts if part.data and not _is_document(part)]
    return documents[0], tuple(
        SentPicture(role, part.data, f"part “{part.filename or part.name}”")
        for role, part in pictures
        if role
    )


def _is_document(part: Part) -> bool:
    return part.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _role(part: Part) -> Role | None:
    """What a part shows, by its name or file name; what is neither, such as a face, is left out."""
    stems = (name.lower().partition(".")[0] for name in (part.filename, part.name))
    return next((_ROLES[stem] for stem in stems if stem in _ROLES), None)


def _read(
    alert: dict[str, Any], anpr: dict[str, Any], pictures: tuple[SentPicture, ...], message: Message
) -> Sent:
    is_late = text(alert.get("isDataRetransmission")) == "true" or bool(number(anpr.get("alarmDataType")))
    at = _moment(alert.get("dateTime"), message, is_late=is_late)
    vehicle, plate = inner(anpr.get("vehicleInfo")), anpr.get("licensePlate")
    before = text(anpr.get("originalLicensePlate"), 40)
    device = joined(alert.get("macAddress"), alert.get("channelID")) or ""
    values = {
        "event_id": joined(device, alert.get("UUID")) or digest(device, alert.get("dateTime"), plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(anpr.get("confidenceLevel"), PERCENT),
        "characters": _characters(plate, anpr.get("plateCharBelieve")),
        "candidates": [{"text": before}] if before and before != plate else None,
        "region": _country(alert, anpr),
        "plate_box": _box(anpr),
        "lane": text(anpr.get("line")),
        "speed_kmh": positive(vehicle.get("speed"), FASTEST_KMH),
        "is_late": is_late or None,
        "vehicle": words(color=vehicle.get("color"), type=anpr.get("vehicleType")),
        **_place(inner(alert.get("DeviceGPSInfo"))),
    }
    return sent(values, alert, pictures, [at.note])


def _moment(value: object, message: Message, *, is_late: bool) -> Moment:
    """The capture's instant; a wrong offset behind the right local time is seen by when the payload came."""
    wall = required(written(value), "dateTime").at
    if wall.tzinfo is None:
        return local(wall, message)
    naive = wall.replace(tzinfo=None)
    here = naive.replace(tzinfo=ZoneInfo(message.zone))
    if wall.utcoffset() == here.utcoffset() or _is_now(Moment(wall), message):
        return Moment(wall)
    as_local = local(naive, message)
    if not is_late and _is_now(as_local, message):
        return Moment(
            as_local.at,
            f"“{value}” has an offset that contradicts the arrival, but is right as local time "
            f"({message.zone}): taken as that. Set the camera's time zone.",
        )
    doubt = "+08:00 may be the factory's offset. " if wall.utcoffset() == FACTORY_OFFSET else ""
    return Moment(
        wall,
        f"“{value}” has another offset than {message.zone}. {doubt}Taken as sent; check the camera's zone.",
    )


def _is_now(found: Moment, message: Message) -> bool:
    return abs(found.at - message.received_at) <= FUTURE_TOLERANCE


def _characters(plate: object, believed: object) -> list[dict[str, Any]] | None:
    """Each character's confidence, where there are as many as characters."""
    shares = [share(one, PERCENT) for one in str(believed or "").split(",")]
    if not isinstance(plate, str) or len(plate) != len(shares):
        return None
    return [{"char": char, "confidence": one} for char, one in zip(plate, shares, strict=True)]


def _country(alert: dict[str, Any], anpr: dict[str, Any]) -> str | None:
    return country(alert.get("countryAbbreviation")) or _COUNTRIES.get(int(number(anpr.get("country")) or 0))


def _box(anpr: dict[str, Any]) -> dict[str, Any] | None:
    """The plate's box and the picture it is measured in."""
    for info in map(inner, several(inner(anpr.get("pictureInfoList")).get("pictureInfo"))):
        rect, role = inner(info.get("plateRect")), _ROLES.get(str(info.get("type")).lower())
        found = box_of_size(rect.get("X"), rect.get("Y"), rect.get("width"), rect.get("height"))
        if found and role:
            return {**found, "picture": role}
    return None


def _place(gps: dict[str, Any]) -> dict[str, float]:
    return place(
        _degrees(gps.get("Latitude"), is_negative=gps.get("latitudeType") == "S"),
        _degrees(gps.get("Longitude"), is_negative=gps.get("longitudeType") == "W"),
    )


def _degrees(parts: object, *, is_negative: bool) -> float | None:
    named = inner(parts)
    degree = number(named.get("degree"))
    if degree is None:
        return None
    found = degree + (number(named.get("minute")) or 0) / 60 + (number(named.get("sec")) or 0) / 3600
    return -found if is_negative else found


HIKVISION = Adapter(
    id="hikvision",
    maker="Hikvision (ISAPI)",
    parse=parse,
    media_types=framing.XML | {framing.MULTIPART},
    key_places=frozenset({KeyPlace.BASIC, KeyPlace.QUERY, KeyPlace.PATH, KeyPlace.DIGEST}),
    is_zoned=True,
)
