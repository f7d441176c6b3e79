"""Verifying the live journal: rows against leaves, leaves against the tree, the tree against its heads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from plateward.audit import pruning
from plateward.audit.models import AuditRecord, Leaf, TreeHead
from plateward.audit.sealing import VERSION, header_of, key_spans, opening_of, stored_tile
from plateward.ledger import merkle, tiles
from plateward.ledger.checkpoints import Checkpoint
from plateward.ledger.leaves import Leaf as SealedRow
from plateward.ledger.leaves import UnfitLeafError
from plateward.ledger.merkle import leaf_hash
from plateward.ledger.notes import NoteError, VerifierKey
from plateward.ledger.rotations import Span

_BATCH: Final = 5_000
LOWEST: Final = -(2**63)
"""Below any row's number: an insider may have given one a number that none has."""

NEVER_SEALED: Final = """
SELECT count(*) FROM audit_auditrecord r
WHERE r.id > %(after)s AND (%(until)s::bigint IS NULL OR r.id <= %(until)s)
  AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.audit_id = r.id)
  AND NOT EXISTS (SELECT FROM audit_unsealed u WHERE u.audit_id = r.id)
"""
# An access record repeats what its journal row says; the row is sealed, so the record is too, if they agree.
# Rows of before leaf version 2 say nothing of the organization, and their records have numbers of their own.
UNLIKE_ITS_ROW: Final = """
SELECT coalesce(a.audit_id, r.id)
FROM (SELECT * FROM audit_accessrecord
      WHERE audit_id > %(after)s AND (%(until)s::bigint IS NULL OR audit_id <= %(until)s)) a
FULL JOIN (SELECT * FROM audit_auditrecord WHERE verb = 'audit.access.recorded'
           AND id > %(after)s AND (%(until)s::bigint IS NULL OR id <= %(until)s)) r ON r.id = a.audit_id
WHERE (a.agency, a.username, a.name, a.title, a.address, a.subject, a.profile_version, a.accessed_at)
      IS DISTINCT FROM
      (r.agency, r.username, r.name, r.title, r.address, r.subject, r.profile_version, r.recorded_at)
   OR (a.elements, to_jsonb(a.purpose), to_jsonb(a.reason), to_jsonb(a.reference),
       to_jsonb(a.result_count), to_jsonb(a.is_count_bounded), a.flags, a.plate)
      IS DISTINCT FROM
      (r.detail -> 'elements', r.detail -> 'purpose', r.detail -> 'reason', r.detail -> 'reference',
       r.detail -> 'result_count', r.detail -> 'is_count_bounded', r.detail -> 'flags',
       coalesce(r.detail #>> '{elements,plate}', ''))
   OR (r.detail ? 'organization'
       AND (a.id, a.organization) IS DISTINCT FROM (a.audit_id, r.detail ->> 'organization'))
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, and what is wrong with it."""

    name: str
    defects: Sequence[str]


@dataclass(slots=True)
class _Walk:
    """What one walk over all leaves finds."""

    wanted: frozenset[int]
    tree: tiles.Range = field(default_factory=tiles.Range)
    roots: dict[int, bytes] = field(default_factory=lambda: {0: merkle.EMPTY_ROOT})
    disorder: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def take(self, leaf: Leaf, row: AuditRecord | None, act: int | None) -> None:
        """Look at one leaf and its row."""
        if leaf.index != self.tree.size:
            self.disorder.append(f"expected leaf {self.tree.size}, found {leaf.index}")
        made = leaf_hash(bytes(leaf.data))
        if made != bytes(leaf.hash):
            self.disorder.append(f"leaf {leaf.index}: its hash is not that of its bytes")
        if defect := defect_of(leaf, row, act):
            self.changed.append(f"row {leaf.audit_id}: {defect}")
        self.tree.append(made)
        if self.tree.size in self.wanted:
            self.roots[self.tree.size] = self.tree.root()


def verify(*, keys: Sequence[VerifierKey], trusted: Mapping[str, str]) -> Iterator[Check]:
    """Yield every check of the ledger as it stands.

    `keys` are the log's public keys, by name from a source other than the database; `trusted` maps names to
    checkpoints handed out earlier, which the tree must continue.
    """
    sizes = list(TreeHead.objects.order_by("size").values_list("size", flat=True))
    size = sizes[-1] if sizes else 0
    known = key_spans(keys)
    outside, unreadable = _outside([span.key for span in known], trusted)
    walk = _Walk(frozenset(sizes + [point.size for point in outside.values()]))
    for leaf, row, act in leaves_with_rows(0, size):
        walk.take(leaf, row, act)
    if walk.tree.size != size or _beyond():
        walk.disorder.append(f"the newest head covers {size:,} rows; the leaves are fewer or more")
    yield Check(f"{size:,} leaves are complete and in order", walk.disorder)
    yield Check("every sealed row of the journal is as it was sealed", walk.changed)
    yield Check("no row of the journal was kept from sealing", never_sealed())
    yield Check("every access record says what its sealed row says", unlike_their_rows())
    heads = TreeHead.objects.filter(size__lte=size).order_by("size")
    yield Check(
        f"the tree has the root of each of {len(sizes):,} heads", _wrong_roots(heads.iterator(), walk)
    )
    yield Check("what is kept of the tree leads to the same root", _torn(size, walk))
    yield Check(
        "every head is signed by the log",
        [defect for head in heads.iterator() for defect in unsigned(head, known)],
    )
    for name in trusted:
        yield Check(
            f"the journal continues {name}", unreadable.get(name) or _not_continued(outside[name], walk)
        )


