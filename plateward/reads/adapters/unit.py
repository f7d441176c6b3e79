"""Plateward's own units in cars and at cameras: a native read, with its place in the unit's spool.

What the unit says of itself (`unitwire.calls.Origin`) stays with the read: its number in the spool, by which
the transfer log shows what is missing, the version of the list it had, and how far its clock was from ours.
"""

from dataclasses import replace

from msgspec import Struct

from plateward.reads import framing
from plateward.reads.adapters import native
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    Sent,
    Unreadable,
    json_of,
    noted,
)
from plateward.reads.adapters.bodies import parts_of
from plateward.unitwire.calls import Origin, event_id


class _OfUnit(Struct, frozen=True, kw_only=True):
    unit: Origin


def parse(message: Message) -> Parsed:
    """One native read with its place in the spool. Raises Unreadable."""
    (read,) = native.parse(message).reads
    origin = json_of(_document(message), _OfUnit).unit
    name = event_id(origin.spool, origin.sequence)
    if read.read.event_id != name:
        raise Unreadable(f"event_id: “{read.read.event_id}” is not the name of number {origin.sequence}")
    return Parsed((_noted(read, origin),))


def _document(message: Message) -> bytes:
    """The read's JSON; that there is exactly one the native format has seen to."""
    if framing.media_type(message.content_type) != framing.MULTIPART:
        return message.body
    return next(part.data for part in parts_of(message) if part.name == "read")


def _noted(read: Sent, origin: Origin) -> Sent:
    is_compared = origin.clock_offset_s is not None
    note = "" if is_compared else "The unit's clock was not compared with ours when it read this."
    return replace(read, payload=noted(read.payload, [note]))


UNIT = Adapter(
    id="plateward-unit",
    maker="Plateward unit",
    parse=parse,
    media_types=frozenset({framing.JSON, framing.MULTIPART}),
    key_places=frozenset({KeyPlace.BEARER}),
)
