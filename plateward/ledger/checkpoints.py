"""Checkpoints, proof files, requests to a witness (C2SP's tlog-checkpoint, tlog-proof, tlog-witness)."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from plateward.ledger.merkle import HASH_SIZE, verify_inclusion
from plateward.ledger.notes import Note, NoteError, SigningKey, VerifierKey

PROOF_FORMAT: Final = "c2sp.org/tlog-proof@v1"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_PROOF_HASHES_AT_MOST: Final = 63  # tlog-witness, “add-checkpoint”


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's head: whose log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, body: str) -> Self:
        """Read a checkpoint's body; extension lines are ignored. Raises NoteError."""
        lines = body.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0]:  # noqa: PLR2004  origin, size, root and the final newline
            raise NoteError("expected a checkpoint's lines: origin, size, root")
        return cls(lines[0], _number(lines[1]), _hash(lines[2]))

    @classmethod
    def verified(cls, text: str, key: VerifierKey) -> Self:
        """Read a signed checkpoint after checking the log's signature and origin; raises NoteError."""
        note = Note.parse(text)
        note.verified_by(key)
        checkpoint = cls.parse(note.body)
        if checkpoint.origin != key.name:
            raise NoteError(f"expected a checkpoint of {key.name}, got one of {checkpoint.origin}")
        return checkpoint

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"

    def signed(self, key: SigningKey) -> str:
        """The checkpoint as a signed note."""
        return str(Note(self.body, (key.sign(self.body),)))


@dataclass(frozen=True, slots=True)
class ProofFile:
    """An offline-verifiable proof that a leaf is in the log, `extra` holding what the leaf's bytes are."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a `.tlog-proof` file; raises NoteError."""
        head, blank, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != PROOF_FORMAT or not blank:
            raise NoteError(f"expected a file that begins with {PROOF_FORMAT}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = _plain(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise NoteError("expected an index line")
        index = _number(lines[0].removeprefix("index "))
        return cls(index, tuple(map(_hash, lines[1:])), checkpoint, extra)

    def __str__(self) -> str:
        extra = [f"extra {_encoded(self.extra)}"] if self.extra else []
        lines = [PROOF_FORMAT, *extra, f"index {self.index}", *map(_encoded, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def verify(self, leaf: bytes, key: VerifierKey) -> Checkpoint:
        """Check that the leaf hash is in the signed tree; raises NoteError or InvalidProofError."""
        checkpoint = Checkpoint.verified(self.checkpoint, key)
        verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """What a log asks a witness to cosign: a checkpoint, and the proof that it continues the old tree."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the body of an add-checkpoint request; raises NoteError."""
        head, blank, checkpoint = text.partition("\n\n")
        old, *hashes = head.split("\n")
        if not blank or not old.startswith("old ") or len(hashes) > _PROOF_HASHES_AT_MOST:
            raise NoteError("expected “old SIZE”, at most 63 hashes, an empty line and a checkpoint")
        return cls(_number(old.removeprefix("old ")), tuple(map(_hash, hashes)), checkpoint)

    def __str__(self) -> str:
        return "\n".join([f"old {self.old_size}", *map(_encoded, self.hashes)]) + "\n\n" + self.checkpoint


def proof_size(hashes: Sequence[bytes]) -> int:
    """Bytes that the hashes of a proof take in a file."""
    return sum(len(_encoded(made)) + 1 for made in hashes)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _plain(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteError(f"expected base64, got {text[:60]!r}") from error
    if _encoded(data) != text:  # unused bits set: one hash could be written in several ways
        raise NoteError(f"expected base64 in its one form, got {text[:60]!r}")
    return data


def _hash(text: str) -> bytes:
    data = _plain(text)
    if len(data) != HASH_SIZE:
        raise NoteError(f"expected a SHA-256 hash in base64, got {text[:60]!r}")
    return data


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NoteError(f"expected a number without leading zeros, got {text[:60]!r}")
    return int(text)
