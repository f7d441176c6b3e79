"""What of a journal row goes into the tree: a public header, and a commitment to the rest.

The rest (plates, reasons, addresses) is not in the leaf but behind SHA-256(salt ‖ rest): once its own
retention ends, rest and salt can be deleted, and every proof stays valid (CJIS AU-3(3), R137). Plates are
few enough to try them all, so without a salt the hash would give them away.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.merkle import leaf_hash

SALT_SIZE: Final = 32


class UnfitLeafError(ValueError):
    """A leaf's bytes are not what this version writes."""


def commitment(salt: bytes, opening: Mapping[str, Any]) -> str:
    """SHA-256 over salt and the canonical bytes of what is committed to, in hexadecimal."""
    return hashlib.sha256(salt + canonical_bytes(opening)).hexdigest()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One journal row in the tree."""

    header: Mapping[str, Any]
    commitment: str

    @classmethod
    def of(cls, header: Mapping[str, Any], opening: Mapping[str, Any], salt: bytes) -> Self:
        """Commit to a row; `salt` is random and never used twice. Raises ValueError for a short one."""
        if len(salt) < SALT_SIZE:
            raise ValueError(f"a salt has {SALT_SIZE} bytes, got {len(salt)}")
        return cls(header, commitment(salt, opening))

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a leaf's bytes; raises UnfitLeafError unless they are exactly what `data` would give back."""
        try:
            found = json.loads(data)
            leaf = cls(found["header"], found["commitment"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnfitLeafError(f"these bytes are no leaf: {data[:80]!r}") from error
        if leaf.data != data:
            raise UnfitLeafError(f"these bytes are not written canonically: {data[:80]!r}")
        return leaf

    @property
    def data(self) -> bytes:
        """The exact bytes that are hashed into the tree."""
        return canonical_bytes({"commitment": self.commitment, "header": dict(self.header)})

    @property
    def hash(self) -> bytes:
        """The leaf's hash in the tree."""
        return leaf_hash(self.data)

    def opens_with(self, salt: bytes, opening: Mapping[str, Any]) -> bool:
        """True when the commitment is to this opening."""
        return commitment(salt, opening) == self.commitment
