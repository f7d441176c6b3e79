"""What the pages of training say: certificates, the board, courses, sessions."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from plateward.accounts.models import Certification, User
from plateward.policy import (
    Basis,
    CertificationFact,
    Course,
    Decision,
    Param,
    Profile,
    Syllabus,
    content_covered,
    further_topics,
    in_words,
    label,
    last_day,
    named,
    settings,
    syllabus_of,
    topics_for,
    validity_of,
)
from plateward.training import queries, rules
from plateward.training.models import Attendance, Session
from plateward.training.queries import Trainee
from plateward.training.rules import AttendanceState, SessionState, Standing
from plateward.ui.sheets import harmless

SHOWN = {
    "": "Everybody",
    "overdue": "Overdue",
    "expired": "Expired",
    "due": "Refresher due",
    "never": "Never completed",
}
"""What the board can be narrowed to."""

_STANDING = {"expired": Standing.EXPIRED, "due": Standing.DUE_SOON, "never": Standing.NEVER}


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the board is shown: people who stand so, with this title, in this unit; "" is everybody."""

    show: str
    title: str
    unit: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """A filter of what an address asks for; an unknown standing is everybody."""
        show = asked.get("show", "")
        return cls(show if show in SHOWN else "", asked.get("title", ""), asked.get("unit", ""))

    @property
    def query(self) -> str:
        """All of it but the standing, as an address asks for it."""
        return urlencode({"title": self.title, "unit": self.unit})

    def of_these(self, people: Iterable[Trainee], members: Collection[UUID]) -> list[Trainee]:
        """Those who pass; `members` are the people of the unit."""
        return [
            p
            for p in people
            if _shown(p, self.show)
            and self.title in ("", p.user.title)
            and (not self.unit or p.user.pk in members)
        ]


def _shown(person: Trainee, show: str) -> bool:
    if show == "overdue":
        return person.is_overdue
    return not show or any(row.standing is _STANDING[show] for row in person.required)


def counts(people: Sequence[Trainee]) -> list[tuple[str, str, int]]:
    """Each way to narrow the board: its key, its words, and how many it shows."""
    return [(key, words, sum(_shown(p, key) for p in people)) for key, words in SHOWN.items()]


HEADINGS = (
    *("name", "username", "title", "account", "course", "standing", "completed", "last day"),
    *("assigned because", "due", "overdue"),
)


def table(people: Iterable[Trainee]) -> Iterator[Sequence[str]]:
    """The board for a spreadsheet: a line for everybody and each required course."""
    yield HEADINGS
    for person in people:
        for row in person.required:
            open_ = [a for a in person.outstanding if a.assignment.course == row.course]
            first = min(open_, key=lambda a: a.assignment.due_date, default=None)
            cells = (
                *(person.user.full_name, person.user.username, person.title_name),
                *(person.user.get_state_display(), row.name, row.standing.label),
                *(_day(row.completed_on), _day(row.last_on)),
                first.assignment.get_reason_display() if first else "",
                _day(first.assignment.due_date) if first else "",
                "yes" if first and first.state is rules.AssignmentState.OVERDUE else "",
            )
            yield [harmless(cell) for cell in cells]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certification as its page and a person's file show it."""

    certification: Certification
    course_name: str
    last_on: date | None
    kept_until: date


def certificates(profile: Profile, user: User) -> list[CertificateRow]:
    """Everything on file of a person, the newest first."""
    return [certificate(profile, known) for known in queries.certificates(user)]


def certificate(profile: Profile, known: Certification) -> CertificateRow:
    """One certification with the last day it counts."""
    course = profile.training.courses.get(known.course)
    fact = CertificationFact(known.course, known.completed_date, known.expires_date)
    last = last_day(course, known.user.title, fact) if course else known.expires_date
    name = queries.course_name(profile, known.course)
    return CertificateRow(known, name, last, rules.kept_until(known.completed_date))


