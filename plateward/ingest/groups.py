"""Group commit: payloads that arrive while others are being committed share the next transaction.

Nobody waits for a clock: the first payload is written at once, and whatever came meanwhile follows together.
Each sender is answered only after its own group's commit.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from plateward.ingest.payloads import Payload, Receipt, Sender
from plateward.ingest.problems import Problem

WRITERS = 2
"""Groups under way at once, so that a large one does not hold up the next."""
GROUP = 500
GROUP_BYTES = 8 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Waiting:
    """A payload on its way to the disc, with the receipt it gets if it is new."""

    sender: Sender
    payload: Payload
    receipt: Receipt
    answer: asyncio.Future[Receipt]
    """Cancelled when the sender waits no longer."""


Store = Callable[[Sequence[Waiting]], Awaitable[list[Receipt | Exception]]]
"""Stores a group in one transaction; a receipt or a refusal for each. Raises Problem for what would befall
any payload now, and anything else for what one of the group may be to blame for; nothing is stored then."""


@dataclass(slots=True)
class Groups:
    """Payloads waiting, and the writers that take them in groups."""

    store: Store
    _queue: deque[Waiting] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Let the writers work."""
        self._writers = [asyncio.create_task(self._write()) for _ in range(WRITERS)]

    async def stop(self) -> None:
        """End the writers. Whoever still waits is never answered, and so keeps its payload."""
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)

    async def put(self, sender: Sender, payload: Payload, receipt: Receipt) -> Receipt:
        """Wait until the payload is on disc. Raises what it was refused for."""
        waiting = Waiting(sender, payload, receipt, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._news.set()
        return await waiting.answer

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while group := self._next():
                for one, answer in zip(group, await self._answers(group), strict=True):
                    _settle(one, answer)

    def _next(self) -> list[Waiting]:
        """The next payloads whose senders still wait, together no larger than a group; a larger one alone."""
        group: list[Waiting] = []
        size = 0
        while self._queue and len(group) < GROUP:
            size += len(self._queue[0].payload.body)
            if group and size > GROUP_BYTES:
                break
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                group.append(waiting)
        return group

    async def _answers(self, group: Sequence[Waiting]) -> list[Receipt | Exception]:
        """Store the group; where that fails, each alone, so that a bad one sinks no neighbor."""
        try:
            return await self.store(group)
        except Problem as problem:
            return [problem] * len(group)
        except Exception as error:  # noqa: BLE001  its sender is told
            if len(group) == 1:
                return [error]
            return [answer for one in group for answer in await self._answers([one])]


def _settle(waiting: Waiting, answer: Receipt | Exception) -> None:
    if waiting.answer.done():
        return
    if isinstance(answer, Receipt):
        waiting.answer.set_result(answer)
    else:
        waiting.answer.set_exception(answer)
