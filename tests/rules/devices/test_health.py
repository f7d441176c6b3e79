"""A device is judged by its own past, and each problem gives its figures."""

from datetime import UTC, datetime, timedelta

import pytest

from plateward.devices.health import (
    HOUR,
    LOOKED_BACK,
    PAST,
    DeviceWatch,
    HourFacts,
    ProblemKind,
    problems,
    whole_hour,
)

NOW = datetime(2026, 3, 18, 15, 4, tzinfo=UTC)
LAST = whole_hour(NOW) - HOUR
"""The last full hour, from 14:00 to 15:00."""


def past(
    reads: int = 40, *, confidence: float | None = 0.9, skew_s: float = 0.0, until: datetime = NOW
) -> list[HourFacts]:
    """Four weeks, each hour alike, up to the last full one."""
    first = whole_hour(NOW - LOOKED_BACK)
    hours = (first + HOUR * step for step in range(LOOKED_BACK // HOUR + 1))
    return [
        HourFacts(hour_at=at, reads=reads, confidence=confidence, skew_s=skew_s)
        for at in hours
        if at < whole_hour(until)
    ]


def watched(
    hours: list[HourFacts],
    *,
    last_read_at: datetime | None = NOW,
    since_at: datetime = NOW - 2 * PAST,
    refused: int = 0,
) -> DeviceWatch:
    return DeviceWatch(since_at=since_at, last_read_at=last_read_at, hours=hours, refused=refused)


def kinds(watch: DeviceWatch) -> list[ProblemKind]:
    return [problem.kind for problem in problems(watch, NOW)]


def test_a_device_that_does_what_it_always_did_has_no_problem() -> None:
    assert kinds(watched(past())) == []


def test_two_empty_hours_where_there_was_always_traffic_are_silence() -> None:
    watch = watched(past(until=NOW - 2 * HOUR), last_read_at=NOW - 3 * HOUR)
    found = problems(watch, NOW)
    assert [problem.kind for problem in found] == [ProblemKind.SILENT]
    assert "never had fewer than 40 an hour" in found[0].text


def test_two_empty_hours_on_a_road_that_is_empty_at_night_are_none() -> None:
    assert kinds(watched(past(4, until=NOW - 2 * HOUR), last_read_at=NOW - 3 * HOUR)) == []


def test_a_device_without_a_past_is_silent_only_after_a_day() -> None:
    new = NOW - timedelta(hours=23)
    assert kinds(watched([], last_read_at=None, since_at=new)) == []
    old = watched([], last_read_at=None, since_at=NOW - timedelta(hours=24))
    assert problems(old, NOW)[0].text == "It has sent no read since it was registered."


def test_less_than_half_of_the_least_ever_is_few_and_half_is_not() -> None:
    before = past(until=NOW - HOUR)
    assert kinds(watched([*before, HourFacts(hour_at=LAST, reads=20, confidence=0.9)])) == []
    found = problems(watched([*before, HourFacts(hour_at=LAST, reads=1, confidence=0.9)]), NOW)
    assert found[0].kind is ProblemKind.FEW_READS
    assert found[0].text.startswith("1 read in the last full hour; at this time of the week it never had")


def test_a_week_on_file_is_too_short_a_past_to_compare_with() -> None:
    watch = watched(
        past(until=NOW - 2 * HOUR), last_read_at=NOW - 3 * HOUR, since_at=NOW - timedelta(days=10)
    )
    assert kinds(watch) == []


def test_traffic_that_moves_by_an_hour_when_summer_time_begins_is_no_problem() -> None:
    """Clocks in California went forward on March 8: what came at 14:00 UTC in winter comes at 13:00 now."""
    rush = [
        HourFacts(hour_at=at, reads=60 if at.hour == (13 if at > NOW - timedelta(days=10) else 14) else 12)
        for at in (one.hour_at for one in past())
    ]
    assert kinds(watched(rush)) == []


@pytest.mark.parametrize(
    ("skew_s", "wrong"), [(0.0, False), (1.9, False), (2.0, True), (-119.0, False), (-120.0, True)]
)
def test_a_clock_ahead_of_ours_or_far_behind_is_told(skew_s: float, *, wrong: bool) -> None:
    assert (ProblemKind.CLOCK in kinds(watched(past(skew_s=skew_s)))) is wrong


def test_a_clock_that_was_set_right_an_hour_ago_is_no_problem() -> None:
    hours = [
        *past(skew_s=300.0, until=NOW - HOUR),
        HourFacts(hour_at=LAST, reads=40, confidence=0.9, skew_s=0.1),
    ]
    assert kinds(watched(hours)) == []


def test_readings_that_became_less_sure_are_told_with_both_averages() -> None:
    day = NOW - timedelta(days=1)
    hours = [
        HourFacts(hour_at=one.hour_at, reads=40, confidence=0.7 if one.hour_at > day else 0.9)
        for one in past()
    ]
    found = problems(watched(hours), NOW)
    assert [problem.kind for problem in found] == [ProblemKind.CONFIDENCE]
    assert "0.70" in found[0].text
    assert "0.90" in found[0].text


def test_readings_whose_confidence_always_varies_that_much_are_no_problem() -> None:
    hours = [
        HourFacts(hour_at=one.hour_at, reads=40, confidence=0.8 if (NOW - one.hour_at).days % 2 else 0.9)
        for one in past()
    ]
    day = [
        HourFacts(
            hour_at=one.hour_at,
            reads=40,
            confidence=0.79 if NOW - one.hour_at < timedelta(days=1) else one.confidence,
        )
        for one in hours
    ]
    assert kinds(watched(day)) == []


def test_a_device_that_never_said_how_sure_it_is_is_not_judged_by_it() -> None:
    assert kinds(watched(past(confidence=None))) == []


def test_payloads_that_mostly_cannot_be_used_are_told_and_a_few_are_not() -> None:
    assert kinds(watched(past(), refused=100)) == []
    assert kinds(watched([], refused=3)) == []
    assert kinds(watched([], refused=4)) == [ProblemKind.REFUSED]
