"""What counts as passing together, and in which order companions are shown."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from plateward.search.meetings import AnalysisError, Look, Meetings, Met, surprise
from plateward.search.travel import (
    Companion,
    Sighting,
    TravelQuery,
    check_travel_cost,
    companions,
    looks_of,
    passes_of,
    seconds_words,
)

NOON = datetime(2026, 6, 1, 19, tzinfo=UTC)
PACIFIC = ZoneInfo("America/Los_Angeles")
CAMERAS = [UUID(int=number) for number in range(6)]


def asked(**changes: object) -> TravelQuery:
    usual = {
        "plate": "7ABC123",
        "within": timedelta(minutes=2),
        "fewest": 3,
        "from_at": NOON - timedelta(days=20),
        "until_at": NOON + timedelta(days=5),
        "purpose": "crime-analysis",
        "reason": "Burglary series on Main Street",
    }
    return TravelQuery(**(usual | changes))  # type: ignore[arg-type]  # one story differs in one field


def own(*passes: tuple[int, timedelta]) -> list[Sighting]:
    return [Sighting(CAMERAS[camera], NOON + later, uuid4(), "7ABC123") for camera, later in passes]


def met(number: int, plate: str, at: datetime, vehicles: int = 2, read_id: UUID | None = None) -> Met:
    return Met(number, plate, plate, at, read_id or uuid4(), CAMERAS[0], vehicles)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"plate": "7AB?123"}, "Write the whole plate"),
        ({"plate": "%"}, "Write the whole plate"),
        ({"within": timedelta(seconds=4)}, "between 5 seconds and 10 minutes"),
        ({"within": timedelta(minutes=11)}, "between 5 seconds and 10 minutes"),
        ({"fewest": 2}, "between 3 and 20 cameras"),
        ({"from_at": NOON + timedelta(days=6)}, "must end after it begins"),
        ({"from_at": NOON - timedelta(days=26)}, "at most 30 days"),
    ],
)
def test_what_cannot_be_asked_says_what_to_change(changes: dict[str, object], told: str) -> None:
    with pytest.raises(AnalysisError, match=told):
        asked(**changes)


def test_what_is_kept_is_what_was_asked() -> None:
    query = asked(reference="26-0001")
    stated = {"purpose": query.purpose, "reason": query.reason, "reference": query.reference}
    assert TravelQuery.from_json(query.as_json(), **stated) == query


def test_thirty_local_days_may_hold_the_end_of_daylight_saving() -> None:
    """What was analyzed over them is shown again from its kept instants."""
    query = asked(
        from_at=datetime(2026, 10, 15, tzinfo=PACIFIC), until_at=datetime(2026, 11, 14, tzinfo=PACIFIC)
    )
    again = TravelQuery.from_json(query.as_json(), purpose=query.purpose, reason=query.reason)
    assert again.until_at - again.from_at == timedelta(days=30, hours=1)


def test_several_reads_of_one_pass_are_one_pass() -> None:
    seen = own((0, minutes(0)), (0, timedelta(seconds=8)), (0, timedelta(seconds=15)), (0, minutes(1)))
    first, second = passes_of(reversed(seen))
    assert [len(one.sightings) for one in (first, second)] == [3, 1]
    assert first.ends_at - first.begins_at == timedelta(seconds=15)


def test_passes_at_two_cameras_at_once_are_two() -> None:
    seen = own((0, minutes(0)), (1, timedelta(seconds=3)), (0, timedelta(seconds=6)))
    assert sorted(len(one.sightings) for one in passes_of(seen)) == [1, 2]


def test_one_looks_as_long_before_the_first_read_as_after_the_last() -> None:
    (look,) = looks_of(passes_of(own((2, minutes(0)), (2, timedelta(seconds=5)))), minutes(2))
    assert (look.device_id, look.from_at) == (CAMERAS[2], NOON - minutes(2))
    assert look.until_at > NOON + minutes(2) + timedelta(seconds=5)


def test_time_apart_is_counted_from_the_nearest_end_of_the_pass() -> None:
    (one,) = passes_of(own((0, minutes(0)), (0, timedelta(seconds=8))))
    assert one.apart(NOON - timedelta(seconds=20)) == timedelta(seconds=-20)
    assert one.apart(NOON + timedelta(seconds=3)) == timedelta()
    assert one.apart(NOON + timedelta(seconds=18)) == timedelta(seconds=10)


def found(passes: list[Sighting], *of: Met, plates: int = 64, **changes: object) -> list[Companion]:
    return companions(passes_of(passes), Meetings(of, plates), asked(**changes), PACIFIC)


ROUND = ((0, minutes(0)), (1, minutes(10)), (2, minutes(20)))


def test_a_companion_is_explained_by_every_common_pass() -> None:
    of = [met(n, "8XYZ789", NOON + minutes(10 * n) + timedelta(seconds=30 * (n - 1))) for n in range(3)]
    (companion,) = found(own(*ROUND), *of)
    assert (companion.plate, companion.cameras, companion.days) == ("8XYZ789", 3, 1)
    assert [one.apart for one in companion.passes] == ["30 s before", "at the same moment", "30 s after"]


def test_two_cameras_are_too_few_however_often_they_were_passed() -> None:
    often = [(camera, minutes(30 * n)) for n in range(4) for camera in (0, 1)]
    seen = own(*often)
    of = [met(n, "8XYZ789", one.begins_at) for n, one in enumerate(passes_of(seen))]
    assert found(seen, *of) == []


def test_several_reads_of_the_companion_at_one_pass_count_once_and_the_nearest_is_told() -> None:
    of = [met(n, "8XYZ789", NOON + minutes(10 * n + 1)) for n in range(3)]
    nearer = met(0, "8XYZ789", NOON + timedelta(seconds=5))
    (companion,) = found(own(*ROUND), *of, nearer)
    assert [one.seconds for one in companion.passes] == [5, 60, 60]


def test_one_read_near_two_passes_counts_for_the_nearer_one_alone() -> None:
    seen = own((0, minutes(0)), (0, minutes(1.5)), (1, minutes(10)), (2, minutes(20)))
    read = uuid4()
    at = NOON + minutes(1)
    of = [met(0, "8XYZ789", at, read_id=read), met(1, "8XYZ789", at, read_id=read)]
    of += [met(n, "8XYZ789", NOON + minutes(10 * (n - 1))) for n in (2, 3)]
    (companion,) = found(seen, *of)
    assert [one.seconds for one in companion.passes] == [-30, 0, 0]


def test_the_least_likely_by_chance_comes_first() -> None:
    """Another day outweighs a further pass of the same drive, and an empty road a busy one."""
    day = timedelta(days=1)
    seen = own(*ROUND, (3, minutes(30)), (3, day))

    def along(plate: str, places: tuple[int, ...], vehicles: int) -> list[Met]:
        passes = passes_of(seen)
        return [met(n, plate, passes[n].begins_at, vehicles) for n in places]

    of = along("1BUSY11", (0, 1, 2), 16) + along("2LONE22", (0, 1, 2), 2)
    of += along("3LONG33", (0, 1, 2, 3), 2) + along("4DAYS44", (0, 1, 2, 4), 2)
    assert [one.plate for one in found(seen, *of)] == ["4DAYS44", "3LONG33", "2LONE22", "1BUSY11"]


def test_days_are_the_agencys() -> None:
    """Half past eleven at night and a quarter past midnight in Barstow are one day in UTC."""
    late = datetime(2026, 6, 2, 6, 30, tzinfo=UTC) - NOON
    seen = own((0, late), (1, late + minutes(45)), (2, late + minutes(50)))
    of = [met(n, "8XYZ789", one.begins_at) for n, one in enumerate(passes_of(seen))]
    (companion,) = found(seen, *of)
    assert companion.days == 2


def test_meeting_everybody_everywhere_surprises_nobody() -> None:
    assert surprise(8, 8) == 0
    assert surprise(2, 64) == 5


def test_a_bus_over_a_month_is_not_analyzed_and_the_advice_fits() -> None:
    hourly = [Look(n, 0, CAMERAS[0], NOON, NOON + minutes(20)) for n in range(600)]
    query = asked(within=minutes(10))
    with pytest.raises(AnalysisError, match=r"200 hours of traffic.*100 hours.*about 12 days"):
        check_travel_cost(hourly, query)
    check_travel_cost(hourly[:300], query)


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (45.4, "45 s"), (120, "2 min"), (90, "1 min 30 s")]
)
def test_short_times_in_words(seconds: float, told: str) -> None:
    assert seconds_words(seconds) == told
