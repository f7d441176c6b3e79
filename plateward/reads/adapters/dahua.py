"""Dahua ITSAPI: what traffic and access cameras push. They send again until they get their own answer.

Faces and occupants are left out before anything is stored; the camera's own lists stay as notes.
"""

from typing import Any

import msgspec

from plateward.reads import framing
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    SentPicture,
    Unreadable,
    json_of,
    sent,
)
from plateward.reads.adapters.fields import (
    digest,
    inner,
    is_no_plate,
    listed,
    picture,
    positive,
    region,
    share,
    text,
    words,
)
from plateward.reads.adapters.times import moment, required

MOST_CONFIDENT = 255.0
FASTEST_KMH = 500.0


def parse(message: Message) -> Parsed:
    """Take one message apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    if "Active" in body:
        return Parsed((), "A sign of life of the camera.")
    if "DeviceModel" in body or "DeviceName" in body:
        return Parsed((), "The camera's description of itself.")
    shot = inner(body.get("Picture"))
    plate, seen = inner(shot.get("Plate")), inner(shot.get("SnapInfo"))
    if not shot:
        raise Unreadable("Picture is missing: this is neither a read nor a sign of life of a Dahua camera")
    number = plate.get("PlateNumber")
    if plate.get("IsExist") is False or is_no_plate(number):
        return Parsed((), "A vehicle without a plate.")
    pictures = _pictures(shot)
    written_at = seen.get("AccurateTime") or seen.get("SnapTime")
    at = required(moment(written_at, message), "SnapInfo.AccurateTime or SnapTime")
    vehicle = inner(shot.get("Vehicle"))
    values = {
        "event_id": digest(seen.get("DeviceID"), written_at, seen.get("LanNo"), number),
        "captured_at": at.at,
        "plate": number,
        "confidence": share(plate.get("Confidence"), MOST_CONFIDENT),
        "region": region(plate.get("Region")),
        "lane": text(seen.get("LanNo")),
        "speed_kmh": positive(vehicle.get("Speed"), FASTEST_KMH),
        "vehicle": words(
            color=vehicle.get("VehicleColor"),
            make=vehicle.get("VehicleSign"),
            model=vehicle.get("VehicleSeries"),
            type=vehicle.get("VehicleType"),
        ),
    }
    return Parsed((sent(values, body, pictures, [at.note]),))


def _pictures(shot: dict[str, Any]) -> tuple[SentPicture, ...]:
    """Scene, plate and vehicle. Combined pictures may show faces: only their names are kept."""
    for combined in map(inner, listed(shot.get("CombinPic"))):
        combined.pop("Content", None)
    inner(shot.get("CombinPic")).pop("Content", None)
    return (
        *picture(inner(shot.get("NormalPic")), "Content", "scene"),
        *picture(inner(shot.get("VehiclePic")), "Content", "vehicle"),
        *picture(inner(shot.get("CutoutPic")), "Content", "plate"),
    )


class _Plate(msgspec.Struct):
    PlateNumber: Any = ""


class _Seen(msgspec.Struct):
    DeviceID: Any = ""


class _Shot(msgspec.Struct):
    Plate: _Plate | None = None
    SnapInfo: _Seen | None = None


class _Envelope(msgspec.Struct):
    """Of a body only what its answer repeats; pictures are passed over."""

    Active: Any = None
    DeviceID: Any = ""
    Picture: _Shot | None = None


def answer(body: bytes) -> dict[str, object]:
    """What a camera must be told of a body that is on disc, or it sends it again."""
    try:
        told = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"Result": True}
    if told.Active is not None:
        return {"Active": True, "DeviceID": told.DeviceID}
    if told.Picture is None:
        return {"Result": True}
    plate, seen = told.Picture.Plate or _Plate(), told.Picture.SnapInfo or _Seen()
    return {"Result": True, "DeviceID": seen.DeviceID, "PlateNumber": plate.PlateNumber, "Message": ""}


DAHUA = Adapter(
    id="dahua",
    maker="Dahua (ITSAPI)",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BASIC, KeyPlace.QUERY, KeyPlace.PATH, KeyPlace.DIGEST}),
    paths=("/NotificationInfo/TollgateInfo", "/NotificationInfo/KeepAlive", "/NotificationInfo/DeviceInfo"),
    answer=answer,
    is_zoned=True,
)
