"""How sure a character as read is, in the three steps that people see."""

from typing import Final, Literal

Certainty = Literal["sure", "fair", "doubtful"]
SURE: Final = 0.9
FAIR: Final = 0.7


def certainty(confidence: float) -> Certainty:
    """The step of a probability from 0 to 1: unmarked, marked, or marked and named aloud."""
    if confidence >= SURE:
        return "sure"
    return "fair" if confidence >= FAIR else "doubtful"
