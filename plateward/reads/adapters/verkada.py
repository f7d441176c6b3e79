"""Verkada's license plate webhook. Its picture is an expiring address elsewhere."""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, json_of, sent
from plateward.reads.adapters.fields import (
    digest,
    inner,
    instant_ms,
    is_no_plate,
    issuer,
    number,
    outside,
    share,
    text,
)
from plateward.reads.adapters.times import required


def parse(message: Message) -> Parsed:
    """Take one webhook apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    kind = text(body.get("webhook_type"))
    if kind is None:
        raise Unreadable("webhook_type is missing: this is no webhook of Verkada")
    if kind != "lpr":
        return Parsed((), f"A webhook of the type “{kind}”, which holds no read.")
    data = inner(body.get("data"))
    if not data:
        raise Unreadable("data is missing from the webhook")
    plate = data.get("license_plate_number")
    if is_no_plate(plate):
        return Parsed((), "A vehicle without a plate.")
    created_s = number(data.get("created"))
    seen = instant_ms(data.get("detected")) or (instant_ms(created_s * 1000) if created_s else None)
    at = required(seen, "data.detected or data.created")
    values = {
        "event_id": digest(body.get("org_id"), data.get("camera_id"), data.get("detected"), plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(data.get("confidence")),
        "region": issuer(data.get("license_plate_state")),
    }
    return Parsed((sent(values, body, outside=outside(data, "image_url", "scene")),))


VERKADA = Adapter(
    id="verkada",
    maker="Verkada",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.QUERY, KeyPlace.SIGNATURE}),
    signature="verkada-signature",
)
