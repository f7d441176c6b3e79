"""Writing the journal: always inside the transaction of the act itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import InternalError, OperationalError, ProgrammingError, connection, transaction
from psycopg import errors

from plateward.audit import local
from plateward.audit.grammar import VERB
from plateward.audit.local import JournalUnwritableError
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


_REFUSALS = (OperationalError, ProgrammingError, InternalError)
"""No right, no room, a trigger's or the server's no; a wrong value is a defect of ours and none of these."""
_OTHERS_FAULT = (errors.TransactionRollback, errors.InFailedSqlTransaction)
"""Two transactions met, or the statement before failed: the journal itself is well."""


@contextmanager
def _written() -> Iterator[None]:
    """Turn the database's refusal of a row into JournalUnwritableError, unless the database is gone."""
    try:
        yield
    except _REFUSALS as error:
        server = connection.connection
        if server is None or server.closed or isinstance(error.__cause__, _OTHERS_FAULT):
            raise
        raise JournalUnwritableError(type(error.__cause__).__name__) from error


def record(
    *,
    verb: str,
    by: Who,
    agency: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    profile_version: str = "",
    marks: Mapping[str, str] | None = None,
) -> AuditRecord:
    """Write one journal row in the current transaction.

    `verb` reads `subject.object.verb`, e.g. `alerts.alert.verified`; `subject` names the object the act
    touched, e.g. `hotlists.Entry:<uuid>`; `marks` go beside the details. Raises NotInTransactionError outside
    `transaction.atomic()`, ValueError for a verb outside the grammar, and JournalUnwritableError when the
    database refuses the row: the transaction is void then, and nothing may be shown.
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
        detail=dict(detail or {}) | by.marks | dict(marks or {}),
        profile_version=profile_version,
    )
    with _written():
        row.save(force_insert=True)
    return row


def record_or_locally(
    *,
    verb: str,
    by: Who,
    agency: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    profile_version: str = "",
) -> None:
    """Write the row, or into the local journal where the database refuses it: what must not wait (R133).

    The transaction of the act stays good. Raises NothingWritableError when neither can be written.
    """
    facts: dict[str, Any] = {
        "verb": verb,
        "by": by,
        "agency": agency,
        "subject": subject,
        "now": now,
        "detail": detail,
        "profile_version": profile_version,
    }
    try:
        with transaction.atomic():
            record(**facts)
    except JournalUnwritableError:
        local.record(**facts)


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
    marks: Mapping[str, str] | None = None,
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
        marks=marks,
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
    with _written():
        access.save(force_insert=True)
    return access
