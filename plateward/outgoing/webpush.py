"""Messages to browsers: encrypted for one (RFC 8291, RFC 8188) and proved as ours (RFC 8292). No database.

The push service in between sees neither words nor how many there are: every message is padded to one length.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEPT_FOR: Final = timedelta(hours=1)
"""A push service keeps a message for a browser that is away for so long; a later one would mislead."""

_PROVEN_FOR: Final = timedelta(hours=12)  # RFC 8292 section 2: at most 24 hours
_PADDED_TO: Final = 3072  # more than the longest names come to; services take 4096 with the rest (RFC 8030)
_RECORD: Final = 4096
_SALT: Final = 16
_AUTH: Final = 16
_COORDINATE: Final = 32
_CURVE: Final = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser takes messages, and the keys for it alone, in base64url as browsers give them."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message for a push service: its bytes and headers."""

    body: bytes
    headers: Mapping[str, str]


def new_key() -> bytes:
    """A fresh signing key: the 32 bytes of its private number."""
    return _number(ec.generate_private_key(_CURVE))


def public_half(key: bytes) -> str:
    """A key's public half as browsers take it (`applicationServerKey`)."""
    return text_of(_point(_private(key)))


def check_subscription(given: Subscription) -> None:
    """Raises ValueError for keys with which nothing can be encrypted."""
    if len(bytes_of(given.auth)) != _AUTH:
        raise ValueError("its secret does not have 16 bytes")
    _public(bytes_of(given.p256dh))


def sealed(
    said: Mapping[str, str],
    to: Subscription,
    key: bytes,
    contact: str,
    topic: str,
    now: datetime,
    *,
    is_urgent: bool,
) -> Sealed:
    """A message to one browser. One of the same `topic` replaces one that the service still holds.

    `contact` is where a push service's keepers find those who send, an https address. Raises ValueError for
    keys of the browser with which nothing can be encrypted.
    """
    plain = json.dumps(said, ensure_ascii=False).encode()
    body = encrypted(plain, to, ec.generate_private_key(_CURVE), token_bytes(_SALT), _PADDED_TO)
    return Sealed(
        body,
        {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(int(KEPT_FOR.total_seconds())),
            "Topic": topic,
            "Urgency": "high" if is_urgent else "normal",
            "Authorization": f"vapid t={proof(key, to.endpoint, contact, now)}, k={public_half(key)}",
        },
    )


def encrypted(
    plain: bytes, to: Subscription, ours: ec.EllipticCurvePrivateKey, salt: bytes, padded_to: int = 0
) -> bytes:
    """One record of RFC 8188 under keys derived as RFC 8291 section 3.4 has it."""
    theirs, point = bytes_of(to.p256dh), _point(ours)
    shared = ours.exchange(ec.ECDH(), _public(theirs))
    secret = _derived(bytes_of(to.auth), shared, b"WebPush: info\0" + theirs + point, 32)
    key = _derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    padded = (plain + b"\2").ljust(padded_to, b"\0")
    header = salt + _RECORD.to_bytes(4) + bytes([len(point)]) + point
    return header + AESGCM(key).encrypt(nonce, padded, None)


def proof(key: bytes, endpoint: str, contact: str, now: datetime) -> str:
    """A token that this message is ours, for one push service (RFC 8292; ES256 of RFC 7518)."""
    service = urlsplit(endpoint)
    claims = {
        "aud": f"{service.scheme}://{service.netloc}",
        "exp": int((now + _PROVEN_FOR).timestamp()),
        "sub": contact,
    }
    parts = [{"typ": "JWT", "alg": "ES256"}, claims]
    said = ".".join(text_of(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    numbers = decode_dss_signature(_private(key).sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{said}.{text_of(b''.join(number.to_bytes(_COORDINATE) for number in numbers))}"


def bytes_of(text: str) -> bytes:
    """Bytes of base64url without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)


def text_of(found: bytes) -> str:
    """Bytes in base64url without padding."""
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(key), _CURVE)


def _number(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(_COORDINATE)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _public(point: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError as error:
        raise ValueError("its key is no point of the curve P-256") from error
