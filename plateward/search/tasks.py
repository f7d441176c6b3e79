"""The clock's work on kept searches. It compares none of them with reads (ADR 31)."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.search import kept_actions


@app.periodic(cron="* * * * *", periodic_id="search-kept")
@app.task(name="search.kept", queueing_lock="search-kept")
def end_kept(timestamp: int) -> int:
    """Each minute: end kept searches that are due, warn of those that soon are."""
    del timestamp
    return kept_actions.end_due(now=timezone.now())
