"""The clock's work on training."""

import logging
from zoneinfo import ZoneInfo

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.governance.queries import PolicyUnavailableError
from plateward.training import actions

log = logging.getLogger(__name__)


@app.periodic(cron="7 * * * *", periodic_id="training-refreshers")
@app.task(queueing_lock="training-refreshers")
def assign_refreshers(timestamp: int) -> int:
    """Assign refreshers, each hour, so that an agency's day is noticed in its first; returns how many."""
    del timestamp
    now, made = timezone.now(), 0
    for agency in Agency.objects.order_by("pk"):
        today = now.astimezone(ZoneInfo(agency.time_zone)).date()
        try:
            made += actions.assign_refreshers(agency=agency.pk, today=today, now=now)
        except PolicyUnavailableError as error:
            log.warning("no refreshers are assigned: %s", error)
    return made
