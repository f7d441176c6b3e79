"""Destroying plate details past their period: one proposes, another decides, the clock does it (R137)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from plateward.audit import pruning
from plateward.audit.actions import NotAllowedError, record
from plateward.audit.models import (
    AuditRecord,
    Pruning,
    PruningState,
)
from plateward.audit.who import CLOCK, Who

_UNDER_WAY = (PruningState.PROPOSED, PruningState.APPROVED)


@transaction.atomic
def propose_pruning(
    *,
    by: Who,
    agency: str,
    until_at: datetime,
    period: str,
    reason: str,
    profile_version: str,
    now: datetime,
) -> Pruning:
    """Propose to destroy the plate details of the agency's accesses before `until_at` (R137).

    `until_at` and `period` come from the policy (policy.prunable_before). Raises NotAllowedError while
    another order is under way or nothing is old enough.
    """
    if Pruning.objects.filter(agency=agency, state__in=_UNDER_WAY).exists():
        raise NotAllowedError("Another pruning is under way. Decide that one first.")
    if not (count := pruning.count_before(agency, until_at)):
        raise NotAllowedError("No access is old enough to lose its details.")
    order = Pruning.objects.create(
        agency=agency,
        until_at=until_at,
        period=period,
        reason=reason,
        proposed_by=by.username,
        proposed_by_name=by.name,
        proposed_at=now,
    )
    _journal_order("audit.pruning.proposed", order, by, profile_version, now, count=count, reason=reason)
    return order


@transaction.atomic
def decide_pruning(
    *,
    by: Who,
    agency: str,
    pruning_id: int,
    approve: bool,
    prunable_until: datetime | None,
    profile_version: str,
    now: datetime,
) -> Pruning:
    """Approve or refuse a proposed pruning as a second person.

    `prunable_until` is what the policy in force now lets go (policy.prunable_before), None when nothing.
    Raises Pruning.DoesNotExist (also for one decided before), and NotAllowedError for its proposer and where
    the policy came to keep longer what the order would destroy.
    """
    order = Pruning.objects.select_for_update().get(pk=pruning_id, agency=agency, state=PruningState.PROPOSED)
    if order.proposed_by == by.username:
        raise NotAllowedError("Details are destroyed by two people: have somebody else decide.")
    if approve and (prunable_until is None or order.until_at > prunable_until):
        raise NotAllowedError(
            "The policy in force keeps these details longer than when this was proposed. "
            "Refuse it, and propose anew what is old enough."
        )
    order.state = PruningState.APPROVED if approve else PruningState.REFUSED
    order.decided_by, order.decided_by_name, order.decided_at = by.username, by.name, now
    order.save(update_fields=["state", "decided_by", "decided_by_name", "decided_at"])
    verb = "audit.pruning.approved" if approve else "audit.pruning.refused"
    _journal_order(verb, order, by, profile_version, now)
    return order


@transaction.atomic
def prune(*, now: datetime, limit: int = pruning.BATCH) -> int:
    """Destroy the details of up to `limit` rows of an approved order; 0 when none is under way.

    Each call is a transaction with its own journal row that names every pruned row, so an interrupted order
    goes on where it stopped.
    """
    order = Pruning.objects.select_for_update().filter(state=PruningState.APPROVED).order_by("pk").first()
    if order is None:
        return 0
    rows = pruning.due(order, limit)
    if rows:
        by = {"proposed_by": order.proposed_by_name, "approved_by": order.decided_by_name}
        act = _journal_order("audit.access.pruned", order, CLOCK, "", now, rows=rows, count=len(rows), **by)
        pruning.destroy(order, act, rows)
        order.rows += len(rows)
    if len(rows) < limit:
        order.state, order.done_at = PruningState.DONE, now
        _journal_order("audit.pruning.done", order, CLOCK, "", now, count=order.rows)
    order.save(update_fields=["rows", "state", "done_at"])
    return max(len(rows), 1)


def _journal_order(
    verb: str, order: Pruning, by: Who, profile_version: str, now: datetime, **detail: Any
) -> AuditRecord:
    return record(
        verb=verb,
        by=by,
        agency=order.agency,
        subject=f"audit.Pruning:{order.pk}",
        detail={"until": order.until_at.isoformat(), "period": order.period, **detail},
        profile_version=profile_version,
        now=now,
    )
