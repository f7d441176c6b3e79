from collections.abc import Sequence

import numpy as np
import pytest

from plateward.recognition import OWN, Recognizer, Tuning
from plateward.recognition.geometry import Picture, Quad
from plateward.recognition.interfaces import Look, Place, Strip
from plateward.recognition.text_lines import TextLooker
from tests.rules.recognition.lines import emission, line

NO_CAR = np.zeros((480, 640, 3), dtype=np.uint8)


PHOTOGRAPHS = Tuning()


class Finds:
    """A detector that finds the same lines at the sizes given, and nothing at others."""

    def __init__(self, quads: Sequence[Quad], sizes: Sequence[int]) -> None:
        self.quads, self.sizes = list(quads), sizes
        self.asked: list[int] = []

    def detect(self, picture: Picture, longest_side: int) -> list[Quad]:
        whole = picture.shape == NO_CAR.shape
        self.asked += [longest_side] if whole else []
        return self.quads if whole and longest_side in self.sizes else []


class Reads:
    """A reader to whom every line says the same."""

    def __init__(self, text: str) -> None:
        self.strip = Strip(text, 0.95, emission(text))

    def read(self, cuts: Sequence[Picture]) -> list[Strip]:
        return [self.strip for _ in cuts]


class Looks:
    """A plate reader to whom every plate says the same."""

    def __init__(self, text: str) -> None:
        self.text = text

    def look(self, picture: Picture, plates: Sequence[Quad]) -> list[Look]:  # noqa: ARG002 - as the protocol
        return [Look(emission(self.text), ()) for _ in plates]


class Spots:
    """A plate finder that finds plates of 100 × 50 pixels at places given by their left upper corner."""

    def __init__(self, *places: tuple[int, int, float]) -> None:
        self.places = [Place(line("", x=x, y=y, width=100, height=50).quad, score) for x, y, score in places]

    def find(self, picture: Picture, longest_side: int) -> list[Place]:  # noqa: ARG002 - as the protocol
        return self.places


def recognizer(detector: Finds, reader: Reads, own: Looks, tuning: Tuning = PHOTOGRAPHS) -> Recognizer:
    return Recognizer(Spots(), own, lambda: TextLooker(lambda: detector, reader, 480), "stub@1", tuning)


def test_any_detector_and_readers_make_a_recognizer() -> None:
    quad = line("8ABC123", x=200, y=200).quad
    result = recognizer(Finds([quad], [1280]), Reads("8ABC123"), Looks("8ABC123")).recognize(NO_CAR)
    (reading,) = result.readings
    assert (reading.text, reading.region, reading.region_confidence) == ("8ABC123", None, 0.0)
    assert (reading.box.x, reading.box.y) == (200, 200)
    assert (result.width, result.height, result.model) == (640, 480, "stub@1")


def test_a_certain_plate_is_looked_at_once() -> None:
    detector = Finds([line("8ABC123", x=200, y=200).quad], [1280])
    recognizer(detector, Reads("8ABC123"), Looks("8ABC123")).recognize(NO_CAR)
    assert detector.asked == [1280]


def test_where_nothing_was_found_other_sizes_are_tried() -> None:
    detector = Finds([line("8ABC123", x=200, y=200).quad], [1920])
    result = recognizer(detector, Reads("8ABC123"), Looks("8ABC123")).recognize(NO_CAR)
    assert detector.asked == [1280, 960, 1920]
    assert [reading.text for reading in result.readings] == ["8ABC123"]


def test_moving_pictures_are_looked_at_once_in_any_case() -> None:
    detector = Finds([], [])
    recognizer(detector, Reads(""), Looks(""), Tuning(sizes=(1.0,))).recognize(NO_CAR)
    assert detector.asked == [1280]


def test_no_plate_is_an_empty_answer() -> None:
    assert recognizer(Finds([], []), Reads(""), Looks("")).recognize(NO_CAR).readings == ()


def test_what_the_text_reader_alone_reads_is_told_as_second_opinion() -> None:
    quad = line("8ABC123", x=200, y=200).quad
    (reading,) = (
        recognizer(Finds([quad], [1280]), Reads("8ABC128"), Looks("8ABC123")).recognize(NO_CAR).readings
    )
    assert reading.second_opinion is not None
    assert reading.second_opinion.text == "8ABC128"
    assert {reading.text, *(other.text for other in reading.alternatives)} >= {"8ABC123", "8ABC128"}


class FindsClosely(Finds):
    """A detector that finds a line in cut-out surroundings only."""

    def __init__(self, quad: Quad) -> None:
        super().__init__([], [])
        self.closely = quad

    def detect(self, picture: Picture, longest_side: int) -> list[Quad]:
        whole = picture.shape == NO_CAR.shape
        super().detect(picture, longest_side)
        return [] if whole else [self.closely]


