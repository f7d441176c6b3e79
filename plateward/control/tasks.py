"""The clock's work on accounts."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.control import actions, review_actions, window_actions
from plateward.governance.queries import PolicyUnavailableError, profile_for

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *", periodic_id="control-accounts")
@app.task(name="control.accounts", queueing_lock="control-accounts")
def watch_accounts(timestamp: int) -> int:
    """End and warn what is due, each minute; an agency without a usable policy is told of and passed over."""
    del timestamp
    now = timezone.now()
    ended = window_actions.close_due(now=now)
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError as missing:
            log.warning("%s", missing)
            continue
        review_actions.open_due(agency=agency, profile=profile, now=now)
        ended += actions.run_clock(agency=agency, profile=profile, now=now)
    return ended
