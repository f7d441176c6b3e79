"""Reporting errors and violations, deciding on them, and what a violation leads to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.accounts.queries import people_of
from plateward.accounts.retraining import course_of
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_person, to_position
from plateward.policy import Profile, enforces
from plateward.training import actions as training
from plateward.training.models import Assignment
from plateward.training.rules import AssignmentState
from plateward.violations import queries, rules
from plateward.violations.models import Report, ReportStep, Told
from plateward.violations.rules import Act, Finding, Kind, State

REPORTED, FOUND, SANCTION = "violation-reported", "violation-found", "violation-sanction"
"""The kinds of notice: a report to decide, the finding for whom it is about, and for those who manage."""

DECIDED = "violation-decided"
"""The kind of notice that tells whoever reported that it was decided, and not how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report as it was written; `origin` names what it came from, "" for nothing on record."""

    kind: Kind
    what: str
    about: User | None = None
    happened_date: date | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What was found. `tell`, `retrain` and `course` count where the policy leaves them open.

    `about` names whom a violation is by where the report named nobody.
    """

    finding: Finding
    note: str
    clause: str = ""
    about: User | None = None
    tell: bool = True
    retrain: bool = True
    course: str = ""


@transaction.atomic
@enforces("B-466.6(e)")
def make_report(*, draft: Draft, by: Actor, now: datetime) -> Report:
    """Report an error or violation to whom the route leads; raises ValidationError.

    The journal names neither whom it is about nor what it says: they may be able to read it.
    """
    if problem := rules.report_problem(draft.what, draft.happened_date, by.today):
        raise ValidationError({problem[0]: problem[1]})
    about = _of_agency(draft.about, by.agency, "about")
    agency = Agency.objects.select_for_update().get(pk=by.agency)  # one number after the other
    reporter = User.objects.get(pk=by.user_id)
    found = rules.route(
        reporter=str(by.user_id),
        about=str(about.pk) if about else "",
        supervisors=[str(pk) for pk in queries.supervisors(reporter, now)],
        managers=[str(pk) for pk in queries.managers(by.profile, by.agency, now)],
    )
    newest = Report.objects.filter(agency=agency).aggregate(Max("number"))["number__max"] or 0
    report = Report(
        agency=agency,
        number=newest + 1,
        kind=draft.kind,
        about=about,
        what=draft.what.strip(),
        happened_date=draft.happened_date,
        origin=draft.origin,
        via=found.via,
        bypassed=found.bypassed,
        reported_by=reporter,
        reported_at=now,
        due_at=rules.due_at(by.profile, now),
    )
    report.full_clean()
    report.save(force_insert=True)
    people = list(User.objects.filter(pk__in=found.people).order_by("full_name"))
    Told.objects.bulk_create(Told(report=report, person=person) for person in people)
    _step(report, Act.REPORT, "", reporter, now)
    _journal("violations.report.made", report, by.who, by.profile, now, kind=draft.kind.short.lower())
    _tell(report, people, by, now)
    return report


def _of_agency(person: User | None, agency: str, field: str) -> User | None:
    if person is not None and not people_of(agency).filter(pk=person.pk).exists():
        raise ValidationError({field: "This person is not of the agency. Choose somebody of the list."})
    return person


def _tell(report: Report, people: Iterable[User], by: Actor, now: datetime) -> None:
    above = queries.position_above(report, by.profile, now) if report.due_at else ""
    for person in people:
        notices.raise_notice(
            agency=report.agency_id,
            key=f"{REPORTED}:{report.pk}:{person.pk}",
            kind=REPORTED,
            to=to_person(person.pk, person.full_name),
            text=f"Report {report.name} waits for your decision: {Kind(report.kind).short.lower()}.",
            link=_address(report),
            subject=_subject(report),
            due_at=report.due_at,
            escalates_to=above,
            is_task=True,
            by=by.who,
            now=now,
        )