def test_where_a_plate_was_found_and_read_the_whole_picture_is_not_searched() -> None:
    detector = FindsClosely(line("8ABC123", x=60, y=60, height=20).quad)
    looker = TextLooker(lambda: detector, Reads("8ABC123"), 480)
    found = Recognizer(Spots((200, 200, 0.9)), Looks("8ABC123"), lambda: looker, "stub@1")
    assert [reading.text for reading in found.recognize(NO_CAR).readings] == ["8ABC123"]
    assert detector.asked == []


def test_a_doubtful_reading_on_a_plate_found_has_the_whole_picture_searched() -> None:
    detector = FindsClosely(line("8ABC123", x=60, y=60, height=20).quad)
    looker = TextLooker(lambda: detector, Reads("8ABC123"), 480)
    Recognizer(Spots((200, 200, 0.9)), Looks("4WXY567"), lambda: looker, "stub@1").recognize(NO_CAR)
    assert detector.asked[0] == 1280


def no_text() -> TextLooker:
    pytest.fail("the text networks were loaded")


def test_our_own_networks_alone_load_no_others_and_put_the_surest_plate_first() -> None:
    spots = Spots((40, 40, 0.4), (300, 200, 0.9))
    result = Recognizer(spots, Looks("8ABC123"), no_text, "stub@1", OWN).recognize(NO_CAR)
    assert [(each.text, each.second_opinion) for each in result.readings] == [("8ABC123", None)] * 2
    assert [each.box.x for each in result.readings] == [300, 40]


def test_a_place_where_nothing_can_be_read_is_no_plate() -> None:
    result = Recognizer(Spots((40, 40, 0.9)), Looks(""), no_text, "stub@1", OWN).recognize(NO_CAR)
    assert result.readings == ()


def test_a_batch_gives_one_result_a_picture_in_order() -> None:
    of_two = Recognizer(Spots((40, 40, 0.9)), Looks("8ABC123"), no_text, "stub@1", OWN)
    results = of_two.recognize_all([NO_CAR, NO_CAR[:400]])
    assert [(result.height, len(result.readings)) for result in results] == [(480, 1), (400, 1)]


class Sides(Spots):
    """Notes at which size it was asked."""

    def __init__(self, *places: tuple[int, int, float]) -> None:
        super().__init__(*places)
        self.asked: list[int] = []

    def find(self, picture: Picture, longest_side: int) -> list[Place]:
        self.asked.append(longest_side)
        return super().find(picture, longest_side)


def test_plates_of_a_frame_are_read_by_both_readers_between_their_corners_and_no_lines_looked_for() -> None:
    def no_detector() -> Finds:
        pytest.fail("the text detector was loaded")

    spots = Sides((40, 40, 0.9), (300, 200, 0.8), (400, 300, 0.5))
    looker = TextLooker(no_detector, Reads("8ABC128"), 480)
    frames = Recognizer(spots, Looks("8ABC123"), lambda: looker, "stub@1")
    places = frames.find(NO_CAR)
    assert ([place.score for place in places], spots.asked) == ([0.9, 0.8], [960])
    first, second = frames.read(NO_CAR, places)
    assert [reading.box.x for reading in (first, second)] == [40, 300]
    assert first.second_opinion is not None
    assert first.second_opinion.text == "8ABC128"


def test_two_places_on_one_plate_are_one_reading() -> None:
    of_two = Recognizer(Spots((40, 40, 0.9), (50, 40, 0.8)), Looks("8ABC123"), no_text, "stub@1", OWN)
    assert [reading.box.x for reading in of_two.recognize(NO_CAR).readings] == [40]


class Prints(Reads):
    """Reads a state's name in narrow bands and a serial in others."""

    def read(self, cuts: Sequence[Picture]) -> list[Strip]:
        return [Strip("NEVADA", 0.9, emission("NEVADA")) if len(cut) < 40 else self.strip for cut in cuts]


def test_a_state_named_on_a_plate_found_is_told_where_print_of_its_size_can_be_read() -> None:
    far = Place(line("", x=300, y=300, width=60, height=60).quad, 0.9)
    near = Place(line("", x=40, y=40, width=100, height=50).quad, 0.8)
    looker = TextLooker(lambda: Finds([], []), Prints("8ABC123"), 480)
    frames = Recognizer(Spots(), Looks("8ABC123"), lambda: looker, "stub@1")
    assert [reading.region for reading in frames.read(NO_CAR, [far, near])] == [None, "US-NV"]
