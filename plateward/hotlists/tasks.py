"""The clock's work on hotlists."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.hotlists import actions


@app.periodic(cron="* * * * *", periodic_id="hotlists-expire")
@app.task(queueing_lock="hotlists-expire")
def expire_entries(timestamp: int) -> int:
    """Mark entries past their time, each minute; `timestamp` is the minute it was due."""
    del timestamp
    return actions.expire_due(now=timezone.now())
