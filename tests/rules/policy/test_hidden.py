"""From when on data are deleted logically, to the instant, and who is named to see them meanwhile."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.policy import DataClass, ProfileError, StageAction, build_profile, hidden_before, stage_due
from plateward.policy.parameters import Period, Unit
from plateward.policy.upgrades import upgrade
from tests.rules.policy.shipped import profile_of, raw_profile

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
TICK = timedelta(microseconds=1)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  the zone is given beside


@given(MOMENTS, st.integers(1, 90), st.sampled_from(Unit))
def test_the_latest_beginning_of_a_period_is_over_and_the_next_instant_is_not(
    at: datetime, amount: int, unit: Unit
) -> None:
    period = Period(amount, unit)
    begun = period.begun(at)
    assert period.after(begun) <= at < period.after(begun + TICK)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Period(1, Unit.DAYS).begun(datetime(2026, 1, 1))  # noqa: DTZ001  what is refused


@pytest.mark.parametrize(
    ("at", "before"),
    [
        ((2026, 11, 23, 10), (2024, 11, 23, 10)),
        ((2026, 2, 28, 10), (2024, 2, 29, 10)),  # two years from 28 and from 29 February
    ],
)
def test_los_angeles_hides_at_two_years_to_the_instant(at: tuple[int, ...], before: tuple[int, ...]) -> None:
    now, limit = (datetime(*one, tzinfo=LOS_ANGELES) for one in (at, before))  # type: ignore[misc,arg-type]  # year to hour
    profile = profile_of("los-angeles-pd")
    assert hidden_before(profile, "agency-data", DataClass.READS, now) == limit + TICK
    for captured, due in ((limit, StageAction.LOGICAL_DELETION), (limit + TICK, None)):
        stage = stage_due(profile, "agency-data", DataClass.READS, captured_at=captured, at=now)
        assert (stage.action if stage else None) is due


def test_a_policy_without_stages_hides_nothing() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert hidden_before(profile_of("barstow-pd"), "server", DataClass.READS, now) is None


def changed(stage: str, value: list[str]) -> dict[str, Any]:
    raw = deepcopy(raw_profile("los-angeles-pd"))
    raw["retention"]["rules"]["agency-data"]["stages"][stage]["access_meanwhile"]["value"] = value
    return raw


@pytest.mark.parametrize(
    ("stage", "value", "told"),
    [
        ("logical", ["administrators"], "there is no capability `administrators`"),
        ("permanent", ["reads.deleted"], "nobody sees what is deleted permanently"),
    ],
)
def test_who_sees_it_meanwhile_is_a_capability_and_of_what_is_gone_nobody(
    stage: str, value: list[str], told: str
) -> None:
    with pytest.raises(ProfileError, match=told):
        build_profile(changed(stage, value))


def test_words_of_schema_19_open_nothing_and_stay_as_a_note() -> None:
    raw = changed("logical", [])
    raw["schema"] = 19
    stages = raw["retention"]["rules"]["agency-data"]["stages"]
    stages["logical"]["access_meanwhile"] = {"clause": "LAPD-stage-1", "value": "administrators alone"}
    moved, unasked = upgrade(raw)
    was = moved["retention"]["rules"]["agency-data"]["stages"]["logical"]["access_meanwhile"]
    assert was == {
        "silent": True,
        "note": "Up to schema 19 it was in words (LAPD-stage-1): administrators alone",
    }
    assert unasked == ()
    assert stages["logical"]["access_meanwhile"]["value"] == "administrators alone"
