"""What waits for whom."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from plateward.audit.who import Who
from plateward.notices.models import Notice

LATELY_SHOWN = 20


class Recipient(Protocol):
    """The person who asks; governance's Actor fits."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def agency(self) -> str: ...
    @property
    def positions(self) -> AbstractSet[str]: ...
    @property
    def who(self) -> Who: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many notices wait for somebody, and how many of them are overdue."""

    number: int
    overdue: int


def for_person(person: Recipient) -> QuerySet[Notice]:
    """Every notice to this person or a position they hold, or escalated to one, done or not."""
    held = list(person.positions)
    reached = Q(user_id=person.user_id) | Q(position__in=held)
    reached |= Q(escalated_at__isnull=False, escalates_to__in=held)
    return Notice.objects.filter(reached, agency=person.agency)


def waiting_for(person: Recipient) -> QuerySet[Notice]:
    """What waits for this person, the most urgent first."""
    return for_person(person).filter(done_at__isnull=True)


def lately_done(person: Recipient) -> QuerySet[Notice]:
    """What was done last of what waited for this person."""
    return for_person(person).filter(done_at__isnull=False).order_by("-done_at")[:LATELY_SHOWN]


def counted(person: Recipient, now: datetime) -> Waiting:
    """How much waits for this person."""
    overdue = Count("pk", filter=Q(due_at__lte=now))
    found = waiting_for(person).order_by().aggregate(number=Count("pk"), overdue=overdue)
    return Waiting(found["number"], found["overdue"])


def open_about(agency: str, subject: str, kind: str) -> QuerySet[Notice]:
    """What waits for anybody about one object."""
    return Notice.objects.filter(agency=agency, subject=subject, kind=kind, done_at__isnull=True)
