"""One LISTEN connection per web process, fanned out to the open screens of that process."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import psycopg
from django.db import connection

from plateward.live.actions import CHANNEL, ENDED

log = logging.getLogger(__name__)

QUEUE_LIMIT = 256
"""Events a slow screen may be behind; then it is told to load everything again."""

RECONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """A change of object `id` of `topic`; the screen fetches what it may see of it. Ids are never empty."""

    topic: str
    id: str


RESYNC = Event(topic="resync", id="-")
"""Sent when events may have been missed: the screen reloads its fragments."""

ALIVE = Event(topic="alive", id="-")
"""Sent at intervals, so that a screen notices when nothing comes any more."""

REOPEN = Event(topic="reopen", id="-")
"""The last event of a stream that the server ends: the screen opens another, and passes the gate for it."""

# A connection whose other end vanished without a word is noticed after 30 + 3 × 5 seconds.
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}


@dataclass(eq=False)
class Subscriber:
    """One open screen of one agency; `person` is the account's id."""

    agency: str
    person: str
    topics: frozenset[str]
    queue: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(QUEUE_LIMIT))

    def offer(self, event: Event) -> None:
        """Queue the event; a screen too far behind gets one RESYNC in place of all it missed."""
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self._replace_all(RESYNC)

    def end(self) -> None:
        """Tell the screen to open another stream, before all that waits for it."""
        self._replace_all(REOPEN)

    def _replace_all(self, event: Event) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(event)


class Hub:
    """Listens while anybody watches; reconnects by itself and then asks the screens to resynchronise."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    @property
    def is_listening(self) -> bool:
        """False while the database is away: events may be missed, and no screen may think itself live."""
        return self._listening.is_set()

    @contextlib.asynccontextmanager
    async def subscribe(self, agency: str, person: str, topics: frozenset[str]) -> AsyncIterator[Subscriber]:
        """Events of one agency's topics from now on; ready, when entered, to receive them."""
        subscriber = Subscriber(agency, person, topics)
        self._subscribers.add(subscriber)
        if self._listener is None or self._listener.done():
            self._listening.clear()
            self._listener = asyncio.create_task(self._listen())
        try:
            await self._listening.wait()
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            if not self._subscribers and self._listener is not None:
                self._listener.cancel()
                self._listener = None

    async def _listen(self) -> None:
        missed = False
        while True:
            try:
                await self._listen_once(missed=missed)
            except psycopg.Error as error:
                log.warning("Live events interrupted (%s); reconnecting", error)
            self._listening.clear()
            missed = True
            await asyncio.sleep(RECONNECT_S)

    async def _listen_once(self, *, missed: bool) -> None:
        parameters = KEEPALIVE | connection.get_connection_params()
        parameters.pop("cursor_factory", None)
        parameters.pop("context", None)
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            if missed:
                self._spread_all(RESYNC)
            async for notification in listener.notifies():
                self._spread(notification.payload)

    def _spread(self, payload: str) -> None:
        try:
            message = json.loads(payload)
            event, agency = Event(topic=message["topic"], id=message["id"]), message["agency"]
        except (ValueError, KeyError, TypeError):
            log.exception("A notification on %s is none of ours and was passed over", CHANNEL)
            return
        for subscriber in [one for one in self._subscribers if one.agency == agency]:
            if event.topic == ENDED and event.id == subscriber.person:
                self._subscribers.discard(subscriber)  # nothing may push this out of its queue
                subscriber.end()
            elif event.topic in subscriber.topics:
                subscriber.offer(event)

    def _spread_all(self, event: Event) -> None:
        for subscriber in self._subscribers:
            subscriber.offer(event)
