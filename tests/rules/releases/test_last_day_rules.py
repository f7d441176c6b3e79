"""The last day of collecting a package, and when somebody is told that something runs out."""

from datetime import date

import msgspec
import pytest

from plateward.policy import Param, Profile
from plateward.releases.last_day_rules import OVER, last_day_problem, may_collect, step_of

LEAP = date(2028, 2, 29)


@pytest.mark.clause("CC-1798.90.55")
def test_the_last_day_counts_and_the_next_does_not() -> None:
    assert may_collect(LEAP, LEAP)
    over = may_collect(LEAP, date(2028, 3, 1))
    assert not over
    assert "Feb 29, 2028" in over.reason


@pytest.mark.parametrize(
    ("last", "destroy_by", "said"),
    [
        (LEAP, None, ""),
        (LEAP, LEAP, ""),
        (date(2028, 2, 28), None, "today at the earliest"),
        (date(2028, 3, 1), LEAP, "choose that day or an earlier one"),
    ],
)
def test_the_last_day_lies_between_today_and_the_day_of_destruction(
    last: date, destroy_by: date | None, said: str
) -> None:
    problem = last_day_problem(last, LEAP, destroy_by)
    assert said in problem
    assert bool(problem) == bool(said)


@pytest.mark.parametrize(
    ("today", "step"),
    [
        (date(2028, 1, 29), None),
        (date(2028, 1, 30), 30),
        (date(2028, 2, 21), 30),
        (date(2028, 2, 22), 7),
        (LEAP, 0),
        (date(2028, 3, 1), -1),
    ],
)
def test_somebody_is_told_on_the_days_of_the_policy_and_after_the_last(
    barstow: Profile, today: date, step: int | None
) -> None:
    assert barstow.releases.reminders.settled == (30, 7, 0)
    assert step_of(LEAP, today, barstow) == step


def test_under_a_silent_policy_nobody_is_told_before_the_last_day_is_over(barstow: Profile) -> None:
    releases = msgspec.structs.replace(barstow.releases, reminders=Param(silent=True))
    silent = msgspec.structs.replace(barstow, releases=releases)
    assert step_of(LEAP, LEAP, silent) is None
    assert step_of(LEAP, date(2028, 3, 1), silent) == OVER
