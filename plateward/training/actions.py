"""Planning and recording sessions, assigning courses, filing proof, by whom the profile names."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts import actions as accounts
from plateward.accounts.http import ActingPerson
from plateward.accounts.models import Agency, Certification, User
from plateward.accounts.rules import may_certify
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.documents.kinds import UnusableFileError, media_type_of
from plateward.governance.actor import Actor
from plateward.governance.queries import file_store, profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import Profile, enforces
from plateward.training import rules
from plateward.training.models import Assignment, Attendance, ProofFile, Session
from plateward.training.queries import (
    ASSIGNED,
    REMINDER,
    course_name,
    fulfilled_and_waiting,
    new_hires_wanted,
    notice_key,
    refreshers_wanted,
    reminder_key,
    to_remind,
)
from plateward.training.rules import Act, AssignmentReason, AttendanceState, SessionState


@transaction.atomic
def plan_session(
    *,
    course: str,
    held_at: datetime,
    place: str,
    instructor: str,
    invited: Collection[User],
    by: Actor,
    now: datetime,
) -> Session:
    """Plan a session and invite people; raises ValidationError for an unknown course."""
    by.require("training.certify")
    if course not in by.profile.training.courses:
        raise ValidationError({"course": "This course is not one of the policy's. Choose one of the list."})
    session = Session(
        agency=Agency.objects.get(pk=by.agency),
        course=course,
        held_at=held_at,
        place=place,
        instructor=instructor,
        state=rules.target_of(Act.PLAN),
        planned_by=User.objects.get(pk=by.user_id),
        planned_at=now,
    )
    session.full_clean()
    session.save(force_insert=True)
    names = _invite(session, invited)
    detail = {"course": course, "held_at": held_at.isoformat(), "instructor": instructor, "invited": names}
    _journal("training.session.planned", _subject(session), by, now, detail)
    return session


@transaction.atomic
def invite(*, session: Session, invited: Collection[User], by: Actor, now: datetime) -> None:
    """Put people on the list of a session to come; who is on it stays. Raises Refused, ValidationError."""
    known = _moving(session, Act.INVITE, by)
    names = _invite(known, invited)
    if not names:
        raise ValidationError({"invited": "Choose somebody who is not on the list yet."})
    detail = {"course": known.course, "invited": names}
    _journal("training.session.invited", _subject(known), by, now, detail)


@transaction.atomic
def record_session(
    *, session: Session, topics: Sequence[str], present: Collection[User], by: Actor, now: datetime
) -> None:
    """Record what was covered and who was there; whoever else was invited was absent.

    May be corrected until the first completion is certified. Raises Refused and ValidationError.
    """
    known = _moving(session, Act.RECORD, by)
    if problem := rules.attendance_problem(known.held_at, now):
        raise ValidationError(problem)
    if known.attendances.filter(certification__isnull=False).exists():
        raise ValidationError("Completions of this session are certified. Withdraw them to correct it.")
    _invite(known, present)
    ids = {user.pk for user in present}
    known.attendances.exclude(user_id__in=ids).update(state=AttendanceState.ABSENT)
    known.attendances.filter(user_id__in=ids).update(state=AttendanceState.PRESENT)
    known.topics = list(topics)
    known.state = rules.target_of(Act.RECORD)
    known.save()
    detail = {
        "course": known.course,
        "topics": list(topics),
        "present": _names(known, AttendanceState.PRESENT),
        "absent": _names(known, AttendanceState.ABSENT),
    }
    _journal("training.session.recorded", _subject(known), by, now, detail)


@transaction.atomic
@enforces("B-466.8-content", "B-466.8-record", "H-426.7")
def certify_session(
    *, session: Session, expires_date: date | None, by: Actor, now: datetime
) -> list[Certification]:
    """Certify the completion of everybody who was there, but never one's own; returns the certifications.

    Raises Refused when a topic of somebody's syllabus was left out, and ValidationError when there is nobody
    to certify. The session is complete once everybody who was there is certified.
    """
    known = _moving(session, Act.CERTIFY, by)
    waiting = known.attendances.filter(state=AttendanceState.PRESENT, certification__isnull=True)
    attended = list(waiting.exclude(user_id=by.user_id).select_related("user__agency"))
    if not attended:
        raise ValidationError(
            "There is nobody to certify: nobody was present, or only you were, and nobody certifies their "
            "own training. Ask the assigner of permissions who certifies it instead."
        )
    made = [_certify(attendance, known, expires_date, by, now) for attendance in attended]
    if not waiting.exists():
        known.state = rules.target_of(Act.COMPLETE)
        known.save()
    detail = {"course": known.course, "certified": [c.user.username for c in made]}
    _journal("training.session.certified", _subject(known), by, now, detail)
    settle_fulfilled(agency=by.agency, today=by.today, now=now)
    return made


@transaction.atomic
def cancel_session(*, session: Session, reason: str, by: Actor, now: datetime) -> None:
    """Cancel a session to come; raises Refused."""
    known = _moving(session, Act.CANCEL, by)
    known.state, known.state_reason = rules.target_of(Act.CANCEL), reason
    known.save()
    _journal(
        "training.session.cancelled", _subject(known), by, now, {"course": known.course, "reason": reason}
    )


@transaction.atomic
def assign(
    *,
    user: User,
    course: str,
    reason: AssignmentReason,
    due_date: date,
    incident_date: date | None,
    note: str,
    by: Actor,
    now: datetime,
) -> Assignment:
    """Assign a course to somebody; raises Refused and ValidationError (unknown course, impossible days)."""
    by.require("training.certify")
    if problem := rules.assignment_problem(
        by.profile,
        course=course,
        reason=reason,
        due_date=due_date,
        incident_date=incident_date,
        today=by.today,
    ):
        field, message = problem
        raise ValidationError({field: message})
    return _assign(
        user=User.objects.get(pk=user.pk, agency_id=by.agency),
        course=course,
        reason=reason,
        days=(by.today, due_date),
        incident_date=incident_date if reason is AssignmentReason.INCIDENT else None,
        note=note,
        by=by.who,
        profile=by.profile,
        now=now,
    )


@transaction.atomic
@enforces("B-466.6(e)")
def assign_retraining(*, user: User, course: str, note: str, by: ActingPerson, now: datetime) -> Assignment:
    """Assign the course without which a suspended account is not opened again (B-466.6(e))."""
    return _assign(
        user=user,
        course=course,
        reason=AssignmentReason.RETRAINING,
        days=(by.today, by.today + rules.AFTER_INCIDENT),
        note=note,
        by=by.who,
        profile=by.profile,
        now=now,
    )


@transaction.atomic
@enforces("B-466.6(e)")
def assign_after_violation(*, user: User, course: str, note: str, by: Actor, now: datetime) -> Assignment:
    """Assign the course that follows a violation somebody found; raises ValidationError.

    It needs no right of its own to certify: who may find, the report of the violation says.
    """
    if course not in by.profile.training.courses:
        raise ValidationError({"course": "This course is not one of the policy's. Choose one of the list."})
    return _assign(
        user=User.objects.get(pk=user.pk, agency_id=by.agency),
        course=course,
        reason=AssignmentReason.VIOLATION,
        days=(by.today, by.today + rules.AFTER_INCIDENT),
        note=note,
        by=by.who,
        profile=by.profile,
        now=now,
    )


@transaction.atomic
def withdraw_assignment(*, assignment: Assignment, reason: str, by: Actor, now: datetime) -> None:
    """Take an assignment back; the row stays. Raises ValidationError: taken back before, or retraining."""
    by.require("training.certify")
    known = Assignment.objects.select_for_update().get(pk=assignment.pk, agency_id=by.agency)
    if known.withdrawn_at is not None:
        raise ValidationError("This assignment was withdrawn already.")
    if known.reason == AssignmentReason.RETRAINING and known.user.needs_retraining:
        raise ValidationError("The suspended account opens only after this course; it cannot be withdrawn.")
    known.withdrawn_at, known.withdrawn_reason = now, reason
    known.save()
    detail = {"username": known.user.username, "course": known.course, "reason": reason}
    _journal("training.assignment.withdrawn", f"accounts.User:{known.user_id}", by, now, detail)
    _settle(known, by.who, now)


@transaction.atomic
def assign_refreshers(*, agency: str, today: date, now: datetime) -> int:
    """Assign a refresher to everybody whose required certification soon ends or ended, due on its last day.

    Returns how many. Once for each last day; raises PolicyUnavailableError.
    """
    profile = profile_for(agency, now)
    wanted = refreshers_wanted(profile, agency, today)
    return _assign_wanted(wanted, AssignmentReason.REFRESHER, profile=profile, today=today, now=now)


@transaction.atomic
def assign_to_new_hires(*, agency: str, today: date, now: datetime) -> int:
    """Assign every required course to whoever's account is new and who never completed it.

    Returns how many. Once for each person and course, taken back or not; raises PolicyUnavailableError.
    """
    profile = profile_for(agency, now)
    wanted = new_hires_wanted(profile, agency, today)
    return _assign_wanted(wanted, AssignmentReason.NEW_HIRE, profile=profile, today=today, now=now)


def _assign_wanted(
    wanted: Iterable[tuple[User, str, date]],
    reason: AssignmentReason,
    *,
    profile: Profile,
    today: date,
    now: datetime,
) -> int:
    """The clock assigns each person the course, due on the day; how many."""
    everybody = list(wanted)
    for user, course, due in everybody:
        days = (today, due)
        _assign(user=user, course=course, reason=reason, days=days, by=CLOCK, profile=profile, now=now)
    return len(everybody)


@transaction.atomic
def remind(*, agency: str, today: date, now: datetime) -> int:
    """Remind people of assignments whose day is near, once each; returns how many such there are.

    Raises PolicyUnavailableError.
    """
    profile = profile_for(agency, now)
    near = to_remind(profile, agency, today)
    for assignment in near:
        name, user = course_name(profile, assignment.course), assignment.user
        notices.raise_notice(
            agency=agency,
            key=reminder_key(assignment),
            kind=REMINDER,
            to=to_person(user.pk, user.full_name),
            text=f"Reminder, {user.full_name}: “{name}” is due by {assignment.due_date:%b %d, %Y}.",
            by=CLOCK,
            now=now,
            link=reverse("training:mine"),
            subject=f"accounts.User:{user.pk}",
            is_task=True,
        )
    return len(near)


def _settle(assignment: Assignment, by: Who, now: datetime) -> None:
    for key in (notice_key(assignment), reminder_key(assignment)):
        notices.settle(agency=assignment.agency_id, key=key, by=by, now=now)


@transaction.atomic
def settle_fulfilled(*, agency: str, today: date, now: datetime) -> int:
    """End what waits for people who completed their assigned course; returns how many.

    Raises PolicyUnavailableError.
    """
    done = fulfilled_and_waiting(profile_for(agency, now), agency, today)
    for assignment in done:
        _settle(assignment, CLOCK, now)
    return len(done)


@transaction.atomic
def withdraw_certification(*, certification: Certification, reason: str, by: Actor, now: datetime) -> None:
    """Withdraw a certification that was wrong: it counts no more at once, and the row stays.

    Raises Refused (not the certifier, one's own) and ValidationError (withdrawn before).
    """
    by.require("training.certify")
    known = Certification.objects.select_for_update().get(pk=certification.pk, agency_id=by.agency)
    may_certify(by.profile, by.person, str(known.user_id)).require()
    if known.withdrawn_at is not None:
        raise ValidationError("This certification was withdrawn already.")
    known.withdrawn_at, known.withdrawn_reason = now, reason
    known.withdrawn_by = User.objects.get(pk=by.user_id)
    known.save()
    _free_attendance(known)
    detail = {"username": known.user.username, "course": known.course, "reason": reason}
    detail["completed"] = known.completed_date.isoformat()
    _journal("training.certificate.withdrawn", f"accounts.User:{known.user_id}", by, now, detail)


@transaction.atomic
def attach_file(*, certification: Certification, data: bytes, by: Actor, now: datetime) -> ProofFile:
    """Put the scan of a certificate on file; raises Refused and ValidationError saying what to do."""
    by.require("training.certify")
    known = Certification.objects.select_related("user").get(pk=certification.pk, agency_id=by.agency)
    may_certify(by.profile, by.person, str(known.user_id)).require()
    try:
        media_type = media_type_of(data)
    except UnusableFileError as error:
        raise ValidationError({"file": str(error)}) from error
    proof = ProofFile(
        agency_id=by.agency,
        certification=known,
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_by=User.objects.get(pk=by.user_id),
        uploaded_at=now,
    )
    if known.files.filter(sha256=proof.sha256).exists():
        raise ValidationError({"file": "This very file is on file already."})
    proof.full_clean()
    file_store().put(proof.path, data)
    proof.save(force_insert=True)
    detail = {"username": known.user.username, "course": known.course, "sha256": proof.sha256}
    _journal("training.certificate.attached", f"accounts.User:{known.user_id}", by, now, detail)
    return proof


def _moving(session: Session, act: Act, by: Actor) -> Session:
    """The session, locked for this transaction, if this person may do this with it now."""
    by.require("training.certify")
    known = Session.objects.select_for_update().get(pk=session.pk, agency_id=by.agency)
    rules.may_move(SessionState(known.state), act).require()
    return known


def _invite(session: Session, people: Collection[User]) -> list[str]:
    """Put those on the list who are not on it yet; returns their usernames."""
    listed = set(session.attendances.values_list("user_id", flat=True))
    new = [user for user in people if user.pk not in listed and user.agency_id == session.agency_id]
    rows = (Attendance(session=session, user=user, state=AttendanceState.INVITED) for user in new)
    Attendance.objects.bulk_create(rows)
    return [user.username for user in new]


def _certify(
    attendance: Attendance, session: Session, expires_date: date | None, by: Actor, now: datetime
) -> Certification:
    made = accounts.certify_training(
        user=attendance.user,
        course=session.course,
        completed_date=by.profile.agency.day(session.held_at),
        expires_date=expires_date,
        topics=session.topics,
        instructor=session.instructor,
        by=by,
        now=now,
    )
    attendance.certification = made
    attendance.save()
    return made


def _free_attendance(certification: Certification) -> None:
    """Open the session again whose attendance was certified wrongly, so that it can be corrected."""
    attendance = Attendance.objects.filter(certification=certification).select_related("session").first()
    if attendance is None:
        return
    attendance.certification = None
    attendance.save()
    if attendance.session.state == SessionState.COMPLETED:
        attendance.session.state = rules.target_of(Act.REOPEN)
        attendance.session.save()


def _assign(
    *,
    user: User,
    course: str,
    reason: AssignmentReason,
    days: tuple[date, date],
    by: Who,
    profile: Profile,
    now: datetime,
    note: str = "",
    incident_date: date | None = None,
) -> Assignment:
    """`days` are the one on which it is assigned and the one by which it is due."""
    assigned_date, due_date = days
    assignment = Assignment(
        agency_id=user.agency_id,
        user=user,
        course=course,
        reason=reason,
        note=note,
        incident_date=incident_date,
        assigned_date=assigned_date,
        due_date=due_date,
        by_name=by.name,
        assigned_at=now,
    )
    assignment.full_clean()
    assignment.save(force_insert=True)
    audit.record(
        verb="training.assignment.made",
        by=by,
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={
            "username": user.username,
            "course": course,
            "reason": reason.value,
            "due": due_date.isoformat(),
            "note": note,
        },
        profile_version=profile.version,
        now=now,
    )
    _notify(assignment, profile, by, now)
    return assignment


def _notify(assignment: Assignment, profile: Profile, by: Who, now: datetime) -> None:
    """Leave it with the person; past its day it waits for the certifier too."""
    user, zone = assignment.user, ZoneInfo(profile.agency.time_zone)
    day_ends = datetime.combine(assignment.due_date + timedelta(days=1), time.min, tzinfo=zone)
    notices.raise_notice(
        agency=assignment.agency_id,
        key=notice_key(assignment),
        kind=ASSIGNED,
        to=to_person(user.pk, user.full_name),
        text=f"{user.full_name}: complete “{course_name(profile, assignment.course)}” "
        f"by {assignment.due_date:%b %d, %Y} ({assignment.get_reason_display().lower()}).",
        by=by,
        now=now,
        link=reverse("training:mine"),
        subject=f"accounts.User:{user.pk}",
        due_at=max(day_ends, now),
        escalates_to=profile.training.certifier.settled or "",
        is_task=True,
    )


def _names(session: Session, state: AttendanceState) -> list[str]:
    return list(session.attendances.filter(state=state).values_list("user__username", flat=True))


def _subject(session: Session) -> str:
    return f"training.Session:{session.pk}"


def _journal(verb: str, subject: str, by: Actor, now: datetime, detail: Mapping[str, object]) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=by.agency,
        subject=subject,
        detail=dict(detail),
        profile_version=by.profile.version,
        now=now,
    )
