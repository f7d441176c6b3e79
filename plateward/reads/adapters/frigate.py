"""Frigate: its MQTT messages `frigate/events` and `frigate/tracked_object_update`, also forwarded over HTTP.

A tracked object's reading is refined while it is in view; all readings of one object become one read. A known
plate's name (`sub_label`) is the sender's list: a note, no hit.
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
    Unreadable,
    json_of,
    sent,
)
from plateward.reads.adapters.fields import inner, instant_ms, is_no_plate, number, share, text, words
from plateward.reads.adapters.times import required

_VEHICLES = frozenset({"car", "motorcycle", "truck", "bus"})


def parse(message: Message) -> Parsed:
    """Take one message apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    kind = text(body.get("type"))
    match kind:
        case "new" | "update" | "end":
            return _event(inner(body.get("after")), body, is_over=kind == "end")
        case "lpr":
            return _refined(body)
        case "description" | "face" | "classification":
            return Parsed((), f"An update of its {kind}, which holds no plate.")
    raise Unreadable(f"type: “{kind}” is none of those of frigate/events or frigate/tracked_object_update")


def _event(after: dict[str, Any], body: dict[str, Any], *, is_over: bool) -> Parsed:
    plate, score = after.get("recognized_license_plate"), after.get("recognized_license_plate_score")
    if isinstance(plate, list) and len(plate) == 2:  # noqa: PLR2004  text and score in some versions
        plate, score = plate
    taken_at = (
        _instant(inner(after.get("snapshot")).get("frame_time"))
        or _instant(after.get("frame_time"))
        or _instant(after.get("start_time"))
    )
    passing = _passing(after.get("id"), taken_at, is_over=is_over)
    if is_no_plate(plate):
        return Parsed((), "An object without a plate." if is_over else "An object in view.", passing)
    if after.get("false_positive") is True:
        return Parsed((), "Frigate counts this object as a false positive.", passing)
    label = text(after.get("label"))
    values = {
        "event_id": text(after.get("id"), 200),
        "captured_at": required(taken_at, "after.frame_time or start_time").at,
        "plate": plate,
        "confidence": share(score),
        "vehicle": words(type=label) if label in _VEHICLES else None,
    }
    kept = {name: value for name, value in body.items() if name != "before"}
    return Parsed((sent(values, kept),), passing=passing)


def _refined(body: dict[str, Any]) -> Parsed:
    taken_at = _instant(body.get("timestamp"))
    passing = _passing(body.get("id"), taken_at, is_over=False)
    if is_no_plate(body.get("plate")):
        return Parsed((), "An object without a plate.", passing)
    values = {
        "event_id": text(body.get("id"), 200),
        "captured_at": required(taken_at, "timestamp").at,
        "plate": body.get("plate"),
        "confidence": share(body.get("score")),
    }
    return Parsed((sent(values, body),), passing=passing)


def _passing(name: object, at: datetime | None, *, is_over: bool) -> Passing | None:
    """The object in view; its name holds the second it came into view and is never used again."""
    known = text(name, 200)
    return Passing(name=known, at=at, ends=is_over) if known and at else None


def _instant(value: object) -> datetime | None:
    seconds = number(value)
    return instant_ms(seconds * 1000) if seconds is not None else None


FRIGATE = Adapter(
    id="frigate",
    maker="Frigate",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.BASIC, KeyPlace.QUERY}),
)
