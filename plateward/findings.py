"""What checks say: of an installation (`plateward doctor`), of a unit (`plateward edge check`)."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended, and how that is shown."""

    FINE = "✓"
    NOTE = "•"
    """Not needed now, or only worth knowing."""
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `remedy` says what to do unless all is fine."""

    name: str
    state: State
    found: str
    remedy: str = ""
