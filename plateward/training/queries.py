"""Who stands how in which course, what is assigned, and what is planned."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from plateward.accounts.models import Certification, User
from plateward.accounts.queries import certification_facts
from plateward.accounts.rules import AccountState
from plateward.notices.models import Notice
from plateward.policy import CertificationFact, Profile
from plateward.training import rules
from plateward.training.models import Assignment, Attendance, ProofFile, Session
from plateward.training.rules import AssignmentReason, AssignmentState, CourseStanding, SessionState, Standing

ASSIGNED = "training-assigned"
"""The kind of notice that an assignment leaves with its person."""

REMINDER = "training-reminder"
"""The kind of notice that reminds somebody of an assignment."""

OUTSTANDING = (AssignmentState.OVERDUE, AssignmentState.DUE_SOON, AssignmentState.OPEN)


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """An assignment with how it stands today."""

    assignment: Assignment
    course_name: str
    state: AssignmentState
    done_on: date | None

    @property
    def is_outstanding(self) -> bool:
        """True while the course is still to be completed."""
        return self.state in OUTSTANDING


@dataclass(frozen=True, slots=True)
class Trainee:
    """One person with how they stand in each course and what is assigned to them."""

    user: User
    title_name: str
    standings: Sequence[CourseStanding]
    assignments: Sequence[AssignmentRow]

    @property
    def required(self) -> list[CourseStanding]:
        """The courses without which this person does not get in."""
        return [standing for standing in self.standings if standing.is_required]

    @property
    def worst(self) -> Standing | None:
        """How the person stands in the required course that stands worst; None where none is required."""
        order = list(Standing)
        return min((s.standing for s in self.required), key=order.index, default=None)

    @property
    def outstanding(self) -> list[AssignmentRow]:
        """What is assigned and not completed."""
        return [row for row in self.assignments if row.is_outstanding]

    @property
    def is_overdue(self) -> bool:
        """True when an assignment's day is past."""
        return any(row.state is AssignmentState.OVERDUE for row in self.assignments)


def staff(agency: str) -> QuerySet[User]:
    """Everybody whose training matters: whose account is open, or is to be opened, by name."""
    return (
        User.objects.filter(agency_id=agency, organization="")
        .exclude(state=AccountState.DEACTIVATED)
        .prefetch_related("certifications", "assignments")
        .order_by("full_name", "username")
    )


def trainees(profile: Profile, agency: str, today: date) -> list[Trainee]:
    """Everybody on the staff, in the policy's order of titles, then by name."""
    order = {title: place for place, title in enumerate(profile.titles)}
    people = sorted(staff(agency), key=lambda user: order.get(user.title, len(order)))
    return [trainee(profile, user, today) for user in people]


def trainee(profile: Profile, user: User, today: date) -> Trainee:
    """One person's training."""
    facts = certification_facts(user)
    return Trainee(
        user,
        profile.title_name(user.title),
        rules.standings(profile, user.title, facts, today),
        assignment_rows(profile, user.assignments.all(), facts, today),
    )


def assignment_rows(
    profile: Profile, assignments: Iterable[Assignment], facts: Sequence[CertificationFact], today: date
) -> list[AssignmentRow]:
    """One person's assignments with how each stands; `facts` is their training on file."""
    rows = []
    for assignment in assignments:
        done_on = rules.fulfilled_on(assignment.course, assignment.assigned_date, facts)
        state = rules.assignment_state(
            due_date=assignment.due_date,
            is_done=done_on is not None,
            is_withdrawn=assignment.withdrawn_at is not None,
            today=today,
        )
        rows.append(AssignmentRow(assignment, course_name(profile, assignment.course), state, done_on))
    return rows


def refreshers_wanted(profile: Profile, agency: str, today: date) -> Iterator[tuple[User, str, date]]:
    """Who needs a refresher of which course by which last day, and has none assigned for it."""
    for user in staff(agency):
        refreshers = [a for a in user.assignments.all() if a.reason == AssignmentReason.REFRESHER]
        assigned = {(a.course, a.due_date) for a in refreshers}
        for at in rules.standings(profile, user.title, certification_facts(user), today):
            ends = at.standing in {Standing.DUE_SOON, Standing.EXPIRED}
            if at.is_required and ends and at.last_on and (at.course, at.last_on) not in assigned:
                yield user, at.course, at.last_on


