"""What is decided about each picture of an answer to the public; no Django."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from plateward.policy import Decision
from plateward.releases.records_rules import RecordsState

COPIES: Final = "B-466.7¶2"
MARGIN: Final = 0.15
"""Share of a found plate's width and height that its box is wider and higher on each side."""


class PictureDecision(StrEnum):
    REDACTED = "REDACTED"
    WHOLE = "WHOLE"
    WITHHELD = "WITHHELD"

    @property
    def label(self) -> str:
        """The decision in words."""
        return _LABELS[self]


_LABELS: Mapping[PictureDecision, str] = {
    PictureDecision.REDACTED: "A redacted copy goes out",
    PictureDecision.WHOLE: "There is nothing to redact",
    PictureDecision.WITHHELD: "It does not go out",
}


def may_send(*, is_replaced: bool) -> Decision:
    """Whether a copy on file may go out: only the one that the last decision about its picture made."""
    if not is_replaced:
        return Decision(True, COPIES, "This is what was decided last.")
    reason = "Another decision about this picture replaced this copy: do not send it."
    return Decision(False, COPIES, reason, "Send what stands on the request’s page instead.")


FURTHER: Final = "A further determination is needed: take it in as a new request, and answer that."


def frozen_problem(state: RecordsState) -> str:
    """Why nothing of an answer is added or decided anew, "" while its request waits for a determination."""
    if state is RecordsState.RECEIVED:
        return ""
    if state is RecordsState.DETERMINED:
        return f"The determination letter is out: nothing of the answer changes after it. {FURTHER}"
    return f"The request is {state.label.lower()}. Nothing is added to it."


def undecided_problem(names: Sequence[str]) -> str:
    """Why an answer with these undecided pictures does not leave, "" for none."""
    if not names:
        return ""
    told = "; ".join(f"“{name}”" for name in names)
    return f"Nothing is decided yet about redacting {told}. Cover, withhold or leave each one whole first."


def box_around(
    points: Sequence[tuple[float, float]], width: int, height: int
) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of a box around a found plate, with a margin, inside of the picture.

    None where the plate lies outside.
    """
    across, down = [x for x, _ in points], [y for _, y in points]
    wider, higher = (max(across) - min(across)) * MARGIN, (max(down) - min(down)) * MARGIN
    left, top = max(0, int(min(across) - wider)), max(0, int(min(down) - higher))
    right = min(width, int(max(across) + wider) + 1)
    bottom = min(height, int(max(down) + higher) + 1)
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None
