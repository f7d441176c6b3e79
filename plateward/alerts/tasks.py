"""The clock's work on alerts."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.alerts import holding_actions


@app.periodic(cron="* * * * *", periodic_id="alerts-holdings")
@app.task(queueing_lock="alerts-holdings")
def end_absent_holdings(timestamp: int) -> int:
    """Let alerts wait again whose holders' sessions ran out, each minute; returns how many."""
    del timestamp
    return holding_actions.end_absent(now=timezone.now())
