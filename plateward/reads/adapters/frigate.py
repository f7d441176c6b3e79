"""Frigate: its MQTT messages `frigate/events` and `frigate/tracked_object_update`, forwarded over HTTP.

A tracked object's reading is refined while it is in view; its event's end holds the final one and becomes
the read. A known plate's name (`sub_label`) is the sender's list: a note, no hit.
"""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, json_of, sent
from plateward.reads.adapters.fields import inner, instant_ms, is_no_plate, number, share, text, words
from plateward.reads.adapters.times import required

_VEHICLES = frozenset({"car", "motorcycle", "truck", "bus"})


def parse(message: Message) -> Parsed:
    """Take one message apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    kind = text(body.get("type"))
    match kind:
        case "end":
            return _ended(inner(body.get("after")), body)
        case "new" | "update":
            return Parsed((), "The object is still in view; its event's end becomes the read.")
        case "lpr":
            return Parsed((), "A reading still being refined; forward frigate/events, whose end is final.")
        case "description" | "face" | "classification":
            return Parsed((), f"An update of its {kind}, which holds no plate.")
    raise Unreadable(f"type: “{kind}” is none of those of frigate/events or frigate/tracked_object_update")


def _ended(after: dict[str, Any], body: dict[str, Any]) -> Parsed:
    plate, score = after.get("recognized_license_plate"), after.get("recognized_license_plate_score")
    if isinstance(plate, list) and len(plate) == 2:  # noqa: PLR2004  text and score in some versions
        plate, score = plate
    if is_no_plate(plate):
        return Parsed((), "An object without a plate.")
    if after.get("false_positive") is True:
        return Parsed((), "Frigate counts this object as a false positive.")
    seconds = inner(after.get("snapshot")).get("frame_time") or after.get("frame_time")
    at = required(_instant(seconds) or _instant(after.get("start_time")), "after.frame_time or start_time")
    label = text(after.get("label"))
    values = {
        "event_id": text(after.get("id"), 200),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(score),
        "vehicle": words(type=label) if label in _VEHICLES else None,
    }
    kept = {name: value for name, value in body.items() if name != "before"}
    return Parsed((sent(values, kept),))


def _instant(value: object) -> Any:
    seconds = number(value)
    return instant_ms(seconds * 1000) if seconds is not None else None


FRIGATE = Adapter(
    id="frigate",
    maker="Frigate",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.BASIC, KeyPlace.QUERY}),
)
