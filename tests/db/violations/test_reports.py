"""A report of a violation: heard by who is above, decided by somebody else, retrained, closed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.notices.actions import escalate_due
from plateward.notices.models import Notice
from plateward.policy import Refused
from plateward.training.models import Assignment
from plateward.training.rules import AssignmentReason
from plateward.violations import actions, queries
from plateward.violations.actions import DECIDED, FOUND, REPORTED, SANCTION, Draft
from plateward.violations.models import Report
from plateward.violations.rules import Finding, Kind, State
from tests.personas import Town
from tests.reporting import WHAT, found, patrol, reported, retrained, withdrawn

pytestmark = pytest.mark.django_db


def told(report: Report) -> set[str]:
    return {one.person.username for one in report.told.all()}


def waiting(kind: str) -> set[str]:
    """Who a kind of notice waits for, by username or position."""
    people = dict(User.objects.values_list("pk", "username"))
    notices = Notice.objects.filter(kind=kind, done_at__isnull=True)
    return {people[one.user_id] if one.user_id else one.position for one in notices}


@pytest.mark.clause("B-466.6(e)")
def test_an_officer_reports_to_the_sergeant_and_the_journal_names_neither_person_nor_matter(
    barstow: Town, now: datetime
) -> None:
    patrol(barstow, now)
    report = reported(barstow, now)
    assert told(report) == waiting(REPORTED) == {"soto"}
    row = AuditRecord.objects.get(verb="violations.report.made")
    assert row.detail == {"number": "V-1", "kind": "suspected violation"}
    assert "quinn" not in str(row.detail) + row.subject


@pytest.mark.clause("B-466.6(e)")
def test_about_the_sergeant_it_goes_past_them_and_they_find_nothing(barstow: Town, now: datetime) -> None:
    patrol(barstow, now)
    report = reported(barstow, now, about="soto")
    assert told(report) == {"cole", "chen"}
    assert report.bypassed
    soto = barstow.actor("soto", now)
    shelf = queries.shelf(soto, now)
    assert not [*shelf.to_decide, *shelf.decided, *shelf.own, *shelf.about]
    with pytest.raises(Report.DoesNotExist):
        actions.open_report(report_id=report.pk, by=soto, now=now)
    with pytest.raises(Refused, match="about you"):
        found(report, barstow, now, by="soto")


@pytest.mark.clause("B-466.6(e)")
def test_a_violation_is_told_retrained_and_closed_once_the_course_is_certified(
    barstow: Town, now: datetime
) -> None:
    patrol(barstow, now)
    report = found(reported(barstow, now), barstow, now, by="soto", clause="B-466.6(b)")
    assert report.state == State.RETRAINING
    assert waiting(FOUND) == {"quinn"}
    assert waiting(SANCTION) == {"administrative-division-commander", "chief-of-police"}
    assert waiting(DECIDED) == {"ortiz"}
    assert waiting(REPORTED) == set()
    assignment = Assignment.objects.get(user__username="quinn")
    assert (assignment.course, assignment.reason) == ("alpr-basic", AssignmentReason.VIOLATION)
    assert actions.open_report(report_id=report.pk, by=barstow.actor("quinn", now), now=now) == report

    assert actions.close_retrained(now=now) == 0
    retrained(barstow, "quinn", now)
    assert actions.close_retrained(now=now) == 1
    report.refresh_from_db()
    assert (report.state, report.closed_at) == (State.CLOSED, now)
    assert actions.close_retrained(now=now) == 0


@pytest.mark.parametrize("finding", [Finding.ERROR, Finding.UNFOUNDED])
def test_without_a_violation_nobody_is_retrained_and_whom_it_was_about_is_told_nothing(
    finding: Finding, barstow: Town, now: datetime
) -> None:
    report = found(reported(barstow, now), barstow, now, finding=finding, note="Within the policy.")
    assert (report.state, report.told_at, report.retraining) == (State.CLOSED, None, None)
    assert waiting(FOUND) == waiting(SANCTION) == set()
    assert waiting(DECIDED) == {"ortiz"}
    with pytest.raises(Report.DoesNotExist):
        actions.open_report(report_id=report.pk, by=barstow.actor("quinn", now), now=now)


def test_nobody_decides_on_a_report_of_their_own_or_that_went_to_others(barstow: Town, now: datetime) -> None:
    report = reported(barstow, now, by="cole")
    for who, why in (("cole", "You made this report"), ("diaz", "went to others")):
        with pytest.raises(Refused, match=why):
            found(report, barstow, now, by=who)
    assert found(report, barstow, now, by="chen").finding == Finding.VIOLATION
    with pytest.raises(ValidationError, match="somebody worked it meanwhile"):
        found(report, barstow, now, by="chen")


def test_a_violation_is_somebodys(barstow: Town, now: datetime) -> None:
    report = reported(barstow, now, about="", kind=Kind.ERROR)
    with pytest.raises(ValidationError, match="Choose whose violation it is"):
        found(report, barstow, now)
    with pytest.raises(Refused, match="about you"):
        found(report, barstow, now, about=barstow.users["cole"])
    assert found(report, barstow, now, about=barstow.users["quinn"]).about == barstow.users["quinn"]


def test_nobody_of_another_agency_is_named(barstow: Town, huntington_park: Town, now: datetime) -> None:
    draft = Draft(kind=Kind.SUSPECTED, what=WHAT, about=huntington_park.users["hart"])
    with pytest.raises(ValidationError, match="not of the agency"):
        actions.make_report(draft=draft, by=barstow.actor("ortiz", now), now=now)


def test_undecided_past_its_time_it_goes_on_to_a_manager_who_is_not_concerned(
    barstow: Town, now: datetime
) -> None:
    patrol(barstow, now)
    reported(barstow, now)
    escalate_due(now=now + timedelta(days=8))
    notice = Notice.objects.get(kind=REPORTED)
    assert notice.escalates_to == "administrative-division-commander"
    assert notice.escalated_at is not None


@pytest.mark.clause("B-466.6(e)")
def test_a_silent_policy_sets_no_time_and_the_choice_is_made_and_kept(
    huntington_park: Town, now: datetime
) -> None:
    report = reported(huntington_park, now, about="hale", by="hart")
    assert report.due_at is None
    assert told(report) == {
        user.username
        for user in User.objects.filter(agency=huntington_park.agency)
        if huntington_park.actor(user.username, now).may("audit.review")
    }
    decided = found(report, huntington_park, now, by="hayes", tell=False, retrain=False)
    assert (decided.state, decided.told_at, decided.retraining) == (State.CLOSED, None, None)
    assert waiting(FOUND) == set()


def test_a_withdrawn_retraining_is_assigned_again_and_only_then(barstow: Town, now: datetime) -> None:
    report = found(reported(barstow, now), barstow, now)
    again: dict[str, Any] = {"report_id": report.pk, "note": "It was right.", "course": ""}
    given = {"by": barstow.actor("cole", now), "now": now}
    with pytest.raises(ValidationError, match="was not withdrawn"):
        actions.assign_again(**again, **given)
    withdrawn(report, barstow, now)
    retrained(barstow, "quinn", now)
    assert actions.close_retrained(now=now) == 0, "what was withdrawn is not fulfilled"
    actions.assign_again(**again, **given)
    assert actions.close_retrained(now=now) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"found_by": "quinn"},
        {"found_by": "ortiz"},
        {"finding": ""},
        {"about": None},
        {"state": State.CLOSED},
        {"retraining": None},
    ],
)
def test_the_database_refuses_a_finding_that_is_not_whole_or_about_oneself(
    change: dict[str, Any], barstow: Town, now: datetime
) -> None:
    report = found(reported(barstow, now), barstow, now)
    values = {key: barstow.users.get(value, value) if value else value for key, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**values)


def test_numbers_count_in_each_agency(barstow: Town, huntington_park: Town, now: datetime) -> None:
    assert [reported(barstow, now).name, reported(barstow, now).name] == ["V-1", "V-2"]
    assert reported(huntington_park, now, about="hale", by="hart").name == "V-1"
