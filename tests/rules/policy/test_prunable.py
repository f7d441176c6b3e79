"""When plate details of accesses may go: the policy's period, a year at least, never before the reads."""

from datetime import UTC, datetime

import msgspec
import pytest

from plateward.policy import Profile, prunable_before
from plateward.policy.parameters import Param, Period, Unit, Unsettled
from plateward.policy.retention import DataClass

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def with_period(profile: Profile, floor: Period) -> Profile:
    rule = msgspec.structs.replace(
        profile.retention.rules["server"],
        name="Access records",
        data_classes=(DataClass.ACCESS_RECORDS,),
        floor=Param(value=floor, clause="B-466.5¶2"),
    )
    rules = msgspec.structs.replace(profile.retention, rules={**profile.retention.rules, "accesses": rule})
    return msgspec.structs.replace(profile, retention=rules)


@pytest.mark.parametrize("town", ["barstow", "huntington_park"])
def test_where_the_policy_is_silent_nothing_goes(town: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Unsettled, match="not addressed by this policy"):
        prunable_before(request.getfixturevalue(town), AT)


@pytest.mark.parametrize(
    ("floor", "day"),
    [
        (Period(3, Unit.YEARS), "2023-11-22"),
        (Period(30, Unit.DAYS), "2025-11-22"),
    ],
)
def test_the_longest_of_policy_year_and_reads_counts(barstow: Profile, floor: Period, day: str) -> None:
    before, limit = prunable_before(with_period(barstow, floor), AT)
    assert before.date().isoformat() == day
    assert limit.period == floor


@pytest.mark.parametrize(
    ("period", "instant", "day"),
    [
        (Period(1, Unit.YEARS), datetime(2028, 2, 29, tzinfo=UTC), "2027-02-28"),
        (Period(1, Unit.MONTHS), datetime(2027, 3, 31, tzinfo=UTC), "2027-02-28"),
        (Period(30, Unit.DAYS), datetime(2027, 3, 31, tzinfo=UTC), "2027-03-01"),
        (Period(72, Unit.HOURS), datetime(2027, 3, 31, tzinfo=UTC), "2027-03-28"),
    ],
)
def test_a_period_back_is_over_at_the_instant(period: Period, instant: datetime, day: str) -> None:
    back = period.before(instant)
    assert back.date().isoformat() == day
    assert period.after(back) <= instant
