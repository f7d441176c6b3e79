"""Work by the clock."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.reads import actions


@app.periodic(cron="17 3 * * *")
@app.task(name="reads.ensure_partitions", queueing_lock="reads.ensure_partitions")
def ensure_partitions(timestamp: int) -> None:
    """Every night: have the coming weeks' partitions ready."""
    del timestamp
    actions.ensure_partitions(now=timezone.now())
