import itertools
import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.recognition.decoding import (
    FLOOR,
    PLATE_DOUBTS,
    PRINT_DOUBTS,
    Calibration,
    Hypothesis,
    Witness,
    alternatives,
    beam,
    characters,
    decide,
    log_likelihoods,
)
from plateward.recognition.interfaces import ALPHABET, Emission
from plateward.recognition.priors import usualness
from tests.rules.recognition.lines import emission


def flat(_: str) -> float:
    return 0.0


def read(*emissions: Emission) -> list[Hypothesis]:
    return decide([Witness(emissions, 1.5, PRINT_DOUBTS)], usualness, trim_cost=4.0)


def every_alignment(steps: Emission, text: str) -> float:
    """The text's probability by brute force: all paths that collapse to it."""
    used = sorted({0, *(ALPHABET.index(char) + 1 for char in text)})
    total = 0.0
    for path in itertools.product(used, repeat=len(steps)):
        collapsed = "".join(ALPHABET[k - 1] for k, _ in itertools.groupby(path) if k)
        if collapsed == text:
            total += math.prod(float(step[k]) for step, k in zip(steps, path, strict=True))
    return total


@given(st.integers(0, 2**32 - 1), st.sampled_from(["A", "AB", "AA", "ABA", "7"]))
def test_likelihoods_equal_the_sum_over_all_alignments(seed: int, text: str) -> None:
    steps = np.random.default_rng(seed).dirichlet(np.ones(len(ALPHABET) + 1), size=5).astype(np.float32)
    steps = np.maximum(steps, FLOOR)
    exact = every_alignment(steps, text)
    shorter = steps[:3]
    views = log_likelihoods([steps, shorter, steps], [text, "LONGER"])
    assert views[0, 0] == views[2, 0] == pytest.approx(math.log(exact), rel=1e-3)
    assert views[1] == pytest.approx(log_likelihoods([shorter], [text, "LONGER"])[0])


def test_the_beam_proposes_the_clear_text_first_and_the_doubt_second() -> None:
    assert beam(emission("8ABC123", (1, "R", 0.3)))[:2] == ["8ABC123", "8RBC123"]


def test_doubling_survives_only_with_a_gap_between() -> None:
    assert beam(emission("AA11"))[0] == "AA11"


def test_doubt_moves_probability_between_look_alikes_and_loses_none() -> None:
    before = emission("0")
    (after,) = Witness([before], 1.0, PRINT_DOUBTS).doubted
    assert after[1, ALPHABET.index("O") + 1] > 0.2
    assert after.sum() == pytest.approx(before.sum(), rel=1e-4)


def test_the_format_decides_between_o_and_zero_and_the_other_is_kept() -> None:
    ranked = read(emission("8ABC12O", (6, "0", 0.3)))
    assert ranked[0].text == "8ABC120"
    assert "8ABC12O" in [other.text for other in alternatives(ranked, 5, 0.01)]


def test_the_states_own_format_outweighs_even_a_clear_o() -> None:
    of_california = partial(usualness, region="US-CA")
    ranked = decide([Witness([emission("8ABC12O")], 1.5, PRINT_DOUBTS)], of_california, trim_cost=4.0)
    assert ranked[0].text == "8ABC120"
    assert ranked[0].probability < 0.6


def test_without_a_fitting_format_the_letter_stays() -> None:
    assert read(emission("GOLFING"))[0].text == "GOLFING"


def test_a_certain_character_outweighs_the_format() -> None:
    assert read(emission("8ABC12X"))[0].text == "8ABC12X"


def test_views_outvote_one_bad_view() -> None:
    clear, bad = emission("8ABC123"), emission("8ARC123", sure=0.8)
    assert read(clear, bad, clear)[0].text == "8ABC123"


def test_an_emblem_read_weakly_as_a_character_is_left_out() -> None:
    steps = emission("4AYX8803")
    steps[1] = 1e-6
    steps[1, 0], steps[1, ALPHABET.index("4") + 1] = 0.8, 0.2
    assert read(steps)[0].text == "AYX8803"


def test_probabilities_of_all_texts_sum_to_one() -> None:
    ranked = decide([Witness([emission("8ABC123", (4, "7", 0.4))], 1.0, PRINT_DOUBTS)], flat, 4.0)
    assert sum(h.probability for h in ranked) == pytest.approx(1.0)


def test_two_readers_together_read_what_each_alone_doubts() -> None:
    ours = Witness([emission("8ABC123", (4, "7", 0.6))], 1.0, PLATE_DOUBTS)
    others = Witness([emission("8ABC123", (1, "R", 0.6))], 1.0, PRINT_DOUBTS)
    assert [decide([each], flat, 4.0)[0].text for each in (ours, others)] == ["8ABC723", "8RBC123"]
    assert "8ABC123" in [h.text for h in decide([ours, others], flat, 4.0)[:3]]


def test_calibration_flattens_probabilities_and_leaves_room_for_the_unforeseen() -> None:
    witness = [Witness([emission("8ABC123", (4, "7", 0.4))], 1.0, PRINT_DOUBTS)]
    plain, careful = (decide(witness, flat, 4.0, c) for c in (Calibration(), Calibration(2.0, 0.05)))
    assert careful[0].text == plain[0].text
    assert careful[0].probability < plain[0].probability
    assert sum(h.probability for h in careful) == pytest.approx(0.95)


def test_each_character_is_as_sure_as_the_texts_that_agree_on_it() -> None:
    ranked = [Hypothesis("8ABC", 0.7), Hypothesis("8ARC", 0.2), Hypothesis("ABC", 0.1)]
    assert [(c.char, pytest.approx(c.confidence)) for c in characters(ranked)] == [
        ("8", 0.9),
        ("A", 1.0),
        ("B", 0.8),
        ("C", 1.0),
    ]


def test_nothing_seen_is_nothing_read() -> None:
    blank = np.zeros((10, len(ALPHABET) + 1), dtype=np.float32)
    blank[:, 0] = 1.0
    assert read(blank) == []