@transaction.atomic(durable=True)
def open_report(*, report_id: UUID, by: Actor, now: datetime) -> Report:
    """A report for somebody who may see it, once the look is journaled; raises Report.DoesNotExist."""
    report = queries.reports(by.agency).get(pk=report_id)
    managers = {str(pk) for pk in queries.managers(by.profile, by.agency, now)}
    facts = queries.facts_of(report)
    if not rules.may_see(facts, str(by.user_id), managers, is_told=report.told_at is not None):
        raise Report.DoesNotExist
    _journal("violations.report.viewed", report, by.who, by.profile, now)
    return report


@transaction.atomic
def note_report(*, report_id: UUID, note: str, by: Actor, now: datetime) -> None:
    """Add a note: whoever reported while it is open, and who decides. Raises Refused, ValidationError."""
    report = _locked(report_id, by)
    is_own = report.reported_by_id == by.user_id and report.state == State.OPEN
    if not is_own:
        _decider(report, by, now)
    _written(note)
    _move(report, Act.NOTE)
    _step(report, Act.NOTE, note, User(pk=by.user_id), now)
    _journal("violations.report.noted", report, by.who, by.profile, now)


@transaction.atomic
@enforces("B-466.6(e)")
def decide_report(*, report_id: UUID, judgment: Judgment, by: Actor, now: datetime) -> Report:
    """Find a violation, an error or neither. After a violation the employee is told and retrained.

    What the policy leaves open of that, `judgment` says. Those who manage the system's use hear of the
    violation at once (CJIS PS-8 allows 24 hours). Raises Refused, ValidationError.
    """
    report = _locked(report_id, by)
    report.about = report.about or _of_agency(judgment.about, by.agency, "about")
    _decider(report, by, now)
    _written(judgment.note)
    is_violation = judgment.finding is Finding.VIOLATION
    if is_violation and report.about is None:
        raise ValidationError({"about": "Choose whose violation it is."})
    follows = rules.consequence(by.profile, tell=judgment.tell, retrain=judgment.retrain)
    is_retrained = is_violation and follows.is_retrained
    _move(report, Act.ASSIGN_RETRAINING if is_retrained else Act.FIND)
    report.finding, report.clause = judgment.finding, judgment.clause
    report.found_by, report.found_at = User(pk=by.user_id), now
    report.closed_at = None if is_retrained else now
    if is_violation:
        report.told_at = now if follows.is_told else None
        if is_retrained:
            report.retraining = _retrain(report, judgment.course, by, now)
    report.full_clean(exclude=["found_by"])
    report.save()
    act = Act.ASSIGN_RETRAINING if is_retrained else Act.FIND
    _step(report, act, judgment.note, User(pk=by.user_id), now)
    finding = judgment.finding.value.lower()
    _journal("violations.report.decided", report, by.who, by.profile, now, finding=finding)
    notices.settle_about(agency=by.agency, subject=_subject(report), kind=REPORTED, by=by.who, now=now)
    if is_violation:
        _tell_of_violation(report, by, now)
    if report.reported_by_id != report.about_id:
        _raise(report, DECIDED, report.reported_by, f"Your report {report.name} was decided.", by, now)
    return report


def _retrain(report: Report, course: str, by: Actor, now: datetime) -> Assignment:
    assert report.about is not None  # noqa: S101  a violation is somebody's
    chosen = course_of(report.about, course, by)
    if not chosen:
        raise ValidationError(
            {"course": "The policy names no course for this title. Choose no retraining, or have one added."}
        )
    note = f"After report {report.name}"
    return training.assign_after_violation(user=report.about, course=chosen, note=note, by=by, now=now)


def _tell_of_violation(report: Report, by: Actor, now: datetime) -> None:
    person = report.about
    if person is not None and report.told_at is not None:
        text = f"A violation of the ALPR policy by you was found (report {report.name})."
        _raise(report, FOUND, person, text, by, now)
    for position in rules.overseers(by.profile):
        if position in by.positions or (person and position in queries.positions_of_person(person, by, now)):
            continue
        notices.raise_notice(
            agency=report.agency_id,
            key=f"{SANCTION}:{report.pk}:{position}",
            kind=SANCTION,
            to=to_position(position),
            text=f"{by.name} found a violation of the ALPR policy (report {report.name}).",
            link=_address(report),
            subject=_subject(report),
            by=by.who,
            now=now,
        )


