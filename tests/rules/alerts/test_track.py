"""Direction and least speed between places, only where they can be true."""

from datetime import UTC, datetime, timedelta

import pytest

from plateward.alerts.track import Spot, leg_between

NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
MAIN = Spot("Main Street", NOON, 34.8986, -117.0228)


def further_east(miles: float, took: timedelta) -> Spot:
    return Spot("L Street", NOON + took, 34.8986, -117.0228 + miles / 56.67)


@pytest.mark.clause("B-466.9(e)")
def test_a_vehicle_seen_a_mile_further_two_minutes_later_drove_there_at_thirty_at_least() -> None:
    leg = leg_between([MAIN], further_east(1, timedelta(minutes=2)))
    assert leg is not None
    assert leg.is_plausible
    assert leg.words == (
        "From Main Street to L Street, 1.0 miles in 2 minutes: eastbound, at least 30 miles per hour."
    )


def test_what_no_vehicle_drives_is_said_and_no_direction_taken_from_it() -> None:
    leg = leg_between([MAIN], further_east(20, timedelta(minutes=1)))
    assert leg is not None
    assert not leg.is_plausible
    assert "faster than any vehicle drives" in leg.words
    assert "eastbound" not in leg.words


@pytest.mark.parametrize(
    ("before", "last"),
    [
        pytest.param([], MAIN, id="seen once"),
        pytest.param([MAIN], further_east(0.05, timedelta(minutes=1)), id="the same crossing"),
        pytest.param([MAIN], further_east(5, timedelta(minutes=31)), id="too long ago"),
        pytest.param([MAIN], further_east(1, timedelta()), id="the same moment"),
        pytest.param([MAIN], Spot("a car", NOON, None, None), id="nobody knows where"),
    ],
)
def test_where_nothing_can_be_said_nothing_is(before: list[Spot], last: Spot) -> None:
    assert leg_between(before, last) is None


def test_the_last_other_place_counts_however_often_the_same_camera_saw_it() -> None:
    again = further_east(1, timedelta(minutes=2))
    leg = leg_between([again, MAIN], further_east(1, timedelta(minutes=3)))
    assert leg is not None
    assert (leg.start, leg.took) == ("Main Street", timedelta(minutes=3))
