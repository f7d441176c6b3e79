"""Tasks that purges leave with people: one to be decided, one that was stopped."""

from datetime import datetime
from typing import Final

from django.urls import reverse

from plateward.audit.who import Who
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.policy import Profile
from plateward.retention.models import Purge

TO_DECIDE: Final = "purge-to-decide"
STOPPED: Final = "purge-stopped"


def ask(purge: Purge, kind: str, text: str, *, profile: Profile, by: Who, now: datetime) -> None:
    """Leave a task with everybody who may decide on purges, until somebody does."""
    for to, _ in told(profile, purge.agency_id, ["retention.purge"], now):
        notices.raise_notice(
            agency=purge.agency_id,
            key=f"{kind}:{purge.pk}:{to.user_id or to.position}:{now.isoformat()}",
            kind=kind,
            to=to,
            text=text,
            by=by,
            now=now,
            link=reverse("retention:purge", args=[purge.pk]),
            subject=_subject(purge),
            is_task=True,
        )


def settle(purge: Purge, kind: str, *, by: Who, now: datetime) -> None:
    """End these tasks, since somebody decided."""
    notices.settle_about(agency=purge.agency_id, subject=_subject(purge), kind=kind, by=by, now=now)


def _subject(purge: Purge) -> str:
    return f"retention.Purge:{purge.pk}"
