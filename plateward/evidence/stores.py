"""Stores above this folder that hold copies of pictures, and that the rule for reads does not reach."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Kept:
    """A store of an agency with the oldest that lies in it, and why that stays when reads go.

    `oldest_at` is None where nothing is there. Where the copies do not say when they were captured, it is
    when they came.
    """

    name: str
    oldest_at: datetime | None
    because: str


KeptOf = Callable[[str], Iterable[Kept]]
STORES: Final[list[KeptOf]] = []
"""Who holds such copies: `releases`, which may not know `retention`, nor be known by it.

Each is called with the agency. `retention` shows them beside its own with the oldest that nobody holds.
"""


def kept(agency: str) -> Iterable[Kept]:
    """All such stores of an agency, in the order in which they were named."""
    for ask in STORES:
        yield from ask(agency)
