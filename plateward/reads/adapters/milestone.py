"""Milestone XProtect: its analytics events as XML. An "LPR Event" is a read; other alarms hold none.

XProtect gives these out through its own interface, so that a bridge forwards them.
"""

from plateward.reads import framing
from plateward.reads.adapters.base import Adapter, KeyPlace, Message, Parsed, Unreadable, sent
from plateward.reads.adapters.bodies import every, several, words_of, xml_of
from plateward.reads.adapters.fields import digest, inner, is_no_plate, region, share, text
from plateward.reads.adapters.times import moment, required


def parse(message: Message) -> Parsed:
    """Take one event apart. Raises Unreadable."""
    root, event = xml_of(message.body)
    header = inner(event.get("EventHeader"))
    if root != "AnalyticsEvent" or not header:
        raise Unreadable(f"The XML is “{root[:60]}”, not an AnalyticsEvent with its EventHeader")
    kind = text(words_of(header.get("Type")))
    if kind != "LPR Event":
        return Parsed((), f"An alarm (“{kind or 'without a type'}”), not a read; hits are this agency's own.")
    seen = inner(next(every(several(event.get("ObjectList")), "Object"), None))
    plate = words_of(seen.get("Value"))
    if is_no_plate(plate):
        return Parsed((), "A vehicle without a plate.")
    written_at = words_of(header.get("Timestamp"))
    at = required(moment(written_at, message), "EventHeader.Timestamp")
    values = {
        "event_id": text(words_of(header.get("ID")), 200)
        or digest(words_of(inner(header.get("Source")).get("Name")), written_at, plate),
        "captured_at": at.at,
        "plate": plate,
        "confidence": share(words_of(seen.get("Confidence"))),
        "region": region(words_of(header.get("CustomTag"))),
    }
    return Parsed((sent(values, event, (), [at.note]),))


MILESTONE = Adapter(
    id="milestone",
    maker="Milestone XProtect",
    parse=parse,
    media_types=framing.XML,
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.BASIC, KeyPlace.QUERY}),
    is_zoned=True,
)
