"""The clock's work on holds: reviews due, data about to leave a vendor, reads opened under a case."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.evidence import gathering, hold_queries, holding
from plateward.evidence.hold_actions import BOOKING, REVIEW
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import Act, ScopeKind, sources_of, step_of
from plateward.evidence.leaving import Leaving, leaving
from plateward.governance.organization.queries import supervisor_of
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.notices.models import Notice
from plateward.notices.rules import Addressee, to_person
from plateward.policy import Profile, enforces

_REVIEWED = sources_of(Act.CONFIRM)
OFFICER, SUPERVISOR, APPROVER = range(3)
"""Who is told of data about to leave: the first reminder one of them, each further one the next as well."""


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def remind_due(*, now: datetime) -> int:
    """Ask for reviews that are due, and for what is about to leave a vendor to be booked; tasks left."""
    return sum(_remind(hold, profile, now) for hold, profile in _blocking())


def _blocking() -> Iterator[tuple[Hold, Profile]]:
    for agency in Agency.objects.order_by("pk"):
        try:
            profile = profile_for(agency.pk)
        except PolicyUnavailableError:
            continue
        yield from ((hold, profile) for hold in hold_queries.blocking(agency.pk))


@transaction.atomic
def _remind(hold: Hold, profile: Profile, now: datetime) -> int:
    told_of = 0
    if hold.state in _REVIEWED and hold.review_at and hold.review_at <= now:
        text = f"Hold {hold.number} is due for review. Confirm that its data are still needed, or release it."
        everybody = [_requester(hold), *_approvers(hold, profile, now)]
        told_of += _tell(hold, REVIEW, f"{hold.review_at.isoformat()}", everybody, text, now)
    for first in leaving(hold, profile, now)[:1]:
        told_of += _tell_of_leaving(hold, profile, first, now)
    return told_of


def _tell_of_leaving(hold: Hold, profile: Profile, first: Leaving, now: datetime) -> int:
    """The reminder that is due, if one is; what an earlier one asked of somebody gives way to it."""
    step = step_of(profile.retention.holds.reminders.settled or (), first.at, now)
    if step is None:
        return 0
    place, days = step
    occasion = f"{first.at:%Y-%m-%d}:{days}"
    if Notice.objects.filter(agency=hold.agency_id, key__startswith=_key(hold, BOOKING, occasion)).exists():
        return 0
    notices.settle_about(
        agency=hold.agency_id, subject=f"evidence.Hold:{hold.pk}", kind=BOOKING, by=CLOCK, now=now
    )
    to, approvers = [_requester(hold)], _approvers(hold, profile, now)
    above = next((one.position for one in approvers if one.position), "")
    if place >= SUPERVISOR:
        to += [to_person(one.pk, one.full_name) for one in supervisor_of(hold.requested_by, now)]
    if place >= APPROVER:
        to += approvers
    text = (
        f"Data of hold {hold.number} leave {first.vendor} from {first.day} on. Put them into "
        "a package and book it into evidence before."
    )
    return _tell(hold, BOOKING, occasion, to, text, now, due_at=first.at, escalates_to=above)


def _tell(
    hold: Hold,
    kind: str,
    occasion: str,
    to: list[Addressee],
    text: str,
    now: datetime,
    due_at: datetime | None = None,
    escalates_to: str = "",
) -> int:
    """Leave each of them a task for the occasion once; returns how many are new."""
    known = Notice.objects.filter(agency=hold.agency_id)
    new = 0
    for one in to:
        key = f"{_key(hold, kind, occasion)}:{one.user_id or one.position}"
        new += not known.filter(key=key).exists()
        notices.raise_notice(
            agency=hold.agency_id,
            key=key,
            kind=kind,
            to=one,
            text=text,
            by=CLOCK,
            now=now,
            link=reverse("evidence:hold", args=[hold.pk]),
            subject=f"evidence.Hold:{hold.pk}",
            due_at=due_at,
            escalates_to=escalates_to if one.position != escalates_to else "",
            is_task=True,
        )
    return new


def _key(hold: Hold, kind: str, occasion: str) -> str:
    return f"{kind}:{hold.pk}:{occasion}"


def _requester(hold: Hold) -> Addressee:
    return to_person(hold.requested_by_id, hold.requested_by.full_name)


def _approvers(hold: Hold, profile: Profile, now: datetime) -> list[Addressee]:
    return [to for to, _ in told(profile, hold.agency_id, ["evidence.approve"], now)]


def gather_cases(*, now: datetime) -> int:
    """Write down with each hold of a case which reads were opened under it; returns how many are new."""
    return sum(_gather(hold, profile, now) for hold, profile in _blocking())


@transaction.atomic
def _gather(hold: Hold, profile: Profile, now: datetime) -> int:
    if not hold.scopes.filter(kind=ScopeKind.CASE.value).exists():
        return 0
    holding.lock_holds(hold.agency_id, alone=False)
    found = gathering.keep_found(hold)
    if found:
        audit.record(
            verb="evidence.case.gathered",
            by=CLOCK,
            agency=hold.agency_id,
            subject=f"evidence.Hold:{hold.pk}",
            detail={"number": hold.number, "count": found},
            now=now,
            profile_version=profile.version,
        )
    return found
