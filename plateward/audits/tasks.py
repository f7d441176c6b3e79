"""The clock's work on audits."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.audits import clock_actions


@app.periodic(cron="* * * * *", periodic_id="audits-draw")
@app.task(name="audits.draw", queueing_lock="audits-draw")
def draw_waiting(timestamp: int) -> int:
    """Each minute: draw the samples whose seed is sealed; `timestamp` is when it was due."""
    del timestamp
    return clock_actions.draw_waiting(now=timezone.now())


@app.periodic(cron="23 * * * *", periodic_id="audits-remind")
@app.task(name="audits.remind", queueing_lock="audits-remind")
def remind_of_audits(timestamp: int) -> int:
    """Each hour: ask for the audits that are due soon; `timestamp` is when it was due."""
    del timestamp
    return clock_actions.remind_of_audits(now=timezone.now())
