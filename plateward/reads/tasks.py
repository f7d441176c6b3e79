"""Work by the clock."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.reads import actions, passage_actions


@app.periodic(cron="17 3 * * *")
@app.task(name="reads.ensure_partitions", queueing_lock="reads.ensure_partitions")
def ensure_partitions(timestamp: int) -> None:
    """Every night: have the coming weeks' partitions ready."""
    del timestamp
    actions.ensure_partitions(now=timezone.now())


@app.periodic(cron="27 3 * * *")
@app.task(name="reads.forget_passages", queueing_lock="reads.forget_passages")
def forget_passages(timestamp: int) -> None:
    """Every night: forget vehicles in view of which nothing more is to be expected."""
    del timestamp
    passage_actions.forget_passages(now=timezone.now())
