"""When the clock ends an account, without a database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plateward.control.rules import Disuse, EndKind, EndState, disuse, end_problem, end_state
from plateward.policy import load_profile

POLICIES = Path(__file__).parents[3] / "policies"
BARSTOW = load_profile(
    *((POLICIES / "barstow-pd" / name).read_bytes() for name in ("profile.yaml", "clauses.yaml"))
)
NOW = datetime(2026, 11, 22, 11, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (75, Disuse.USED),
        (76, Disuse.FIRST_WARNING),
        (87, Disuse.LAST_WARNING),
        (89.99, Disuse.LAST_WARNING),
        (90, Disuse.DISABLED),
    ],
)
def test_disuse_is_warned_of_twice_and_disables_after_ninety_days(days: float, stage: Disuse) -> None:
    assert disuse(BARSTOW, NOW - timedelta(days=days), NOW) is stage


def test_a_temporary_account_lasts_three_days_at_most() -> None:
    assert end_problem(BARSTOW, EndKind.TEMPORARY, NOW + timedelta(hours=72), NOW) == ""
    problem = end_problem(BARSTOW, EndKind.TEMPORARY, NOW + timedelta(hours=73), NOW)
    assert "72 hours (CJIS AC-2(2))" in problem
    assert end_problem(BARSTOW, EndKind.EXPIRY, NOW + timedelta(days=365), NOW) == ""


def test_only_a_separation_is_recorded_after_the_fact() -> None:
    assert end_problem(BARSTOW, EndKind.SEPARATION, NOW - timedelta(days=1), NOW) == ""
    assert end_problem(BARSTOW, EndKind.EXPIRY, NOW, NOW)


def test_a_planned_end_is_executed_or_withdrawn() -> None:
    assert end_state(None, None) is EndState.PLANNED
    assert end_state(NOW, None) is EndState.EXECUTED
    assert end_state(None, NOW) is EndState.WITHDRAWN
