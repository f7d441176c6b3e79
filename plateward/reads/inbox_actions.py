"""Acts on the inboxes' keys, made each day and destroyed when nothing waits for them; plain bodies sealed."""

import logging
from datetime import UTC, datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.reads import inbox_keys, keys
from plateward.reads.models import InboxItem, InboxKey

log = logging.getLogger(__name__)

INTAKE = Who.system("intake")
AT_ONCE = 50


@transaction.atomic
def make_inbox_keys(*, now: datetime) -> int:
    """Have a key of this UTC day for every agency's inbox; returns how many were made.

    Of several intakes one makes it. While no master key can wrap it, the receiver goes on with the newest.
    Raises MasterKeyError, OSError.
    """
    missing = list(inbox_keys.without_todays(now).order_by("pk").values_list("pk", flat=True))
    if not missing:
        return 0
    source = keys.masters_that_wrap()
    rows = [inbox_keys.fresh_key(agency, source, now) for agency in missing]
    return len(InboxKey.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def destroy_spent_keys(*, now: datetime) -> int:
    """Destroy earlier days' keys for which nothing waits any more; returns how many.

    What was sealed for them and is stored by now can then be read in no write-ahead log and no archive. The
    newest of each agency stays. One that the receiver uses at this very moment is left: the database's
    foreign key decides.
    """
    today = now.astimezone(UTC).date()
    waiting = InboxItem.objects.filter(body_key=OuterRef("pk"))
    later = InboxKey.objects.filter(agency=OuterRef("agency"), made_date__gt=OuterRef("made_date"))
    spent = InboxKey.objects.filter(~Exists(waiting), Exists(later), made_date__lt=today)
    done = [row for row in spent.select_for_update(of=("self",)) if _is_deleted(row)]
    for row in done:
        audit.record(
            verb="reads.inbox_key.destroyed",
            by=INTAKE,
            agency=row.agency_id,
            subject=f"reads.InboxKey:{row.pk}",
            detail={"day": row.made_date.isoformat()},
            now=now,
        )
    transaction.on_commit(keys.forget_unwrapped)
    return len(done)


def _is_deleted(row: InboxKey) -> bool:
    try:
        with transaction.atomic():
            InboxKey.objects.filter(pk=row.pk).delete()
            connection.check_constraints()
    except IntegrityError:
        log.info("The inbox key %s of %s is in use again", row.pk, row.agency_id)
        return False
    return True


@transaction.atomic
def seal_plain_bodies(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Seal up to `limit` payloads that an earlier release left waiting in plain; returns how many."""
    plain = inbox_keys.plain(now).filter(agency__in=InboxKey.objects.values("agency_id"))
    rows = list(plain.select_for_update(skip_locked=True, of=("self",)).order_by("received_at")[:limit])
    for row in rows:
        row.body, row.body_key_id = inbox_keys.sealed(
            bytes(row.body or b""), agency=row.agency_id, receipt=row.pk, sha256=row.body_sha256
        )
        row.save(update_fields=["body", "body_key"])
    for agency in sorted({row.agency_id for row in rows}):
        count = sum(row.agency_id == agency for row in rows)
        audit.record(
            verb="reads.payload.sealed",
            by=INTAKE,
            agency=agency,
            subject=f"reads.InboxItem:{next(row.pk for row in rows if row.agency_id == agency)}",
            detail={"count": count},
            now=now,
        )
    return len(rows)
