"""Emergency access: obtained by a person, marked in everything they do, looked through by another."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.audit.models import AuditRecord
from plateward.control import rules, standing
from plateward.control.models import EmergencyAccess
from plateward.control.rules import Finding
from plateward.governance.actor import Actor
from plateward.governance.queries import positions_of
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import PersonFact, may_obtain, may_review, review_due


@transaction.atomic
def obtain(*, reason: str, by: Actor, now: datetime) -> EmergencyAccess:
    """Obtain what the policy names for a real emergency, for a short time; the reviewer is told at once.

    Raises Refused (not decided by the agency, not admitted, the last one unreviewed) and ValidationError.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=by.user_id, agency_id=by.agency)
    unreviewed = user.emergencies.filter(reviewed_at__isnull=True).count()
    may_obtain(by.profile, by.admission, by.title, unreviewed=unreviewed).require()
    if problem := rules.emergency_reason_problem(reason):
        raise ValidationError({"reason": problem})
    until_at = by.profile.emergency_access.lasts.require("How long emergency access lasts").after(now)
    obtained = EmergencyAccess(
        agency_id=by.agency,
        user=user,
        reason=reason.strip(),
        began_at=now,
        until_at=until_at,
        review_due_at=review_due(by.profile, until_at),
    )
    obtained.full_clean()
    obtained.save(force_insert=True)
    detail = {"reason": obtained.reason, "until_at": until_at.isoformat(), "emergency": str(obtained.pk)}
    _journal("control.emergency.obtained", obtained, by, now, detail)
    _call_for_review(obtained, by, now)
    return obtained


@transaction.atomic
def end(*, by: Actor, now: datetime) -> None:
    """Give one's own emergency access back before its time; raises ValidationError when none is running."""
    running = EmergencyAccess.objects.select_for_update(of=("self",))
    mine = running.filter(user_id=by.user_id, reviewed_at__isnull=True, until_at__gt=now).first()
    if mine is None:
        raise ValidationError("Your emergency access has ended already.")
    mine.until_at = now
    mine.save(update_fields=["until_at"])
    _journal("control.emergency.ended", mine, by, now, {})


@transaction.atomic
def look_through(*, emergency: EmergencyAccess, by: Actor, now: datetime) -> list[AuditRecord]:
    """Everything that was done under an emergency access, once the looking is on record; raises Refused."""
    _may_review(emergency, by, now)
    done = list(standing.done_in(emergency))
    _journal("control.emergency.viewed", emergency, by, now, {"rows": str(len(done))})
    return done


@transaction.atomic
def review(
    *, emergency: EmergencyAccess, finding: Finding, note: str, by: Actor, now: datetime
) -> EmergencyAccess:
    """Record what the review of somebody else's emergency access found; ends it if it still runs.

    Raises Refused (not a reviewer, one's own) and ValidationError (reviewed meanwhile).
    """
    _may_review(emergency, by, now)
    waiting = EmergencyAccess.objects.select_for_update(of=("self",)).filter(reviewed_at__isnull=True)
    known = waiting.filter(pk=emergency.pk, agency_id=by.agency).select_related("user").first()
    if known is None:
        raise ValidationError("This emergency access was reviewed meanwhile.")
    known.reviewed_by_id, known.reviewed_at = by.user_id, now
    known.finding, known.note, known.until_at = finding, note, min(known.until_at, now)
    known.full_clean()
    known.save()
    detail = {"finding": finding.value, "note": note, "username": known.user.username}
    _journal("control.emergency.reviewed", known, by, now, detail)
    notices.settle(agency=by.agency, key=f"emergency:{known.pk}", by=by.who, now=now)
    return known


def _may_review(emergency: EmergencyAccess, by: Actor, now: datetime) -> None:
    person = emergency.user
    fact = PersonFact(str(person.pk), person.title, positions_of(person, now))
    may_review(by.profile, by.person, fact).require()


def _call_for_review(obtained: EmergencyAccess, by: Actor, now: datetime) -> None:
    """Tell the reviewer at once; of the reviewer's own emergency, whoever stands above."""
    reviewer = by.profile.emergency_access.reviewer.require("Who reviews emergency access")
    above = by.profile.accounts.escalates_to.settled or ""
    to = above if reviewer in by.positions and above else reviewer
    notices.raise_notice(
        agency=by.agency,
        key=f"emergency:{obtained.pk}",
        kind="emergency-review",
        to=to_position(to),
        text=f"{by.name} obtained emergency access. Review what was done with it.",
        link=reverse("control:emergency", args=[obtained.pk]),
        subject=f"control.EmergencyAccess:{obtained.pk}",
        due_at=obtained.review_due_at,
        escalates_to=above if above != to else "",
        is_task=True,
        by=by.who,
        now=now,
    )


def _journal(
    verb: str, emergency: EmergencyAccess, by: Actor, now: datetime, detail: Mapping[str, str]
) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=emergency.agency_id,
        subject=f"control.EmergencyAccess:{emergency.pk}",
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
