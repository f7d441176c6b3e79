"""A finding: raised, resolved by its owner, tested again by somebody else."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from plateward.audits import finding_actions
from plateward.audits.finding_actions import RESOLVE, RETEST
from plateward.audits.models import Audit, Finding
from plateward.audits.rules import FindingState
from plateward.notices.models import Notice
from plateward.policy import Refused
from tests.auditing import a_day_of_searches, drawn, found, resolved, retested, signed, worked
from tests.personas import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def audit(barstow: Town, now: datetime) -> Audit:
    return drawn(barstow, a_day_of_searches(barstow, now))


@pytest.mark.clause("B-466.6(c)")
def test_a_finding_goes_to_its_owner_back_and_is_closed_after_the_second_test(
    barstow: Town, audit: Audit
) -> None:
    at = audit.until_at + timedelta(minutes=2)
    one = found(audit, barstow, at)
    notice = Notice.objects.get(kind=RESOLVE)
    assert (notice.user_id, notice.escalates_to) == (
        barstow.users["cruz"].pk,
        "administrative-division-commander",
    )
    assert resolved(one, barstow, at).state == FindingState.RESOLVED
    assert Notice.objects.get(kind=RETEST).position == "administrative-division-commander"
    assert retested(one, barstow, at, passed=False).state == FindingState.OPEN
    assert Notice.objects.filter(kind=RESOLVE, done_at__isnull=True).count() == 1
    resolved(one, barstow, at)
    closed = retested(one, barstow, at, passed=True)
    assert (closed.state, closed.closed_by_id) == (FindingState.CLOSED, barstow.users["cole"].pk)
    assert not Notice.objects.filter(kind__in=[RESOLVE, RETEST], done_at__isnull=True).exists()
    assert [step.act for step in one.steps.all()] == [
        *("RAISE", "RESOLVE", "FAILED", "RESOLVE", "PASSED"),
    ]


@pytest.mark.clause("B-466.6(c)")
def test_nobody_tests_what_they_own_and_only_the_owner_resolves(barstow: Town, audit: Audit) -> None:
    at = audit.until_at + timedelta(minutes=2)
    one = found(audit, barstow, at, owner="cole")
    quinn = barstow.actor("quinn", at)
    for act in (finding_actions.open_finding,):
        with pytest.raises(Finding.DoesNotExist):
            act(finding_id=one.pk, by=quinn, now=at)
    with pytest.raises(Finding.DoesNotExist):
        finding_actions.resolve_finding(finding_id=one.pk, note="It is done now.", by=quinn, now=at)
    resolved(one, barstow, at)
    assert Notice.objects.get(kind=RETEST).position == "chief-of-police"
    with pytest.raises(ValidationError, match="You own this finding"):
        retested(one, barstow, at, passed=True)
    with pytest.raises(Refused):
        retested(one, barstow, at, passed=True, by="lane")
    with pytest.raises(DatabaseError, match="finding_never_closed_by_owner"), transaction.atomic():
        Finding.objects.update(state=FindingState.CLOSED, closed_by=barstow.users["cole"], closed_at=at)
    assert retested(one, barstow, at, passed=True, by="chen").state == FindingState.CLOSED


def test_a_finding_names_people_of_the_agency_and_a_day_to_come(
    barstow: Town, huntington_park: Town, audit: Audit
) -> None:
    at = audit.until_at + timedelta(minutes=2)
    cole = barstow.actor("cole", at)
    for draft, problem in (
        ({"owner": huntington_park.users["hart"]}, "not of the agency"),
        ({"due_date": cole.today - timedelta(days=1)}, "This day is past"),
        ({"what": "Bad."}, "what you found"),
    ):
        given = {
            "severity": "LOW",
            "what": "The list of shares was not imported.",
            "owner": barstow.users["cruz"],
            "due_date": cole.today,
        } | draft
        with pytest.raises(ValidationError, match=problem):
            finding_actions.raise_finding(
                audit_id=audit.pk,
                draft=finding_actions.Draft(**given),  # type: ignore[arg-type]  # a row of the table
                by=cole,
                now=at,
            )


def test_a_finding_outlives_the_signature_and_none_is_raised_after_it(barstow: Town, now: datetime) -> None:
    made = worked(barstow, now)
    at = made.until_at + timedelta(minutes=5)
    one = found(made, barstow, at)
    signed(made, barstow, at)
    with pytest.raises(ValidationError, match="while the audit is worked"):
        found(made, barstow, at)
    assert resolved(one, barstow, at).state == FindingState.RESOLVED
