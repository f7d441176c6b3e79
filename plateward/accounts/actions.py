"""Accounts, sessions and training: created, opened and certified by whom the profile says."""

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import rules
from plateward.accounts.http import ActingPerson
from plateward.accounts.models import Agency, Certification, User
from plateward.audit import actions as audit
from plateward.audit.who import Who


@transaction.atomic
def create_user(
    *,
    agency: Agency,
    username: str,
    full_name: str,
    title: str,
    password: str,
    by: Who,
    now: datetime,
) -> User:
    """Create one person's own account; raises ValidationError for a weak password or a taken username."""
    user = User(agency=agency, username=username.lower(), full_name=full_name, title=title, created_at=now)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save(force_insert=True)
    audit.record(
        verb="accounts.user.created",
        by=by,
        agency=agency.pk,
        subject=f"accounts.User:{user.pk}",
        detail={"username": user.username, "name": full_name, "title": title},
        now=now,
    )
    return user


@transaction.atomic
def certify(
    *,
    user: User,
    course: str,
    completed_date: date,
    expires_date: date | None,
    certified_by: User,
    by: Who,
    now: datetime,
    profile_version: str = "",
) -> Certification:
    """Put a completed course on file (B-466.8, H-426.7); raises ValidationError for impossible dates."""
    certification = Certification(
        agency=user.agency,
        user=user,
        course=course,
        completed_date=completed_date,
        expires_date=expires_date,
        certified_by=certified_by,
        recorded_at=now,
    )
    certification.full_clean()
    certification.save(force_insert=True)
    audit.record(
        verb="accounts.training.certified",
        by=by,
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={
            "username": user.username,
            "course": course,
            "completed": completed_date.isoformat(),
            "expires": expires_date.isoformat() if expires_date else "",
            "certified_by": certified_by.username,
        },
        profile_version=profile_version,
        now=now,
    )
    return certification


@transaction.atomic
def certify_training(
    *,
    user: User,
    course: str,
    completed_date: date,
    expires_date: date | None,
    by: ActingPerson,
    now: datetime,
) -> Certification:
    """Certify somebody's completed training as the person whom the profile names (B-466.8, H-426.7).

    Raises Refused (not the certifier, or one's own training) and ValidationError (unknown course,
    impossible dates, a certificate already on file for that day).
    """
    by.require("training.certify")
    rules.may_certify(by.profile, by.person, str(user.pk)).require()
    if problem := rules.certification_problem(by.profile, course, completed_date, expires_date, by.today):
        field, message = problem
        raise ValidationError({field: message})
    return certify(
        user=user,
        course=course,
        completed_date=completed_date,
        expires_date=expires_date,
        certified_by=User.objects.get(pk=by.user_id, agency_id=user.agency_id),
        by=by.who,
        now=now,
        profile_version=by.profile.version,
    )


@transaction.atomic
def journal_session_opened(*, user: User, address: str, now: datetime) -> None:
    """Record that somebody logged in (B-466.6(a), H-426.5(a)); part of the transaction that logs them in."""
    _journal_session("accounts.session.opened", user, address=address, now=now)


@transaction.atomic
def journal_session_closed(*, user: User, address: str, now: datetime) -> None:
    """Record that somebody logged out."""
    _journal_session("accounts.session.closed", user, address=address, now=now)


@transaction.atomic
def journal_session_refused(*, username: str, address: str, now: datetime) -> None:
    """Record a failed log-in. A name that is no account is not kept: people type passwords there.

    It belongs to no agency, so that every agency's overseers see it.
    """
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        stranger = Who(username="", name="Somebody", title="", organization="", address=address)
        audit.record(
            verb="accounts.session.refused",
            by=stranger,
            agency="",
            subject="accounts.User:",
            detail={"why": "unknown username"},
            now=now,
        )
        return
    why = "wrong password" if user.is_active else "inactive account"
    _journal_session("accounts.session.refused", user, address=address, now=now, why=why)


def _journal_session(verb: str, user: User, *, address: str, now: datetime, why: str = "") -> None:
    audit.record(
        verb=verb,
        by=Who(
            username=user.username,
            name=user.full_name,
            title=user.title,
            organization=user.agency.name,
            address=address,
        ),
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={"why": why} if why else {},
        now=now,
    )
