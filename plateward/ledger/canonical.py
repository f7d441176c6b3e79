"""One way only to write a value as bytes, so that a hash means the value."""

import json
from typing import Any


def canonical_bytes(value: Any) -> bytes:
    """Deterministic JSON in the manner of RFC 8785: UTF-8, keys sorted, no space.

    Raises ValueError for NaN, infinities and text that is no Unicode, TypeError for what JSON cannot hold.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()
