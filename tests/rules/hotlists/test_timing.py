"""When people are reminded of an entry's end, and told of a removal that is overdue."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from plateward.hotlists.timing import (
    Reminder,
    reminded,
    reminder_due,
    reminders_in_words,
    removal_due_at,
    removal_in_words,
    told_of_removal,
)
from plateward.policy import Param, Profile, Reminded
from tests.rules.hotlists.test_entry_rules import BARSTOW, HUNTINGTON_PARK

NOW = datetime(2026, 11, 22, 11, 14, tzinfo=UTC)
WATCH, ODC = "watch-commander", "operations-division-commander"


def decided(**custom: Param[object]) -> Profile:
    rules = msgspec.structs.replace(BARSTOW.hotlists.custom, **custom)
    return msgspec.structs.replace(BARSTOW, hotlists=msgspec.structs.replace(BARSTOW.hotlists, custom=rules))


@pytest.mark.clause("B-466.11¶3")
@pytest.mark.parametrize(
    ("hours_left", "due"),
    [(72, None), (24.1, None), (24, Reminder.FIRST), (4.1, Reminder.FIRST), (4, Reminder.LAST), (0, None)],
)
def test_reminders_come_as_the_profile_says(hours_left: float, due: Reminder | None) -> None:
    assert reminder_due(BARSTOW, NOW + timedelta(hours=hours_left), NOW) is due


@pytest.mark.clause("B-466.11¶3")
def test_a_silent_policy_reminds_nobody_and_says_so() -> None:
    assert reminder_due(HUNTINGTON_PARK, NOW + timedelta(hours=1), NOW) is None
    assert reminded(HUNTINGTON_PARK) == ()
    assert "not addressed by this policy" in reminders_in_words(HUNTINGTON_PARK)
    assert reminders_in_words(BARSTOW).startswith("24 hours and 4 hours before it expires: the requester")
    nobody = decided(reminded=Param(silent=True))
    assert reminder_due(nobody, NOW + timedelta(hours=1), NOW) is None
    assert reminded(decided(reminded=Param(clause="B-466.11", value=(Reminded.APPROVER,)))) == ("APPROVER",)


@pytest.mark.clause("B-466.11¶3-recovery")
@pytest.mark.parametrize(
    ("minutes", "told"), [(59, ()), (60, (WATCH,)), (119, (WATCH,)), (120, (WATCH, ODC))]
)
def test_one_more_position_is_told_with_each_period_that_an_entry_still_stands(
    minutes: int, told: tuple[str, ...]
) -> None:
    assert told_of_removal(BARSTOW, NOW, NOW + timedelta(minutes=minutes)) == told
    assert removal_due_at(BARSTOW, NOW) == NOW + timedelta(hours=1)


@pytest.mark.clause("B-466.11¶3-recovery")
def test_without_a_time_in_the_policy_nobody_is_told_and_none_is_invented() -> None:
    assert removal_due_at(HUNTINGTON_PARK, NOW) is None
    assert told_of_removal(HUNTINGTON_PARK, NOW, NOW + timedelta(days=30)) == ()
    assert "not addressed by this policy" in removal_in_words(HUNTINGTON_PARK)
    assert removal_in_words(BARSTOW) == (
        "Within 1 hour of the recovery. Later the Watch Commander, then the Operations Division Commander is "
        "told as well."
    )
