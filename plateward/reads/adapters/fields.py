"""What makers' fields say, taken leniently: anything absent, unknown or impossible is None, never a guess."""

import base64
import binascii
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from plateward.plates.regions import COUNTRIES, issuer_named
from plateward.reads.adapters.base import OutsidePicture, SentPicture, Unreadable, sha256
from plateward.reads.native import LONGEST_URL, Role

_UNKNOWN = frozenset(
    {"", "-", "--", "unknown", "unknow", "none", "null", "n/a", "na", "undefined", "noplate"}
)
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_PIXELS = 1_000_000
PICTURE_LEFT_OUT = "sha256:"
"""A picture inside a payload is kept beside it; in its place stands its digest after this word."""


def text(value: object, limit: int = 60) -> str | None:
    """A word the sender uses; None for none, for a word that means unknown, and for one too long."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    word = str(value).strip()
    return None if word.lower() in _UNKNOWN or len(word) > limit or "\0" in word else word


def is_no_plate(value: object, *meaning_none: str) -> bool:
    """Whether a plate's field says that there is none. NULL and NONE are no such words: people drive them."""
    if not isinstance(value, str):
        return value is None
    return value.strip().lower() in {"", "-", "unknown", *meaning_none}


def number(value: object) -> float | None:
    """A finite number, also one sent as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def share(value: object, scale: float = 1.0) -> float | None:
    """A confidence of 0 to `scale` as 0 to 1; None outside of it. The payload keeps it as sent."""
    found = number(value)
    return found / scale if found is not None and 0 <= found <= scale else None


def instant_ms(value: object) -> datetime | None:
    """Milliseconds since 1970 UTC as an instant."""
    found = number(value)
    try:
        return datetime.fromtimestamp(found / 1000, UTC) if found is not None and found > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def place(latitude: object, longitude: object) -> dict[str, float]:
    """Latitude and longitude, WGS 84; nothing for 0, 0 and -1, -1, which devices without GPS send."""
    lat, lon = number(latitude), number(longitude)
    if lat is None or lon is None or (lat, lon) in {(0, 0), (-1, -1)} or abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004  degrees
        return {}
    return {"latitude": lat, "longitude": lon}


def region(value: object) -> str | None:
    """An ISO 3166 code such as US-CA from "us-ca"; None for anything else."""
    code = (text(value) or "").upper()
    return code if _REGION.fullmatch(code) else None


def issuer(value: object) -> str | None:
    """ISO 3166-2 from a state's or province's name or postal code; where a field means just that."""
    return issuer_named(text(value) or "")


def country(value: object) -> str | None:
    """ISO 3166-1 alpha-2 from alpha-3, where a field means just that."""
    return COUNTRIES.get((text(value) or "").upper())


def likeliest(ranked: object, name: str, score: str) -> dict[str, Any]:
    """The one of `[{name: …, score: …}]` with the highest score that has a name; {} for none."""
    named = [one for one in listed(ranked) if isinstance(one, dict) and text(one.get(name))]
    return max(named, key=lambda one: number(one.get(score)) or 0.0, default={})


def best(ranked: object, name: str = "name", score: str = "confidence") -> str | None:
    """The name of the likeliest of `[{"name": …, "confidence": …}]`."""
    return text(likeliest(ranked, name, score).get(name))


def candidates(
    ranked: object, name: str = "plate", score: str = "confidence", scale: float = 1.0
) -> list[dict[str, Any]] | None:
    """Other texts the plate may carry, from `[{name: …, score: …}]`; None for none."""
    found = [
        {"text": plate, "confidence": share(inner(one).get(score), scale)}
        for one in listed(ranked)
        if (plate := text(inner(one).get(name), 40))
    ]
    return found[:50] or None


def box(left: object, top: object, right: object, bottom: object) -> dict[str, float] | None:
    """A plate's box from its edges, in pixels; None for what is no box."""
    x, y, x2, y2 = (number(edge) for edge in (left, top, right, bottom))
    if x is None or y is None or x2 is None or y2 is None:
        return None
    if not (0 <= x < x2 <= _PIXELS and 0 <= y < y2 <= _PIXELS):
        return None
    return {"x": x, "y": y, "w": x2 - x, "h": y2 - y}


def box_of_size(left: object, top: object, width: object, height: object) -> dict[str, float] | None:
    """A plate's box from its corner and size, in pixels; None for what is no box."""
    x, y, w, h = (number(value) for value in (left, top, width, height))
    if x is None or y is None or w is None or h is None:
        return None
    return box(x, y, x + w, y + h)


def words(**named: object) -> dict[str, str] | None:
    """What was recognized of a vehicle, as far as it is known; None for nothing."""
    return {name: word for name, value in named.items() if (word := text(value))} or None


def positive(value: object, limit: float) -> float | None:
    """A measured number above 0, which devices send for "not measured", up to a limit."""
    found = number(value)
    return found if found is not None and 0 < found <= limit else None


def joined(*parts: object) -> str | None:
    """A name of the words that are known; None without the last, which tells one from another."""
    found = [text(part, 150) for part in parts]
    return "/".join(word for word in found if word)[:200] if found[-1] else None


def digest(*parts: object) -> str:
    """A name for an event whose sender gives it none: the same facts sent again have the same name."""
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode())[:32]


def listed(value: object) -> list[Any]:
    """A list; empty for anything else."""
    return value if isinstance(value, list) else []


def inner(value: object) -> dict[str, Any]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def outside(holder: dict[str, Any], key: str, role: Role) -> tuple[OutsidePicture, ...]:
    """The picture whose address stands under a key; none for what is no address."""
    url = holder.get(key)
    if (
        not isinstance(url, str)
        or len(url) > LONGEST_URL
        or not url.lower().startswith(("https://", "http://"))
    ):
        return ()
    return (OutsidePicture(role, url),)


def picture(holder: dict[str, Any], key: str, role: Role) -> tuple[SentPicture, ...]:
    """The base64 picture under a key, taken out of its holder, where its digest stays. Raises Unreadable."""
    encoded = holder.get(key)
    if not isinstance(encoded, str) or not text(encoded, len(encoded)):
        return ()
    try:
        data = base64.b64decode(encoded.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"{key}: the picture is not valid base64") from error
    holder[key] = PICTURE_LEFT_OUT + sha256(data)
    return (SentPicture(role, data, key),) if data else ()
