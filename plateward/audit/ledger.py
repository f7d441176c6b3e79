"""Reading the ledger: its newest head, what waits, proofs, and the order for a look at its health."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from plateward.audit.models import AuditRecord, Cosignature, Leaf, TreeHead, Unsealed
from plateward.audit.sealing import opening_of, stored_tile
from plateward.ledger import merkle, tiles
from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.checkpoints import ProofFile, WitnessRequest
from plateward.walls import scope

LATE: Final = timedelta(minutes=2)
"""A row that waits longer than this says that sealing fails."""
HEADS_SHOWN: Final = 50


class NotSealedError(Exception):
    """A row has no place in the tree yet."""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The newest head, how many rows wait, and since when the oldest of them does."""

    head: TreeHead | None
    waiting: int
    waiting_since: datetime | None
    late: bool


def state(now: datetime) -> LedgerState:
    """How the ledger stands at `now`."""
    since, late = _waiting_since(now)
    return LedgerState(newest_head(), Unsealed.objects.count(), since, late)


def is_late(now: datetime) -> bool:
    """Whether a row waits longer than it should."""
    return _waiting_since(now)[1]


def _waiting_since(now: datetime) -> tuple[datetime | None, bool]:
    """When the oldest row that waits was written, and whether that is too long ago."""
    oldest = Unsealed.objects.order_by("pk").values_list("pk", flat=True).first()
    since = None
    if oldest is not None:
        with scope.as_system("The oldest row that waits may be any agency's; its time alone is looked at."):
            since = AuditRecord.objects.filter(pk=oldest).values_list("recorded_at", flat=True).first()
    # A row that waits and is gone from the journal was removed: as bad as one that waits for ever.
    late = oldest is not None and (since is None or now - since > LATE)
    return since, late


def newest_head() -> TreeHead | None:
    """The head signed last."""
    return TreeHead.objects.order_by("-size").first()


def heads(before: int | None = None) -> list[TreeHead]:
    """Heads, newest first, those of fewer than `before` rows."""
    found = TreeHead.objects.order_by("-size")
    return list((found if before is None else found.filter(size__lt=before))[:HEADS_SHOWN])


def cosignatures(heads: Sequence[TreeHead]) -> list[tuple[TreeHead, list[Cosignature]]]:
    """Each head with its witnesses' words, by the witnesses' names."""
    found = defaultdict(list)
    for one in Cosignature.objects.filter(size__in=[head.size for head in heads]).order_by("witness"):
        found[one.size].append(one)
    return [(head, found[head.size]) for head in heads]


def notes(heads: Sequence[TreeHead]) -> list[str]:
    """Each head's checkpoint with its witnesses' lines."""
    return [head.note + "".join(one.line for one in words) for head, words in cosignatures(heads)]


def note_of(head: TreeHead) -> str:
    """A head's checkpoint with its witnesses' lines."""
    return notes([head])[0]


def proof_of(row: AuditRecord) -> ProofFile:
    """Proof that the row is in the newest tree, with what its leaf is made of. Raises NotSealedError."""
    leaf = Leaf.objects.filter(audit_id=row.pk).first()
    head = newest_head()
    if leaf is None or head is None:
        raise NotSealedError
    hashes = merkle.inclusion_proof(tiles.nodes_of(stored_tile), leaf.index, head.size)
    shown = {"leaf": bytes(leaf.data).decode()}
    if leaf.salt:  # else its details were destroyed, and what is left of them proves nothing
        shown |= {"opening": canonical_bytes(opening_of(row)).decode(), "salt": bytes(leaf.salt).hex()}
    return ProofFile(leaf.index, tuple(hashes), note_of(head), extra=canonical_bytes(shown))


def sealed_rows(row_ids: Sequence[int]) -> set[int]:
    """Those of the rows that have a place in the tree."""
    return set(Leaf.objects.filter(audit_id__in=row_ids).values_list("audit_id", flat=True))


def witness_request(head: TreeHead, since: int) -> WitnessRequest:
    """What a witness that remembers the tree of `since` rows needs to cosign the head."""
    hashes = merkle.consistency_proof(tiles.nodes_of(stored_tile), since, head.size)
    return WitnessRequest(since, tuple(hashes), head.note)
