"""The clock's work on releases."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.releases import clock_actions


@app.periodic(cron="23 * * * *", periodic_id="releases-reminders")
@app.task(name="releases.remind", queueing_lock="releases-reminders")
def remind(timestamp: int) -> int:
    """Each hour: tell of reviews, shares and packages whose last day comes."""
    del timestamp
    return clock_actions.remind(now=timezone.now())
