"""A ceiling that no purge could keep to is refused when the policy is written, with what to write instead."""

import msgspec
import pytest

from plateward.policy import Period, Profile, Unit
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