def leaves_with_rows(start: int, size: int) -> Iterator[tuple[Leaf, AuditRecord | None, int | None]]:
    """Leaves from `start` to below `size` in order, their rows, and the acts that pruned these.

    By key, so that a gap ends nothing.
    """
    after = start - 1
    while batch := list(Leaf.objects.filter(index__gt=after, index__lt=size).order_by("index")[:_BATCH]):
        ids = [leaf.audit_id for leaf in batch]
        rows, acts = AuditRecord.objects.in_bulk(ids), pruning.acts_of(ids)
        for leaf in batch:
            yield leaf, rows.get(leaf.audit_id), acts.get(leaf.audit_id)
        after = batch[-1].index


def _beyond() -> bool:
    """Whether leaves are under no head; asked in one statement, since sealing goes on meanwhile."""
    newest = Subquery(TreeHead.objects.order_by("-size").values("size")[:1])
    return Leaf.objects.filter(index__gte=Coalesce(newest, 0)).exists()


def defect_of(leaf: Leaf, row: AuditRecord | None, act: int | None) -> str:
    """How a row differs from what was sealed, "" when it does not; `act` pruned its details, if any did."""
    if row is None:
        return "it was removed from the journal"
    try:
        sealed = SealedRow.parse(bytes(leaf.data))
    except UnfitLeafError as error:
        return str(error)
    version = int(sealed.header.get("v") or 0)
    if version not in range(1, VERSION + 1) or dict(sealed.header) != header_of(row, version):
        return "it was edited: who, what or when differs from what was sealed"
    if act is not None:
        return "" if pruning.is_bare(row, leaf) else "it was pruned, but holds details that prove nothing"
    if not sealed.opens_with(bytes(leaf.salt), opening_of(row)):
        return "it was edited: its details differ from those that were sealed"
    return ""


def never_sealed(after: int = LOWEST, until: int | None = None) -> list[str]:
    """Whether rows numbered above `after`, up to `until`, are neither in the tree nor wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(NEVER_SEALED, {"after": after, "until": until})
        (count,) = cursor.fetchone() or (0,)
    return [f"{count:,} rows have no place in the tree and wait for none"] if count else []


def unlike_their_rows(after: int = LOWEST, until: int | None = None) -> list[str]:
    """Accesses numbered above `after`, up to `until`, whose record and journal row disagree."""
    with connection.cursor() as cursor:
        cursor.execute(UNLIKE_ITS_ROW, {"after": after, "until": until})
        return [f"row {row}: its access record is missing, added or edited" for (row,) in cursor.fetchall()]


def _wrong_roots(heads: Iterable[TreeHead], walk: _Walk) -> list[str]:
    return [
        f"the head of {head.size:,} rows: {defect}"
        for head in heads
        for defect in _wrong_root(head.size, bytes(head.root), walk)
    ]


def _wrong_root(size: int, root: bytes, walk: _Walk) -> list[str]:
    found = walk.roots.get(size)
    if found is None:
        return [f"it covers {size:,} rows, but the tree has {walk.tree.size:,}: rows were cut off"]
    return [] if found == root else ["its rows are not those that were sealed"]


def _torn(size: int, walk: _Walk) -> list[str]:
    try:
        kept = merkle.root(tiles.nodes_of(stored_tile), size)
    except LookupError as error:
        return [str(error)]
    return [] if kept == walk.tree.root() else ["the kept hashes were changed"]


def unsigned(head: TreeHead, known: Sequence[Span]) -> list[str]:
    """What is wrong with a head's signature: nothing when a key of its size signed exactly this head."""
    said = "no key of the log is known"
    for key in (span.key for span in known if span.covers(head.size)):
        try:
            signed = Checkpoint.verified(head.note, key)
        except NoteError as error:
            said = str(error)
            continue
        if (signed.size, signed.root, head.key) == (head.size, bytes(head.root), str(key)):
            return []
        said = "its note is about another tree, or names another key"
    return [f"the head of {head.size:,} rows: {said}"]


def _outside(
    keys: Sequence[VerifierKey], trusted: Mapping[str, str]
) -> tuple[dict[str, Checkpoint], dict[str, list[str]]]:
    """The checkpoints from outside by name, and what is wrong with those that cannot be used."""
    found: dict[str, Checkpoint] = {}
    unusable: dict[str, list[str]] = {}
    for name, text in trusted.items():
        said = ["no key of the log is known"]
        for key in keys:
            try:
                found[name] = Checkpoint.verified(text, key)
                break
            except NoteError as error:
                said = [str(error)]
        else:
            unusable[name] = said
    return found, unusable


def _not_continued(checkpoint: Checkpoint, walk: _Walk) -> list[str]:
    return _wrong_root(checkpoint.size, checkpoint.root, walk)
