from collections.abc import Sequence

import numpy as np

from plateward.recognition import Follower, PlateReading, Tracker
from plateward.recognition.geometry import Picture
from plateward.recognition.interfaces import Place
from plateward.recognition.results import PlateBox
from tests.rules.recognition.lines import line

FRAME = np.zeros((480, 640, 3), dtype=np.uint8)


class Street:
    """Finds one plate where the test puts it, and notes in which frames it was read."""

    model = "street@1"

    def __init__(self) -> None:
        self.x: int | None = 100
        self.width = 80
        self.read_at: list[int] = []
        self.named_at: list[int] = []
        self.frame = 0

    def find(self, frame: Picture) -> list[Place]:  # noqa: ARG002 - as the protocol
        self.frame += 1
        if self.x is None:
            return []
        return [Place(line("", x=self.x, y=200, width=self.width, height=40).quad, 0.9)]

    def read(self, picture: Picture, places: Sequence[Place], *, named: bool) -> list[PlateReading]:
        self.read_at.append(self.frame)
        self.named_at += [self.frame] if named else []
        height, width = picture.shape[:2]
        return [
            PlateReading("8ABC123", (), 0.9, None, 0.0, place.quad.box(width, height)) for place in places
        ]


def drive(street: Street, follower: Follower, frames: int, *, step: int = 0, start: int = 0) -> None:
    """Ten frames a second, the plate moving by `step` pixels from one to the next."""
    for number in range(start, start + frames):
        follower.recognize(number / 10, FRAME)
        if street.x is not None:
            street.x += step


def test_a_plate_that_stands_is_read_at_first_and_then_seldom() -> None:
    street = Street()
    drive(street, Follower(street), 20)
    assert street.read_at == [1, 2, 3, 10, 17]


def test_one_that_moves_is_read_more_often() -> None:
    street = Street()
    drive(street, Follower(street), 12, step=6)
    assert street.read_at == [1, 2, 3, 6, 9, 12]


def test_one_that_jumps_is_read_in_every_frame_because_it_may_be_another() -> None:
    street = Street()
    drive(street, Follower(street), 5, step=100)
    assert street.read_at == [1, 2, 3, 4, 5]


def test_one_that_comes_nearer_without_moving_aside_is_read_again() -> None:
    street = Street()
    follower = Follower(street)
    drive(street, follower, 3)
    street.x, street.width = 90, 100
    drive(street, follower, 3, start=3)
    assert street.read_at == [1, 2, 3, 6]


def test_a_plate_that_was_gone_is_new_when_it_comes_back() -> None:
    street = Street()
    follower = Follower(street)
    drive(street, follower, 6)
    street.x = None
    drive(street, follower, 6, start=6)
    street.x = 100
    drive(street, follower, 3, start=12)
    assert street.read_at == [1, 2, 3, 13, 14, 15]


def test_a_slow_computer_reads_every_frame_it_sees() -> None:
    street = Street()
    follower = Follower(street)
    for number in range(5):
        follower.recognize(number * 1.0, FRAME)
    assert street.read_at == [1, 2, 3, 4, 5]


def test_a_car_that_parks_in_view_stays_one_sighting() -> None:
    street, tracker = Street(), Tracker()
    follower = Follower(street)
    seen = [
        sighting
        for number in range(100)
        for sighting in tracker.add(number / 10, follower.recognize(number / 10, FRAME).readings, FRAME)
    ]
    (sighting,) = [*seen, *tracker.finish()]
    assert (sighting.reading.text, sighting.first_seconds) == ("8ABC123", 0.0)
    assert sighting.last_seconds > 9


def test_nothing_found_costs_no_reading_and_answers_with_the_frame() -> None:
    street = Street()
    street.x = None
    result = Follower(street).recognize(0.0, FRAME)
    assert (result.readings, result.width, result.height, result.model) == ((), 640, 480, "street@1")
    assert street.read_at == []


def test_the_place_of_a_reading_is_that_of_its_frame() -> None:
    (reading,) = Follower(Street()).recognize(0.0, FRAME).readings
    assert reading.box == PlateBox(100, 200, 80, 40, ((100, 200), (180, 200), (180, 240), (100, 240)))


def test_the_state_is_asked_for_once_and_again_when_the_plate_is_larger() -> None:
    street = Street()
    follower = Follower(street)
    drive(street, follower, 10)
    assert street.named_at == [1]
    street.width = 120
    drive(street, follower, 10, start=10)
    assert street.named_at == [1, 14]
