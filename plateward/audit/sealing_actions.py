"""Sealing the journal, keeping what witnesses say of it, and replacing its key."""

from datetime import UTC, datetime

from django.db import transaction

from plateward.audit import ledger, sealing
from plateward.audit.actions import NotAllowedError, record
from plateward.audit.models import (
    Cosignature,
    TreeHead,
)
from plateward.audit.who import Who
from plateward.ledger.notes import Note, NoteError, SigningKey, VerifierKey
from plateward.ledger.rotations import Rotation


def seal(*, now: datetime) -> int:
    """Put every journal row that waits into the tree and sign its head; returns how many rows it were.

    Writes no journal row: it would have to be sealed in turn, for ever. Raises sealing.TamperedTreeError when
    what is kept of the tree is not what was signed last.
    """
    key, total = sealing.signing_key(), 0
    while sealed := sealing.seal_batch(key=key, now=now):
        total += sealed
    return total


def keep_cosignature(*, head: TreeHead, lines: str, witness: VerifierKey) -> Cosignature:
    """Keep a witness's answer about a head after checking it; raises NoteError for any other text."""
    note = Note.parse(head.note + lines)
    at = note.verified_by(witness)
    if at is None:
        raise NoteError(f"{witness.name} answered with a signature that has no time")
    line = next(line for line in note.signatures if line.startswith(f"— {witness.name} "))
    kept, _ = Cosignature.objects.get_or_create(
        size=head.size,
        witness=witness.name,
        defaults={"line": line, "cosigned_at": datetime.fromtimestamp(at, UTC)},
    )
    return kept


@transaction.atomic
def rotate_key(*, by: Who, old: SigningKey | None, new: SigningKey, reason: str, now: datetime) -> Rotation:
    """Announce the journal's new key, signed by the old one and the new; without `old` it is lost.

    No sealer signs meanwhile; afterward only the new key does. Raises NotAllowedError for a key that is not
    the journal's or a new one under another name.
    """
    sealing.lock()
    head = ledger.newest_head()
    if head is None:
        raise NotAllowedError("Nothing is sealed yet, so there is no key to replace.")
    replaced = VerifierKey.parse(head.key)
    if new.name != replaced.name or new.verifier == replaced:
        raise NotAllowedError(
            f"The new key must be another one, and bear the journal's name {replaced.name}."
        )
    if old is not None and old.verifier != replaced:
        raise NotAllowedError("This is not the key that signed the newest checkpoint.")
    turn = Rotation(replaced, new.verifier, head.size, reason)
    record(
        verb="audit.key.rotated",
        by=by,
        agency="",
        subject=f"audit.TreeHead:{head.size}",
        detail={
            "reason": reason,
            "new": str(new.verifier),
            "fingerprint": new.verifier.fingerprint,
            "note": turn.signed(*(key for key in (old, new) if key is not None)),
        },
        now=now,
    )
    return turn
