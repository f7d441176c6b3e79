"""The clock's work on notices."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.notices import actions


@app.periodic(cron="* * * * *", periodic_id="notices-escalate")
@app.task(name="notices.escalate", queueing_lock="notices-escalate")
def escalate_due(timestamp: int) -> int:
    """Pass on what is overdue, each minute; `timestamp` is the minute it was due."""
    del timestamp
    return actions.escalate_due(now=timezone.now())
