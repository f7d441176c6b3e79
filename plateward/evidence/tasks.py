"""The clock's work on evidence."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plateward.evidence import disc_work, hold_clock_actions, package_work


@app.periodic(cron="* * * * *", periodic_id="evidence-packages")
@app.task(name="evidence.packages", queueing_lock="evidence-packages")
def build_packages(timestamp: int) -> int:
    """Build the packages that wait, each minute also those that a killed worker left; returns how many."""
    del timestamp
    return package_work.work_waiting(now=timezone.now())


def build_packages_soon() -> None:
    """Have the worker look at the packages at once, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        build_packages.configure().defer(timestamp=0)


@app.periodic(cron="* * * * *", periodic_id="evidence-discs")
@app.task(name="evidence.discs", queueing_lock="evidence-discs")
def make_discs(timestamp: int) -> int:
    """Make the images of discs that wait, each minute also those of a killed worker; returns how many."""
    del timestamp
    return disc_work.work_waiting(now=timezone.now())


def make_discs_soon() -> None:
    """Have the worker look at the discs at once, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        make_discs.configure().defer(timestamp=0)


@app.periodic(cron="7 * * * *", periodic_id="evidence-holds")
@app.task(name="evidence.holds", queueing_lock="evidence-holds")
def look_after_holds(timestamp: int) -> int:
    """Each hour: ask for reviews, and for what leaves a vendor to be booked; keep cases' reads."""
    del timestamp
    now = timezone.now()
    return hold_clock_actions.gather_cases(now=now) + hold_clock_actions.remind_due(now=now)
