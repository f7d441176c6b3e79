"""The worker's sending: at once when something happens, and each minute for what is to be tried again."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plateward.outgoing import sending


@app.periodic(cron="* * * * *", periodic_id="outgoing-send")
@app.task(name="outgoing.send", queueing_lock="outgoing-send", pass_context=True)
def send(context: JobContext, timestamp: int) -> int:
    """Try every message that is due; returns how many tries were made."""
    del timestamp
    return sending.send_due(timezone.now, is_ending=context.should_abort)


def send_soon() -> None:
    """Have the worker send at once, unless that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        send.configure().defer(timestamp=0)
