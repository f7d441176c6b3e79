"""Milesight LPR cameras: JSON whose every value is text, with "-" for what is not known, in local time."""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, json_of, sent
from plateward.reads.adapters.fields import (
    box,
    country,
    digest,
    is_no_plate,
    picture,
    share,
    text,
    words,
)
from plateward.reads.adapters.times import moment, required

PERCENT = 100.0
_DIRECTIONS = {"approach": "approaching", "away": "receding"}


def parse(message: Message) -> Parsed:
    """Take one push apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    if "plate" not in body:
        raise Unreadable("plate is missing: this is no push of a Milesight camera")
    plate = body["plate"]
    if is_no_plate(plate):
        return Parsed((), "A vehicle without a plate.")
    pictures = (
        *picture(body, "full_image", "scene"),
        *picture(body, "vehicle_image", "vehicle"),
        *picture(body, "plate_image", "plate"),
    )
    written_at = body.get("time_msec") or body.get("time")
    at = required(moment(written_at, message), "time_msec or time")
    corners = (body.get(f"coordinate_{name}") for name in ("x1", "y1", "x2", "y2"))
    values = {
        "event_id": digest(body.get("device"), written_at, body.get("detection_region"), plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(body.get("confidence"), PERCENT),
        "region": country(body.get("region")),
        "plate_box": box(*corners),
        "direction": _DIRECTIONS.get((text(body.get("direction")) or "").lower()),
        "lane": text(body.get("detection_region")),
        "vehicle": words(
            color=body.get("vehicle_color"),
            make=body.get("Vehicle Brand") or body.get("vehicle_brand"),
            type=body.get("vehicle_type"),
        ),
    }
    return Parsed((sent(values, body, pictures, [at.note]),))


MILESIGHT = Adapter(
    id="milesight",
    maker="Milesight",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.BASIC, KeyPlace.QUERY, KeyPlace.PATH, KeyPlace.DIGEST}),
    is_zoned=True,
)
