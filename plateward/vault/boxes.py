"""Letterboxes: whoever holds only the public key can put files in and take none out (CJIS SC-28, R139).

HPKE (RFC 9180; DHKEM with P-256, HKDF-SHA256, AES-256-GCM) seals a data key of the writer's own for whoever
has the private key; under that data key the writer seals file after file (`envelope`), so that only the
first costs an agreement of keys. A file is the sealed data key, then the envelope.
"""

import threading
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plateward.vault import envelope
from plateward.vault.envelope import KEY_BYTES, UnopenableError

_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_CURVE: Final = ec.SECP256R1()
HEAD_BYTES: Final = KEM.P256.enc_length() + KEY_BYTES + 16
"""Length of a sealed data key: the encapsulated key, the data key and its tag."""
FILES_UNDER_ONE: Final = 2**24
"""Far below the 2^32 random nonces that SP 800-38D, § 8.3, allows under one key."""


class Pair(NamedTuple):
    """A letterbox's keys: an uncompressed point (65 bytes), and a scalar (32 bytes) to be wrapped."""

    public: bytes
    private: bytes


def new_pair() -> Pair:
    """Keys of a new letterbox."""
    made = ec.generate_private_key(_CURVE)
    public = made.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Pair(public, made.private_numbers().private_value.to_bytes(KEY_BYTES))


@dataclass(slots=True)
class Letterbox:
    """The slot of one letterbox, for one process that writes; threads may share it."""

    key_id: UUID
    public: bytes
    _head: bytes = b""
    _key: bytes = field(default=b"", repr=False)
    _left: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sealed(self, data: bytes, label: str) -> bytes:
        """The file for `data`; see `envelope.sealed` for the label."""
        head, key = self._data_key()
        return head + envelope.sealed(data, key=key, key_id=self.key_id, label=label)

    def _data_key(self) -> tuple[bytes, bytes]:
        with self._lock:
            if not self._left:
                self._key = envelope.new_key()
                point = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, self.public)
                self._head = _SUITE.encrypt(self._key, point, info=self.key_id.bytes)
                self._left = FILES_UNDER_ONE
            self._left -= 1
            return self._head, self._key


def data_key(head: bytes, *, private: bytes, key_id: UUID) -> bytes:
    """The data key that a file begins with. Raises UnopenableError."""
    try:
        scalar = ec.derive_private_key(int.from_bytes(private), _CURVE)
        return _SUITE.decrypt(head, scalar, info=key_id.bytes)
    except (InvalidTag, ValueError) as error:
        raise UnopenableError("its beginning was changed, or was sealed for another key") from error
