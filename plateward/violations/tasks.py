"""The clock's work on reports."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.violations import actions


@app.periodic(cron="*/10 * * * *", periodic_id="violations-retrained")
@app.task(name="violations.close_retrained", queueing_lock="violations-retrained")
def close_retrained(timestamp: int) -> int:
    """Every ten minutes: close reports whose retraining is certified; `timestamp` is when it was due."""
    del timestamp
    return actions.close_retrained(now=timezone.now())
