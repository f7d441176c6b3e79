"""A witness's whole duty: cosign a checkpoint only when it continues the last one (c2sp.org/tlog-witness).

Whoever keeps the log, its key and its database cannot rewrite it without the witness refusing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from plateward.ledger.checkpoints import Checkpoint, WitnessRequest
from plateward.ledger.merkle import InvalidProofError, verify_consistency
from plateward.ledger.notes import Note, NoteError, SigningKey
from plateward.ledger.rotations import Rotation, Span, key_at


class WitnessRefusal(Exception):
    """The witness does not cosign; `status` is tlog-witness's, `answer` the text for the log."""

    def __init__(self, status: HTTPStatus, answer: str) -> None:
        super().__init__(answer)
        self.status = status
        self.answer = answer

    @property
    def is_alarming(self) -> bool:
        """True when the log showed another tree than before, which no honest log does."""
        return self.status is HTTPStatus.UNPROCESSABLE_ENTITY or "another root" in self.answer


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The checkpoint to remember, and the line that says so."""

    checkpoint: Checkpoint
    note: str
    line: str


def cosign(text: str, *, last: Checkpoint | None, log: Sequence[Span], key: SigningKey, at: int) -> Cosigned:
    """Check a request against the last cosigned checkpoint and cosign it, `at` in POSIX seconds.

    `log` holds the log's keys, each with the sizes that it may sign. Raises WitnessRefusal. The caller keeps
    the result's checkpoint before it gives the line away.
    """
    try:
        request = WitnessRequest.parse(text)
        note = Note.parse(request.checkpoint)
        claimed = Checkpoint.parse(note.body)
    except NoteError as error:
        raise WitnessRefusal(HTTPStatus.BAD_REQUEST, str(error)) from error
    log_key = key_at(log, claimed.size)
    if claimed.origin != log_key.name:
        raise WitnessRefusal(HTTPStatus.NOT_FOUND, f"This witness does not know the log {claimed.origin}.")
    try:
        checkpoint = Checkpoint.verified(request.checkpoint, log_key)
    except NoteError as error:
        raise WitnessRefusal(HTTPStatus.FORBIDDEN, str(error)) from error
    _continues(request, checkpoint, last)
    line = key.cosign(note.body, at)
    return Cosigned(checkpoint, f"{request.checkpoint}{line}", line)


def follow(note: str, *, last: Checkpoint | None, log: Sequence[Span]) -> None:
    """Check that the log's newest key announces its successor, for rows after the last cosigned ones.

    Raises WitnessRefusal; what passes, `spans` follows.
    """
    try:
        turn = Rotation.parse(note)
        is_next = turn.old == log[-1].key and Note.parse(note).verified_by(turn.old) is None
    except NoteError as error:
        raise WitnessRefusal(HTTPStatus.BAD_REQUEST, str(error)) from error
    if not is_next or turn.new.name != turn.old.name:
        raise WitnessRefusal(HTTPStatus.FORBIDDEN, "Not announced by the log's key that this witness knows.")
    if turn.size < max(last.size if last else 0, log[-1].after + 1):
        raise WitnessRefusal(HTTPStatus.FORBIDDEN, "Another key signed rows after these.")


def _continues(request: WitnessRequest, checkpoint: Checkpoint, last: Checkpoint | None) -> None:
    """Raise WitnessRefusal unless the checkpoint continues the last one."""
    size = last.size if last else 0
    if request.old_size > checkpoint.size:
        raise WitnessRefusal(HTTPStatus.BAD_REQUEST, "The old size is larger than the checkpoint's.")
    if request.old_size != size:
        raise WitnessRefusal(HTTPStatus.CONFLICT, f"{size}\n")
    if last is None:
        if request.hashes:
            raise WitnessRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, "A proof from nothing must be empty.")
        return
    if checkpoint.size == last.size and checkpoint.root != last.root:
        raise WitnessRefusal(HTTPStatus.CONFLICT, "The tree of this size had another root before.")
    try:
        verify_consistency(last.size, last.root, checkpoint.size, checkpoint.root, request.hashes)
    except InvalidProofError as error:
        refused = f"The tree does not continue the one of size {last.size}: {error}."
        raise WitnessRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, refused) from error