def new_hires_wanted(profile: Profile, agency: str, today: date) -> Iterator[tuple[User, str, date]]:
    """Whose new account needs which course by which day, and was never assigned it for any reason."""
    zone = ZoneInfo(profile.agency.time_zone)
    for user in staff(agency):
        due = user.created_at.astimezone(zone).date() + rules.NEW_HIRE_WITHIN
        assigned = {assignment.course for assignment in user.assignments.all()}
        for at in rules.standings(profile, user.title, certification_facts(user), today):
            is_new = at.is_required and at.standing is Standing.NEVER and today <= due
            if is_new and at.course not in assigned:
                yield user, at.course, due


def to_remind(profile: Profile, agency: str, today: date) -> list[Assignment]:
    """Assignments that are still to be completed and whose day has come near."""
    rows = (row for person in trainees(profile, agency, today) for row in person.outstanding)
    near = (row.assignment for row in rows)
    return [one for one in near if rules.reminder_due(one.assigned_date, one.due_date, today)]


def reminder_key(assignment: Assignment) -> str:
    """The occasion of the notice that reminds of an assignment."""
    return f"training-reminder:{assignment.pk}"


def notice_key(assignment: Assignment) -> str:
    """The occasion of the notice that an assignment leaves."""
    return f"training-assignment:{assignment.pk}"


def fulfilled_and_waiting(profile: Profile, agency: str, today: date) -> list[Assignment]:
    """Completed assignments whose notices still wait for their people."""
    waiting = Notice.objects.filter(agency=agency, kind=ASSIGNED, done_at__isnull=True)
    keys = set(waiting.values_list("key", flat=True))
    if not keys:
        return []
    rows = (row for person in trainees(profile, agency, today) for row in person.assignments)
    return [
        row.assignment
        for row in rows
        if row.state is AssignmentState.DONE and notice_key(row.assignment) in keys
    ]


def course_name(profile: Profile, course: str) -> str:
    """The name of a course; the id of one that the policy no longer knows."""
    known = profile.training.courses.get(course)
    return known.name if known else course


def certificates(user: User) -> QuerySet[Certification]:
    """Everything on file of a person, withdrawn ones too, the newest first."""
    return (
        user.certifications.select_related("certified_by", "withdrawn_by", "attendance__session")
        .prefetch_related("files")
        .order_by("-completed_date", "-recorded_at")
    )


def certificates_of(agency: str) -> QuerySet[Certification]:
    """Every certification of the agency with its people."""
    return Certification.objects.filter(agency_id=agency).select_related(
        "user", "certified_by", "withdrawn_by", "attendance__session"
    )


def sessions_of(agency: str) -> QuerySet[Session]:
    """The agency's sessions with who is on their lists, the latest first."""
    who = Attendance.objects.select_related("user", "certification").order_by("user__full_name", "id")
    return (
        Session.objects.filter(agency_id=agency)
        .select_related("planned_by")
        .prefetch_related(Prefetch("attendances", queryset=who))
        .order_by("-held_at")
    )


def coming(agency: str, now: datetime) -> QuerySet[Session]:
    """Planned sessions that have not begun, the next first."""
    planned = sessions_of(agency).filter(state=SessionState.PLANNED, held_at__gte=now)
    return planned.order_by("held_at")


def unfinished(agency: str, now: datetime) -> QuerySet[Session]:
    """Sessions whose hour has come and whose record is not complete, the oldest first."""
    waiting = sessions_of(agency).filter(state__in=(SessionState.PLANNED, SessionState.HELD))
    return waiting.filter(held_at__lt=now).order_by("held_at")


def files_of(agency: str) -> QuerySet[ProofFile]:
    """The agency's proof files with whose they are."""
    return ProofFile.objects.filter(agency_id=agency).select_related("certification__user", "uploaded_by")
