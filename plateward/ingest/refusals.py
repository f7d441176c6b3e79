"""Attempts in a known device's name that were refused: counted here, noted in the register, rarely.

The first one is noted at once; what follows is counted and noted together after some minutes, so that nobody
can fill the disc or the journal by trying.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from plateward.ingest.payloads import Sender
from plateward.ingest.problems import Problem

EVERY = timedelta(minutes=10)
"""A device's refusals for one reason are noted at most so often."""
LOOK_S = 60.0
MOST_ADDRESSES = 5

_NOTE = """
INSERT INTO devices_refusal (id, agency_id, device_id, reason, addresses, count, first_at, last_at)
VALUES (%(id)s, %(agency)s, %(device)s, %(reason)s, %(addresses)s, %(count)s, %(first_at)s, %(last_at)s)
RETURNING id
"""

Row = Callable[[str, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class _Counted:
    """Refusals not noted yet."""

    sender: Sender
    reason: str
    noted_at: datetime | None = None
    count: int = 0
    addresses: list[str] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def add(self, address: str, now: datetime) -> None:
        self.count += 1
        self.first_at, self.last_at = self.first_at or now, now
        if address not in self.addresses and len(self.addresses) < MOST_ADDRESSES:
            self.addresses.append(address)

    def is_due(self, now: datetime) -> bool:
        return self.count > 0 and (self.noted_at is None or now - self.noted_at >= EVERY)

    def taken(self, now: datetime) -> dict[str, Any]:
        """The note, and an empty count from here on."""
        note = {
            "id": uuid4(),
            "agency": self.sender.agency,
            "device": self.sender.id,
            "reason": self.reason,
            "addresses": ", ".join(self.addresses)[:300],
            "count": self.count,
            "first_at": self.first_at,
            "last_at": self.last_at,
        }
        self.noted_at, self.count, self.addresses, self.first_at, self.last_at = now, 0, [], None, None
        return note


class Refusals:
    """Counts refusals and notes them by `row`, one statement each."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._counted: dict[tuple[object, str], _Counted] = {}

    async def add(self, sender: Sender, reason: str, address: str, now: datetime) -> None:
        """Count one; the first of a device is noted before this returns, if the database answers."""
        counted = self._counted.setdefault((sender.id, reason), _Counted(sender, reason))
        counted.add(address, now)
        await self._note(counted, now)

    async def note_due(self, now: datetime) -> None:
        """Note what was counted long enough, and forget devices that stayed quiet."""
        for shown, counted in list(self._counted.items()):
            await self._note(counted, now)
            if not counted.count and counted.noted_at and now - counted.noted_at >= EVERY:
                del self._counted[shown]

    async def keep_noting(self) -> None:
        """For as long as the receiver runs."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.note_due(datetime.now(UTC))

    async def _note(self, counted: _Counted, now: datetime) -> None:
        if counted.is_due(now):
            with contextlib.suppress(Problem):  # a note is lost with its database; the refusal stands
                await self._row(_NOTE, counted.taken(now))
