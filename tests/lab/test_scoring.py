"""From columns to text, and from texts to a score."""

import numpy as np
from numpy.typing import NDArray

from platelab.scoring import decoded, score
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


def test_folded_forgives_what_labels_without_o_cannot_say() -> None:
    result = score(["OAI 12", "0A112", "XA112"], ["0A112"] * 3)
    assert (result.plates, round(result.strict, 2), round(result.folded, 2)) == (3, 0.33, 0.67)
