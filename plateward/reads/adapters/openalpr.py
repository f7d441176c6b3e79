"""OpenALPR and Rekor Scout: the agent's and the cloud's webhook (JSON; `data_type` says what it is).

A group is one vehicle's pass and becomes one read; a frame's results become a read each. What the sender's
own list said (`alpr_alert`) stays in the payload as a note.
"""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    Sent,
    SentPicture,
    Unreadable,
    json_of,
    sent,
)
from plateward.reads.adapters.fields import (
    best,
    box,
    candidates,
    inner,
    instant_ms,
    joined,
    listed,
    number,
    picture,
    place,
    region,
    share,
    text,
    words,
)

PERCENT = 100.0


def parse(message: Message) -> Parsed:
    """Take one body apart. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    if text(body.get("openalpr_webhook")) == "test":
        return Parsed((), "The sender's test of the connection.")
    kind = text(body.get("data_type"))
    match kind:
        case "alpr_group":
            return _group(body, body)
        case "alpr_alert" | None if inner(body.get("group")):
            return _group(body["group"], body)
        case "alpr_results":
            return Parsed(
                tuple(_result(one, body) for one in listed(body.get("results"))), "No plate in this frame."
            )
        case "heartbeat":
            return Parsed((), "A heartbeat of the agent.")
        case "vehicle":
            return Parsed((), "A vehicle without a plate.")
    raise Unreadable(f"data_type: “{kind}” is none of those that OpenALPR's agent sends")


def _group(group: dict[str, Any], payload: dict[str, Any]) -> Parsed:
    if group.get("is_preview") is True:
        return Parsed((), "A preview; the finished group follows.")
    top = inner(group.get("best_plate"))
    pictures = (
        *picture(group, "overview_jpeg", "scene"),
        *picture(group, "vehicle_crop_jpeg", "vehicle"),
        *picture(top, "plate_crop_jpeg", "plate"),
    )
    values = {
        "event_id": joined(group.get("agent_uid"), group.get("best_uuid")),
        "captured_at": instant_ms(group.get("best_uuid_epoch_ms") or group.get("epoch_start")),
        "plate": group.get("best_plate_number") or top.get("plate"),
        "confidence": share(group.get("best_confidence"), PERCENT),
        "candidates": candidates(group.get("candidates"), scale=PERCENT),
        "region": region(group.get("best_region")) or region(group.get("country")),
        "region_confidence": share(group.get("best_region_confidence"), PERCENT),
        "plate_box": _box(top.get("coordinates")),
        "vehicle": _vehicle(inner(group.get("vehicle"))),
        "model": _model(group),
        **place(group.get("gps_latitude"), group.get("gps_longitude")),
    }
    return Parsed((_sent(values, payload, pictures),))


def _result(result: object, frame: dict[str, Any]) -> Sent:
    one = inner(result)
    values = {
        "event_id": joined(frame.get("uuid"), one.get("plate_index")),
        "captured_at": instant_ms(frame.get("epoch_time")),
        "plate": one.get("plate"),
        "confidence": share(one.get("confidence"), PERCENT),
        "candidates": candidates(one.get("candidates"), scale=PERCENT),
        "region": region(one.get("region")),
        "region_confidence": share(one.get("region_confidence"), PERCENT),
        "plate_box": _box(one.get("coordinates")),
        "model": _model(frame),
    }
    pictures = picture(one, "plate_crop_jpeg", "plate")
    return _sent(values, {**frame, "results": [one]}, pictures)


def _sent(values: dict[str, Any], payload: dict[str, Any], pictures: tuple[SentPicture, ...]) -> Sent:
    if values["captured_at"] is None:
        raise Unreadable("the time of the capture is missing (best_uuid_epoch_ms, epoch_start or epoch_time)")
    return sent(values, payload, pictures)


def _box(corners: object) -> dict[str, float] | None:
    """The box around four corners, in pixels of the whole scene."""
    points = [(number(inner(one).get("x")), number(inner(one).get("y"))) for one in listed(corners)]
    xs = [x for x, _ in points if x is not None and x >= 0]
    ys = [y for _, y in points if y is not None and y >= 0]
    return box(min(xs), min(ys), max(xs), max(ys)) if xs and ys else None


def _vehicle(vehicle: dict[str, Any]) -> dict[str, str] | None:
    """Color, make, model, body type and year, each the likeliest; `make_model` is "bmw_x3"."""
    make, make_model = best(vehicle.get("make")), best(vehicle.get("make_model")) or ""
    model = make_model.removeprefix(f"{make}_") if make and make_model.startswith(f"{make}_") else None
    return words(
        color=best(vehicle.get("color")),
        make=make,
        model=model,
        type=best(vehicle.get("body_type")),
        year=best(vehicle.get("year")),
    )


def _model(body: dict[str, Any]) -> str | None:
    named = [text(body.get("agent_type")), text(body.get("agent_version"))]
    return " ".join(word for word in named if word) or None


OPENALPR = Adapter(
    id="openalpr",
    maker="OpenALPR, Rekor Scout",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.QUERY}),
)
