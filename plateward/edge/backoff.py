"""How long to wait before the next try: longer each time, up to a limit, never all units at once."""

from collections.abc import Callable
from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 300.0
LONGEST_ASKED_S: Final = 3600.0


def pause(failures: int, chance: Callable[[], float]) -> float:
    """Seconds after so many failures in a row; `chance` gives 0 to 1. At least half the time is waited."""
    whole = min(FIRST_S * 2.0 ** min(failures - 1, 30), LONGEST_S) if failures else 0.0
    return whole * (0.5 + chance() / 2)


def asked(retry_after: str, otherwise: float) -> float:
    """The Retry-After header in seconds (RFC 9110, section 10.2.3), within reason; at least our own pause."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(max(float(retry_after), otherwise), LONGEST_ASKED_S)
    return otherwise
