"""One file under AES-256-GCM (NIST SP 800-38D; CJIS SC-28, R139), bound to what it is the file of.

A file is its header and the ciphertext with its tag. The header: five letters, one byte of version, the data
key's id (16 bytes), the plaintext's length (8), the nonce (12). Header and label are authenticated with the
ciphertext, so that neither files nor their parts can be exchanged. Nonces are random: one data key may seal
2^32 files (SP 800-38D, § 8.3); a device's day has some ten thousand.
"""

import secrets
import struct
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"PWENC"
VERSION: Final = 1
KEY_BYTES: Final = 32
_HEADER: Final = struct.Struct(">5sB16sQ12s")
_TAG_BYTES: Final = 16


class UnopenableError(ValueError):
    """These bytes cannot be opened with this key as what they are said to be; the message says why."""


def new_key() -> bytes:
    """A data key."""
    return secrets.token_bytes(KEY_BYTES)


def sealed(data: bytes, *, key: bytes, key_id: UUID, label: str) -> bytes:
    """The file for `data`. `label` says what it is the file of, and must be said again to open it."""
    nonce = secrets.token_bytes(12)
    header = _HEADER.pack(MAGIC, VERSION, key_id.bytes, len(data), nonce)
    return header + AESGCM(key).encrypt(nonce, data, header + label.encode())


def opened(file: bytes, *, key: bytes, key_id: UUID, label: str) -> bytes:
    """What was sealed. Raises UnopenableError."""
    if len(file) < _HEADER.size:
        raise UnopenableError(f"it is cut short: {len(file)} bytes are less than its header")
    header = file[: _HEADER.size]
    magic, version, sealed_under, length, nonce = _HEADER.unpack(header)
    if magic != MAGIC:
        raise UnopenableError("it is no file of this store: its first bytes are others")
    if version != VERSION:
        raise UnopenableError(f"it is of version {version}, which this release does not know: upgrade")
    wanted = _HEADER.size + length + _TAG_BYTES
    if len(file) < wanted:
        raise UnopenableError(f"it is cut short: {len(file):,} of {wanted:,} bytes are there")
    if sealed_under != key_id.bytes:
        raise UnopenableError(f"it is sealed under data key {UUID(bytes=sealed_under)}, not {key_id}")
    try:
        return AESGCM(key).decrypt(nonce, file[_HEADER.size :], header + label.encode())
    except InvalidTag as error:
        raise UnopenableError("it was changed, or is another one's file") from error
