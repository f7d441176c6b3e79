"""The clock's work on releases."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plateward.releases import answer_finding, clock_actions


@app.periodic(cron="23 * * * *", periodic_id="releases-reminders")
@app.task(name="releases.remind", queueing_lock="releases-reminders")
def remind(timestamp: int) -> int:
    """Each hour: tell of reviews, shares and packages whose last day comes."""
    del timestamp
    return clock_actions.remind(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="releases-plates")
@app.task(name="releases.find_plates", queueing_lock="releases-plates")
def find_plates(timestamp: int) -> int:
    """Each minute, and at once when a picture was added: look for plates in the pictures of answers."""
    del timestamp
    return answer_finding.find_waiting(now=timezone.now())


def find_plates_soon() -> None:
    """Have the worker look at once, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        find_plates.configure().defer(timestamp=0)
