"""Documents that the server signs and a unit believes: Ed25519 (RFC 8032) over the canonical JSON.

A unit trusts the key that it was given when it was enrolled. When the installation changes its key, the old
one signs the new one's name (`NextKey`), so that a unit that was switched off for months follows the chain.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from plateward.ledger.canonical import canonical_bytes
from plateward.unitwire.documents import AnyDocument, Document, NextKey, Signed

CONTEXT: Final = b"plateward-unit-document/v1\n"
SEED_BYTES: Final = 32
_T = TypeVar("_T", bound=Document)
_DECODER: Final[msgspec.json.Decoder[AnyDocument]] = msgspec.json.Decoder(AnyDocument)


class DocumentError(ValueError):
    """A document is not to be believed; the message says why."""


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """The installation's private key for units' documents: 32 random bytes."""

    seed: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as it is written; raises ValueError, which never shows the key."""
        try:
            seed = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            seed = b""
        if len(seed) != SEED_BYTES:
            raise ValueError(f"a units' signing key is {SEED_BYTES} random bytes in base64")
        return cls(seed)

    def written(self) -> str:
        """The key as text, to be kept secret."""
        return base64.b64encode(self.seed).decode()

    @property
    def public(self) -> str:
        """The public key, base64url."""
        return encoded(self._private().public_key().public_bytes_raw())

    @property
    def id(self) -> str:
        """What names it in documents."""
        return key_id(self.public)

    def sign(self, document: Document) -> Signed:
        """The document with its signature."""
        payload = canonical_bytes(msgspec.to_builtins(document))
        signature = self._private().sign(CONTEXT + payload)
        return Signed(payload=encoded(payload), key_id=self.id, signature=encoded(signature))

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def key_id(public: str) -> str:
    """What names a public key (base64url) in documents: the beginning of a digest."""
    return hashlib.sha256(b"plateward unit document key\0" + decoded(public)).hexdigest()[:16]


def opened(
    signed: Signed, keys: Mapping[str, str], kind: type[_T], *, device_id: str, agency: str, after: int = 0
) -> _T:
    """The document, once everything about it holds. Raises DocumentError.

    `keys` are the public keys (base64url) that the unit trusts, by id; `after` is the serial of the newest
    document of this kind that the unit has.
    """
    found = _of_kind(_verified(signed, keys), kind)
    if (found.device_id, found.agency) != (device_id, agency):
        raise DocumentError("The document is meant for another unit.")
    if found.serial <= after:
        raise DocumentError(f"The document is not newer than the one at hand ({found.serial}, {after}).")
    return found


def following(trusted: Mapping[str, str], turns: Iterable[Signed]) -> dict[str, str]:
    """The public keys by id that follow from trusted ones, and these; what does not link up is left out."""
    known = dict(trusted)
    for turn in turns:
        try:
            found = _of_kind(_verified(turn, known), NextKey)
            known[key_id(found.public)] = found.public
        except DocumentError:
            continue
    return known


def _verified(signed: Signed, keys: Mapping[str, str]) -> AnyDocument:
    public = keys.get(signed.key_id)
    if public is None:
        raise DocumentError(f"The key {signed.key_id[:40]!r} that signed the document is not a trusted one.")
    payload, signature = decoded(signed.payload), decoded(signed.signature)
    try:
        Ed25519PublicKey.from_public_bytes(decoded(public)).verify(signature, CONTEXT + payload)
    except (InvalidSignature, ValueError) as error:
        raise DocumentError("The signature is forged, or the document was changed.") from error
    try:
        return _DECODER.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"The document cannot be read: {error}.") from error


def _of_kind(document: AnyDocument, kind: type[_T]) -> _T:
    if not isinstance(document, kind):
        raise DocumentError(f"Expected a document of kind {kind.__struct_config__.tag}.")
    return document


def encoded(data: bytes) -> str:
    """Bytes as base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes again; raises DocumentError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError("Expected base64url.") from error
