"""When reads may go, whose signatures count, and that a purge's figures add up."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from plateward.policy import DataClass, Period, Profile, Unit
from plateward.policy.parameters import Param
from plateward.retention.rules import (
    PURGE_TRANSITIONS,
    SLACK,
    Balance,
    PurgeState,
    floor_refusal,
    grain,
    is_short,
    missing_signatures,
    must_go,
    purgeable_before,
    rules_digest,
    sources,
    standing_refusal,
    total,
)
from tests.rules.policy.shipped import profile_of

PACIFIC = ZoneInfo("America/Los_Angeles")
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def with_lengths(profile: Profile, floor: Period | None, ceiling: Period | None = None) -> Profile:
    def said(period: Period | None) -> Param[Period]:
        return Param(value=period, clause="B-466.5¶2") if period else Param(silent=True)

    rule = msgspec.structs.replace(
        profile.retention.rules["server"], floor=said(floor), ceiling=said(ceiling), elsewhere={}
    )
    kept = msgspec.structs.replace(profile.retention, rules={"server": rule})
    return msgspec.structs.replace(profile, retention=kept)


@pytest.mark.clause("B-466.5¶2")
def test_barstows_own_data_go_after_a_year_and_by_whole_days() -> None:
    assert purgeable_before(profile_of("barstow-pd"), "server", AT) == datetime(2025, 11, 23, tzinfo=UTC)


@pytest.mark.clause("B-466.5¶2-cloud")
def test_layers_that_contradict_stop_everything_and_say_what_to_record() -> None:
    profile = profile_of("barstow-pd")
    assert purgeable_before(profile, "vendor-cloud", AT) is None
    refusal = standing_refusal(profile, "vendor-cloud", AT)
    assert refusal is not None
    assert "Ask counsel which of them counts" in refusal.remedy


@pytest.mark.clause("H-426.4¶2")
def test_a_length_left_to_a_schedule_stops_everything_until_it_is_recorded() -> None:
    profile = profile_of("huntington-park-pd")
    assert purgeable_before(profile, "server", AT) is None
    refusal = standing_refusal(profile, "server", AT)
    assert refusal is not None
    assert "records retention schedule" in refusal.reason
    assert "local decision" in refusal.remedy


def test_nothing_goes_where_nothing_is_said() -> None:
    assert purgeable_before(profile_of("minnesota-agency"), "agency-data", AT) is None


def test_the_last_stage_of_a_deletion_in_stages_decides() -> None:
    before = purgeable_before(profile_of("los-angeles-pd"), "agency-data", AT)
    assert before == datetime(2021, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "before"),
    [
        # The 29th has an hour of the agency’s 28th, whose year ends on 28 February 2029 at midnight: 8 UTC.
        (datetime(2029, 2, 28, 7, tzinfo=UTC), datetime(2028, 2, 28, tzinfo=UTC)),
        (datetime(2029, 3, 1, 7, 59, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2029, 3, 1, 8, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_leap_day_goes_with_no_instant_below_the_year(at: datetime, before: datetime) -> None:
    profile = with_lengths(profile_of("barstow-pd"), Period(1, Unit.YEARS))
    assert purgeable_before(profile, "server", at) == before


@pytest.mark.parametrize("at", [datetime(2028, month, 1, 9, tzinfo=UTC) for month in range(1, 13)])
@pytest.mark.parametrize("floor", [Period(1, Unit.MONTHS), Period(1, Unit.YEARS), Period(30, Unit.DAYS)])
def test_no_instant_that_goes_is_below_the_floor(at: datetime, floor: Period) -> None:
    before = purgeable_before(with_lengths(profile_of("barstow-pd"), floor), "server", at)
    assert before is not None
    hours = (datetime.fromtimestamp(before.timestamp() - 3600 * back - 0.001, PACIFIC) for back in range(120))
    assert all(floor.after(moment) <= at for moment in hours)


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit is not Unit.SECONDS])
@pytest.mark.parametrize("amount", [3, 40])
def test_no_read_passes_a_ceiling_until_the_next_look(unit: Unit, amount: int) -> None:
    profile = with_lengths(profile_of("barstow-pd"), None, Period(amount, unit))
    for at in (AT, datetime(2028, 2, 29, 9, tzinfo=UTC), datetime(2027, 3, 14, 9, tzinfo=UTC)):
        before = purgeable_before(profile, "server", at)
        assert before is not None
        next_look = at + (timedelta(minutes=1) if is_short(profile, "server", at) else timedelta(days=1))
        oldest = before.astimezone(PACIFIC)
        assert Period(amount, unit).after(oldest) > next_look
        assert not must_go(profile, "server", oldest, at - SLACK)


def test_a_ceiling_of_minutes_goes_some_seconds_before() -> None:
    profile = with_lengths(profile_of("barstow-pd"), None, Period(3, Unit.MINUTES))
    assert purgeable_before(profile, "server", AT) == AT - timedelta(seconds=45)
    assert must_go(profile, "server", AT - timedelta(seconds=61), AT)
    assert not must_go(profile, "server", AT - timedelta(seconds=59), AT)


def test_a_short_ceiling_takes_nothing_below_its_floor() -> None:
    profile = with_lengths(profile_of("barstow-pd"), Period(71, Unit.HOURS), Period(71, Unit.HOURS))
    assert purgeable_before(profile, "server", AT) == AT - timedelta(hours=71)


@pytest.mark.parametrize(
    ("floor", "ceiling", "told"),
    [
        (None, Period(3, Unit.MINUTES), "each minute"),
        (None, Period(60, Unit.DAYS), "if each purge is approved in time"),
        (Period(1, Unit.YEARS), Period(1, Unit.YEARS), "a day past the ceiling"),
        (Period(59, Unit.DAYS), Period(60, Unit.DAYS), "a day past the ceiling"),
        (Period(50, Unit.DAYS), Period(60, Unit.DAYS), "none later than the ceiling"),
        (Period(1, Unit.YEARS), None, ""),
    ],
)
def test_the_page_says_how_near_to_the_ceiling_reads_go(
    floor: Period | None, ceiling: Period | None, told: str
) -> None:
    said = grain(with_lengths(profile_of("barstow-pd"), floor, ceiling), "server", AT)
    assert (told in said, bool(said)) == (True, bool(told))


@pytest.mark.clause("B-466.5¶2")
def test_an_earlier_day_than_the_floor_is_refused_with_the_clause() -> None:
    refusal = floor_refusal(profile_of("barstow-pd"), "server", datetime(2026, 1, 1, tzinfo=UTC), AT)
    assert not refusal.allowed
    assert "B-466.5" in refusal.clause
    assert "nobody can shorten it" in refusal.remedy


def test_other_rules_have_another_digest() -> None:
    profile = profile_of("barstow-pd")
    assert rules_digest(profile) == rules_digest(profile)
    assert rules_digest(profile) != rules_digest(with_lengths(profile, Period(2, Unit.YEARS)))


def test_a_policy_names_its_sources_of_reads() -> None:
    assert set(sources(profile_of("barstow-pd"))) == {"server", "vendor-cloud"}
    assert all(DataClass.READS in rule.data_classes for rule in sources(profile_of("barstow-pd")).values())


def test_one_person_signs_for_one_position() -> None:
    both = ("administrative-division-commander", "custodian-of-records")
    assert missing_signatures(both, {}) == both
    assert missing_signatures(both, {both[0]: "cole", both[1]: "cole"}) == (both[1],)
    assert missing_signatures(both, {both[0]: "cole", both[1]: "rami"}) == ()


def test_purged_held_and_remaining_make_up_what_was_ingested() -> None:
    even = Balance(ingested=100, purged_before=10, purged=80, held=7, remaining=3)
    assert even.is_even
    assert total([even, even]) == Balance(200, 20, 160, 14, 6)
    assert not Balance(100, 0, 99, 0).is_even


def test_every_state_is_reached_and_left_only_as_the_table_says() -> None:
    reached = {one.target for one in PURGE_TRANSITIONS}
    assert reached == set(PurgeState)
    left = {one.source for one in PURGE_TRANSITIONS}
    assert PurgeState.VERIFIED not in left
    assert PurgeState.REFUSED not in left
    assert PurgeState.ENDED not in left
