"""One vehicle passing is one row, in which nothing that was read otherwise is hidden."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.plates.text import plate_key
from plateward.reads.rules import PASS
from plateward.search.passes import Camera, Pass, Sighting, fold, is_linked

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAIN, BACK, FAR = (34.8958, -117.0173), (34.8960, -117.0172), (34.9100, -117.0173)
FRONT_CAMERA = Camera(id=UUID(int=1), name="Main St", location="Main Street", place=MAIN)
BACK_CAMERA = Camera(id=UUID(int=2), name="Main St, rear", location="Main Street", place=BACK)
FAR_CAMERA = Camera(id=UUID(int=3), name="Barstow Rd", location="Barstow Road", place=FAR)
YARD = [Camera(id=UUID(int=n), name=f"Yard {n}", location="Yard", site="City yard") for n in (4, 5)]


def sighted(
    number: int, plate: str, seconds: float, camera: Camera = FRONT_CAMERA, **told: object
) -> Sighting:
    facts = {
        "id": UUID(int=number),
        "plate": plate,
        "plate_key": plate_key(plate),
        "region": "US-CA",
        "camera": camera,
        "captured_at": NOON + timedelta(seconds=seconds),
        "event": f"event-{number}",
        "place": camera.place,
    }
    return Sighting(**(facts | told))  # type: ignore[arg-type]  # one story differs in one fact


def numbers(found: Pass) -> list[int]:
    return [one.id.int for one in found.sightings]


def test_a_pass_is_told_by_its_best_read_with_the_others_under_it() -> None:
    blurred = sighted(1, "8BC123", 0, confidence=0.99)
    sharp = sighted(2, "BBC123", 2, confidence=0.91, has_picture=True)
    late = sighted(3, "8BC123", 4, confidence=0.6, has_picture=True)
    (seen,) = fold([blurred, late, sharp])
    assert seen.best is sharp
    assert seen.others == (late, blurred)
    assert seen.told == "Seen 3 times in 4 s"
    assert seen.differing == ("8BC123",)


def test_cameras_that_stand_together_see_one_pass_and_distant_ones_two() -> None:
    (front,) = fold([sighted(1, "7ABC123", 0), sighted(2, "7ABC123", 1, BACK_CAMERA)])
    assert front.told == "Seen 2 times in 1 s by 2 cameras"
    (yard,) = fold([sighted(1, "7ABC123", 0, YARD[0]), sighted(2, "7ABC123", 0.4, YARD[1])])
    assert yard.told == "Seen 2 times within a second by 2 cameras"
    assert len(fold([sighted(1, "7ABC123", 0), sighted(2, "7ABC123", 5, FAR_CAMERA)])) == 2
    nowhere = [Camera(id=UUID(int=n), name="?", location="?") for n in (6, 7)]
    assert len(fold([sighted(1, "7ABC123", 0, nowhere[0]), sighted(2, "7ABC123", 1, nowhere[1])])) == 2


def test_the_same_vehicle_later_is_another_pass_and_another_plate_always() -> None:
    again = fold([sighted(1, "7ABC123", 0), sighted(2, "7ABC123", PASS.total_seconds() + 1)])
    assert [numbers(one) for one in again] == [[2], [1]]
    assert len(fold([sighted(1, "7ABC123", 0), sighted(2, "7ABC124", 1)])) == 2


def test_what_a_sender_read_the_same_event_as_stays_with_it_and_is_told() -> None:
    first = sighted(1, "7ABC123", 0, event="one", confidence=0.9)
    (seen,) = fold([first, sighted(2, "7XYZ999", 0, event="one", region="US-NV")])
    assert seen.best is first
    assert seen.differing == ("7XYZ999", "US-NV")


def test_a_state_that_could_not_be_read_differs_from_none() -> None:
    (seen,) = fold([sighted(1, "7ABC123", 0, confidence=0.9), sighted(2, "7ABC123", 1, region="")])
    assert seen.differing == ()


@pytest.mark.parametrize(
    ("seconds", "told"), [(119, "in 119 s"), (600, "in 10 min"), (3 * 3600, "in 3 h")], ids=str
)
def test_a_vehicle_that_stays_in_view_is_one_long_pass(seconds: int, told: str) -> None:
    times = [*range(0, seconds, 9), seconds]
    (seen,) = fold(sighted(number, "7ABC123", time) for number, time in enumerate(times))
    assert seen.told == f"Seen {len(times)} times {told}"


sightings = st.lists(
    st.tuples(
        st.sampled_from(["7ABC123", "7A8C123", "8BC123", "BBC123", "6XYZ789"]),
        st.integers(0, 90),
        st.sampled_from([FRONT_CAMERA, BACK_CAMERA, FAR_CAMERA, *YARD]),
        st.sampled_from(["", "US-CA", "US-NV"]),
        st.booleans(),
        st.one_of(st.none(), st.floats(0, 1)),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=14,
).map(
    lambda told: [
        sighted(n, plate, at, camera, region=region, has_picture=pictured, confidence=sure, event=event)
        for n, (plate, at, camera, region, pictured, sure, event) in enumerate(told)
    ]
)


@given(sightings, st.randoms())
def test_every_read_is_in_one_pass_whatever_their_order(found: list[Sighting], chance: random.Random) -> None:
    passes = fold(found)
    assert sorted(number for one in passes for number in numbers(one)) == [one.id.int for one in found]
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert fold(shuffled) == passes
    assert all(later.last_at >= earlier.last_at for later, earlier in pairwise(passes))


@given(sightings)
def test_reads_are_of_one_pass_only_where_a_chain_of_them_links_them(found: list[Sighting]) -> None:
    passes = fold(found)
    for one in passes:
        reached = {one.best.id}
        for _ in one.sightings:
            reached |= {
                each.id
                for each in one.sightings
                for other in one.sightings
                if other.id in reached and is_linked(each, other)
            }
        assert reached == {each.id for each in one.sightings}
    for one in passes:
        outside = [each for other in passes if other is not one for each in other.sightings]
        assert not any(is_linked(each, other) for each in one.sightings for other in outside)


@given(sightings)
def test_no_differing_reading_is_hidden(found: list[Sighting]) -> None:
    for one in fold(found):
        assert {each.plate for each in one.sightings} <= {one.best.plate, *one.differing}
        assert {each.region for each in one.sightings} <= {"", one.best.region, *one.differing}
        assert one.best.has_picture or not any(each.has_picture for each in one.sightings)
