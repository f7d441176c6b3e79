"""Where a device put its key (RFC 6750, RFC 7617, and what makers do)."""

import base64
import binascii
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from plateward.reads.adapters import KeyPlace


def key_sent(
    headers: Mapping[str, str], query: Mapping[str, str], places: AbstractSet[KeyPlace], in_path: str = ""
) -> str:
    """The key from one of these places; "" when none of them holds one. `in_path` is the address's end."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    value = rest.strip()
    by_scheme = {"bearer": KeyPlace.BEARER, "token": KeyPlace.TOKEN, "basic": KeyPlace.BASIC}
    place = by_scheme.get(scheme.lower())
    if place in places and value:
        return _password(value) if place is KeyPlace.BASIC else value
    if KeyPlace.HEADER in places and (key := headers.get("x-api-key", "").strip()):
        return key
    if KeyPlace.QUERY in places and (key := query.get("key", "").strip()):
        return key
    return in_path if KeyPlace.PATH in places else ""


def _password(value: str) -> str:
    """The password of HTTP Basic credentials; "" when they are malformed."""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