def _raise(report: Report, kind: str, person: User, text: str, by: Actor, now: datetime) -> None:
    """Tell a person something about the report that asks nothing of them."""
    notices.raise_notice(
        agency=report.agency_id,
        key=f"{kind}:{report.pk}",
        kind=kind,
        to=to_person(person.pk, person.full_name),
        text=text,
        link=_address(report),
        subject=_subject(report),
        by=by.who,
        now=now,
    )


def _address(report: Report) -> str:
    return reverse("violations:report", args=[report.pk])


@transaction.atomic
def assign_again(*, report_id: UUID, note: str, course: str, by: Actor, now: datetime) -> None:
    """Assign the retraining anew after its assignment was withdrawn; raises Refused, ValidationError."""
    report = _locked(report_id, by)
    _decider(report, by, now)
    _written(note)
    if queries.retraining_of(report, by.profile, by.today) is not AssignmentState.WITHDRAWN:
        raise ValidationError("The retraining is assigned: it was not withdrawn.")
    _move(report, Act.ASSIGN_AGAIN)
    report.retraining = _retrain(report, course, by, now)
    report.save()
    _step(report, Act.ASSIGN_AGAIN, note, User(pk=by.user_id), now)
    _journal("violations.report.reassigned", report, by.who, by.profile, now)


@enforces("B-466.6(e)")
def close_retrained(*, now: datetime) -> int:
    """Close every report whose retraining is completed and certified; returns how many."""
    closed = 0
    for agency in Agency.objects.values_list("pk", flat=True).order_by("pk"):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError:
            continue
        today = profile.agency.day(now)
        waiting = queries.retraining_waits(agency).values_list("pk", flat=True)
        closed += sum(_close_retrained(pk, profile, today, now) for pk in list(waiting))
    return closed


@transaction.atomic
def _close_retrained(pk: UUID, profile: Profile, today: date, now: datetime) -> bool:
    report = Report.objects.select_for_update(of=("self",)).select_related("retraining", "about").get(pk=pk)
    if (
        report.state != State.RETRAINING
        or queries.retraining_of(report, profile, today) is not AssignmentState.DONE
    ):
        return False
    _move(report, Act.COMPLETE_RETRAINING)
    report.closed_at = now
    report.save()
    _step(report, Act.COMPLETE_RETRAINING, "", None, now)
    _journal("violations.report.retrained", report, CLOCK, profile, now)
    return True


def _locked(report_id: UUID, by: Actor) -> Report:
    known = Report.objects.select_for_update(of=("self",)).select_related(
        "about", "reported_by", "retraining"
    )
    return known.get(pk=report_id, agency_id=by.agency)


def _decider(report: Report, by: Actor, now: datetime) -> None:
    managers = {str(pk) for pk in queries.managers(by.profile, by.agency, now)}
    rules.may_decide(by.profile, str(by.user_id), queries.facts_of(report), managers).require()


def _written(note: str) -> None:
    if not note.strip():
        raise ValidationError({"note": "Write it in a sentence; it stays with the report."})


def _move(report: Report, act: Act) -> None:
    target = rules.target_of(act, State(report.state))
    if target is None:
        raise ValidationError(
            f"This report is already “{State(report.state).label}”: somebody worked it meanwhile. Reload it."
        )
    report.state = target


def _step(report: Report, act: Act, note: str, by: User | None, now: datetime) -> None:
    ReportStep.objects.create(report=report, act=act, note=note.strip(), by=by, said_at=now)


def _subject(report: Report) -> str:
    return f"violations.Report:{report.pk}"


def _journal(verb: str, report: Report, by: Who, profile: Profile, now: datetime, **detail: object) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=report.agency_id,
        subject=_subject(report),
        detail={"number": report.name, **detail},
        profile_version=profile.version,
        now=now,
    )
