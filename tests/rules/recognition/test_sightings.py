from plateward.recognition import PlateBox, PlateReading, SightingLog

BOX = PlateBox(0, 0, 10, 5, ((0, 0), (10, 0), (10, 5), (0, 5)))


def reading(text: str, confidence: float = 0.9) -> PlateReading:
    return PlateReading(text, (), confidence, None, 0.0, BOX)


def test_the_same_plate_in_following_frames_is_one_sighting() -> None:
    log = SightingLog()
    for frame, confidence in enumerate((0.7, 0.95, 0.8)):
        assert log.add(frame * 0.5, [reading("8ABC123", confidence)]) == []
    (sighting,) = log.finish()
    assert (sighting.first_seconds, sighting.last_seconds, sighting.frames) == (0.0, 1.0, 3)
    assert sighting.reading.confidence == 0.95


def test_one_missed_frame_does_not_end_a_sighting_and_two_do() -> None:
    log = SightingLog()
    log.add(0.0, [reading("8ABC123")])
    assert log.add(0.5, []) == []
    assert log.add(1.0, [reading("8ABC123")]) == []
    assert log.add(1.5, []) == []
    assert [ended.frames for ended in log.add(2.0, [])] == [2]
    assert log.finish() == []


def test_two_plates_at_once_are_two_sightings() -> None:
    log = SightingLog()
    log.add(0.0, [reading("8ABC123"), reading("WH3T6N")])
    assert [sighting.reading.text for sighting in log.finish()] == ["8ABC123", "WH3T6N"]


def test_a_plate_that_comes_again_is_a_second_sighting() -> None:
    log = SightingLog()
    log.add(0.0, [reading("8ABC123")])
    log.add(0.5, [])
    assert len(log.add(1.0, [])) == 1
    log.add(9.0, [reading("8ABC123")])
    assert [sighting.first_seconds for sighting in log.finish()] == [9.0]
