"""UniFi Protect's Alarm Manager: an alarm's triggers with a plate, each a read; other triggers are none.

Whether Protect knows the plate, or wants it watched, is its own list: a note, no hit.
"""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, json_of, sent
from plateward.reads.adapters.fields import (
    digest,
    inner,
    instant_ms,
    is_no_plate,
    joined,
    listed,
    picture,
    text,
)
from plateward.reads.adapters.times import required


def parse(message: Message) -> Parsed:
    """Take one alarm apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    alarm = inner(body.get("alarm"))
    if not alarm:
        raise Unreadable("alarm is missing: this is no webhook of UniFi Protect")
    pictures = picture(alarm, "thumbnail", "scene")
    triggers = [inner(one) for one in listed(alarm.get("triggers"))]
    plates = [one for one in triggers if _is_plate(one)]
    reads = (_read(one, body, alarm) for one in plates)
    if len(plates) != 1:  # whose thumbnail it is cannot be told
        return Parsed(tuple(sent(*one) for one in reads), "An alarm without a plate.")
    return Parsed(tuple(sent(values, payload, pictures) for values, payload in reads))


def _is_plate(trigger: dict[str, Any]) -> bool:
    return (text(trigger.get("key")) or "").startswith("license_plate") and not is_no_plate(
        trigger.get("value")
    )


def _read(
    trigger: dict[str, Any], body: dict[str, Any], alarm: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    at = required(instant_ms(trigger.get("timestamp")) or instant_ms(body.get("timestamp")), "timestamp")
    plate = trigger["value"]
    values = {
        "event_id": joined(plate, trigger.get("eventId")) or digest(trigger.get("device"), at.at, plate),
        "captured_at": at.at,
        "plate": plate,
    }
    return values, {**body, "alarm": {**alarm, "triggers": [trigger]}}


UNIFI = Adapter(
    id="unifi",
    maker="UniFi Protect",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.QUERY, KeyPlace.PATH}),
)
