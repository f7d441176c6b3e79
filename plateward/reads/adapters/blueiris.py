"""Blue Iris with CodeProject.AI, in the three shapes it sends to `/api/plate-reads`, also as text/plain.

In order: `ai_dump` with every prediction, `memo` such as "TST0123:94%,car:80%", and `plate_number`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Sent, Unreadable, json_of, sent
from plateward.reads.adapters.bodies import several
from plateward.reads.adapters.fields import box, digest, inner, is_no_plate, joined, picture, share, text
from plateward.reads.adapters.times import Moment, moment

PERCENT = 100.0
_SHAPES = ("ai_dump", "memo", "plate_number")
_IN_BRACKETS = re.compile(r"\[([^\]]+)\]")
_OBJECTS = frozenset(
    [
        "person",
        "bicycle",
        "car",
        "motorcycle",
        "airplane",
        "bus",
        "train",
        "truck",
        "boat",
        "bird",
        "cat",
        "dog",
        "horse",
        "sheep",
        "cow",
        "elephant",
        "bear",
        "zebra",
        "giraffe",
        "backpack",
        "umbrella",
        "handbag",
        "suitcase",
        "plate",
        "license-plate",
        "alpr",
        "dayplate",
        "nightplate",
        "van",
        "suv",
        "pickup",
        "vehicle",
    ]
)
"""What Blue Iris names beside plates: objects of the COCO set seen on streets, and models' own words."""


@dataclass(frozen=True, slots=True)
class _Plate:
    text: object
    confidence: float | None = None
    box: dict[str, float] | None = None
    event: str | None = None
    kept: dict[str, Any] | None = None


def parse(message: Message) -> Parsed:
    """Take one alert apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    shape = next((one for one in _SHAPES if body.get(one)), None)
    if shape is None:
        if any(one in body for one in _SHAPES):
            return Parsed((), "No plate in this alert.")
        raise Unreadable(
            "ai_dump, memo and plate_number are all missing: this is no plate alert of Blue Iris"
        )
    pictures = picture(body, "Image", "scene")
    at = _moment(body, message)
    found = {"ai_dump": _dumped, "memo": _noted}.get(shape, _named)(body)
    plates = [one for one in found if not is_no_plate(one.text)]
    return Parsed(tuple(_read(one, body, at, pictures) for one in plates), "No plate in this alert.")


def _read(plate: _Plate, body: dict[str, Any], at: Moment, pictures: Any) -> Sent:
    clip = body.get("ALERT_PATH") or body.get("ALERT_CLIP")
    values = {
        "event_id": joined(plate.text, plate.event) or digest(body.get("camera"), clip, plate.text),
        "captured_at": at.at,
        "plate": plate.text,
        "confidence": plate.confidence,
        "plate_box": plate.box,
    }
    kept = {**body, "ai_dump": plate.kept} if plate.kept else body
    return sent(values, kept, pictures, [at.note])


def _dumped(body: dict[str, Any]) -> Iterator[_Plate]:
    for item in map(inner, several(body["ai_dump"])):
        found = inner(item.get("found"))
        for one in several(found.get("predictions")) if item.get("api") == "alpr" else ():
            seen = inner(one)
            label = (text(seen.get("label"), 80) or "").partition(":")[2].strip()
            edges = (seen.get(name) for name in ("x_min", "y_min", "x_max", "y_max"))
            yield _Plate(
                seen.get("plate") or label,
                share(seen.get("confidence")),
                box(*edges),
                text(found.get("requestId")),
                {**item, "found": {**found, "predictions": [one]}},
            )


def _noted(body: dict[str, Any]) -> Iterator[_Plate]:
    memo = body["memo"]
    if not isinstance(memo, str):
        raise Unreadable("memo: expected text")
    for one in memo.split(","):
        name, _, percent = one.strip().partition(":")
        plate = bracketed[1] if (bracketed := _IN_BRACKETS.search(name)) else name
        if plate.strip().lower() not in _OBJECTS:
            yield _Plate(plate.strip(), share(percent.strip().rstrip("%"), PERCENT))


def _named(body: dict[str, Any]) -> Iterator[_Plate]:
    yield _Plate(body["plate_number"])


def _moment(body: dict[str, Any], message: Message) -> Moment:
    """The alert's time, else the recognition's; when the payload arrived where neither was sent."""
    recognized = (
        _rfc_1123(inner(inner(item).get("found")).get("timestampUTC"))
        for item in several(body.get("ai_dump"))
    )
    found = moment(body.get("timestamp"), message) or next((one for one in recognized if one), None)
    return found or Moment(
        message.received_at, "No time of capture was sent: the time of arrival stands for it."
    )


def _rfc_1123(value: object) -> Moment | None:
    """A time such as "Thu, 01 Jan 2026 00:00:01 GMT", also without its comma."""
    try:
        found: datetime = parsedate_to_datetime(text(value) or "")
    except (ValueError, TypeError, IndexError):
        return None
    return Moment(found if found.tzinfo else found.replace(tzinfo=UTC))


BLUE_IRIS = Adapter(
    id="blueiris",
    maker="Blue Iris, CodeProject.AI",
    parse=parse,
    media_types=frozenset({framing.JSON, "text/plain", ""}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.QUERY}),
    paths=("/api/plate-reads",),
    is_zoned=True,
)
