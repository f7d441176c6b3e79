"""A pass of a plate through moving pictures is one sighting."""

import numpy as np
import pytest

from plateward.recognition import CharacterReading, Direction, Heading, PlateBox, PlateReading, Rules, Tracker
from plateward.recognition.geometry import Picture


def reading(text: str, sure: float = 0.95, x: int = 200, y: int = 200, width: int = 80) -> PlateReading:
    """A reading with its left upper corner at x, y."""
    right, low = x + width, y + width // 4
    box = PlateBox(x, y, width, width // 4, ((x, y), (right, y), (right, low), (x, low)))
    characters = tuple(CharacterReading(char, sure) for char in text)
    return PlateReading(text, characters, sure ** len(text), None, 0.0, box)


def test_a_plate_that_stays_is_one_sighting_and_its_last_frame_is_kept() -> None:
    tracker = Tracker()
    for frame in range(3):
        assert tracker.add(frame * 0.5, [reading("8ABC123")]) == []
    (sighting,) = tracker.finish()
    assert (sighting.first_seconds, sighting.last_seconds, sighting.frames) == (0.0, 1.0, 3)
    assert (sighting.direction, sighting.heading) == (None, None)


def test_a_misread_frame_is_outvoted() -> None:
    tracker = Tracker()
    for frame, text in enumerate(("8ABC123", "8A8C123", "8ABC123", "8ABC12")):
        tracker.add(frame * 0.2, [reading(text, 0.9 if text == "8ABC123" else 0.7)])
    (sighting,) = tracker.finish()
    assert (sighting.reading.text, sighting.frames) == ("8ABC123", 4)
    assert sighting.reading.characters[2].confidence < sighting.reading.characters[0].confidence


def test_frames_that_agree_are_surer_than_each_and_never_certain() -> None:
    tracker = Tracker()
    for frame in range(9):
        tracker.add(frame * 0.1, [reading("8ABC123", 0.9)])
    (sighting,) = tracker.finish()
    assert 0.9 < sighting.reading.characters[0].confidence < 1


def test_a_plate_that_left_is_handed_over_once() -> None:
    tracker = Tracker()
    tracker.add(0.0, [reading("8ABC123")])
    assert tracker.add(0.5, []) == []
    assert tracker.add(0.9, []) == []
    assert [ended.frames for ended in tracker.add(1.1, [])] == [1]
    assert tracker.finish() == []


def test_a_frame_in_which_it_was_missed_does_not_end_it() -> None:
    tracker = Tracker()
    for seconds, seen in ((0.0, True), (0.5, False), (1.0, True), (1.5, False)):
        assert tracker.add(seconds, [reading("8ABC123")] if seen else []) == []
    assert [ended.frames for ended in tracker.finish()] == [2]


def test_a_parked_plate_is_handed_over_after_the_longest_time_and_counted_anew() -> None:
    tracker = Tracker(Rules(longest_s=5.0))
    ended = [each for second in range(12) for each in tracker.add(second, [reading("8ABC123")])]
    assert [(each.first_seconds, each.last_seconds) for each in ended] == [(0, 5), (6, 11)]


def test_two_plates_side_by_side_are_two() -> None:
    tracker = Tracker()
    for frame in range(2):
        tracker.add(frame * 0.5, [reading("8ABC123"), reading("WH3T6N", x=900)])
    assert [(each.reading.text, each.frames) for each in tracker.finish()] == [("8ABC123", 2), ("WH3T6N", 2)]


def test_the_next_car_of_a_fleet_is_not_the_one_before() -> None:
    tracker = Tracker()
    tracker.add(0.0, [reading("8ABC123", x=600)])
    tracker.add(0.5, [reading("8ABC124", x=250)])
    assert [each.reading.text for each in tracker.finish()] == ["8ABC123", "8ABC124"]


def test_a_plate_that_comes_nearer_approaches() -> None:
    tracker = Tracker()
    for frame in range(5):
        tracker.add(frame * 0.2, [reading("8ABC123", width=60 + 10 * frame)])
    (sighting,) = tracker.finish()
    assert (sighting.direction, sighting.heading) == (Direction.APPROACHING, None)


@pytest.mark.parametrize(("step", "heading"), [(60, Heading.RIGHT), (-60, Heading.LEFT)])
def test_a_plate_that_crosses_the_picture_has_a_heading(step: int, heading: Heading) -> None:
    tracker = Tracker()
    for frame in range(5):
        tracker.add(frame * 0.2, [reading("8ABC123", x=400 + step * frame)])
    (sighting,) = tracker.finish()
    assert (sighting.direction, sighting.heading) == (None, heading)


def _frame(contrast: int) -> Picture:
    """Bars as fine as strokes, softer with less contrast between neighbors."""
    bars = np.zeros((480, 640, 3), dtype=np.uint8)
    bars[:, ::8] = bars[:, 1::8] = contrast
    return bars


def test_the_best_picture_is_large_sharp_and_certain() -> None:
    tracker = Tracker()
    small, best, doubtful = _frame(200), _frame(200), _frame(200)
    blurred = np.full((480, 640, 3), 90, dtype=np.uint8)
    tracker.add(0.0, [reading("8ABC123", width=60)], small)
    tracker.add(0.2, [reading("8ABC123", width=120)], best)
    tracker.add(0.4, [reading("8ABC123", width=125)], blurred)
    tracker.add(0.6, [reading("8ABC123", 0.6, width=125)], doubtful)
    (sighting,) = tracker.finish()
    assert sighting.picture is best
    assert (sighting.best_seconds, sighting.reading.box.width) == (0.2, 120)


def test_what_is_in_view_can_be_seen_before_it_leaves() -> None:
    tracker = Tracker()
    tracker.add(0.0, [reading("8ABC123")])
    assert [each.reading.text for each in tracker.in_view()] == ["8ABC123"]
    assert [each.frames for each in tracker.finish()] == [1]


def test_disagreeing_regions_stay_unknown() -> None:
    tracker = Tracker()
    for frame, region in enumerate(("US-CA", "US-NV")):
        one = reading("8ABC123")
        named = PlateReading(one.text, one.characters, one.confidence, region, 0.9, one.box)
        tracker.add(frame * 0.2, [named])
    (sighting,) = tracker.finish()
    assert sighting.reading.region is None
