"""The clock's work on reviews."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.oversight import actions


@app.periodic(cron="41 * * * *", periodic_id="oversight-review")
@app.task(name="oversight.review", queueing_lock="oversight-review")
def review_due(timestamp: int) -> int:
    """Each hour: begin the reviews that are due; `timestamp` is the minute it was due."""
    del timestamp
    return actions.review_due(now=timezone.now())


@app.periodic(cron="13 4 2 * *", periodic_id="oversight-self-test")
@app.task(name="oversight.self_test", queueing_lock="oversight-self-test")
def check_every_record(timestamp: int) -> int:
    """On the second of each month: do known acts and look for them on record (R124)."""
    del timestamp
    return actions.check_every_record(now=timezone.now())
