"""Destroying the plate details of old accesses while their rows stay provable (R137).

A leaf commits to details by a salted hash; without salt and details nobody can tell what they were, and the
row, its header and every proof stay as they are. What can no longer be proved goes with them: elements,
plate, reason, case number, flags, subject and network address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from plateward.audit.models import AccessRecord, AuditRecord, Leaf, PrunedRow, Pruning
from plateward.audit.sealing import ACCESS

BATCH: Final = 500
"""Rows a transaction destroys the details of; the act's own row names each of them."""
EMPTIED: Final = {"elements": {}, "reason": "", "reference": "", "flags": []}
"""What is left of an access's details, beside the facts that are in its leaf."""


def due(order: Pruning, limit: int) -> list[int]:
    """Numbers of sealed rows that an order still has to prune, oldest first."""
    rows = _unpruned(order.agency, order.until_at).filter(audit_id__in=Leaf.objects.values("audit_id"))
    return list(rows.order_by("audit_id").values_list("audit_id", flat=True)[:limit])


def count_before(agency: str, until_at: datetime) -> int:
    """How many accesses of an agency before an instant still hold their details."""
    return _unpruned(agency, until_at).count()


def _unpruned(agency: str, until_at: datetime) -> QuerySet[AccessRecord]:
    """NOT EXISTS, for PostgreSQL reads NOT IN's whole list again for every row once there are many."""
    pruned = Exists(PrunedRow.objects.filter(pk=OuterRef("audit_id")))
    return AccessRecord.objects.filter(~pruned, agency=agency, accessed_at__lt=until_at)


def destroy(order: Pruning, act: AuditRecord, row_ids: Sequence[int]) -> None:
    """Destroy salts and details in this transaction; the database itself checks that the order allows it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT plateward_prune(%s, %s, %s)", [order.pk, act.pk, list(row_ids)])


def acts_of(row_ids: Sequence[int]) -> dict[int, int]:
    """The act that pruned each row, for those whose act names them indeed."""
    stones = PrunedRow.objects.in_bulk(row_ids)
    acts = AuditRecord.objects.in_bulk({stone.act_id for stone in stones.values()})
    named = {
        act.pk: frozenset(act.detail.get("rows", ()))
        for act in acts.values()
        if act.verb == "audit.access.pruned"
    }
    return {row: stone.act_id for row, stone in stones.items() if row in named.get(stone.act_id, ())}


def is_bare(row: AuditRecord, leaf: Leaf) -> bool:
    """Whether a pruned row and its leaf hold nothing that is not in the leaf's header."""
    emptied = {name: row.detail.get(name) for name in EMPTIED} == EMPTIED
    return row.verb == ACCESS and emptied and (row.address, row.subject, bytes(leaf.salt)) == ("", "", b"")


@dataclass(frozen=True, slots=True)
class Destroyed:
    """Access records whose plate details one order destroyed: what they were about nobody can tell any more.

    Who looked, when, for what purpose and how much was found stays with each.
    """

    order: Pruning
    count: int
    first_id: int
    last_id: int
    first_at: datetime
    last_at: datetime


def destroyed(agency: str, from_at: datetime | None, until_at: datetime | None) -> list[Destroyed]:
    """What orders destroyed of the agency's accesses in a span of time, newest order first."""
    span = Count("pk"), Min("pk"), Max("pk"), Min("accessed_at"), Max("accessed_at")
    found = []
    for order in Pruning.objects.filter(agency=agency):
        rows = records_of(order, from_at, until_at).aggregate(
            **dict(zip(("count", "first_id", "last_id", "first_at", "last_at"), span, strict=True))
        )
        if rows["count"]:
            found.append(Destroyed(order, **rows))
    return found


def records_of(order: Pruning, from_at: datetime | None, until_at: datetime | None) -> QuerySet[AccessRecord]:
    """The access records that an order emptied, of a span of time, newest first."""
    rows = PrunedRow.objects.filter(pruning_id=order.pk).values("audit_id")
    records = AccessRecord.objects.filter(agency=order.agency, audit_id__in=rows)
    if from_at:
        records = records.filter(accessed_at__gte=from_at)
    if until_at:
        records = records.filter(accessed_at__lt=until_at)
    return records.order_by("-accessed_at", "-pk")


def words_by_record(records: Iterable[AccessRecord]) -> dict[int, str]:
    """Of those records that were emptied: by whose order, and which row of the journal tells."""
    acts = acts_of([record.audit_id for record in records if not record.subject])
    told = AuditRecord.objects.in_bulk(set(acts.values()))
    return {
        row: f"Its plate details were destroyed by order of {told[act].detail.get('approved_by', '')}; "
        f"row {act} of the journal tells."
        for row, act in acts.items()
    }
