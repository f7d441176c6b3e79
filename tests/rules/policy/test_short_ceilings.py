"""A ceiling that no purge could keep to is refused when the policy is written, with what to write instead."""

import msgspec
import pytest

from plateward.policy import DataClass, Period, Profile, Unit
from plateward.policy.checks import problems_of
from plateward.policy.parameters import Param
from tests.rules.policy.shipped import profile_of


def with_ceiling(ceiling: Period, *, is_standing: bool) -> Profile:
    profile = profile_of("barstow-pd")
    rule = msgspec.structs.replace(
        profile.retention.rules["server"],
        floor=Param(silent=True),
        ceiling=Param(value=ceiling, clause="B-466.5¶2"),
    )
    standing = Param(value=True, clause="B-466.5¶2") if is_standing else Param[bool](silent=True)
    kept = msgspec.structs.replace(
        profile.retention, rules={**profile.retention.rules, "server": rule}, standing_authority=standing
    )
    return msgspec.structs.replace(profile, retention=kept)


def with_pictures(floor: Period | None, ceiling: Period | None) -> Profile:
    """Reads that stay 60 days at most, and a rule of their pictures' own."""
    profile = with_ceiling(Period(60, Unit.DAYS), is_standing=False)
    reads = profile.retention.rules["server"]
    lengths = {
        name: Param(value=length, clause="B-466.5¶2") if length else Param[Period](silent=True)
        for name, length in (("floor", floor), ("ceiling", ceiling))
    }
    rules = {
        **profile.retention.rules,
        "server": msgspec.structs.replace(reads, data_classes=(DataClass.READS,)),
        "pictures": msgspec.structs.replace(reads, data_classes=(DataClass.IMAGES,), **lengths),
    }
    return msgspec.structs.replace(profile, retention=msgspec.structs.replace(profile.retention, rules=rules))


@pytest.mark.parametrize(
    ("floor", "ceiling", "told"),
    [
        (None, Period(2, Unit.DAYS), "3 days at least"),
        (Period(90, Unit.DAYS), None, "which stay 60 days at most"),
        (Period(30, Unit.DAYS), Period(40, Unit.DAYS), ""),
    ],
)
def test_pictures_go_by_whole_days_and_never_outlive_their_reads(
    floor: Period | None, ceiling: Period | None, told: str
) -> None:
    found = [one for one in problems_of(with_pictures(floor, ceiling)) if "rules.pictures" in one]
    assert [told in one for one in found if "run by themselves" not in one] == ([True] if told else [])


@pytest.mark.parametrize(
    ("ceiling", "is_standing", "told"),
    [
        (Period(179, Unit.SECONDS), True, "179 seconds cannot be kept to"),
        (Period(3, Unit.MINUTES), False, "run by themselves"),
        (Period(2, Unit.DAYS), False, "run by themselves"),
        (Period(3, Unit.MINUTES), True, ""),
        (Period(3, Unit.DAYS), False, ""),
    ],
)
def test_a_short_ceiling_needs_a_standing_authority_and_three_minutes(
    ceiling: Period, told: str, *, is_standing: bool
) -> None:
    found = [one for one in problems_of(with_ceiling(ceiling, is_standing=is_standing)) if "ceiling" in one]
    assert [told in one and "retention.rules.server.ceiling" in one for one in found] == (
        [True] if told else []
    )
