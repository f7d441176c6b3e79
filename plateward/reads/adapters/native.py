"""The native format: a read as JSON, or as the part `read` of a multipart body with its pictures beside it.

Senders in bulk send one read a line (`application/x-ndjson`).
"""

from typing import Any

from plateward.reads import framing
from plateward.reads.adapters.base import (
    MAX_READS,
    Adapter,
    KeyPlace,
    Message,
    OutsidePicture,
    Parsed,
    Sent,
    SentPicture,
    Unreadable,
    checked,
    json_of,
    sha256,
)
from plateward.reads.adapters.bodies import parts_of
from plateward.reads.native import ROLES, EncodedPicture, NativeRead

PIECES = "Send it in pieces; what came before and after is not affected."


def parse(message: Message) -> Parsed:
    """Take a native payload apart: one read, or several without multipart. Raises Unreadable."""
    kind = framing.media_type(message.content_type)
    if kind == framing.MULTIPART:
        return Parsed((_of_multipart(message),))
    if kind == framing.NDJSON:
        lines = [line for line in message.body.splitlines() if line.strip()]
        return Parsed(_several([(f"line {place}: ", line) for place, line in enumerate(lines, 1)]))
    return Parsed((_read(message.body, (), []),))


def _several(documents: list[tuple[str, bytes]]) -> tuple[Sent, ...]:
    if not documents:
        raise Unreadable("The payload holds no line", "Send one read a line, or nothing.")
    if len(documents) > MAX_READS:
        raise Unreadable(f"The payload holds {len(documents)} reads; at most {MAX_READS} are taken", PIECES)
    return tuple(_placed(where, document) for where, document in documents)


def _placed(where: str, document: bytes) -> Sent:
    try:
        return _read(document, (), [])
    except Unreadable as problem:
        raise Unreadable(f"{where}{problem}", "Nothing of this payload was stored.") from problem


def _read(document: bytes, pictures: tuple[SentPicture, ...], ignored: list[str]) -> Sent:
    read, payload = json_of(document, NativeRead), json_of(document, dict[str, Any])
    encoded = tuple(
        SentPicture(picture.role, picture.data, f"pictures[{index}]")
        for index, picture in enumerate(read.pictures or ())
    )
    outside = tuple(OutsidePicture(one.role, one.url) for one in read.picture_urls or ())
    kept = _without_bytes(payload, read.pictures or (), ignored)
    return checked(Sent(read, kept, pictures + encoded, outside))


def _of_multipart(message: Message) -> Sent:
    """The `read` part, with the pictures; parts that are neither are named in the payload."""
    parts = parts_of(message)
    documents = [part.data for part in parts if part.name == "read"]
    if len(documents) != 1:
        raise Unreadable(
            f"The multipart body has {len(documents)} parts named “read”",
            "Send exactly one, holding the read as JSON; then replay or have it sent again.",
        )
    pictures = tuple(
        SentPicture(part.name, part.data, f"part “{part.name}”") for part in parts if part.name in ROLES
    )
    return _read(documents[0], pictures, [part.name for part in parts if part.name not in {"read", *ROLES}])


def _without_bytes(
    payload: dict[str, Any], pictures: tuple[EncodedPicture, ...] | list[EncodedPicture], ignored: list[str]
) -> dict[str, Any]:
    """The payload with each picture's bytes replaced by their digest, and ignored parts named."""
    if pictures:
        payload["pictures"] = [
            {**{k: v for k, v in sent.items() if k != "data"}, "sha256": sha256(picture.data)}
            for sent, picture in zip(payload["pictures"], pictures, strict=True)
        ]
    if ignored:
        payload["$ignored_parts"] = ignored
    return payload


NATIVE = Adapter(
    id="native",
    maker="Plateward",
    parse=parse,
    media_types=frozenset({framing.JSON, framing.MULTIPART, framing.NDJSON}),
    key_places=frozenset({KeyPlace.BEARER, KeyPlace.SIGNATURE}),
    signature="plateward-signature",
)
