"""The clock's work on the policy."""

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.governance import register_actions


@app.periodic(cron="37 5 * * *", periodic_id="governance-reviews")
@app.task(name="governance.reviews", queueing_lock="governance-reviews")
def remind_of_reviews(timestamp: int) -> int:
    """Each day, remind of the reviews that are due."""
    del timestamp
    return register_actions.remind_of_reviews(now=timezone.now())
