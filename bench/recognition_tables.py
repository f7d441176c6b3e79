"""Tables in Markdown of what several systems read."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from recognition_scores import Case, Outcome, fold, wilson

NAMES = {
    "plateward": "Plateward",
    "frames": "Plateward, frames of video",
    "own": "Plateward, own networks alone",
    "v6": "rapidocr 3 (PP-OCRv6) + line picker",
    "v4": "rapidocr-onnxruntime 1.4.4 (PP-OCRv4) + line picker",
}
WIDTHS = (0, 60, 80, 100, 150, 100_000)
CONDITIONS = ("dark", "flat", "blurred")
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)
FEWEST = 5
"""Plates below which a share says nothing."""


def tables(folders: Mapping[str, Sequence[Case]], outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    """Everything, one table after the other."""
    parts = [*_main(folders, outcomes), "", *_by_width(folders, outcomes), "", *_by_condition(outcomes)]
    own = next(iter(outcomes))
    if any(one.confidences for one in outcomes[own]):
        parts += ["", *_calibration(folders, outcomes[own])]
    return "\n".join(parts) + "\n"


def _of(folder: Sequence[Case], outcomes: Sequence[Outcome]) -> list[Outcome]:
    inside = {case.path for case in folder}
    return [one for one in outcomes if one.case.path in inside]


def _main(folders: Mapping[str, Sequence[Case]], outcomes: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    yield "| set | system | strict | folded | plate found | ms of processor | peak memory |"
    yield "|---|---|---|---|---|---|---|"
    for folder, cases in folders.items():
        for system, every in outcomes.items():
            own = _of(cases, every)
            yield (
                f"| {folder} ({len(own)}) | {NAMES[system]} | {_share(own, lambda one: one.strict)} | "
                f"{_share(own, lambda one: one.folded)} | {_share(own, lambda one: one.found)} | "
                f"{statistics.median(one.processor_ms for one in own):.0f} | "
                f"{max(one.peak_mib for one in own):.0f} MiB |"
            )


def _share(outcomes: Sequence[Outcome], right: Callable[[Outcome], bool]) -> str:
    hits = sum(map(right, outcomes))
    low, high = wilson(hits, len(outcomes))
    return f"{hits / len(outcomes):.3f} ({low:.2f}–{high:.2f})"


def _by_width(
    folders: Mapping[str, Sequence[Case]], outcomes: Mapping[str, Sequence[Outcome]]
) -> Iterator[str]:
    names = [
        f"{low}–{high - 1} px" if high < WIDTHS[-1] else f"{low} px up" for low, high in pairwise(WIDTHS)
    ]
    yield "Folded, by width of the plate in the photograph:"
    yield ""
    yield f"| set | system | {' | '.join(names)} |"
    yield "|---" * (len(names) + 2) + "|"
    for folder, cases in folders.items():
        for system, every in outcomes.items():
            own = _of(cases, every)
            groups = [[one for one in own if low <= one.case.width < high] for low, high in pairwise(WIDTHS)]
            yield f"| {folder} | {NAMES[system]} | {' | '.join(map(_few, groups))} |"


def _by_condition(outcomes: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    yield "Folded, all sets, by condition of the plate's pixels (one plate may be in several columns):"
    yield ""
    yield f"| system | {' | '.join(CONDITIONS)} | none of these |"
    yield "|---" * (len(CONDITIONS) + 2) + "|"
    for system, every in outcomes.items():
        groups = [[one for one in every if name in one.case.conditions] for name in CONDITIONS]
        groups.append([one for one in every if not one.case.conditions])
        yield f"| {NAMES[system]} | {' | '.join(map(_few, groups))} |"


def _few(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return "–"
    right = sum(one.folded for one in outcomes)
    if len(outcomes) < FEWEST:
        return f"{right} of {len(outcomes)}"
    return f"{right / len(outcomes):.2f} of {len(outcomes)}"


def _calibration(folders: Mapping[str, Sequence[Case]], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Of whole plates, and of characters where the reading is as long as its plate."""
    for name, pairs_of in (("whole plates", _plates), ("characters", _characters)):
        yield f"Calibration of {name} (folded): what was promised, and what was right."
        yield ""
        yield f"| probability | {' | '.join(f'{folder}: of, promised, right' for folder in folders)} |"
        yield "|---" * (len(folders) + 1) + "|"
        own = [pairs_of(_of(cases, outcomes)) for cases in folders.values()]
        for low, high in pairwise(BINS):
            cells = [_promise([pair for pair in pairs if low <= pair[0] < high]) for pairs in own]
            yield f"| {low:.2f}–{min(high, 1.0):.2f} | {' | '.join(cells)} |"
        yield f"| expected calibration error | {' | '.join(map(_error, own))} |"
        yield ""


def _plates(outcomes: Sequence[Outcome]) -> list[tuple[float, bool]]:
    return [(one.confidence, one.folded) for one in outcomes if one.text]


def _characters(outcomes: Sequence[Outcome]) -> list[tuple[float, bool]]:
    return [
        (sure, read == true)
        for one in outcomes
        if len(one.text) == len(one.case.plate)
        for sure, read, true in zip(one.confidences, fold(one.text), fold(one.case.plate), strict=True)
    ]


def _promise(pairs: Sequence[tuple[float, bool]]) -> str:
    if not pairs:
        return "–"
    promised = statistics.fmean(sure for sure, _ in pairs)
    return f"{len(pairs)}, {promised:.2f}, {statistics.fmean(right for _, right in pairs):.2f}"


def _error(pairs: Sequence[tuple[float, bool]]) -> str:
    """Mean distance of promise and truth, bin by bin."""
    groups = [[pair for pair in pairs if low <= pair[0] < high] for low, high in pairwise(BINS)]
    apart = (
        abs(sum(sure for sure, _ in group) - sum(right for _, right in group)) for group in groups if group
    )
    return f"{sum(apart) / max(1, len(pairs)):.3f}"
