"""From per-step probabilities to plate texts, each with a probability and a confidence for every character.

Several views of one plate (plain, enlarged, with more margin …) are read; each view's connectionist
temporal classification output (Graves et al. 2006) proposes texts by prefix beam search, and every proposed
text is then scored on *all* views by the exact forward probability. A prior says how usual a text is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

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

CONFUSIONS: Mapping[str, float] = {
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

Prior = Callable[[str], float]
"""Natural logarithm of how usual a text is as a plate; only differences count."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text and its probability among all that were considered."""

    text: str
    probability: float


def doubted(emission: Emission) -> Emission:
    """The emission with look-alikes' probabilities mixed as CONFUSIONS says."""
    return np.asarray(emission @ _CONFUSION_MATRIX, dtype=np.float32)


def _confusion_matrix() -> NDArray[np.float32]:
    matrix = np.eye(len(ALPHABET) + 1, dtype=np.float32)
    for pair, share in CONFUSIONS.items():
        one, other = (ALPHABET.index(char) + 1 for char in pair)
        matrix[one, other] = matrix[other, one] = share
        matrix[one, one] -= share
        matrix[other, other] -= share
    return matrix


_CONFUSION_MATRIX = _confusion_matrix()


def beam(emission: Emission, count: int = PROPOSALS) -> list[str]:
    """The likeliest texts of one emission by prefix beam search (Hannun et al. 2014), best first."""
    # For each text: the probability of having written it with the last step empty, and with it inked.
    texts: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for step in emission:
        following: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        candidates = [(ALPHABET[k], float(step[k + 1])) for k in np.flatnonzero(step[1:] > LEAST_STEP)]
        for text, (empty, inked) in texts.items():
            following[text][0] += (empty + inked) * float(step[0])
            for char, probability in candidates:
                if text.endswith(char):
                    following[text][1] += inked * probability
                    following[text + char][1] += empty * probability
                else:
                    following[text + char][1] += (empty + inked) * probability
        best = sorted(following.items(), key=lambda item: -sum(item[1]))[:BEAM]
        total = sum(sum(pair) for _, pair in best) or 1.0
        texts = {text: (empty / total, inked / total) for text, (empty, inked) in best}
    return list(texts)[:count]


def log_likelihoods(emission: Emission, texts: Sequence[str]) -> NDArray[np.float64]:
    """Natural logarithm of each text's exact forward probability, summed over all alignments.

    All texts advance together: rows are texts, columns the states blank, c₁, blank, c₂, …, blank.
    """
    longest = max((len(text) for text in texts), default=0)
    states = np.zeros((len(texts), 2 * longest + 1), dtype=np.intp)
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = [ALPHABET.index(char) + 1 for char in text]
    may_skip = np.zeros(states.shape, dtype=bool)
    may_skip[:, 2:] = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    forward = np.zeros(states.shape)
    forward[:, :2] = 1.0
    log_scale = np.zeros(len(texts))
    steps = np.maximum(emission.astype(np.float64), FLOOR)
    for index, step in enumerate(steps):
        if index:
            previous = forward
            forward = previous.copy()
            forward[:, 1:] += previous[:, :-1]
            forward[:, 2:] += np.where(may_skip[:, 2:], previous[:, :-2], 0.0)
        forward = forward * step[states]
        total = forward.sum(axis=1, keepdims=True)
        forward /= total
        log_scale += np.log(total[:, 0])
    rows = np.arange(len(texts))
    ends = 2 * np.array([len(text) for text in texts], dtype=np.intp)
    last = forward[rows, ends] + np.where(ends > 0, forward[rows, np.maximum(ends - 1, 0)], 0.0)
    return np.asarray(log_scale + np.log(np.maximum(last, 1e-300)))


def decide(
    emissions: Sequence[Emission], prior: Prior, sharpness: float, trim_cost: float
) -> list[Hypothesis]:
    """Weigh every proposed text over all views; likeliest first, probabilities sum to 1.

    A text may also lose characters at `trim_cost` each: emblems, stickers and bolts beside and between the
    characters are read as characters now and then.

    Args:
        emissions: one for each view of the same plate, not doubted yet.
        prior: how usual a text is.
        sharpness: weight of the views' mean log-likelihood; views of one picture err together, so it is far
            below their number.
        trim_cost: in natural logarithms.
    """
    views = [doubted(emission) for emission in emissions]
    whole = sorted({text for view in views for text in beam(view) if text})
    if not whole:
        return []
    mean = np.mean([log_likelihoods(view, whole) for view in views], axis=0)
    scores: dict[str, float] = {}
    for text, likelihood in zip(whole, mean, strict=True):
        for shorter, removed in _trimmed(text):
            score = sharpness * float(likelihood) + prior(shorter) - trim_cost * removed
            scores[shorter] = max(score, scores.get(shorter, -np.inf))
    best = max(scores.values())
    weights = {text: float(np.exp(score - best)) for text, score in scores.items()}
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return [Hypothesis(text, weight / total) for text, weight in ranked]


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
