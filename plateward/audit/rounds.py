"""The worker's hourly look at the ledger: all since the last good look, and a portion of what is older.

A whole verification reads every row and takes minutes at ten million; so each look takes the part that is
new and one twentieth of the rest, and in a day each row has been looked at (R131). A portion is bound to
the signed root: leaves' bytes to leaves' hashes, those to the kept hash over 256 of them, and all kept
hashes to the root.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Max, Min

from plateward.audit.models import AuditRecord, LedgerCheck, TreeHead, TreeNode
from plateward.audit.sealing import key_spans, stored_tile
from plateward.audit.verification import (
    LOWEST,
    defect_of,
    leaves_with_rows,
    never_sealed,
    unlike_their_rows,
    unsigned,
)
from plateward.ledger import merkle, tiles
from plateward.ledger.merkle import InvalidProofError, Nodes, leaf_hash
from plateward.ledger.notes import VerifierKey
from plateward.ledger.rotations import Span

PORTIONS: Final = 20
"""A round over everything takes so many hourly looks at most, so that it fits into a day."""
LEAST: Final = 5_000


@dataclass(slots=True)
class Look:
    """What one look found, and where the next one goes on."""

    head: TreeHead | None
    rows: int = 0
    portion_end: int = 0
    portion_row: int = 0
    defects: list[str] = field(default_factory=list)
    setbacks: list[str] = field(default_factory=list)


def look(*, keys: Sequence[VerifierKey]) -> Look:
    """Look at what is new since the last good check, and at the next portion; changes nothing."""
    last = LedgerCheck.objects.first()
    good = LedgerCheck.objects.filter(defects=[]).first()
    head = TreeHead.objects.first()
    size = head.size if head else 0
    known = good.size if good else 0
    made = Look(head)
    if known > size:
        made.defects.append(f"{known:,} rows were sealed and verified; {size:,} are left: rows were cut off")
    nodes, spans = tiles.nodes_of(stored_tile), key_spans(keys)
    for defects in (_bound(head, nodes), _continued(good, head, nodes)):
        made.defects += defects
    begun = _aligned(min(known, max(size - 1, 0)))
    first = last.portion_end if last and last.portion_end < size else 0
    end = min(first + max(LEAST, -(-size // PORTIONS)), begun)
    for start, stop in ((first, _aligned(end)), (begun, size)):
        made.defects += _leaves(start, stop, made)
        made.defects += _heads(start, stop, nodes, spans, made)
    made.portion_end = 0 if end >= begun else _aligned(end)
    made.defects += _rows(last.portion_row if last else 0, made)
    return made


def _aligned(index: int) -> int:
    """The first leaf of the group of 256 that `index` is in."""
    return index - index % tiles.WIDTH


def _bound(head: TreeHead | None, nodes: Nodes) -> list[str]:
    """What is wrong with the kept hashes, from those over 256 leaves up to the head's root."""
    found = [f"the kept hash {level}/{index} is not that of the hashes below it" for level, index in _loose()]
    if head is not None and not _has_root(nodes, head.size, bytes(head.root)):
        found.append(f"the head of {head.size:,} rows: its rows are not those that were sealed")
    return found


def _loose() -> Iterator[tuple[int, int]]:
    """Kept hashes above the second level that do not follow from those below."""
    upper = TreeNode.objects.filter(level__gt=tiles.STEP).order_by("level", "index")
    for node in upper.iterator():
        below = stored_tile(node.level - tiles.STEP, node.index)
        if len(below) != tiles.WIDTH or tiles.complete_root(below) != bytes(node.hash):
            yield node.level, node.index


def _has_root(nodes: Nodes, size: int, root: bytes) -> bool:
    try:
        return merkle.root(nodes, size) == root
    except LookupError:
        return False


def _continued(good: LedgerCheck | None, head: TreeHead | None, nodes: Nodes) -> list[str]:
    """Whether the tree continues the one of the last good check (RFC 6962 § 2.1.2)."""
    if good is None or head is None or good.size > head.size:
        return []
    try:
        proof = merkle.consistency_proof(nodes, good.size, head.size)
        merkle.verify_consistency(good.size, bytes(good.root), head.size, bytes(head.root), proof)
    except (LookupError, InvalidProofError):
        return [f"the tree does not continue the one of {good.size:,} rows that was verified before"]
    return []


def _leaves(start: int, stop: int, made: Look) -> list[str]:
    """Leaves and their rows, each group of 256 bound to the hash kept over it; `start` begins a group."""
    found: list[str] = []
    group: list[bytes] = []
    expected = start
    for leaf, row, act in leaves_with_rows(start, stop):
        if leaf.index != expected:
            found.append(f"expected leaf {expected}, found {leaf.index}")
        expected = leaf.index + 1
        group.append(leaf_hash(bytes(leaf.data)))
        if group[-1] != bytes(leaf.hash):
            found.append(f"leaf {leaf.index}: its hash is not that of its bytes")
        if defect := defect_of(leaf, row, act):
            found.append(f"row {leaf.audit_id}: {defect}")
        if expected % tiles.WIDTH == 0:
            found += _unbound(expected // tiles.WIDTH - 1, group)
            group = []
        made.rows += 1
    if expected != stop and start < stop:
        found.append(f"expected leaf {expected}, found none")
    return found


def _unbound(index: int, group: list[bytes]) -> list[str]:
    kept = TreeNode.objects.filter(level=tiles.STEP, index=index).values_list("hash", flat=True).first()
    is_whole = kept is not None and len(group) == tiles.WIDTH
    if is_whole and tiles.complete_root(group) == bytes(kept or b""):
        return []
    return [f"the kept hash {tiles.STEP}/{index} is not that of its leaves"]


def _heads(start: int, stop: int, nodes: Nodes, known: Sequence[Span], made: Look) -> list[str]:
    """Heads over sizes in this part: signature, root, and that their times go forward."""
    found: list[str] = []
    before = TreeHead.objects.filter(size__lte=start).first()
    for head in TreeHead.objects.filter(size__gt=start, size__lte=stop).order_by("size").iterator():
        found += unsigned(head, known)
        if not _has_root(nodes, head.size, bytes(head.root)):
            found.append(f"the head of {head.size:,} rows: its rows are not those that were sealed")
        if before is not None and head.sealed_at < before.sealed_at:
            made.setbacks.append(
                f"{head.size:,} rows were sealed at {head.sealed_at:%Y-%m-%d %H:%M:%S} UTC, "
                f"{before.size:,} later, at {before.sealed_at:%H:%M:%S} UTC"
            )
        before = head
    return found


def _rows(after: int, made: Look) -> list[str]:
    """Journal rows and access records by their numbers: none without a place, none unlike its other half."""
    bounds = AuditRecord.objects.aggregate(oldest=Min("pk"), newest=Max("pk"))
    oldest, newest = bounds["oldest"] or 1, bounds["newest"] or 0
    until: int | None = max(after, oldest - 1) + max(LEAST, (newest - oldest) // PORTIONS)
    if until is not None and until >= newest:
        until = None
    made.portion_row = until or 0
    since = after or LOWEST
    return never_sealed(since, until) + unlike_their_rows(since, until)
