"""Flock Safety's hot-list alert: another system's hit. It is kept as a receipt, never as a read or a hit."""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, json_of
from plateward.reads.adapters.fields import listed, text


def parse(message: Message) -> Parsed:
    """Recognize one alert. Raises Unreadable."""
    body = json_of(message.body, dict[str, Any])
    if "objectId" not in body or "sources" not in body:
        raise Unreadable("objectId and sources are missing: this is no hot-list alert of Flock Safety")
    lists = len(listed(body["sources"]))
    return Parsed(
        (),
        f"An alert of the sender's own lists ({lists} named) about its read {text(body['objectId']) or '?'}; "
        "only this agency's hotlists raise alerts here.",
    )


FLOCK = Adapter(
    id="flock",
    maker="Flock Safety",
    parse=parse,
    media_types=frozenset({framing.JSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.HEADER, KeyPlace.BASIC}),
)
