"""How a session and an assignment live, and how a person stands in a course.

Sources: B-466.4(d), B-466.6(e), B-466.8, H-426.3(d), H-426.7; CJIS Security Policy v6.0 AT-2, AT-3, AT-4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from plateward.policy import CertificationFact, Decision, Profile, last_day, required_courses
from plateward.policy.wording import written

AFTER_INCIDENT = timedelta(days=30)
"""So soon after an incident those involved are trained (CJIS AT-2, AT-3)."""

DUE_SOON = timedelta(days=30)
"""So long before the last day a refresher is assigned, and reminders begin."""

NEW_HIRE_WITHIN = timedelta(days=30)
"""So long after an account was created its required courses are due; before them nobody gets in anyway."""

REMINDED = timedelta(days=14)
"""So long before an assignment is due its person is reminded of it."""

KEPT_YEARS = 3
"""Records of training are kept at least so long (CJIS AT-4); nothing here deletes any."""


class SessionState(StrEnum):
    PLANNED = "PLANNED"
    HELD = "HELD"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @property
    def label(self) -> str:
        """The state in words."""
        return self.value.capitalize()


class Act(StrEnum):
    """What is done with a session."""

    PLAN = "PLAN"
    INVITE = "INVITE"
    RECORD = "RECORD"
    CERTIFY = "CERTIFY"
    COMPLETE = "COMPLETE"
    REOPEN = "REOPEN"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a session from any of `sources` (none: it does not exist yet) to `target`."""

    act: Act
    sources: tuple[SessionState, ...]
    target: SessionState
    by: str


TRANSITIONS = (
    Transition(Act.PLAN, (), SessionState.PLANNED, "training certifier"),
    Transition(Act.INVITE, (SessionState.PLANNED,), SessionState.PLANNED, "training certifier"),
    Transition(
        Act.RECORD, (SessionState.PLANNED, SessionState.HELD), SessionState.HELD, "training certifier"
    ),
    Transition(Act.CERTIFY, (SessionState.HELD,), SessionState.HELD, "training certifier, some remaining"),
    Transition(Act.COMPLETE, (SessionState.HELD,), SessionState.COMPLETED, "training certifier, the last"),
    Transition(
        Act.REOPEN,
        (SessionState.COMPLETED,),
        SessionState.HELD,
        "training certifier, withdrawing one",
    ),
    Transition(Act.CANCEL, (SessionState.PLANNED,), SessionState.CANCELLED, "training certifier"),
)

_OF_ACT = {transition.act: transition for transition in TRANSITIONS}


class AttendanceState(StrEnum):
    INVITED = "INVITED"
    PRESENT = "PRESENT"
    ABSENT = "ABSENT"


class AssignmentReason(StrEnum):
    """Why somebody is assigned a course."""

    NEW_HIRE = "NEW_HIRE"
    REFRESHER = "REFRESHER"
    RETRAINING = "RETRAINING"
    INCIDENT = "INCIDENT"
    VIOLATION = "VIOLATION"

    @property
    def label(self) -> str:
        """The reason in words."""
        return {
            AssignmentReason.NEW_HIRE: "New hire",
            AssignmentReason.REFRESHER: "Refresher due",
            AssignmentReason.RETRAINING: "Retraining after suspension",
            AssignmentReason.INCIDENT: "Incident",
            AssignmentReason.VIOLATION: "Violation of policy",
        }[self]


BY_HAND = (AssignmentReason.NEW_HIRE, AssignmentReason.INCIDENT, AssignmentReason.VIOLATION)
"""What a person assigns for; the clock assigns to new hires and refreshers, a suspension retraining."""


class AssignmentState(StrEnum):
    """How an assignment stands; it follows from the certifications on file and is nowhere kept."""

    OPEN = "OPEN"
    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"
    DONE = "DONE"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        """The state in words."""
        return self.value.replace("_", " ").capitalize()


class Standing(StrEnum):
    """How a person stands in a course on a day."""

    NEVER = "NEVER"
    EXPIRED = "EXPIRED"
    DUE_SOON = "DUE_SOON"
    VALID = "VALID"

    @property
    def label(self) -> str:
        """The standing in words."""
        return {
            Standing.NEVER: "Never completed",
            Standing.EXPIRED: "Expired",
            Standing.DUE_SOON: "Refresher due",
            Standing.VALID: "Valid",
        }[self]


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """One course of one person: whether it is needed, how they stand, its last day (None: no end)."""

    course: str
    name: str
    is_required: bool
    standing: Standing
    completed_on: date | None = None
    last_on: date | None = None


