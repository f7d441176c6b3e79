"""Who hears reports, and which somebody sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from plateward.accounts.models import User
from plateward.accounts.queries import certification_facts, people_of
from plateward.accounts.rules import AccountState
from plateward.governance.actor import Actor
from plateward.governance.organization.queries import supervisor_of
from plateward.governance.queries import holdings_at, positions_of
from plateward.policy import Profile, may, positions_held
from plateward.training.queries import assignment_rows
from plateward.training.rules import AssignmentState
from plateward.violations import rules
from plateward.violations.models import Report
from plateward.violations.rules import Finding, ReportFacts, State

REVIEWING = "audit.review"


def managers(profile: Profile, agency: str, at: datetime) -> list[UUID]:
    """Who manages the system's use: who holds the positions named, else whoever may see the reviews."""
    staff = _staff(profile, agency, at)
    named = [
        person.pk
        for position in rules.overseers(profile)
        for person, positions in staff
        if position in positions
    ]
    able = [person.pk for person, positions in staff if may(profile, person.title, REVIEWING, positions)]
    return list(dict.fromkeys(named or able))


def _staff(profile: Profile, agency: str, at: datetime) -> list[tuple[User, frozenset[str]]]:
    """Everybody whose account is open, with the positions they hold by appointment or rank."""
    appointed: dict[UUID, set[str]] = {}
    for holding in holdings_at(agency, at):
        appointed.setdefault(holding.user_id, set()).add(holding.position)
    return [
        (person, positions_held(profile, person.title, appointed.get(person.pk, ())))
        for person in people_of(agency).filter(state=AccountState.ACTIVE)
    ]


def positions_of_person(person: User, by: Actor, at: datetime) -> frozenset[str]:
    """The positions that somebody of the actor's agency holds, by appointment or rank."""
    return positions_held(by.profile, person.title, positions_of(person, at))


def supervisors(person: User, at: datetime) -> list[UUID]:
    """Who supervises a person, of those whose account is open."""
    return [one.pk for one in supervisor_of(person, at) if one.state == AccountState.ACTIVE]


def facts_of(report: Report) -> ReportFacts:
    """What the rules need to know of a report."""
    return ReportFacts(
        reporter=str(report.reported_by_id),
        about=str(report.about_id or ""),
        told=frozenset(str(told.person_id) for told in report.told.all()),
    )


def reports(agency: str) -> QuerySet[Report]:
    """Every report of the agency with its people, the newest first."""
    people = ("about", "reported_by", "found_by", "retraining")
    return Report.objects.filter(agency_id=agency).select_related(*people).prefetch_related("told__person")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The reports that one person sees, by what they are to them."""

    to_decide: Sequence[Report]
    decided: Sequence[Report]
    own: Sequence[Report]
    about: Sequence[Report]


def shelf(by: Actor, at: datetime) -> Shelf:
    """What a person sees: to decide, decided, reported by them, found about them."""
    me = Q(reported_by_id=by.user_id) | Q(about_id=by.user_id)
    known = reports(by.agency)
    is_manager = by.user_id in managers(by.profile, by.agency, at)
    theirs = known.exclude(me) if is_manager else known.exclude(me).filter(told__person_id=by.user_id)
    return Shelf(
        to_decide=list(theirs.filter(state=State.OPEN)),
        decided=list(theirs.exclude(state=State.OPEN)),
        own=list(known.filter(reported_by_id=by.user_id)),
        about=list(known.filter(about_id=by.user_id, told_at__isnull=False)),
    )


def position_above(report: Report, profile: Profile, at: datetime) -> str:
    """The position to which an undecided report goes on: the first manager's that nobody concerned holds."""
    concerned = {report.about_id, report.reported_by_id, *(told.person_id for told in report.told.all())}
    staff = _staff(profile, report.agency_id, at)
    for position in rules.overseers(profile):
        holders = {person.pk for person, positions in staff if position in positions}
        if holders and not holders & concerned:
            return position
    return ""


def retraining_of(report: Report, profile: Profile, today: date) -> AssignmentState | None:
    """How the retraining stands; None where none was assigned."""
    if report.retraining is None or report.about is None:
        return None
    rows = assignment_rows(profile, [report.retraining], certification_facts(report.about), today)
    return rows[0].state


def retraining_waits(agency: str) -> QuerySet[Report]:
    """Reports that wait for their retraining."""
    return reports(agency).filter(state=State.RETRAINING, finding=Finding.VIOLATION)
