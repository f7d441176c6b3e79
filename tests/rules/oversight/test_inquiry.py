"""Why a record answers who looked at a plate: by spelling, by a partial plate, or by place and time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from plateward.oversight.inquiry import Sighting, why_it_answers

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
MAIN, OAK = UUID(int=1), UUID(int=2)
SEEN = Sighting("7ABC123", "US-CA", MAIN, NOW - timedelta(hours=2), NOW - timedelta(hours=2))


def searched(plate: str, **changed: Any) -> dict[str, Any]:
    span = {"from_at": (NOW - timedelta(days=1)).isoformat(), "until_at": NOW.isoformat()}
    return {"plate": plate, "state": "", **span, "cameras": "all"} | changed


def why(elements: dict[str, Any], at: datetime = NOW, *seen: Sighting) -> str:
    return why_it_answers("7ABC123", elements, at, seen or (SEEN,))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("7ABC123", "Exactly this plate."),
        ("7A8C123", "The look-alike 7A8C123 (8/B)."),
        ("7ABC124", ""),
        ("8*", ""),
    ],
)
def test_a_plate_is_found_under_its_look_alikes_and_under_no_other(asked: str, expected: str) -> None:
    assert why(searched(asked)) == expected


def test_a_partial_plate_that_covers_it_says_whether_it_returned_it() -> None:
    assert why(searched("7AB*")) == (
        "The partial plate 7AB* covers it; 1 read of it lay in the time and at the cameras searched."
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"until_at": (NOW - timedelta(hours=3)).isoformat()},
        {"cameras": [{"id": str(OAK), "name": "Oak"}]},
        {"state": "US-NV"},
    ],
)
def test_a_partial_plate_that_looked_elsewhere_returned_nothing(changed: dict[str, Any]) -> None:
    assert why(searched("7AB*", **changed)) == (
        "The partial plate 7AB* covers it; no read of it that is still kept lay in the time and at the "
        "cameras searched."
    )


def test_a_read_stored_after_the_search_was_not_returned_by_it() -> None:
    assert "no read of it" in why(searched("7AB*"), NOW - timedelta(hours=5))


def test_a_partial_plate_of_a_look_alike_says_so() -> None:
    assert why(searched("7A8?123")).startswith("The partial plate 7A8?123 covers a look-alike of it; no read")


def test_an_area_and_a_time_answer_only_where_they_returned_the_plate() -> None:
    here = [{"id": str(MAIN), "name": "Main"}]
    assert why(searched("", cameras=here)) == "Asked for an area and a time, and 1 read of it lay there."
    assert why(searched("", cameras=[{"id": str(OAK), "name": "Oak"}])) == ""


def test_a_search_of_an_area_answers_only_where_the_plate_was_read_inside_it() -> None:
    area = {"kind": "CIRCLE", "latitude": 34.8986, "longitude": -117.0228, "radius_m": 500, "text": "near"}
    inside, outside = (
        Sighting(SEEN.plate, SEEN.region, MAIN, SEEN.captured_at, SEEN.stored_at, latitude, -117.0228)
        for latitude in (34.8986, 34.95)
    )
    for asked in ("", "7AB*"):
        assert "1 read of it lay" in why(searched(asked, area=area), NOW, inside, outside, SEEN)
    assert why(searched("", area=area), NOW, outside, SEEN) == ""


def test_a_search_with_one_character_wrong_answers_where_it_returned_the_plate() -> None:
    near = {"tolerance": "ONE_CHARACTER"}
    assert why(searched("7ABC124", **near)) == (
        "Asked for 7ABC124 with one character wrong, and 1 read of it lay there."
    )
    assert why(searched("7ABC199", **near)) == ""
    assert why(searched("7ABC124", cameras=[{"id": str(OAK), "name": "Oak"}], **near)) == ""


def test_an_analysis_answers_for_every_plate_it_showed_and_for_no_other() -> None:
    companions = searched("9XYZ789") | {"shown": ["5TWO222", "7A8C123"]}
    assert why(companions) == "Among the plates that an analysis of 9XYZ789 showed."
    assert why({"incidents": [], "shown": ["7ABC123"]}) == "Among the plates that an analysis showed."
    assert why({"incidents": [], "shown": ["5TWO222"]}) == ""
