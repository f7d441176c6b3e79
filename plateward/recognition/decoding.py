"""From per-step probabilities to plate texts, each with a probability and a confidence for every character.

Several views of one plate (plain, enlarged, with more margin …) are read; each view's connectionist
temporal classification output (Graves et al. 2006) proposes texts by prefix beam search, and every proposed
text is then scored on *all* views by the exact forward probability. A prior says how usual a text is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plateward.recognition.interfaces import ALPHABET, Emission
from plateward.recognition.results import Alternative, CharacterReading

BEAM = 10
PROPOSALS = 8
SHORTEST_TRIMMED = 4
FLOOR = 1e-3
"""Least probability of anything at a step, so that one view in error cannot veto the others."""
LEAST_STEP = 2e-3
"""Below this probability a character is not tried at a step."""

PRINT_DOUBTS: Mapping[str, float] = {
    "0O": 0.30,
    "1I": 0.20,
    "0Q": 0.08,
    "OQ": 0.05,
    "0D": 0.02,
    "OD": 0.02,
    "8B": 0.02,
    "5S": 0.02,
    "2Z": 0.02,
    "6G": 0.02,
    "7T": 0.01,
    "1L": 0.01,
    "4A": 0.01,
    "UV": 0.01,
}
"""How often a reader trained on print takes one for the other on a plate.

Many dies draw O and 0 alike, so that only the plate's format tells; the others differ, but a small or dirty
plate hides it.
"""

PLATE_DOUBTS: Mapping[str, float] = {**PRINT_DOUBTS, "0O": 0.42, "1I": 0.35}
"""The same for our plate reader: which dies draw O and 0 alike it cannot know, so the format decides."""

Prior = Callable[[str], float]
"""Natural logarithm of how usual a text is as a plate; only differences count."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text and its probability among all that were considered."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One reader's views of a plate.

    Attributes:
        emissions: one for each view.
        weight: of the views' mean log-likelihood; views of one picture err together, so it is far below
            their number.
        doubts: how often this reader takes one character for another.
    """

    emissions: Sequence[Emission]
    weight: float
    doubts: Mapping[str, float]

    @property
    def doubted(self) -> list[Emission]:
        """The emissions with look-alikes' probabilities mixed as `doubts` says."""
        matrix = _confusion_matrix(tuple(self.doubts.items()))
        return [np.asarray(emission @ matrix, dtype=np.float32) for emission in self.emissions]


@lru_cache(maxsize=8)
def _confusion_matrix(doubts: tuple[tuple[str, float], ...]) -> NDArray[np.float32]:
    matrix = np.eye(len(ALPHABET) + 1, dtype=np.float32)
    for pair, share in doubts:
        one, other = (ALPHABET.index(char) + 1 for char in pair)
        matrix[one, other] = matrix[other, one] = share
        matrix[one, one] -= share
        matrix[other, other] -= share
    return matrix


def beam(emission: Emission, count: int = PROPOSALS) -> list[str]:
    """The likeliest texts of one emission by prefix beam search (Hannun et al. 2014), best first."""
    # For each text: the probability of having written it with the last step empty, and with it inked.
    texts: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for nothing, offered in _steps(emission):
        if not offered:
            texts = {text: (empty + inked, 0.0) for text, (empty, inked) in texts.items()}
            continue
        following: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for text, (empty, inked) in texts.items():
            either, last = empty + inked, text[-1:]
            following[text][0] += either * nothing
            for char, probability in offered:
                if char == last:
                    following[text][1] += inked * probability
                    following[text + char][1] += empty * probability
                else:
                    following[text + char][1] += either * probability
        best = sorted(following.items(), key=_weight, reverse=True)[:BEAM]
        total = sum(map(_weight, best)) or 1.0
        texts = {text: (empty / total, inked / total) for text, (empty, inked) in best}
    return list(texts)[:count]


def _weight(item: tuple[str, list[float]]) -> float:
    empty, inked = item[1]
    return empty + inked


def _steps(emission: Emission) -> Iterator[tuple[float, list[tuple[str, float]]]]:
    """For each step the probability of nothing, and the characters worth trying with theirs."""
    offered: list[list[tuple[str, float]]] = [[] for _ in emission]
    for step, column in np.argwhere(emission[:, 1:] > LEAST_STEP).tolist():
        offered[step].append((ALPHABET[column], float(emission[step, column + 1])))
    return zip(emission[:, 0].tolist(), offered, strict=True)


def log_likelihoods(emissions: Sequence[Emission], texts: Sequence[str]) -> NDArray[np.float64]:
    """Views × texts: natural logarithm of the exact forward probability, summed over all alignments.

    All advance together: rows are texts, columns the states blank, c₁, blank, c₂, …, blank. Views of one
    reader may differ in their number of steps; those of like number are taken in one go.
    """
    states, may_skip, ends = _alignments(texts)
    found = np.empty((len(emissions), len(texts)))
    for steps in {len(emission) for emission in emissions}:
        alike = [number for number, emission in enumerate(emissions) if len(emission) == steps]
        stacked = np.stack([emissions[number] for number in alike]).astype(np.float64)
        found[alike] = _forward(np.maximum(stacked, FLOOR), states, may_skip, ends)
    return found


