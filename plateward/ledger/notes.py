"""Signed notes (c2sp.org/signed-note) with Ed25519, and witnesses' cosignatures (c2sp.org/tlog-cosignature).

Keys are written as Go's sumdb/note and C2SP write them: `name+keyid+base64(type ‖ key)`, the private one
behind `PRIVATE+KEY+`.
"""

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
"""Signature types of signed-note: a plain note's, and a witness's with its time."""
_PRIVATE: Final = "PRIVATE+KEY+"
_NAME: Final = re.compile(r"[^\s+]+")
_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\n")
_SIGNATURES_AT_MOST: Final = 64
_ID_SIZE: Final = 4


class NoteError(ValueError):
    """A note, key or signature is not as it must be; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name; `kind` is ED25519 for a log, COSIGNATURE for a witness."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+keyid+base64`; raises NoteError."""
        try:
            name, written_id, encoded = text.strip().split("+", 2)
            material = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NoteError(f"expected a key as name+id+base64, got {text[:60]!r}") from error
        key = cls(name, material[0] if material else -1, material[1:])
        if key.kind not in {ED25519, COSIGNATURE} or len(key.public) != 32:  # noqa: PLR2004  RFC 8032's key length
            raise NoteError(f"expected an Ed25519 key, got {text[:60]!r}")
        if key.id.hex() != written_id or not _NAME.fullmatch(name):
            raise NoteError(f"the key {text[:60]!r} was mistyped: its id does not fit")
        return key

    @property
    def id(self) -> bytes:
        """SHA-256(name ‖ newline ‖ type ‖ key), first four bytes (signed-note, “Signature types”)."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(material).digest()[:_ID_SIZE]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the written key in groups of four, for people to compare."""
        digest = hashlib.sha256(str(self).encode()).hexdigest()
        return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def verify(self, body: str, signature: bytes) -> int | None:
        """Check a signature line's bytes over a note's body; a witness's gives its time (POSIX seconds).

        Raises NoteError.
        """
        signed, told, at = body.encode(), signature, None
        if self.kind == COSIGNATURE:
            if len(signature) != 8 + 64:
                raise NoteError(f"the cosignature of {self.name} has a wrong length")
            (at,) = struct.unpack(">Q", signature[:8])
            signed, told = cosigned(body, at), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(told, signed)
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} is forged or the text was changed") from error
        return at


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name."""

    name: str
    kind: int
    seed: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, name: str, seed: bytes, kind: int = ED25519) -> Self:
        """Make a key from 32 random bytes; raises NoteError for a name that no note can carry."""
        if not _NAME.fullmatch(name):
            raise NoteError(f"a key's name has no space and no plus, got {name!r}")
        return cls(name, kind, seed)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `PRIVATE+KEY+name+keyid+base64`; raises NoteError, which never shows the key."""
        if not text.startswith(_PRIVATE):
            raise NoteError(f"expected a signing key, which begins with {_PRIVATE}")
        try:
            name, written_id, encoded = text.strip().removeprefix(_PRIVATE).split("+", 2)
            material = base64.b64decode(encoded, validate=True)
            key = cls.from_seed(name, material[1:], material[0])
            fits = key.verifier.id.hex() == written_id
        except (ValueError, IndexError):
            raise NoteError(f"expected a signing key as {_PRIVATE}name+id+base64") from None
        if not fits:
            raise NoteError("the signing key was mistyped: its id does not fit")
        return key

    def written(self) -> str:
        """The key as text, to be kept secret."""
        encoded = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{encoded}"

    @property
    def verifier(self) -> VerifierKey:
        """The public key that belongs to it."""
        return VerifierKey(self.name, self.kind, self._private().public_key().public_bytes_raw())

    def sign(self, body: str) -> str:
        """The signature line over a note's body."""
        return self._line(self._private().sign(body.encode()))

    def cosign(self, body: str, at: int) -> str:
        """The witness's line over a checkpoint's body, `at` in POSIX seconds."""
        return self._line(struct.pack(">Q", at) + self._private().sign(cosigned(body, at)))

    def _line(self, signature: bytes) -> str:
        return f"— {self.name} {base64.b64encode(self.verifier.id + signature).decode()}\n"

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def cosigned(body: str, at: int) -> bytes:
    """What a witness signs (tlog-cosignature, “Ed25519 signed message”)."""
    return f"cosignature/v1\ntime {at}\n{body}".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signature lines."""

    body: str
    signatures: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a note apart without trusting it; raises NoteError."""
        body, blank, signatures = text.rpartition("\n\n")
        lines = tuple(f"{line}\n" for line in signatures.splitlines())
        if not blank or not lines or len(lines) > _SIGNATURES_AT_MOST or not text.endswith("\n"):
            raise NoteError("expected a text, an empty line and signature lines")
        if any(ord(char) < ord(" ") and char != "\n" for char in text):
            raise NoteError("expected no control characters in a note")
        if not all(_LINE.fullmatch(line) for line in lines):
            raise NoteError("expected signature lines as “— name base64”")
        return cls(f"{body}\n", lines)

    def __str__(self) -> str:
        return f"{self.body}\n{''.join(self.signatures)}"

    def verified_by(self, key: VerifierKey) -> int | None:
        """Check the signature of this key; others are ignored. Gives a witness's time. Raises NoteError."""
        for line in self.signatures:
            name, encoded = _parts(line)
            signature = _decoded(encoded)
            if name == key.name and signature[:_ID_SIZE] == key.id:
                return key.verify(self.body, signature[_ID_SIZE:])
        raise NoteError(f"expected a signature of {key.name} ({key.id.hex()}), found none")


def _parts(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise NoteError("expected signature lines as “— name base64”")
    return found[1], found[2]


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise NoteError("a signature is not base64") from error
