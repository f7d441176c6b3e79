"""What makers' fields say, taken leniently: anything absent, unknown or impossible is None, never a guess."""

import base64
import binascii
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from plateward.reads.adapters.base import SentPicture, Unreadable, sha256
from plateward.reads.native import Role

_UNKNOWN = frozenset(
    {"", "-", "--", "unknown", "unknow", "none", "null", "n/a", "na", "undefined", "noplate"}
)
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
PICTURE_LEFT_OUT = "sha256:"
"""A picture inside a payload is kept beside it; in its place stands its digest after this word."""


def text(value: object, limit: int = 60) -> str | None:
    """A word the sender uses; None for none, for a word that means unknown, and for one too long."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    word = str(value).strip()
    return None if word.lower() in _UNKNOWN or len(word) > limit or "\0" in word else word


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


def best(ranked: object) -> str | None:
    """The name of the likeliest of `[{"name": …, "confidence": …}]`."""
    named = [one for one in listed(ranked) if isinstance(one, Mapping) and text(one.get("name"))]
    top = max(named, key=lambda one: number(one.get("confidence")) or 0.0, default=None)
    return text(top["name"]) if top else None


def listed(value: object) -> list[Any]:
    """A list; empty for anything else."""
    return value if isinstance(value, list) else []


def inner(value: object) -> dict[str, Any]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def picture(holder: dict[str, Any], key: str, role: Role) -> tuple[SentPicture, ...]:
    """The base64 picture under a key, taken out of its holder, where its digest stays. Raises Unreadable."""
    encoded = holder.get(key)
    if not isinstance(encoded, str) or not encoded.strip():
        return ()
    try:
        data = base64.b64decode(encoded.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"{key}: the picture is not valid base64") from error
    holder[key] = PICTURE_LEFT_OUT + sha256(data)
    return (SentPicture(role, data, key),) if data else ()
