"""Back-pressure: what is at work has limits together, so that neither memory nor disc runs out.

Whoever finds no room is asked to come again (429 with Retry-After) before anything of its body is accepted.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plateward.ingest.problems import BUSY, DISC_LOW, Problem

TOTAL = 256 * 1024 * 1024
"""Bytes of request bodies in memory at once; hashing and sending them takes about twice that again."""

MOST_AT_ONCE = 1000
"""Requests at work at once: more would each wait longer than senders do."""

RESERVE = 512 * 1024 * 1024
"""Free bytes below which nothing is taken: what was accepted before still has to be stored, and logged."""

LOOK_S = 1.0
"""The discs are looked at this often."""


@dataclass(slots=True)
class Share:
    """What one request holds of the room."""

    room: "Room"
    held: int = 0

    def grow(self, size: int) -> None:
        """Take `size` more bytes. Raises Problem when they are not free."""
        if size > self.room.free:
            raise Problem(BUSY)
        self.room.free -= size
        self.held += size


@dataclass(slots=True)
class Room:
    """The bytes still free, the requests at work, and the discs on which the accepted comes to lie."""

    free: int = TOTAL
    discs: tuple[Path, ...] = ()
    at_work: int = 0
    _low: str = ""
    _look_again_at: float = field(default=0.0)

    @contextmanager
    def share(self) -> Iterator[Share]:
        """A share for one request, given back at its end. Raises Problem when nothing more is taken now."""
        if self.at_work >= MOST_AT_ONCE:
            raise Problem(BUSY, f"{MOST_AT_ONCE} requests are at work.")
        self._look_at_discs()
        share = Share(self)
        self.at_work += 1
        try:
            yield share
        finally:
            self.at_work -= 1
            self.free += share.held

    def _look_at_discs(self) -> None:
        if time.monotonic() >= self._look_again_at:
            self._look_again_at = time.monotonic() + LOOK_S
            free = min((_free(disc) for disc in self.discs), default=RESERVE)
            self._low = (
                "" if free >= RESERVE else f"{free // 1024**2} MB are free; {RESERVE // 1024**2} MB are kept."
            )
        if self._low:
            raise Problem(DISC_LOW, self._low)


def _free(disc: Path) -> int:
    """Bytes free where a folder is, or will be made."""
    place = next(path for path in (disc, *disc.parents) if path.exists())
    return shutil.disk_usage(place).free
