"""What the receiver handles: who sends, a payload with what is kept of its request, and its receipt."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from plateward.vault.masters import Wrapped

THREAD_BYTES = 256 * 1024
"""Bodies above this are hashed and sealed in a thread, so that others need not wait."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A registered device and the digest of its present key.

    `sources` are the networks it may send from, none for any; `secret` proves a device that has no key.
    """

    id: UUID
    key_sha256: str
    agency: str = ""
    sources: tuple[str, ...] = ()
    secret: Wrapped | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A request body with what is kept of its request."""

    adapter: str
    body: bytes
    body_sha256: str
    content_sha256: str
    content_type: str
    idempotency_key: str
    source_address: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the device is answered: its payload is on disc under this id."""

    id: UUID
    received_at: datetime
    payload_sha256: str
    duplicate: bool


def receipt_for(payload: Payload) -> Receipt:
    """A receipt of a fresh id."""
    receipt_id = _time_ordered_id(payload.received_at)
    return Receipt(receipt_id, payload.received_at, payload.body_sha256, duplicate=False)


def _time_ordered_id(now: datetime) -> UUID:
    """UUIDv7 (RFC 9562 § 5.7): receipts of one hour lie side by side in the primary key."""
    value = bytearray(int(now.timestamp() * 1000).to_bytes(6, "big") + secrets.token_bytes(10))
    value[6] = 0x70 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return UUID(bytes=bytes(value))