def _alignments(texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
    """The states of each text, whether (1 or 0) each may be come to over the one before, and its last one."""
    longest = max((len(text) for text in texts), default=0)
    states = np.zeros((len(texts), 2 * longest + 1), dtype=np.intp)
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = [ALPHABET.index(char) + 1 for char in text]
    may_skip = np.zeros(states.shape)
    may_skip[:, 2:] = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    return states, may_skip, 2 * np.array([len(text) for text in texts], dtype=np.intp)


def _forward(
    steps: NDArray[np.float64],
    states: NDArray[np.intp],
    may_skip: NDArray[np.float64],
    ends: NDArray[np.intp],
) -> NDArray[np.float64]:
    """For views × steps × 37 probabilities: views × texts logarithms."""
    # Views × steps × texts × states: what each step gives to each state.
    given = steps[:, :, states]
    forward = np.zeros((len(steps), *states.shape))
    forward[:, :, :2] = given[:, 0, :, :2]
    log_scale = np.zeros(forward.shape[:2])
    for index in range(steps.shape[1]):
        if index:
            previous = forward
            forward = previous.copy()
            forward[..., 1:] += previous[..., :-1]
            forward[..., 2:] += previous[..., :-2] * may_skip[:, 2:]
            forward *= given[:, index]
        total = forward.sum(axis=2)
        forward /= total[..., np.newaxis]
        log_scale += np.log(total)
    rows = np.arange(len(ends))
    last = forward[:, rows, ends] + np.where(ends > 0, forward[:, rows, np.maximum(ends - 1, 0)], 0.0)
    return np.asarray(log_scale + np.log(np.maximum(last, 1e-300)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Makes probabilities of scores that promise what is kept.

    Attributes:
        temperature: scores are divided by it.
        unforeseen: probability that the truth is no text that was considered.
    """

    temperature: float = 1.0
    unforeseen: float = 0.0


def decide(
    witnesses: Sequence[Witness], prior: Prior, trim_cost: float, calibration: Calibration = Calibration()
) -> list[Hypothesis]:
    """Weigh every text that any view proposes on all views of all witnesses; likeliest first.

    A text may also lose characters at `trim_cost` (natural logarithm) each: emblems, stickers and bolts
    beside and between the characters are read as characters now and then. Probabilities
    sum to 1 − `unforeseen`.
    """
    heard = [(witness.weight, witness.doubted) for witness in witnesses if witness.emissions]
    whole = sorted({text for _, views in heard for view in views for text in beam(view) if text})
    if not whole:
        return []
    scores = _scores(whole, heard, prior, trim_cost)
    best = max(scores.values())
    weights = {
        text: float(np.exp((score - best) / calibration.temperature)) for text, score in scores.items()
    }
    share = (1 - calibration.unforeseen) / sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return [Hypothesis(text, weight * share) for text, weight in ranked]


def _scores(
    whole: Sequence[str], heard: Sequence[tuple[float, Sequence[Emission]]], prior: Prior, trim_cost: float
) -> dict[str, float]:
    """Each text's logarithm, up to a constant: what was heard, its usualness, and what was left out."""
    weighed = np.zeros(len(whole))
    for weight, views in heard:
        weighed += weight * log_likelihoods(views, whole).mean(axis=0)
    scores: dict[str, float] = {}
    for text, likelihood in zip(whole, weighed, strict=True):
        for shorter, removed in _trimmed(text):
            score = float(likelihood) + prior(shorter) - trim_cost * removed
            scores[shorter] = max(score, scores.get(shorter, -np.inf))
    return scores


def _trimmed(text: str) -> list[tuple[str, int]]:
    """The text whole, without one character, without two at its ends; each with the number left out."""
    shortened = [(text, 0)]
    if len(text) > SHORTEST_TRIMMED:
        shortened += [(text[:i] + text[i + 1 :], 1) for i in range(len(text))]
    if len(text) > SHORTEST_TRIMMED + 1:
        shortened += [(text[1:-1], 2), (text[:-2], 2), (text[2:], 2)]
    return shortened


def characters(ranked: Sequence[Hypothesis]) -> tuple[CharacterReading, ...]:
    """The best text's characters; confidence is the total probability of texts that agree at that place."""
    best = ranked[0].text
    agreed = np.zeros(len(best))
    for hypothesis in ranked:
        if len(hypothesis.text) == len(best):
            same = [i for i, (a, b) in enumerate(zip(best, hypothesis.text, strict=True)) if a == b]
        else:
            blocks = SequenceMatcher(None, best, hypothesis.text, autojunk=False).get_matching_blocks()
            same = [i for block in blocks for i in range(block.a, block.a + block.size)]
        agreed[same] += hypothesis.probability
    return tuple(
        CharacterReading(char, min(1.0, float(share))) for char, share in zip(best, agreed, strict=True)
    )


def alternatives(ranked: Sequence[Hypothesis], count: int, least: float) -> tuple[Alternative, ...]:
    """The texts after the best one, at most `count`, each with a probability of at least `least`."""
    return tuple(Alternative(h.text, h.probability) for h in ranked[1 : count + 1] if h.probability >= least)
