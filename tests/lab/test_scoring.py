"""From columns to text, and from texts to a score."""

import numpy as np
from numpy.typing import NDArray

from platelab.scoring import Reading, Share, decoded, miscalibration, reliability, score, weighed
from plateward.recognition.interfaces import ALPHABET


def columns(text: str, sure: float = 0.99) -> NDArray[np.float32]:
    """One column for each sign; `_` is nothing."""
    rows = np.full((len(text), 37), (1 - sure) / 36, np.float32)
    for place, sign in enumerate(text):
        rows[place, 0 if sign == "_" else 1 + ALPHABET.index(sign)] = sure
    return np.log(rows)


def test_repeats_melt_and_nothing_parts_them() -> None:
    assert decoded(columns("_8AA_ABB__")).text == "8AAB"


def test_no_character_is_no_reading() -> None:
    assert decoded(columns("____")).text == ""
    assert decoded(columns("____")).confidence == 0


def test_the_weakest_character_decides_the_confidence() -> None:
    row = columns("A_B")
    row[2] = columns("B", sure=0.6)[0]
    assert abs(decoded(row).confidence - 0.6) < 1e-6


def test_serial_formats_decide_between_look_alikes() -> None:
    row = columns("7_A_B_C_1_B_3")
    row[10] = np.log(np.full(37, 0.001, np.float32))
    row[10, [1 + ALPHABET.index("8"), 1 + ALPHABET.index("B")]] = np.log([0.44, 0.52])
    assert decoded(row).text == "7ABC1B3"
    assert weighed(row) == "7ABC183"
    assert weighed(columns("____")) == ""


def test_folded_forgives_what_labels_without_o_cannot_say() -> None:
    result = score(["OAI 12", "0A112", "XA112"], ["0A112"] * 3)
    assert (result.strict, result.folded) == (Share(1, 3), Share(2, 3))


def test_an_interval_holds_the_share_and_narrows_with_more_plates() -> None:
    few, many = Share(7, 10).interval, Share(700, 1000).interval
    assert few[0] < many[0] < 0.7 < many[1] < few[1]
    assert Share(0, 0).interval == (0, 1)


def test_probabilities_that_are_kept_are_calibrated_and_boasts_are_not() -> None:
    honest = [Reading("AB", (0.96, 0.96))] * 50
    plates = ["AB"] * 48 + ["AC"] * 2
    assert miscalibration(reliability(honest, plates)) < 0.03
    boasting = [Reading("AB", (0.999, 0.999))] * 50
    assert miscalibration(reliability(boasting, ["CD"] * 50)) > 0.9


def test_readings_of_another_length_say_nothing_about_single_characters() -> None:
    assert all(one.kept.of == 0 for one in reliability([Reading("ABC", (0.9, 0.9, 0.9))], ["AB"]))
