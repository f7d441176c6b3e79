"""The clock's work on the ledger."""

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plateward.audit import alarm_actions, ledger, local_actions, pruning_actions, sealing_actions, witnessing
from plateward.audit.models import AlarmKind
from plateward.audit.sealing import TamperedTreeError
from plateward.audit.witnessing import JournalRewrittenError
from plateward.ledger.notes import VerifierKey

log = logging.getLogger(__name__)

_PRUNED_FOR: Final = timedelta(minutes=5)


@app.periodic(cron="* * * * *", periodic_id="audit-seal")
@app.task(name="audit.seal", queueing_lock="audit-seal")
def seal_journal(timestamp: int) -> int:
    """Each minute merge a local journal (R133), seal what waits (R131), and have the witness cosign."""
    del timestamp
    try:
        local_actions.merge(now=timezone.now())  # before sealing: its rows bear times long past
    except Exception:
        log.exception("The local journal was not merged; it is tried again in a minute")
    try:
        sealed = sealing_actions.seal(now=timezone.now())
    except TamperedTreeError as tampered:
        alarm_actions.raise_alarm(kind=AlarmKind.MODIFIED, told=[str(tampered)], now=timezone.now())
        raise
    finally:
        alarm_actions.watch_sealing(now=timezone.now())
    environment = settings.ENVIRONMENT
    if environment.witness_url and environment.witness_key:
        try:
            ask_witness(environment.witness_url, VerifierKey.parse(environment.witness_key))
        except JournalRewrittenError as rewritten:
            alarm_actions.raise_alarm(kind=AlarmKind.MODIFIED, told=[str(rewritten)], now=timezone.now())
            raise
    return sealed


@app.periodic(cron="17 * * * *", periodic_id="audit-check")
@app.task(name="audit.check", queueing_lock="audit-check")
def check_ledger(timestamp: int) -> int:
    """Look at the ledger each hour, and at the worker's start (R131); returns how many defects were found."""
    del timestamp
    return len(alarm_actions.check_ledger(now=timezone.now()).defects)


@app.periodic(cron="*/10 * * * *", periodic_id="audit-prune")
@app.task(name="audit.prune", queueing_lock="audit-prune")
def prune(timestamp: int) -> None:
    """Go on with an approved pruning, for half of the time until the next call at most."""
    del timestamp
    until = timezone.now() + _PRUNED_FOR
    while timezone.now() < until and pruning_actions.prune(now=timezone.now()):
        pass


def at_start() -> None:
    """Have the journal sealed and looked at as soon as a worker runs, unless that waits already."""
    for task in (seal_journal, check_ledger):
        with suppress(AlreadyEnqueued), transaction.atomic():
            task.configure().defer(timestamp=0)


def ask_witness(url: str, witness: VerifierKey) -> None:
    """Have the newest head cosigned unless it is; raises WitnessUnavailableError, which the worker logs."""
    head, since = ledger.newest_head(), witnessing.remembered_size(witness)
    if head is None or since == head.size:
        return
    with httpx.Client() as client:
        lines = witnessing.cosignature_lines(client, url, head, since)
    sealing_actions.keep_cosignature(head=head, lines=lines, witness=witness)
