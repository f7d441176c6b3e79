"""Writing the journal: always inside the transaction of the act itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from plateward.audit.grammar import VERB
from plateward.audit.models import (
    AccessRecord,
    AuditRecord,
)
from plateward.audit.who import Who
from plateward.policy import enforces


class NotAllowedError(Exception):
    """An act on the journal itself that its rules refuse; the message says why and what to do."""


class NotInTransactionError(RuntimeError):
    """An act tried to write its journal row outside a transaction, where the two could come apart."""


def record(
    *,
    verb: str,
    by: Who,
    agency: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    profile_version: str = "",
) -> AuditRecord:
    """Write one journal row in the current transaction.

    `verb` reads `subject.object.verb`, e.g. `alerts.alert.verified`; `subject` names the object the act
    touched, e.g. `hotlists.Entry:<uuid>`. Raises NotInTransactionError outside `transaction.atomic()`
    and ValueError for a verb outside the grammar.
    """
    if not VERB.fullmatch(verb):
        raise ValueError(f"The audit verb {verb!r} does not read subject.object.verb")
    if not connection.in_atomic_block:
        raise NotInTransactionError(f"{verb} must be journaled inside the transaction of its change")
    row = AuditRecord(
        recorded_at=now,
        verb=verb,
        agency=agency,
        username=by.username,
        name=by.name,
        title=by.title,
        address=by.address,
        subject=subject,
        detail=dict(detail or {}) | by.marks,
        profile_version=profile_version,
    )
    row.save(force_insert=True)
    return row


@enforces("CC-1798.90.52", "B-466.6(a)", "H-426.5(a)")
def record_access(
    *,
    by: Who,
    agency: str,
    elements: Mapping[str, Any],
    purpose: str,
    reason: str,
    reference: str,
    result_count: int,
    subject: str,
    now: datetime,
    profile_version: str,
    is_count_bounded: bool = False,
    flags: Sequence[str] = (),
) -> AccessRecord:
    """Write the access record of Civil Code § 1798.90.52 and its journal row in the current transaction.

    `elements` holds every data element of the query; the plate or pattern asked for stands under "plate".
    `is_count_bounded` says that there were more than `result_count` results; `flags` name what a reviewer
    should look at in the stated reason. The caller must commit before anything of the result is shown
    (B-466.6(a), H-426.5(a)).
    """
    row = record(
        verb="audit.access.recorded",
        by=by,
        agency=agency,
        subject=subject,
        now=now,
        detail={
            "elements": dict(elements),
            "purpose": purpose,
            "reason": reason,
            "reference": reference,
            "result_count": result_count,
            "is_count_bounded": is_count_bounded,
            "flags": list(flags),
            "organization": by.organization,
        },
        profile_version=profile_version,
    )
    access = AccessRecord(
        id=row.pk,  # so that the record's own number is sealed too
        accessed_at=now,
        agency=agency,
        organization=by.organization,
        username=by.username,
        name=by.name,
        title=by.title,
        address=by.address,
        elements=dict(elements),
        plate=str(elements.get("plate") or ""),
        purpose=purpose,
        reason=reason,
        reference=reference,
        result_count=result_count,
        is_count_bounded=is_count_bounded,
        flags=list(flags),
        subject=subject,
        profile_version=profile_version,
        audit_id=row.pk,
    )
    access.save(force_insert=True)
    return access
