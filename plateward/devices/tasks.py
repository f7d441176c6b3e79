"""Work by the clock."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.devices import way_actions


@app.periodic(cron="* * * * *")
@app.task(name="devices.journal_refusals", queueing_lock="devices.journal_refusals")
def journal_refusals(timestamp: int) -> None:
    """Every minute: journal what the receiver refused in devices' names."""
    del timestamp
    way_actions.journal_refusals(now=timezone.now())
