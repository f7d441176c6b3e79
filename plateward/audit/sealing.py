"""Putting journal rows into the tree and signing its head, for `sealing_actions.seal`; never journaled.

The rows that wait are those whose own transactions queued them, so a row committed late is sealed late rather
than missed, and the tree's order is the order of sealing. All of a batch is one transaction under one lock:
the index has no gap, and leaves, nodes and head agree. Kept are the leaves' hashes and every eighth level
above them (ledger.tiles): sealing n rows costs O(n), and a proof reads some hundred hashes at any size.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from plateward.audit.models import AuditRecord, Leaf, TreeHead, TreeNode, Unsealed
from plateward.ledger import merkle, tiles
from plateward.ledger.checkpoints import Checkpoint
from plateward.ledger.leaves import SALT_SIZE
from plateward.ledger.leaves import Leaf as SealedRow
from plateward.ledger.notes import SigningKey, VerifierKey
from plateward.ledger.rotations import Rotation, Span, spans

ADVISORY_LOCK: Final = 7_203_118_841_006_131
"""One sealer at a time; the number is arbitrary and nobody else's."""
VERSION: Final = 2
"""Of the leaves written now; those of version 1 stay as they are, and valid."""
ROTATED: Final = "audit.key.rotated"
ACCESS: Final = "audit.access.recorded"
KEPT_OF_AN_ACCESS: Final = ("organization", "purpose", "result_count", "is_count_bounded")
BATCH: Final = 5_000
_INSERTED_AT_ONCE: Final = 1_000


class StaleKeyError(Exception):
    """The key at hand is not the one that the journal is signed with; nothing is signed with it."""


class TamperedTreeError(Exception):
    """What is kept of the tree is not what was signed last; nothing more is signed on top of it."""


def signing_key() -> SigningKey:
    """The installation's key for checkpoints, made at the first use."""
    return SigningKey.parse(settings.ENVIRONMENT.ledger_key)


def rotation_notes() -> list[str]:
    """The journal's changes of its key, oldest first (ledger.rotations checks who signed them)."""
    turns = AuditRecord.objects.filter(verb=ROTATED).order_by("pk")
    return [str(detail.get("note", "")) for detail in turns.values_list("detail", flat=True)]


def key_spans(keys: Sequence[VerifierKey]) -> list[Span]:
    """The keys that follow from trusted ones, each with the sizes it may sign."""
    notes = rotation_notes()
    return [span for key in keys for span in spans(key, notes)]


def known_keys() -> list[VerifierKey]:
    """The public key that the journal is signed with now; not taken from the database."""
    return [signing_key().verifier]


def header_of(row: AuditRecord, version: int = VERSION) -> dict[str, Any]:
    """What of a row is in its leaf for good: who did what and when; not to what, nor why.

    Since version 2, an access adds its organization, purpose and number of results: what Civil Code
    § 1798.90.52 asks for stays provable when plates and reasons are gone (R137).
    """
    statutory = row.verb == ACCESS and version > 1
    return {name: row.detail.get(name) for name in KEPT_OF_AN_ACCESS if statutory} | {
        "v": version,
        "row": row.pk,
        "recorded_at": row.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "verb": row.verb,
        "agency": row.agency,
        "username": row.username,
        "name": row.name,
        "title": row.title,
        "profile_version": row.profile_version,
    }


def opening_of(row: AuditRecord) -> dict[str, Any]:
    """What of a row is in its leaf as a commitment only: plates, reasons, objects, addresses."""
    return {"address": row.address, "subject": row.subject, "detail": row.detail}


def stored_tile(level: int, index: int) -> list[bytes]:
    """A tile of the tree as it is kept in the database (see ledger.tiles), up to the first gap."""
    first = index * tiles.WIDTH
    kept = TreeNode.objects.filter(level=level) if level else Leaf.objects.all()
    found = kept.filter(index__gte=first, index__lt=first + tiles.WIDTH).order_by("index")
    rows = enumerate(found.values_list("index", "hash"), first)
    return [bytes(made) for _, (_, made) in takewhile(lambda row: row[0] == row[1][0], rows)]


def lock() -> None:
    """Let no other sealer sign until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


@transaction.atomic
def seal_batch(*, key: SigningKey, now: datetime, limit: int = BATCH) -> int:
    """Seal up to `limit` waiting rows under one new checkpoint; returns how many.

    Raises TamperedTreeError.
    """
    lock()
    waiting = list(Unsealed.objects.order_by("pk").values_list("pk", flat=True)[:limit])
    rows = list(AuditRecord.objects.filter(pk__in=waiting).order_by("pk")) if waiting else []
    if not rows:
        return 0
    size = _checked_size()
    _refuse_a_stale_key(key)
    leaves = [_leaf(size + place, row) for place, row in enumerate(rows)]
    grown = tiles.growth(stored_tile, size, [bytes(leaf.hash) for leaf in leaves])
    nodes = [TreeNode(level=node.level, index=node.index, hash=node.hash) for node in grown]
    Leaf.objects.bulk_create(leaves, batch_size=_INSERTED_AT_ONCE)
    TreeNode.objects.bulk_create(nodes)
    sign(size + len(leaves), key, now)
    Unsealed.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(leaves)


def _refuse_a_stale_key(key: SigningKey) -> None:
    """Raise StaleKeyError unless this is the journal's key after its last change."""
    last = TreeHead.objects.order_by("-size").first()
    notes = rotation_notes()
    expected = str(Rotation.parse(notes[-1]).new) if notes else last.key if last else str(key.verifier)
    if str(key.verifier) != expected:
        raise StaleKeyError(
            "The key that signs is not the journal's: see “The key” in verify-the-journal.md."
        )


def _leaf(index: int, row: AuditRecord) -> Leaf:
    salt = secrets.token_bytes(SALT_SIZE)
    sealed = SealedRow.of(header_of(row), opening_of(row), salt)
    return Leaf(index=index, audit_id=row.pk, data=sealed.data, salt=salt, hash=sealed.hash)


def _checked_size() -> int:
    """Size of the tree signed last, after a look whether what is kept still leads to its root."""
    last = TreeHead.objects.order_by("-size").first()
    newest = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    size, expected = (last.size, bytes(last.root)) if last else (0, merkle.EMPTY_ROOT)
    kept = 0 if newest is None else newest + 1
    if kept != size:
        raise TamperedTreeError(f"The last checkpoint covers {size} rows, but {kept} are in the tree.")
    try:
        found = merkle.root(tiles.nodes_of(stored_tile), size)
    except LookupError as error:
        raise TamperedTreeError(f"The tree of {size} rows is torn: {error}.") from error
    if found != expected:
        raise TamperedTreeError(f"The tree of {size} rows is no longer the one that was signed.")
    return size


def sign(size: int, key: SigningKey, now: datetime) -> None:
    """Sign what is kept of the tree as a new head of `size` leaves."""
    checkpoint = Checkpoint(key.name, size, merkle.root(tiles.nodes_of(stored_tile), size))
    TreeHead.objects.create(
        size=size, root=checkpoint.root, note=checkpoint.signed(key), key=str(key.verifier), sealed_at=now
    )
