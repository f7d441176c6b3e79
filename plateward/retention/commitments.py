"""What commits to the reads of a camera's day: salted leaves, their tree, and a read's place in it.

Plates are few enough to try them all, so a bare hash would give them away. The salt of each read is made from
one secret key of the day and the read's id; with that key destroyed, nobody can test any more whether a plate
had been there. The salts of reads that stay are written down before, with their proofs.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.merkle import inclusion_proof, leaf_hash, node_hash, root

KEY_SIZE: Final = 32
FIELDS: Final = (
    "id",
    "agency",
    "device",
    "captured_at",
    "received_at",
    "plate_raw",
    "plate",
    "region",
    "source_event_id",
)
"""What of a read is committed to."""


def new_key() -> bytes:
    """A day's secret key."""
    return secrets.token_bytes(KEY_SIZE)


def salt_of(key: bytes, read_id: UUID) -> bytes:
    """A read's salt, which tells nothing of another's."""
    return hmac.digest(key, read_id.bytes, hashlib.sha256)


def hash_of(salt: bytes, read: Mapping[str, Any]) -> bytes:
    """The leaf's hash: RFC 6962's over SHA-256(salt ‖ canonical bytes). `read` has exactly FIELDS."""
    if set(read) != set(FIELDS):
        raise ValueError(f"a leaf is made of {', '.join(FIELDS)}, got {', '.join(sorted(read))}")
    return leaf_hash(hashlib.sha256(salt + canonical_bytes(dict(read))).digest())


class Tree:
    """The hashes of a day's reads in the order of their ids, in memory: 64 bytes a read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        self._levels = [leaves]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)])

    @property
    def root(self) -> bytes:
        """The root (RFC 6962 § 2.1)."""
        return root(self._node, self.size)

    def proof(self, index: int) -> list[bytes]:
        """Hashes that lead from a leaf to the root, the sibling first. Raises IndexError."""
        return inclusion_proof(self._node, index, self.size)

    def _node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]
