"""The clock's work on training."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.training import actions

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *", periodic_id="training-clock")
@app.task(queueing_lock="training-clock")
def run_clock(timestamp: int) -> None:
    """Assign what is due, end notices of completed courses, remind of the rest: every ten minutes."""
    del timestamp
    now = timezone.now()
    for agency in Agency.objects.values_list("pk", flat=True).order_by("pk"):
        try:
            today = profile_for(agency, now).agency.day(now)
            actions.assign_refreshers(agency=agency, today=today, now=now)
            actions.assign_to_new_hires(agency=agency, today=today, now=now)
            actions.settle_fulfilled(agency=agency, today=today, now=now)
            actions.remind(agency=agency, today=today, now=now)
        except PolicyUnavailableError as error:
            log.warning("no refreshers are assigned: %s", error)
