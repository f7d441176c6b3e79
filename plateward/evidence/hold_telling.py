"""Whom a hold's decisions wait for: tasks for one person, or for those who approve holds."""

from datetime import datetime

from django.urls import reverse

from plateward.audit.who import Who
from plateward.evidence.hold_models import Hold
from plateward.governance.actor import Actor
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.notices.rules import Addressee


def subject_of(hold: Hold) -> str:
    """How the journal and notices name it."""
    return f"evidence.Hold:{hold.pk}"


def ask_approvers(hold: Hold, kind: str, text: str, by: Actor, now: datetime) -> None:
    """Leave a task with everybody who approves holds."""
    for to, _ in told(by.profile, by.agency, ["evidence.approve"], now):
        leave_task(hold, kind, to, text, by.who, now)


def leave_task(hold: Hold, kind: str, to: Addressee, text: str, by: Who, now: datetime) -> None:
    """A task that stands until what it asks for is done; each time anew, by the moment it arose."""
    notices.raise_notice(
        agency=hold.agency_id,
        key=f"{kind}:{hold.pk}:{to.user_id or to.position}:{now.isoformat()}",
        kind=kind,
        to=to,
        text=text,
        by=by,
        now=now,
        link=reverse("evidence:hold", args=[hold.pk]),
        subject=subject_of(hold),
        is_task=True,
    )
