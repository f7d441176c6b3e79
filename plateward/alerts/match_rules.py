"""How much a hit is to be doubted, and whether it comes too late to call anybody. Nothing read is altered."""

from datetime import datetime, timedelta
from typing import Final

from plateward.plates import Comparison, ComparisonKind
from plateward.policy import Profile

PARTIAL: Final = 10
OTHER_STATE: Final = 20
"""Another state than entered is doubted more than any look-alikes, of which a plate has few."""


def doubt(profile: Profile, comparison: Comparison, *, other_state: str, confidence: float | None) -> int:
    """How far below others an alert of this hit stands; 0 is a sure read of the very plate.

    Each look-alike counts one, and so does a confidence known to be below the profile's. One that is not
    known counts nothing: it is neither sure nor unsure.
    """
    below = profile.dispatch.unsure_below.settled
    is_unsure = below is not None and confidence is not None and confidence * 100 < below
    far = PARTIAL if comparison.kind is ComparisonKind.PARTIAL else len(comparison.differences)
    return far + is_unsure + (OTHER_STATE if other_state else 0)


def is_late(profile: Profile, *, captured_at: datetime, received_at: datetime, said_late: bool) -> bool:
    """Whether a read came too late to call anybody: its sender says so, or the profile's time was over."""
    after = profile.dispatch.late_after.settled
    return said_late or (after is not None and received_at >= after.after(captured_at))


def lateness(captured_at: datetime, received_at: datetime | None) -> timedelta | None:
    """How long after its capture a read was received; None where that is not known."""
    return None if received_at is None else received_at - captured_at
