"""Work by the clock."""

import logging
import time
from datetime import timedelta
from typing import Final

from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.devices import watch_actions
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.reads import actions, fetch_actions, inbox_actions, passage_actions, queries

log = logging.getLogger(__name__)

_FETCH_S: Final = 45.0
_LATE_READS: Final = timedelta(hours=48)
"""How long after its hour a read may come and still count in its device's past."""


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


@app.periodic(cron="* * * * *", periodic_id="reads-fetch")
@app.task(name="reads.fetch_pictures", queueing_lock="reads.fetch_pictures")
def fetch_pictures(timestamp: int) -> None:
    """Each minute, for most of it: fetch the pictures of which devices sent the address only."""
    del timestamp
    until = time.monotonic() + _FETCH_S
    while time.monotonic() < until and fetch_actions.fetch_waiting(now=timezone.now()):
        pass


@app.periodic(cron="37 3 * * *")
@app.task(name="reads.destroy_spent_keys", queueing_lock="reads.destroy_spent_keys")
def destroy_spent_keys(timestamp: int) -> None:
    """Every night: destroy the inboxes' keys of earlier days for which nothing waits."""
    del timestamp
    inbox_actions.destroy_spent_keys(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="reads.seal_plain_bodies", queueing_lock="reads.seal_plain_bodies")
def seal_plain_bodies(timestamp: int) -> None:
    """Every ten minutes: seal what waits in plain since an earlier release."""
    del timestamp
    while inbox_actions.seal_plain_bodies(now=timezone.now()):
        pass


@app.periodic(cron="4 * * * *", periodic_id="reads-devices")
@app.task(name="reads.watch_devices", queueing_lock="reads-devices")
def watch_devices(timestamp: int) -> int:
    """Each hour: keep what devices did, and note what is wrong with them; returns the number of problems.

    An agency without a usable policy is passed over: whom to tell is in it.
    """
    del timestamp
    now = timezone.now()
    found = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        hours = queries.device_hours(agency, now - _LATE_READS, now)
        watch_actions.record_hours(agency=agency, hours=hours)
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError as missing:
            log.warning("%s", missing)
            continue
        lately = queries.devices_lately(agency, now)
        found += watch_actions.watch(agency=agency, profile=profile, lately=lately, now=now)
    return found