def certifier(profile: Profile) -> str:
    """Who certifies, by the policy."""
    position = profile.training.certifier.settled
    return profile.position_name(position) if position else ""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as lists show it."""

    session: Session
    course_name: str
    invited: int
    present: int


def sessions(profile: Profile, found: Iterable[Session]) -> list[SessionRow]:
    """Sessions with how many are on their lists."""
    return [_session(profile, session) for session in found]


def _session(profile: Profile, session: Session) -> SessionRow:
    states = Counter(attendance.state for attendance in session.attendances.all())
    name = queries.course_name(profile, session.course)
    return SessionRow(session, name, states.total(), states[AttendanceState.PRESENT])


@dataclass(frozen=True, slots=True)
class AttendeeRow:
    """One person of a session; `missing` are the topics of their syllabus that were left out."""

    attendance: Attendance
    title_name: str
    syllabus: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What the policy says of one thing, in words, with its clause ("" where silent)."""

    what: str
    text: str
    clause: str
    local_decision: str = ""


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course as its page tells of it."""

    id: str
    name: str
    layer: str
    facts: Sequence[Said]
    titles: Sequence[str]


def courses(profile: Profile) -> list[CourseCard]:
    """The profile's courses, each with what the policy says and does not say."""
    return [_course(profile, id_, course) for id_, course in profile.training.courses.items()]


def _course(profile: Profile, id_: str, course: Course) -> CourseCard:
    layer = profile.layer_of(course.topics)
    own = course.required_of
    required = profile.training.required_of if own.settled is None else own
    parts: tuple[tuple[str, Basis], ...] = (
        ("Topics for everybody", course.topics),
        *((f"Further topics for {kind.label}", further_topics(course, kind)) for kind in Syllabus),
        ("How long a certification lasts", course.validity),
    )
    facts = [_said(profile, what, basis) for what, basis in parts]
    facts.append(_titles(profile, required))
    by_title = course.validity_by_title.settled or {}
    facts += [
        _said(profile, f"How long it lasts: {profile.title_name(title)}", validity_of(course, title))
        for title in by_title
    ]
    return CourseCard(id_, course.name, layer.name if layer else "", facts, required.settled or ())


def _said(profile: Profile, what: str, basis: Basis) -> Said:
    return Said(what, in_words(basis), profile.citation(basis), basis.local_decision)


def _titles(profile: Profile, required: Param[tuple[str, ...]]) -> Said:
    names = ", ".join(profile.title_name(title) for title in required.settled or ())
    text = names or in_words(required)
    return Said("Required of", text, profile.citation(required), required.local_decision)


def training_settings(profile: Profile) -> list[Said]:
    """What the policy says of training beyond the courses, in words."""
    said = (s for s in settings(profile) if s.path.startswith("training.") and ".courses." not in s.path)
    return [
        Said(
            label(profile, s.path.split(".")),
            named(profile, s.text),
            s.clause,
            s.decision.id if s.decision else "",
        )
        for s in said
    ]


def attendees(profile: Profile, session: Session) -> list[AttendeeRow]:
    """Everybody on a session's list, with what their syllabus still lacks once it was held."""
    return [_attendee(profile, session, attendance) for attendance in session.attendances.all()]


def _attendee(profile: Profile, session: Session, attendance: Attendance) -> AttendeeRow:
    title = attendance.user.title
    known = session.course in profile.training.courses
    wanted = topics_for(profile, session.course, title) if known else ()
    missing = [topic for topic in wanted if topic not in session.topics]
    return AttendeeRow(attendance, profile.title_name(title), syllabus_of(profile, title).label, missing)


def left_out(profile: Profile, session: Session, rows: Iterable[AttendeeRow]) -> Decision | None:
    """Why the completions of a session that was held cannot be certified; None if they can."""
    if session.state != SessionState.HELD or session.course not in profile.training.courses:
        return None
    present = (row.attendance for row in rows if row.attendance.state == AttendanceState.PRESENT)
    decisions = (content_covered(profile, session.course, a.user.title, session.topics) for a in present)
    return next((decision for decision in decisions if not decision), None)
