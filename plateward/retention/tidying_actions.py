"""What follows the destruction of rows: files, the directory of plates, receipts, empty partitions.

Each step is a transaction of its own, can be repeated, and touches only what belongs to reads that are gone
for good. A purge that was stopped or killed owes it as well.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.db import Error, transaction
from django.db.models import Q

from plateward.audit.who import CLOCK
from plateward.reads import directory
from plateward.reads.store import Kind, PictureStore, picture_store
from plateward.retention import destruction
from plateward.retention.models import Purge
from plateward.retention.noting import OWED_FILES, add, journal
from plateward.retention.purge_actions import span_of
from plateward.retention.rules import PurgeState
from plateward.walls import scope

log = logging.getLogger(__name__)

WINDOW: Final = timedelta(days=7)
"""The directory and receipts of so much time are looked through in one transaction."""
_DAY: Final = timedelta(days=1)
_EARLIER: Final = timedelta(days=1)
"""A camera's clock may be ahead: so much before the first capture the first receipt may lie."""


@transaction.atomic
def remove_files(*, purge: Purge, now: datetime, limit: int = 50, store: PictureStore | None = None) -> int:
    """Remove the files whose keys were destroyed of up to `limit` days; returns how many days.

    They are unreadable already. Asked again after a kill it removes what is left. Raises OSError.
    """
    place = (store or picture_store()).place
    rows = list(
        purge.days.select_for_update(of=("self",)).filter(rows_at__isnull=False, files_at=None)[:limit]
    )
    for row in rows:
        for folder in destruction.destroyed_folders(purge.agency_id, row.captured_date, row.device_id):
            place.remove_all(folder)
        row.files_at = now
        row.save(update_fields=["files_at"])
    if rows:
        journal("retention.files.removed", purge, CLOCK, now, {"days": len(rows)})
    return len(rows)


@transaction.atomic
def remove_single_files(*, purge: Purge, store: PictureStore | None = None) -> int:
    """Remove the files of pictures of a day that is not over, whose key lives on; how many pictures'.

    Asked again after a kill it removes what is left. Raises OSError.
    """
    place = (store or picture_store()).place
    row = Purge.objects.select_for_update().get(pk=purge.pk)
    owed = row.stores.pop(OWED_FILES, ())
    for name in owed:
        for kind in Kind:
            place.remove(f"{name}.{kind}")
    if owed:
        row.save(update_fields=["stores"])
    return len(owed)


@transaction.atomic
def settle_directory(*, purge: Purge, now: datetime) -> bool:
    """Let plates of purged days leave the directory, up to a week at a time; False once all were looked at.

    After the rows are gone for good, so that nobody who searches waits for it. A plate stays by all reads of
    its agency, wherever they lie. Asked again after a kill it does what is left.
    """
    pending = purge.days.select_for_update(of=("self",)).filter(rows_at__isnull=False, settled_at=None)
    dates = list(pending.order_by("captured_date").values_list("captured_date", flat=True))
    if not dates:
        return False
    last = max(date for date in dates if date < dates[0] + WINDOW)
    from_at, until_at = (datetime.combine(date, time(), UTC) for date in (dates[0], last + _DAY))
    with scope.as_system("A plate leaves the directory by all of its agency's reads, wherever they lie."):
        gone = directory.settle(from_at=from_at, until_at=until_at)
    pending.filter(captured_date__lte=last).update(settled_at=now)
    add(purge, {"plates": gone})
    return True


@transaction.atomic
def clear_receipts(*, purge: Purge, now: datetime) -> bool:
    """Delete a week's inbox rows that name nothing but purged reads; False once all were looked through."""
    row = Purge.objects.select_for_update().get(pk=purge.pk)
    told = row.stores.get("receipts_until")
    begin = datetime.fromisoformat(told) if told else row.from_at - _EARLIER
    if begin >= now:
        return False
    end = begin + WINDOW
    gone = destruction.delete_receipts(span_of(row), begin, end)
    row.stores["receipts"] = row.stores.get("receipts", 0) + gone
    row.stores["receipts_until"] = end.isoformat()
    row.save(update_fields=["stores"])
    if gone:
        journal("retention.receipts.cleared", row, CLOCK, now, {"count": gone})
    return True


def tidy(*, purge: Purge, clock: Callable[[], datetime], store: PictureStore | None = None) -> None:
    """Let files and plates follow the rows that are gone by now, whatever becomes of the rest of the purge.

    Raises OSError.
    """
    while remove_files(purge=purge, now=clock(), store=store):
        pass
    remove_single_files(purge=purge, store=store)
    while settle_directory(purge=purge, now=clock()):
        pass


def tidy_stopped(*, clock: Callable[[], datetime], store: PictureStore | None = None) -> None:
    """Let files and plates follow the rows that stopped purges destroyed; what fails is tried again later."""
    owing = Q(days__files_at=None) | Q(days__settled_at=None)
    stopped = Purge.objects.filter(owing, days__rows_at__isnull=False, state=PurgeState.FAILED)
    for purge in stopped.distinct().order_by("decided_at"):
        try:
            tidy(purge=purge, clock=clock, store=store)
        except (Error, OSError):
            log.exception("What purge %s destroyed could not be tidied up after", purge.pk)


def finish_files(*, purge: Purge, clock: Callable[[], datetime], store: PictureStore | None = None) -> None:
    """Remove all files whose keys were destroyed, plates without reads, receipts, and empty partitions.

    Raises OSError.
    """
    tidy(purge=purge, clock=clock, store=store)
    while clear_receipts(purge=purge, now=clock()):
        pass
    destruction.drop_empty_partitions(purge.until_at)
