"""The clock's work on hotlists."""

import logging
from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plateward.hotlists import (
    building,
    clock_actions,
    index_actions,
    list_actions,
    list_reading,
    list_work,
    pickup_work,
)

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *", periodic_id="hotlists-expire")
@app.task(queueing_lock="hotlists-expire")
def expire_entries(timestamp: int) -> int:
    """Mark entries and warn of lists past their time, each minute; `timestamp` is the minute it was due.

    Before an entry ends its people are reminded, and of a recovered vehicle's entry more of them as it stays.
    """
    del timestamp
    now = timezone.now()
    expired = clock_actions.expire_due(now=now)
    clock_actions.remind_due(now=now)
    clock_actions.tell_of_removals(now=now)
    list_actions.discard_forgotten(now=now)
    list_actions.warn_of_stale(now=now)
    return expired


@app.periodic(cron="17 * * * *", periodic_id="hotlists-sweep")
@app.task(queueing_lock="hotlists-sweep")
def sweep_files(timestamp: int) -> int:
    """Delete, each hour, files of lists that no row needs any more; returns how many."""
    del timestamp
    return list_reading.sweep(timezone.now() - list_actions.FORGOTTEN_AFTER)


@app.periodic(cron="* * * * *", periodic_id="hotlists-index")
@app.task(queueing_lock="hotlists-index")
def refresh_index(timestamp: int) -> str:
    """Keep the index of wanted plates near what is in force, each minute; returns how it stood."""
    del timestamp
    try:
        found = building.refresh(timezone.now()).value
    except OSError as error:
        index_actions.note_kept(trouble=error.strerror or str(error), now=timezone.now())
        log.error(  # noqa: TRY400  said whole; a traceback adds nothing
            "No new index of wanted plates could be written: %s. Matching goes on with the last one and what "
            "changed since, and asks the database when that is too much. Free some space.",
            error,
        )
        return "not written"
    index_actions.note_kept(now=timezone.now())
    return found


@app.periodic(cron="* * * * *", periodic_id="hotlists-files")
@app.task(name="hotlists.files", queueing_lock="hotlists-files", pass_context=True)
def work_files(context: JobContext, timestamp: int) -> int:
    """Check and take in the files with lists of others that wait; returns how many were worked on.

    Each minute it goes on with what an earlier worker left when it ended.
    """
    del timestamp
    worked = 0
    with list_work.alone() as is_alone:
        while is_alone and list_work.work_next(now=timezone.now(), is_ending=context.should_abort):
            worked += 1
    return worked


def work_files_soon() -> None:
    """Have the worker look at the files at once, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        work_files.configure().defer(timestamp=0)


@app.periodic(cron="* * * * *", periodic_id="hotlists-pickups")
@app.task(name="hotlists.pickups", queueing_lock="hotlists-pickups", lock="hotlists-pickups")
def fetch_lists(timestamp: int) -> int:
    """Fetch lists' files where it is time, each minute; returns how many came."""
    del timestamp
    came = pickup_work.work_pickups(now=timezone.now())
    if came:
        work_files_soon()
    return came


def fetch_lists_soon() -> None:
    """Have the worker look for lists' files at once, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        fetch_lists.configure().defer(timestamp=0)
