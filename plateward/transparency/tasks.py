"""The clock's work on postings."""

from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate.contrib.django import app

from plateward.accounts.models import Agency
from plateward.governance.queries import PolicyUnavailableError
from plateward.transparency import actions, queries
from plateward.transparency.fetching import FetchError, fetch


@app.periodic(cron="41 5 * * *", periodic_id="transparency-postings")
@app.task(name="transparency.postings", queueing_lock="transparency-postings")
def check_postings(timestamp: int) -> int:
    """Each day, fetch the postings whose check is due where that is switched on; then remind of the rest."""
    del timestamp
    if settings.ENVIRONMENT.fetch_postings != "off":
        fetch_due(allow_private=settings.ENVIRONMENT.fetch_postings == "private")
    return actions.remind_of_checks(now=timezone.now())


def _record(agency: str, document: str, url: str, body: bytes, note: str) -> None:
    """Keep what was fetched; what is no text at all is not the policy, whatever it is."""
    keep = partial(actions.record_fetched, agency=agency, document=document, url=url, now=timezone.now())
    try:
        keep(body=body, note=note)
    except ValidationError as unreadable:
        keep(body=b"", note=" ".join(unreadable.messages)[:500])


def fetch_due(*, allow_private: bool) -> int:
    """Look again where the last check found each document; returns how many were looked at."""
    looked_at = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            due = [each for each in queries.documents(agency, timezone.now()) if each.is_due]
        except PolicyUnavailableError:
            continue  # doctor says so
        for document, last in ((each, each.last) for each in due if each.last is not None):
            url, body, note = last.url, b"", ""
            try:
                body = fetch(url, allow_private=allow_private).body
            except FetchError as failed:
                note = str(failed)[:500]
            _record(agency, document.layer.id, url, body, note)
            looked_at += 1
    return looked_at
