"""Reads opened under a held case are written down with the hold, before the access records forget them."""

from uuid import UUID

from plateward.evidence.hold_models import Hold, HoldScope
from plateward.evidence.hold_rules import Scope, ScopeKind
from plateward.evidence.holding import opened_under
from plateward.reads.rules import captured_at_of


def keep_found(hold: Hold) -> int:
    """Write down the reads opened under a case that the hold covers; returns how many were new.

    The access records that tell of them lose that detail one day (R137), the hold must not lose the read.
    """
    known = set(hold.scopes.filter(kind=ScopeKind.READ.value).values_list("read_id", flat=True))
    found = [read_id for read_id in opened_under(hold) if read_id not in known]
    HoldScope.objects.bulk_create(HoldScope.of(hold, _one(read_id), is_found=True) for read_id in found)
    return len(found)


def _one(read_id: UUID) -> Scope:
    return Scope(kind=ScopeKind.READ, read_id=read_id, captured_at=captured_at_of(read_id))