def may_move(state: SessionState, act: Act) -> Decision:
    """Whether the session's state lets this be done now."""
    sources = _OF_ACT[act].sources
    if state in sources:
        return Decision(True, "", f"The session is {state.label.lower()}.")
    needed = " or ".join(source.label.lower() for source in sources)
    reason = f"The session is {state.label.lower()}; this needs one that is {needed}."
    return Decision(False, "", reason, "Open the session's page again; somebody may have acted meanwhile.")


def target_of(act: Act) -> SessionState:
    """The state an act leads to."""
    return _OF_ACT[act].target


def standing_in(
    profile: Profile, title: str, course_id: str, certifications: Sequence[CertificationFact], today: date
) -> CourseStanding:
    """How a person stands in one course of the profile on a day.

    Raises:
        KeyError: the course is not one of the profile's.
    """
    course = profile.training.courses[course_id]
    required = course_id in required_courses(profile, title)
    held = [fact for fact in certifications if fact.course == course_id and fact.completed_on <= today]
    if not held:
        return CourseStanding(course_id, course.name, required, Standing.NEVER)
    ends = [(last_day(course, title, fact) or date.max, fact) for fact in held]
    last, best = max(ends, key=lambda pair: pair[0])
    if last == date.max:
        return CourseStanding(course_id, course.name, required, Standing.VALID, best.completed_on)
    standing = Standing.EXPIRED if last < today else Standing.VALID
    if standing is Standing.VALID and last - today <= DUE_SOON:
        standing = Standing.DUE_SOON
    return CourseStanding(course_id, course.name, required, standing, best.completed_on, last)


def standings(
    profile: Profile, title: str, certifications: Sequence[CertificationFact], today: date
) -> tuple[CourseStanding, ...]:
    """How a person stands in each of the profile's courses."""
    courses = profile.training.courses
    return tuple(standing_in(profile, title, id_, certifications, today) for id_ in courses)


def fulfilled_on(
    course: str, assigned_date: date, certifications: Sequence[CertificationFact]
) -> date | None:
    """The day an assigned course was completed: the first one since it was assigned, that day included."""
    days = (c.completed_on for c in certifications if c.course == course and c.completed_on >= assigned_date)
    return min(days, default=None)


def assignment_state(*, due_date: date, is_done: bool, is_withdrawn: bool, today: date) -> AssignmentState:
    """How an assignment stands on a day; its due date itself is not overdue."""
    if is_withdrawn:
        return AssignmentState.WITHDRAWN
    if is_done:
        return AssignmentState.DONE
    if due_date < today:
        return AssignmentState.OVERDUE
    return AssignmentState.DUE_SOON if due_date - today <= DUE_SOON else AssignmentState.OPEN


def reminder_due(assigned_date: date, due_date: date, today: date) -> bool:
    """Whether somebody is reminded: the day is near, and was not yet when the course was assigned."""
    begins = due_date - REMINDED
    return assigned_date < begins <= today <= due_date


def assignment_problem(
    profile: Profile,
    *,
    course: str,
    reason: AssignmentReason,
    due_date: date,
    incident_date: date | None,
    today: date,
) -> tuple[str, str] | None:
    """The field of an assignment and what is wrong with it, or None."""
    if course not in profile.training.courses:
        return "course", "This course is not one of the policy's. Choose one of the list."
    if due_date < today:
        return "due_date", "This day is past. Choose today or a later day."
    if reason is not AssignmentReason.INCIDENT:
        return None
    if incident_date is None or incident_date > today:
        return "incident_date", "Enter the day of the incident; it cannot be to come."
    latest = max(incident_date + AFTER_INCIDENT, today)
    if due_date > latest:
        limit = f"those involved in an incident are trained within {AFTER_INCIDENT.days} days (CJIS AT-2)"
        return "due_date", f"This is too late: {limit}. Choose {written(latest)} or earlier."
    return None


def attendance_problem(held_at: datetime, now: datetime) -> str:
    """What is wrong with recording who came, or ""."""
    if held_at > now:
        return "The session has not begun yet. Record who came once it has."
    return ""


def kept_until(completed_date: date) -> date:
    """The first day on which a record of training could be destroyed (CJIS AT-4)."""
    try:
        return completed_date.replace(year=completed_date.year + KEPT_YEARS)
    except ValueError:  # 29 February
        return date(completed_date.year + KEPT_YEARS, 3, 1)
