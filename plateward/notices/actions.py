"""Leaving notices, ending them, and passing on those that are overdue."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.live import actions as live
from plateward.notices.models import Notice
from plateward.notices.queries import Recipient, for_person
from plateward.notices.rules import Addressee

TOPIC = "notices"


class NotDoneBySeeingError(ValueError):
    """A task ends by what it asks for and not by looking at it."""


@transaction.atomic
def raise_notice(
    *,
    agency: str,
    key: str,
    kind: str,
    to: Addressee,
    text: str,
    by: Who,
    now: datetime,
    link: str = "",
    subject: str = "",
    due_at: datetime | None = None,
    escalates_to: str = "",
    is_task: bool = False,
) -> Notice:
    """Leave a notice once for its occasion `key`; a second time returns the first, done or not.

    `text` is one sentence without a plate in it; `link` a path of this site; `kind` a slug of words. A task
    is ended by `settle`. With `escalates_to`, a position, `due_at` is needed.
    """
    made, is_new = Notice.objects.get_or_create(
        agency=agency,
        key=key,
        defaults={
            "kind": kind,
            "is_task": is_task,
            "user_id": to.user_id,
            "position": to.position,
            "text": text,
            "link": link,
            "subject": subject,
            "raised_at": now,
            "due_at": due_at,
            "escalates_to": escalates_to,
        },
    )
    if is_new:
        made.full_clean()
        _journal("notices.notice.raised", made, by, now, to=to.name)
    return made


@transaction.atomic
def settle(*, agency: str, key: str, by: Who, now: datetime) -> bool:
    """End the notice of an occasion, since what it asked for was done; False if none waits."""
    return _settle_all(list(_waiting().filter(agency=agency, key=key)), by, now)


@transaction.atomic
def settle_about(*, agency: str, subject: str, kind: str, by: Who, now: datetime) -> bool:
    """End every notice of a kind about one object; False if none waits."""
    return _settle_all(list(_waiting().filter(agency=agency, subject=subject, kind=kind)), by, now)


@transaction.atomic
def note(*, notice_id: UUID, by: Recipient, now: datetime) -> Notice:
    """End a notice that only had to be seen, as one of those whom it waited for.

    Raises Notice.DoesNotExist (also for one that ended meanwhile) and NotDoneBySeeingError for a task.
    """
    seen = for_person(by).select_for_update().get(pk=notice_id, done_at__isnull=True)
    if seen.is_task:
        raise NotDoneBySeeingError("This waits until it is done. Follow its link to do it.")
    _end(seen, "notices.notice.noted", by.who, now)
    return seen


@transaction.atomic
def escalate_due(*, now: datetime) -> int:
    """Pass on every notice that is past its time to the position it then waits for too; returns how many."""
    due = list(_waiting().filter(due_at__lte=now, escalated_at__isnull=True).exclude(escalates_to=""))
    for notice in due:
        notice.escalated_at = now
        notice.save(update_fields=["escalated_at"])
        _journal("notices.notice.escalated", notice, CLOCK, now, to=notice.escalates_to)
    return len(due)


def _waiting() -> QuerySet[Notice]:
    return Notice.objects.select_for_update().filter(done_at__isnull=True)


def _settle_all(waiting: list[Notice], by: Who, now: datetime) -> bool:
    for notice in waiting:
        _end(notice, "notices.notice.settled", by, now)
    return bool(waiting)


def _end(notice: Notice, verb: str, by: Who, now: datetime) -> None:
    notice.done_at, notice.done_by = now, by.name
    notice.save(update_fields=["done_at", "done_by"])
    _journal(verb, notice, by, now)


def _journal(verb: str, notice: Notice, by: Who, now: datetime, **detail: str) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=notice.agency,
        subject=f"notices.Notice:{notice.pk}",
        detail={"kind": notice.kind, "about": notice.subject, "text": notice.text, **detail},
        now=now,
    )
    live.publish(agency=notice.agency, topic=TOPIC, id=str(notice.pk))
