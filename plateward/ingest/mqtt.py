"""Messages of MQTT brokers, put into the inbox as the receiver does; acknowledged only once they are on disc.

The session at the broker outlives this process: what was not acknowledged comes again. Twice the same content
is one payload. While the database does not answer, messages wait here unacknowledged, and the broker keeps
the rest.
"""

import asyncio
import hashlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from plateward.ingest.app import MAX_BODY
from plateward.ingest.brokers import Broker, Source, refuse_shared_topics
from plateward.ingest.feeds import LOOK_S, Feeds, agencies_of, end_others
from plateward.ingest.inbox import Inbox
from plateward.ingest.payloads import Payload, Sender
from plateward.ingest.problems import DEVICE_DISABLED, Problem
from plateward.reads import framing
from plateward.reads.adapters import ADAPTERS

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
AT_LEAST_ONCE = 1
KEEPALIVE_S = 30


class _Seen(msgspec.Struct):
    camera: Any = ""


class _Named(msgspec.Struct):
    """Of a message only which camera it tells of."""

    camera: Any = ""
    after: _Seen | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came, with what acknowledges it, on the connection of its number alone."""

    topic: str
    body: bytes
    mid: int = 0
    qos: int = 0
    connection: int = 0


class Subscriber:
    """Takes one broker's messages until it is cancelled. Reconnects by itself, later each time."""

    def __init__(self, broker: Broker, inbox: Inbox, peers: tuple[Broker, ...] = ()) -> None:
        self.broker = broker
        self.feeds = Feeds(broker, inbox.rows, peers)
        self._inbox = inbox
        self._subscribed: tuple[str, ...] = ()
        self._ever: set[str] = set()
        """What the broker may still send, of this process and of those before it: it keeps the session."""
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._told: set[str] = set()
        self._faults: set[str] = set()
        self._connection = 0
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=False,
            protocol=paho.MQTTv311,
            manual_ack=True,
        )

    async def run(self) -> None:
        """Subscribe and store, message by message in their order."""
        loop = asyncio.get_running_loop()
        client = self._client
        # What the broker sends before the register's topics are known would be left out.
        await _until_answered(self.feeds.look, self.broker.host)
        await _until_answered(self._recall, self.broker.host)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = lambda _, __, message: self._arrived(loop, message)
        client.reconnect_delay_set(1, 60)
        if self.broker.username:
            client.username_pw_set(self.broker.username, self.broker.password)
        if self.broker.tls:
            client.tls_set_context(tls_context(self.broker))
        client.connect_async(self.broker.host, self.broker.port, KEEPALIVE_S)
        client.loop_start()
        try:
            async with asyncio.TaskGroup() as group:  # where one of them ends, so does this
                group.create_task(self._keep_telling())
                await self._keep_taking()
        finally:
            client.disconnect()
            client.loop_stop()

    async def _recall(self) -> None:
        self._ever = await self.feeds.recall()

    async def _keep_taking(self) -> None:
        while True:
            message = await self._waiting.get()
            await self.take(message)
            # On a later connection it came again, and its number may mean another message by now.
            if message.connection == self._connection:
                self._client.ack(message.mid, message.qos)

    async def _keep_telling(self) -> None:
        """For as long as this runs: tell the register what came, and take what it says now."""
        while True:
            await self._attempt(self.feeds.tell)
            await asyncio.sleep(LOOK_S)
            await self._attempt(self._look)

    async def _look(self) -> None:
        await self.feeds.look()
        self._follow()

    async def _attempt(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do it, or go on as before until the next time; a fault of ours is logged, once each."""
        try:
            await act()
        except Problem:
            return
        except Exception as error:
            if repr(error) not in self._faults:
                self._faults.add(repr(error))
                log.exception("%s: the register could not be told or asked", self.broker.host)

    def _follow(self) -> None:
        """Subscribe to what is new, and no more to what is gone; a broker that is away is asked later."""
        topics = self.feeds.topics
        if not self._client.is_connected() or topics == self._subscribed:
            return
        if added := [(topic, AT_LEAST_ONCE) for topic in topics if topic not in self._subscribed]:
            self._ever.update(topics)
            self._client.subscribe(added)
        if gone := [topic for topic in self._subscribed if topic not in topics]:
            self._client.unsubscribe(gone)
        self._subscribed = topics
        log.warning("%s: now %d topics", self.broker.host, len(topics))

    def _connected(
        self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            log.error("%s refused us: %s", self.broker.host, reason)
            self.feeds.problem = f"The broker refused us: {reason}."
            return
        self._connection += 1
        topics = self._subscribed = self.feeds.topics
        if gone := sorted(self._ever.difference(topics)):
            client.unsubscribe(gone)
        if topics:
            client.subscribe([(topic, AT_LEAST_ONCE) for topic in topics])
        self._ever.update(topics)
        self.feeds.problem = ""
        log.warning("connected to %s, %d topics", self.broker.host, len(topics))

    def _disconnected(
        self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self.feeds.problem = self.feeds.problem or f"The broker is away ({reason}); it is tried again."
            log.warning("%s is away (%s); trying again", self.broker.host, reason)

    def _arrived(self, loop: asyncio.AbstractEventLoop, message: paho.MQTTMessage) -> None:
        """On the client's own thread. Messages unacknowledged are limited by the broker (`max_inflight`)."""
        found = Message(message.topic, bytes(message.payload), message.mid, message.qos, self._connection)
        loop.call_soon_threadsafe(self._waiting.put_nowait, found)

    async def take(self, message: Message) -> None:
        """Have the message on disc, or decide that it is none of ours; returns only then."""
        source = source_of(self.broker.sources, message) or source_of(self.feeds.registered, message)
        if source is None:
            self._nobodys(message)
            return
        if len(message.body) > MAX_BODY:
            log.error("%s: a message of %d bytes is too large and left out", message.topic, len(message.body))
            reason = f"A message has {len(message.body)} bytes; {MAX_BODY} are taken."
            self.feeds.left_out([source.device], reason)
            return
        pause, disabled = FIRST_PAUSE_S, 0
        while True:
            try:
                await self._store(source, message)
            except Problem as problem:
                disabled += problem.kind is DEVICE_DISABLED
                if disabled > 1:  # the first time its key may just have been replaced
                    self._tell(f"{source.device}: {problem.detail}; its messages are left out")
                    self.feeds.left_out([source.device], "The device is disabled.")
                    return
                if disabled:
                    continue
                log.warning("%s; trying again in %g s", problem.kind.title, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                self.feeds.stored(source.device, message.topic)
                return

    def _nobodys(self, message: Message) -> None:
        """Leave a message out, telling all that are fed by its topic: it may be meant for one of them."""
        self._tell(f"{message.topic}: a camera that no source names; its messages are left out")
        camera = _camera_of(message.body)[:60]
        named = f"It names the camera “{camera}”" if camera else "It names no camera"
        devices = [source.device for source in _on_topic(self.feeds.sources, message)]
        self.feeds.left_out(devices, f"{named}, which is set for no device of this topic.")

    async def _store(self, source: Source, message: Message) -> None:
        sender = await self._sender(source.device)
        digest = hashlib.sha256(message.body).hexdigest()
        payload = Payload(
            adapter=source.format,
            body=message.body,
            body_sha256=digest,
            content_sha256=digest,
            content_type=_media_type(source.format),
            idempotency_key=f"content:{digest}",
            source_address=f"mqtt {self.broker.host}"[:64],
            received_at=datetime.now(UTC),
        )
        await self._inbox.store(sender, payload)

    async def _sender(self, device: UUID) -> Sender:
        found = await self._inbox.senders.of_broker(str(device))
        if found is None:
            raise Problem(DEVICE_DISABLED, f"There is no device {device} in the register.")
        return found

    def _tell(self, text: str) -> None:
        """Once each, so that a busy camera does not fill the log."""
        if text not in self._told:
            self._told.add(text)
            log.warning(text)


def tls_context(broker: Broker) -> ssl.SSLContext:
    """Verifies the broker's certificate and name; shows ours where one is set. Raises OSError."""
    context = ssl.create_default_context(cafile=broker.ca_file)
    if broker.certificate_file:
        context.load_cert_chain(broker.certificate_file, broker.key_file)
    return context


def source_of(sources: tuple[Source, ...], message: Message) -> Source | None:
    """Whose message it is; None for nobody's. A source with a camera takes that camera's alone."""
    on_topic = _on_topic(sources, message)
    if not any(source.camera for source in on_topic):
        return next(iter(on_topic), None)
    camera = _camera_of(message.body)
    own = [source for source in on_topic if source.camera == camera]
    return next(iter(own + [source for source in on_topic if not source.camera]), None)


def _on_topic(sources: tuple[Source, ...], message: Message) -> list[Source]:
    return [
        source
        for source in sources
        if any(paho.topic_matches_sub(topic, message.topic) for topic in source.topics)
    ]


def _camera_of(body: bytes) -> str:
    try:
        named = msgspec.json.decode(body, type=_Named)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    said = named.camera or (named.after.camera if named.after else "")
    return said if isinstance(said, str) else ""


def _media_type(format_: str) -> str:
    """What a message of this format is: MQTT 3.1.1 does not say."""
    taken: Mapping[str, Any] = ADAPTERS
    return framing.JSON if framing.JSON in taken[format_].media_types else "application/xml"


async def subscribe(brokers: tuple[Broker, ...], database_url: str) -> None:
    """Take every broker's messages until cancelled.

    Raises ValueError where the file lets an agency take what it gives to another one's device.
    """
    async with Inbox(database_url) as inbox:
        await _until_answered(lambda: _refuse_shared_topics(brokers, inbox), "the subscriber")
        await _until_answered(lambda: end_others(inbox.rows, brokers), "the subscriber")
        async with asyncio.TaskGroup() as group:
            for broker in brokers:
                group.create_task(Subscriber(broker, inbox, brokers).run())


async def _refuse_shared_topics(brokers: Sequence[Broker], inbox: Inbox) -> None:
    refuse_shared_topics(brokers, await agencies_of(inbox.rows, brokers))


async def _until_answered(act: Callable[[], Awaitable[None]], who: str) -> None:
    """Do what needs the database, once that answers."""
    pause = FIRST_PAUSE_S
    while True:
        try:
            await act()
        except Problem as problem:
            log.warning("%s; %s waits for it", problem.kind.title, who)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        else:
            return
