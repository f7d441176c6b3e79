"""Signatures over bodies, `TIMESTAMP|HEX` in a header: HMAC-SHA256 of the body, `|` and the timestamp.

That is how Verkada signs (apidocs.verkada.com, "Securing webhooks"); the native format takes the same.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)
_FORM = re.compile(r"([0-9]{1,12})\|([0-9a-fA-F]{64})")


def problem_of(header: str, body: bytes, secret: str, now: datetime) -> str:
    """Why a signature proves nothing; "" for one that holds. Compared in constant time."""
    found = _FORM.fullmatch(header.strip())
    if found is None:
        return "It is not of the form TIMESTAMP|HEX."
    expected = signed(body, found[1], secret)
    if not hmac.compare_digest(expected.encode(), found[2].lower().encode()):
        return "It was made with another secret, or over another body."
    at = datetime.fromtimestamp(int(found[1]), UTC)
    if abs(now - at) > TOLERANCE:
        return f"It is of {at.isoformat()}: more than five minutes from the receiver's clock."
    return ""


def signed(body: bytes, timestamp: str, secret: str) -> str:
    """The signature in hexadecimal."""
    return hmac.new(secret.encode(), body + b"|" + timestamp.encode(), "sha256").hexdigest()
