"""The checks compute themselves from what is on record, and say where the policy gives nothing to compare."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from plateward.audit.models import AlarmKind, LedgerAlarm
from plateward.audits.checks import Computed, Period, computed
from plateward.audits.kinds import CheckKind
from plateward.audits.rules import Outcome
from plateward.oversight.models import ReviewItem
from plateward.policy import Param
from plateward.violations import actions as violations
from plateward.violations.rules import Kind
from tests.auditing import a_day_of_searches
from tests.personas import Town
from tests.reviewing import under_review

pytestmark = pytest.mark.django_db


def looked(town: Town, now: datetime, who: str = "cole", days: int = 1) -> dict[CheckKind, Computed]:
    at = now + timedelta(days=days)
    profile = town.actor(who, now + timedelta(days=1)).profile
    period = Period(town.agency.pk, profile, now, at, at)
    return {one.kind: one for one in computed(period)}


def test_every_check_is_made_in_the_order_of_the_report(barstow: Town, now: datetime) -> None:
    assert list(looked(barstow, now)) == list(CheckKind)


def test_an_account_without_training_is_named(barstow: Town, now: datetime) -> None:
    one = looked(barstow, now)[CheckKind.TRAINING]
    assert one.outcome is Outcome.ATTENTION
    assert "Rey Ruiz, Patrol Officer: never completed." in one.facts
    assert not any("Olivia Ortiz" in fact for fact in one.facts)


def test_an_open_alarm_of_the_journal_asks_for_attention(barstow: Town, now: datetime) -> None:
    def of_alarms() -> list[str]:
        return [fact for fact in looked(barstow, now)[CheckKind.LEDGER].facts if "not being sealed" in fact]

    assert of_alarms() == []
    LedgerAlarm.objects.create(kind=AlarmKind.LATE, told={}, raised_at=now)
    assert len(of_alarms()) == 1


def test_an_item_not_decided_in_time_is_told_and_a_decided_one_is_not(barstow: Town, now: datetime) -> None:
    under_review(barstow, "ortiz", now)
    assert looked(barstow, now, days=8)[CheckKind.REVIEWS].count == 1
    assert looked(barstow, now, days=1)[CheckKind.REVIEWS].outcome is Outcome.GOOD
    ReviewItem.objects.update(state="IN_POLICY", decided_by=barstow.users["cole"], decided_at=now)
    assert looked(barstow, now, days=8)[CheckKind.REVIEWS].outcome is Outcome.GOOD


@pytest.mark.parametrize(
    ("demanded", "said"),
    [(None, (Outcome.UNSAID, 0)), (False, (Outcome.GOOD, 0)), (True, (Outcome.ATTENTION, 3))],
)
def test_searches_without_a_case_count_only_where_the_policy_demands_one(
    barstow: Town,
    now: datetime,
    demanded: bool | None,  # noqa: FBT001  a case of the table
    said: tuple[Outcome, int],
) -> None:
    a_day_of_searches(barstow, now)
    at = now + timedelta(days=1)
    profile = barstow.actor("cole", at).profile
    rule = Param(silent=True) if demanded is None else Param(clause="B-466.6(a)", value=demanded)
    changed = replace(profile, search=replace(profile.search, reference_required=rule))
    found = {one.kind: one for one in computed(Period(barstow.agency.pk, changed, now, at, at))}
    assert (found[CheckKind.CASES].outcome, found[CheckKind.CASES].count) == said


def test_a_report_not_decided_in_time_is_told(barstow: Town, now: datetime) -> None:
    violations.make_report(
        draft=violations.Draft(kind=Kind.ERROR, what="A camera was turned to a school yard."),
        by=barstow.actor("ortiz", now),
        now=now,
    )
    assert looked(barstow, now, days=8)[CheckKind.REPORTS].count == 1  # seven days to decide
    assert looked(barstow, now, days=6)[CheckKind.REPORTS].outcome is Outcome.GOOD
