"""Purging pictures before their reads, where the policy says a length of their own for them (R81, R91)."""

from datetime import datetime

from django.db import transaction

from plateward.audit.who import CLOCK
from plateward.evidence.holding import lock_holds
from plateward.reads import keys
from plateward.reads.partitions import Partition
from plateward.reads.store import PictureStore
from plateward.retention import destruction
from plateward.retention.destruction import Counts
from plateward.retention.models import Purge, PurgeDay
from plateward.retention.noting import add, journal, owe_files
from plateward.retention.picture_counts import counts
from plateward.retention.purge_actions import span_of
from plateward.retention.rules import PurgeState
from plateward.retention.running_actions import hold_back, keep_pictures


@transaction.atomic
def purge_pictures(*, purge: Purge, part: Partition, now: datetime, store: PictureStore | None = None) -> int:
    """Destroy a partition's pictures that no hold keeps, and their days' keys; their reads stay. How many.

    What is held is sealed anew under a key of the purge first. Raises PictureError, OSError, MasterKeyError,
    and django.db.Error where the table stays taken.
    """
    Purge.objects.select_for_update().get(pk=purge.pk, state=PurgeState.RUNNING)
    span = span_of(purge).within(part)
    lock_holds(purge.agency_id, alone=True)
    destruction.lock()
    there = counts(span)
    hold_back(purge, span)
    keep_pictures(purge, span, now, store)
    gone, files = destruction.delete_pictures(purge.pk, span)
    owe_files(purge, files)
    awaited = destruction.delete_awaited(purge.pk, span)
    because = f"purge {purge.number}: older than {purge.ground}"
    destroyed = destruction.destroy_keys(span, because=because[:300], now=now)
    add(purge, {"awaited": awaited, "keys": destroyed})
    _note_days(purge, there, gone, now)
    total = sum(gone.values())
    journal(
        "retention.pictures.purged",
        purge,
        CLOCK,
        now,
        {
            "from": span.from_at.isoformat(),
            "pictures": total,
            "held": sum(there.values()) - total,
            "keys": destroyed,
        },
    )
    transaction.on_commit(keys.forget_unwrapped)
    return total


def _note_days(purge: Purge, there: Counts, gone: Counts, now: datetime) -> None:
    """Figures of pictures; nothing of the directory is to be settled, since the reads stay."""
    known = {(row.device_id, row.captured_date): row for row in purge.days.all()}
    for (device, day), number in there.items():
        row = known.get((device, day)) or PurgeDay(
            agency_id=purge.agency_id,
            purge=purge,
            device_id=device,
            captured_date=day,
            foreseen=0,
            foreseen_held=0,
        )
        row.pictures += gone.get((device, day), 0)
        row.pictures_held = number - gone.get((device, day), 0)
        row.rows_at, row.files_at, row.settled_at = now, None, now
        row.save()
