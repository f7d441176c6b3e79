"""Back-pressure: bodies in memory have a limit together, so that many large ones cannot end the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from plateward.ingest.problems import BUSY, Problem

TOTAL = 256 * 1024 * 1024
"""Bytes of request bodies in memory at once; hashing and sending them takes about twice that again."""


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
    """The bytes still free."""

    free: int = TOTAL

    @contextmanager
    def share(self) -> Iterator[Share]:
        """A share for one request, given back at its end."""
        share = Share(self)
        try:
            yield share
        finally:
            self.free += share.held
