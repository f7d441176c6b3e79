"""ONVIF Profile M: license plates in metadata streams and in recognition events, as XML.

Devices send these over RTSP or a subscription; a small program beside the camera forwards them. One
object's plate in several frames of a payload is one read, the likeliest.
"""

from collections.abc import Iterator
from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Sent, Unreadable, sent
from plateward.reads.adapters.bodies import every, several, words_of, xml_of
from plateward.reads.adapters.fields import (
    digest,
    inner,
    is_no_plate,
    issuer,
    joined,
    picture,
    region,
    share,
    words,
)
from plateward.reads.adapters.times import moment, required

_ROOTS = frozenset({"MetadataStream", "NotificationMessage", "Notify", "PullMessagesResponse", "Envelope"})
_Seen = tuple[dict[str, Any], dict[str, Any]]
"""What is told of an object beside its plate, and with it the moment's attributes; and the plate."""


def parse(message: Message) -> Parsed:
    """Take one document apart. Raises Unreadable."""
    root, document = xml_of(message.body)
    if root not in _ROOTS:
        raise Unreadable(f"The XML is “{root[:60]}”, none of ONVIF's {', '.join(sorted(_ROOTS))}")
    found: dict[object, Sent] = {}
    for told, plate in (*_in_frames(document), *_in_events(document)):
        if is_no_plate(words_of(plate.get("PlateNumber"))):
            continue
        read = _read(told, plate, message)
        before = found.get(read.read.event_id)
        if before is None or (read.read.confidence or 0) > (before.read.confidence or 0):
            found[read.read.event_id] = read
    return Parsed(tuple(found.values()), "Metadata without a license plate.")


def _in_frames(document: dict[str, Any]) -> Iterator[_Seen]:
    for frame in map(inner, every(document, "Frame")):
        for one in map(inner, several(frame.get("Object"))):
            look = inner(one.get("Appearance"))
            for plate in map(inner, several(look.get("LicensePlateInfo"))):
                told = {"at": frame.get("@UtcTime"), "object": one.get("@ObjectId"), **look}
                yield told, plate


def _in_events(document: dict[str, Any]) -> Iterator[_Seen]:
    for event in (inner(one) for one in every(document, "Message")):
        data = inner(event.get("Data"))
        named = {
            str(inner(item).get("@Name")): inner(item)
            for kind in ("SimpleItem", "ElementItem")
            for item in several(data.get(kind))
        }
        told = {
            "at": event.get("@UtcTime"),
            "object": inner(named.get("ObjectId")).get("@Value"),
            "VehicleInfo": inner(named.get("VehicleInfo")).get("VehicleInfo"),
        }
        for plate in every(named.get("LicensePlateInfo"), "LicensePlateInfo"):
            yield told, inner(plate)


def _read(told: dict[str, Any], plate: dict[str, Any], message: Message) -> Sent:
    number, vehicle = plate.get("PlateNumber"), inner(told.get("VehicleInfo"))
    written_at = told["at"]
    at = required(moment(written_at, _in_utc(message)), "UtcTime")
    pictures = (*picture(told, "Image", "vehicle"), *picture(plate, "Image", "plate"))
    values = {
        "event_id": joined(told["object"]) or digest(written_at, words_of(number)),
        "captured_at": at.at,
        "plate": words_of(number),
        "confidence": _likelihood(number),
        "region": _region(plate),
        "vehicle": words(
            type=words_of(vehicle.get("Type")),
            make=words_of(vehicle.get("Brand")),
            model=words_of(vehicle.get("Model")),
        ),
    }
    return sent(values, {**told, "LicensePlateInfo": plate}, pictures, [at.note])


def _in_utc(message: Message) -> Message:
    """The same message for an attribute whose name says UTC, should its offset be missing."""
    return Message(body=b"", content_type="", received_at=message.received_at, zone="UTC")


def _likelihood(value: object) -> float | None:
    """From the attribute, or in an old variant a child element."""
    told = inner(value)
    return share(told.get("@Likelihood") or words_of(told.get("Likelihood")))


def _region(plate: dict[str, Any]) -> str | None:
    nation = region(words_of(plate.get("CountryCode")))
    named = issuer(words_of(plate.get("IssuingEntity")))
    return named if named and nation in {None, named.partition("-")[0]} else nation


ONVIF = Adapter(
    id="onvif",
    maker="ONVIF Profile M",
    parse=parse,
    media_types=framing.XML,
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.BASIC, KeyPlace.QUERY}),
)
