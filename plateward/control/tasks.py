"""The clock's work on accounts."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.control import actions, review_actions, window_actions
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.policy import Profile

log = logging.getLogger(__name__)


class ClockFailedError(Exception):
    """The accounts of some agencies were not all looked at; the log says why, the worker's job failed."""


@app.periodic(cron="* * * * *", periodic_id="control-accounts")
@app.task(name="control.accounts", queueing_lock="control-accounts")
def watch_accounts(timestamp: int) -> int:
    """End and warn what is due, each minute; an agency without a usable policy is told of and passed over.

    What fails in one agency holds up no other: it is logged, its account managers are told, and the task
    raises ClockFailedError at its end. The next minute tries again.
    """
    del timestamp
    now = timezone.now()
    ended = window_actions.close_due(now=now)
    failed: dict[str, Profile] = {}
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError as missing:
            log.warning("%s", missing)
            continue
        try:
            review_actions.open_due(agency=agency, profile=profile, now=now)
            ended += actions.run_clock(agency=agency, profile=profile, now=now)
        except Exception:
            log.exception("The clock did not do all that is due on the accounts of %s", agency)
            failed[agency] = profile
    for agency, profile in failed.items():
        actions.tell_of_failure(agency=agency, profile=profile, now=now)
    if failed:
        raise ClockFailedError(f"Not all accounts were looked at: {', '.join(failed)}")
    return ended
