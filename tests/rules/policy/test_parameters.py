from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.policy import Basis, Param, Period, State, Unit, Unsettled

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds take no zone


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"clause": "X-1", "value": 3}, State.SPECIFIED),
        ({"clause": "X-1", "delegated_to": "records retention schedule"}, State.DELEGATED),
        ({"silent": True}, State.SILENT),
        ({"local_decision": "how-many", "value": 3}, State.LOCAL),
    ],
)
def test_a_parameter_knows_where_its_value_comes_from(given: dict[str, object], state: State) -> None:
    assert msgspec.convert(given, Param[int]).state is state


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "exactly one of"),
        ({"value": 3}, "exactly one of"),
        ({"clause": "X-1"}, "`value` is missing"),
        ({"local_decision": "how-many"}, "`value` is missing"),
        ({"silent": True, "value": 3}, "a silent parameter has no `value`"),
        ({"silent": True, "clause": "X-1"}, "exactly one of"),
        ({"clause": "X-1", "local_decision": "how-many", "value": 3}, "exactly one of"),
        ({"delegated_to": "schedule"}, "exactly one of"),
        ({"silent": True, "delegated_to": "schedule"}, "needs the `clause`"),
        ({"clause": "X-1", "delegated_to": "schedule", "value": 3}, "a delegated parameter has no `value`"),
        ({"clause": "X-1", "value": "three"}, "Expected `int"),
        ({"clause": "X-1", "value": 3, "vlaue": 4}, "unknown field `vlaue`"),
    ],
)
def test_a_parameter_without_exactly_one_ground_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(given, Param[int])


def test_a_false_value_is_a_value() -> None:
    assert Param(clause="X-1", value=False).settled is False


def test_a_silent_value_is_never_made_up() -> None:
    silent: Param[int] = Param(silent=True)
    assert silent.settled is None
    with pytest.raises(
        Unsettled, match=r"The limit is not addressed by this policy\. Record a local decision"
    ):
        silent.require("The limit")


def test_a_delegated_value_names_its_document() -> None:
    delegated: Param[int] = Param(clause="X-1", delegated_to="records retention schedule")
    with pytest.raises(Unsettled, match="left to “records retention schedule”"):
        delegated.require("The limit")
    assert Basis(clause="X-1").state is State.SPECIFIED


def test_seventy_two_hours_are_elapsed_time_across_a_clock_change() -> None:
    before = datetime(2026, 10, 31, 12, tzinfo=LOS_ANGELES)
    after = Period(72, Unit.HOURS).after(before)
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=72)
    assert (after.hour, after.tzinfo) == (11, LOS_ANGELES)


def test_thirty_days_keep_the_time_of_day_across_a_clock_change() -> None:
    after = Period(30, Unit.DAYS).after(datetime(2026, 10, 15, 12, tzinfo=LOS_ANGELES))
    assert after == datetime(2026, 11, 14, 12, tzinfo=LOS_ANGELES)


@pytest.mark.parametrize(
    ("begun", "period", "ended"),
    [
        (datetime(2028, 2, 29, tzinfo=UTC), Period(1, Unit.YEARS), datetime(2029, 2, 28, tzinfo=UTC)),
        (datetime(2027, 3, 1, tzinfo=UTC), Period(1, Unit.YEARS), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), Period(2, Unit.MONTHS), datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), Period(2, Unit.WEEKS), datetime(2026, 1, 15, tzinfo=UTC)),
        (
            datetime(2026, 1, 1, tzinfo=UTC),
            Period(3, Unit.MINUTES),
            datetime(2026, 1, 1, 0, 3, tzinfo=UTC),
        ),
    ],
)
def test_a_period_ends_on_the_calendar(begun: datetime, period: Period, ended: datetime) -> None:
    assert period.after(begun) == ended


@given(INSTANTS, st.integers(1, 200), st.sampled_from(Unit))
def test_a_period_always_ends_after_it_began(begun: datetime, amount: int, unit: Unit) -> None:
    assert Period(amount, unit).after(begun) > begun


@given(INSTANTS, st.integers(1, 60))
def test_months_never_skip_one(begun: datetime, months: int) -> None:
    ended = Period(months, Unit.MONTHS).after(begun)
    assert (ended.year * 12 + ended.month) - (begun.year * 12 + begun.month) == months


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        Period(72, Unit.HOURS).after(datetime(2026, 1, 1))  # noqa: DTZ001  the point of the test


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="positive `amount`"):
        msgspec.convert({"amount": 0, "unit": "DAYS"}, Period)


def test_a_period_reads_as_people_write_it() -> None:
    assert [str(Period(1, Unit.YEARS)), str(Period(72, Unit.HOURS))] == ["1 year", "72 hours"]


@pytest.mark.parametrize(
    ("amount", "unit"), [(201, "YEARS"), (2401, "MONTHS"), (73_001, "DAYS"), (6_307_200_001, "SECONDS")]
)
def test_a_period_longer_than_two_hundred_years_is_a_slip_of_the_pen(amount: int, unit: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="200 years at most"):
        msgspec.convert({"amount": amount, "unit": unit}, Period)


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        (Period(1, Unit.YEARS), Period(365, Unit.DAYS)),  # in a leap year
        (Period(1, Unit.MONTHS), Period(30, Unit.DAYS)),
        (Period(366, Unit.DAYS), Period(1, Unit.YEARS)),
        (Period(31, Unit.DAYS), Period(30, Unit.DAYS)),
        (Period(3601, Unit.SECONDS), Period(1, Unit.HOURS)),
    ],
)
def test_a_period_exceeds_another_that_can_end_before_it(longer: Period, shorter: Period) -> None:
    assert longer.exceeds(shorter)


def test_the_same_length_in_other_units_does_not_exceed_it() -> None:
    assert not Period(12, Unit.MONTHS).exceeds(Period(1, Unit.YEARS))
    assert not Period(24, Unit.HOURS).exceeds(Period(1, Unit.DAYS))
    assert not Period(365, Unit.DAYS).exceeds(Period(1, Unit.YEARS))
