"""The clock's work on the ledger."""

import httpx
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.audit import actions, ledger, witnessing
from plateward.ledger.notes import VerifierKey


@app.periodic(cron="* * * * *", periodic_id="audit-seal")
@app.task(name="audit.seal", queueing_lock="audit-seal")
def seal_journal(timestamp: int) -> int:
    """Seal what waits, each minute (R131), then have the witness cosign where there is one."""
    del timestamp
    sealed = actions.seal(now=timezone.now())
    environment = settings.ENVIRONMENT
    if environment.witness_url and environment.witness_key:
        ask_witness(environment.witness_url, VerifierKey.parse(environment.witness_key))
    return sealed


def ask_witness(url: str, witness: VerifierKey) -> None:
    """Have the newest head cosigned unless it is; raises WitnessUnavailableError, which the worker logs."""
    head, since = ledger.newest_head(), witnessing.remembered_size(witness)
    if head is None or since == head.size:
        return
    with httpx.Client() as client:
        lines = witnessing.cosignature_lines(client, url, head, since)
    actions.keep_cosignature(head=head, lines=lines, witness=witness)
