"""The clock's work on retention: days are committed to, what is due is proposed, what is approved is done."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, time

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.devices.models import Device
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.policy import Profile
from plateward.policy.decisions import Refused
from plateward.retention import closing_actions, finishing_actions, purge_actions, rules, tidying_actions
from plateward.retention.destruction import Span
from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState

log = logging.getLogger(__name__)


@app.periodic(cron="40 1 * * *", periodic_id="retention-days")
@app.task(name="retention.days", queueing_lock="retention-days")
def close_days(timestamp: int) -> int:
    """Commit to the days that are over, each night at 1:40 UTC; returns how many roots were made."""
    del timestamp
    now = timezone.now()
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    made = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        devices = tuple(Device.objects.filter(agency_id=agency).values_list("pk", flat=True))
        span = Span(agency, devices, today - closing_actions.LOOKED_BACK, today)
        made += closing_actions.close_days(agency=agency, span=span, now=now)
    return made


@app.periodic(cron="10 2 * * *", periodic_id="retention-proposals")
@app.task(name="retention.proposals", queueing_lock="retention-proposals")
def propose_due(timestamp: int) -> int:
    """Propose each night what may go; what the policy holds back is told in the log. Returns how many."""
    del timestamp
    return _propose(rules.CLASSES)


@app.periodic(cron="10 4 * * *", periodic_id="retention-pictures")
@app.task(name="retention.pictures", queueing_lock="retention-pictures")
def propose_pictures(timestamp: int) -> int:
    """Propose the same of pictures with a length of their own, two hours later: one purge at a time."""
    del timestamp
    return _propose(rules.PICTURES)


def _propose(classes: rules.Classes) -> int:
    now, made = timezone.now(), 0
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError as missing:
            log.warning("%s", missing)
            continue
        for source in rules.sources(profile):
            if classes == rules.PICTURES and rules.rule_of_pictures(profile, source) is None:
                continue
            try:
                purge_actions.propose_due(
                    agency=agency, profile=profile, source=source, now=now, classes=classes
                )
                made += 1
            except (Refused, ValidationError) as told:
                log.info("Nothing of %s is purged in %s: %s", source, agency, told)
    return made


@app.periodic(cron="* * * * *", periodic_id="retention-short")
@app.task(name="retention.short", queueing_lock="retention-short", lock="retention-purges")
def purge_short(timestamp: int) -> int:
    """Propose each minute, and carry out, what would pass a short ceiling before the next; how many purges.

    What the policy holds back is told in the log each night.
    """
    del timestamp
    made = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        with suppress(PolicyUnavailableError):
            profile = profile_for(agency, timezone.now())
            made += sum(_purge_short(agency, profile, source) for source in rules.sources(profile))
    return made


def _purge_short(agency: str, profile: Profile, source: str) -> bool:
    with suppress(Refused, ValidationError):
        purge = purge_actions.propose_short(agency=agency, profile=profile, source=source, now=timezone.now())
        return purge is not None and finishing_actions.run(purge_id=purge.pk, clock=timezone.now)
    return False


@app.periodic(cron="* * * * *", periodic_id="retention-purges")
@app.task(name="retention.purges", queueing_lock="retention-purges", lock="retention-purges")
def run_approved(timestamp: int) -> int:
    """Carry out what is approved, go on with what was interrupted, each minute; returns how many ended.

    What a stopped purge still owes for the rows that it destroyed is done as well.
    """
    del timestamp
    tidying_actions.tidy_stopped(clock=timezone.now)
    to_run = Q(state__in=[PurgeState.APPROVED, PurgeState.RUNNING]) | Q(state=PurgeState.ENDED, done_at=None)
    waiting = Purge.objects.filter(to_run).order_by("decided_at")
    return sum(
        finishing_actions.run(purge_id=pk, clock=timezone.now) for pk in waiting.values_list("pk", flat=True)
    )
