"""A journal's keys follow each other: each change is a note that the old and the new key sign.

So whoever trusts one key of the chain knows the others, and for which sizes of the tree each was good: a
checkpoint that a replaced key signs later counts for nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from plateward.ledger.notes import Note, NoteError, SigningKey, VerifierKey

_FIRST_LINE: Final = "plateward-journal-key-rotation/1"
_LINES: Final = 5
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Rotation:
    """From `size` rows on the journal is signed by `new`; `reason` is one word for people."""

    old: VerifierKey
    new: VerifierKey
    size: int
    reason: str

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read a rotation without checking its signatures; raises NoteError."""
        lines = Note.parse(note).body.split("\n")
        if len(lines) != _LINES + 1 or lines[0] != _FIRST_LINE or not _NUMBER.fullmatch(lines[1]):
            raise NoteError("expected a key rotation's lines: size, old key, new key, reason")
        return cls(VerifierKey.parse(lines[2]), VerifierKey.parse(lines[3]), int(lines[1]), lines[4])

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{_FIRST_LINE}\n{self.size}\n{self.old}\n{self.new}\n{self.reason}\n"

    def signed(self, *keys: SigningKey) -> str:
        """The rotation as a note signed by these keys; by the new one alone when the old one is lost."""
        return str(Note(self.body, tuple(key.sign(self.body) for key in keys)))


@dataclass(frozen=True, slots=True)
class Span:
    """A key, and the sizes of the tree that it may sign: above `after`, up to `until` (None: no end)."""

    key: VerifierKey
    after: int = -1
    until: int | None = None

    def covers(self, size: int) -> bool:
        """Whether the key was the journal's at this size."""
        return self.after < size and (self.until is None or size <= self.until)


def key_at(known: Sequence[Span], size: int) -> VerifierKey:
    """The key that may sign a tree of this size, of those that `spans` gave."""
    return next(span.key for span in reversed(known) if span.covers(size))


def spans(trusted: VerifierKey, notes: Sequence[str]) -> list[Span]:
    """The keys that follow from a trusted one through the journal's rotations, oldest first.

    Forward, a key's successor is the one that it named itself; backward, a key vouches for its predecessor.
    What does not link up, is not signed or cannot be read ends the chain there.
    """
    found = [Span(trusted)]
    for note in notes:
        turn = _signed_by(note, found[-1].key, forward=True)
        if turn is not None and turn.size > found[-1].after:
            found[-1] = Span(found[-1].key, found[-1].after, turn.size)
            found.append(Span(turn.new, turn.size))
    for note in reversed(notes):
        turn = _signed_by(note, found[0].key, forward=False)
        if turn is not None and found[0].after == -1:
            found[0] = Span(found[0].key, turn.size, found[0].until)
            found.insert(0, Span(turn.old, -1, turn.size))
    return found


def _signed_by(note: str, key: VerifierKey, *, forward: bool) -> Rotation | None:
    """The rotation if this key is the one it turns from (`forward`) or to, and signed it."""
    try:
        turn = Rotation.parse(note)
        if key != (turn.old if forward else turn.new):
            return None
        Note.parse(note).verified_by(key)
    except NoteError:
        return None
    return turn
