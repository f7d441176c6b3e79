"""Accounts and training: created and certified by whom the profile says."""

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

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
    user = User(
        agency=agency, username=username.lower(), full_name=full_name, title=title, created_at=now
    )
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save(force_insert=True)
    audit.record(
        verb="accounts.user.created",
        by=by,
        agency=agency.pk,
        subject=f"accounts.User:{user.pk}",
        detail={"username": user.username, "title": title},
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
        detail={"course": course, "completed": completed_date.isoformat()},
        now=now,
    )
    return certification
