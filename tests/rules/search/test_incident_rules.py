"""What may be asked of several incidents, and in which order plates are shown."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from plateward.search.areas import Circle
from plateward.search.incidents import Incident, IncidentsQuery, Key, check_incidents_cost, suspects
from plateward.search.meetings import AnalysisError

NOON = datetime(2026, 6, 1, 19, tzinfo=UTC)
PLACE = Circle(34.8987, -117.0228, 500)


def incident(name: str = "26-0001", **changes: object) -> Incident:
    usual = {"name": name, "from_at": NOON, "until_at": NOON + timedelta(hours=2), "area": PLACE}
    return Incident(**(usual | changes))  # type: ignore[arg-type]  # one story differs in one field


def asked(number: int = 3, fewest: int = 2, **changes: object) -> IncidentsQuery:
    usual = {
        "incidents": tuple(incident(f"26-{n}") for n in range(number)),
        "fewest": fewest,
        "purpose": "crime-analysis",
        "reason": "Burglary series on Main Street",
    }
    return IncidentsQuery(**(usual | changes))  # type: ignore[arg-type]  # the same


def keys(*plates: str) -> list[Key]:
    return [(NOON + timedelta(minutes=n), uuid4(), plate) for n, plate in enumerate(plates)]


@pytest.mark.parametrize(
    ("changes", "told", "field"),
    [
        ({"name": " "}, "Name each incident", "name"),
        ({"name": "x" * 81}, "at most 80 characters", "name"),
        ({"area": None}, "a place with a radius, or cameras", "place"),
        ({"until_at": NOON}, "must end after it begins", "until_at"),
        ({"until_at": NOON + timedelta(hours=25, minutes=1)}, "at most 24 hours", "from_at"),
    ],
)
def test_an_incident_has_a_name_a_place_and_a_short_time(
    changes: dict[str, object], told: str, field: str
) -> None:
    with pytest.raises(AnalysisError, match=told) as wrong:
        incident(**changes)
    assert wrong.value.field == field


def test_a_night_in_which_daylight_saving_ends_is_no_longer_than_others() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    night = incident(
        from_at=datetime(2026, 11, 1, tzinfo=zone), until_at=datetime(2026, 11, 2, fold=1, tzinfo=zone)
    )
    again = Incident.from_json(night.as_json())
    assert again.until_at - again.from_at == timedelta(hours=25)
    check_incidents_cost(asked(incidents=(night, incident("B"))), [1, 1])
    hour = datetime(2026, 11, 1, 1, 30, tzinfo=zone)
    assert (
        incident(from_at=hour, until_at=hour.replace(fold=1))
        .as_json()["until_at"]
        .startswith("2026-11-01T09:30")
    )


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: asked(1), "between 2 and 10 incidents"),
        (lambda: asked(11), "between 2 and 10 incidents"),
        (lambda: asked(3, fewest=4), "between 2 and 3"),
        (lambda: asked(3, fewest=1), "between 2 and 3"),
        (lambda: asked(incidents=(incident("A"), incident("a "))), "a name of its own"),
    ],
)
def test_what_cannot_be_compared_says_what_to_change(make: object, told: str) -> None:
    with pytest.raises(AnalysisError, match=told):
        make()  # type: ignore[operator]  # a question that cannot be asked


def test_what_is_kept_is_what_was_asked() -> None:
    by_camera = incident("B", area=None, device_ids=(UUID(int=1), UUID(int=2)))
    query = asked(incidents=(incident("A"), by_camera))
    stated = {"purpose": query.purpose, "reason": query.reason, "reference": ""}
    assert IncidentsQuery.from_json(query.as_json(), **stated) == query


def test_plates_at_enough_incidents_are_found_with_every_read() -> None:
    first, second, third = keys("1TWICE1", "2ONCE22", "1TWICE1"), keys("1TWICE1"), keys("3THIRD3")
    (one,) = suspects(asked(), [first, second, third])
    assert one.plate_key == "1TWICE1"
    assert [(len(at.read_ids), at.vehicles, at.incident.name) for at in one.presences] == [
        (2, 2, "26-0"),
        (1, 1, "26-1"),
    ]
    assert suspects(asked(fewest=3), [first, second, third]) == []


def test_most_incidents_come_first_then_the_quieter_ones() -> None:
    reads = [keys("A", "B", "C", "D"), keys("A", "B", "X1", "X2", "X3", "X4"), keys("A", "C")]
    assert [one.plate_key for one in suspects(asked(), reads)] == ["A", "C", "B"]


def test_too_much_to_look_through_is_refused_and_the_largest_is_named() -> None:
    day = incident("the long one", until_at=NOON + timedelta(hours=24))
    query = asked(incidents=(incident("short"), day))
    check_incidents_cost(query, [100, 30])
    with pytest.raises(AnalysisError, match=r"1,400 hours.*1,000 hours.*“the long one”"):
        check_incidents_cost(query, [100, 50])
