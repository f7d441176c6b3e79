"""What feeds each device over one broker: the topics set for it in the register, and what came of them.

The register is asked every few seconds, and told as often what came: connection, last message, messages left
out and why. It is told by rows of `devices_feed`, which its device's page shows.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from plateward.ingest.brokers import Broker, Source
from plateward.ingest.problems import Problem
from plateward.ingest.topics import covers, meet
from plateward.reads.adapters import ADAPTERS

LOOK_S = 2.0
"""The register is asked this often, and told what is new; what stays as it was only now and then."""
STILL_THERE = timedelta(seconds=20)
LONGEST = 300

Rows = Callable[[str, Mapping[str, Any] | list[Any]], Awaitable[Sequence[Any]]]

_SET = """
SELECT id, agency_id, topics, topic_camera, format FROM devices_device WHERE topics <> '{}' ORDER BY id
"""
_AGENCIES = "SELECT id, agency_id FROM devices_device WHERE id = ANY(%s)"
_RECALL = "SELECT DISTINCT unnest(topics) FROM devices_feed WHERE broker = %s"
_TELL = """
INSERT INTO devices_feed AS feed (id, agency_id, device_id, broker, topics, problem, reported_at,
                                  last_message_at, last_topic, messages, left_out, last_left_out_at,
                                  last_reason)
VALUES (%(id)s, %(agency)s, %(device)s, %(broker)s, %(topics)s, %(problem)s, %(reported_at)s,
        %(last_message_at)s, %(last_topic)s, %(messages)s, %(left_out)s, %(last_left_out_at)s,
        %(last_reason)s)
ON CONFLICT (device_id, broker) DO UPDATE SET
    topics = CASE WHEN %(is_away)s THEN feed.topics ELSE excluded.topics END,
    problem = excluded.problem, reported_at = excluded.reported_at,
    last_message_at = coalesce(excluded.last_message_at, feed.last_message_at),
    last_topic = CASE WHEN excluded.last_message_at IS NULL THEN feed.last_topic ELSE excluded.last_topic END,
    messages = feed.messages + excluded.messages, left_out = feed.left_out + excluded.left_out,
    last_left_out_at = coalesce(excluded.last_left_out_at, feed.last_left_out_at),
    last_reason = CASE WHEN excluded.last_left_out_at IS NULL THEN feed.last_reason
                       ELSE excluded.last_reason END
RETURNING id
"""
_END = """
UPDATE devices_feed SET topics = '{}', problem = '', reported_at = %(now)s
WHERE broker = %(broker)s AND (topics <> '{}' OR problem <> '')
    AND device_id <> ALL(%(devices)s)
RETURNING id
"""
_END_OTHERS = """
UPDATE devices_feed SET topics = '{}', problem = ''
WHERE broker <> ALL(%s) AND (topics <> '{}' OR problem <> '') RETURNING id
"""


@dataclass(slots=True)
class _Came:
    """What came for one device since the register was told."""

    messages: int = 0
    last_message_at: datetime | None = None
    last_topic: str = ""
    left_out: int = 0
    last_left_out_at: datetime | None = None
    last_reason: str = ""


@dataclass(slots=True)
class Feeds:
    """The sources of one broker: those of the settings file, and those set in the register.

    `peers` are all brokers of the file: what none of them lets an agency take, the first says alone.
    """

    broker: Broker
    rows: Rows
    peers: tuple[Broker, ...] = ()
    registered: tuple[Source, ...] = ()
    """Those of the register: the file's come first, whole."""
    problem: str = "The broker has not answered yet."
    """What stands between us and the broker; "" while connected."""
    _agencies: dict[UUID, str] = field(default_factory=dict)
    _refused: dict[UUID, str] = field(default_factory=dict)
    _came: dict[UUID, _Came] = field(default_factory=dict)
    _told: dict[UUID, tuple[Any, datetime]] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All of them."""
        return (*self.broker.sources, *self.registered)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic to subscribe to, once each."""
        return tuple(dict.fromkeys(topic for source in self.sources for topic in source.topics))

    async def look(self) -> None:
        """Take what the register says now. Raises Problem when the database does not answer."""
        agencies, refused, found = {}, {}, []
        owners = await agencies_of(self.rows, self._all)
        for device, agency, topics, camera, form in await self.rows(_SET, []):
            allowed = tuple(one for one in topics if self._lets(self.broker, agency, one, owners))
            nowhere = [
                one for one in topics if not any(self._lets(at, agency, one, owners) for at in self._all)
            ]
            if nowhere and self.broker == self._all[0]:
                refused[device] = f"The settings let this agency take nothing from {', '.join(nowhere)}."
            if allowed and form not in ADAPTERS:
                refused[device] = "Whose format it sends is not said, or not known here."
            elif allowed:
                found.append(Source(device=device, topics=allowed, format=form, camera=camera))
            if allowed or device in refused:
                agencies[device] = agency
        own = {one.device for one in self.broker.sources}
        agencies |= {device: agency for device, agency in owners.items() if device in own}
        self._agencies, self._refused = agencies, refused
        self.registered = tuple(found)

    @property
    def _all(self) -> tuple[Broker, ...]:
        return self.peers or (self.broker,)

    def _lets(self, broker: Broker, agency: str, topic: str, owners: Mapping[UUID, str]) -> bool:
        """Whether the file lets an agency take it there, and gives nothing of it to another's device."""
        taken_by_others = any(
            meet(taken, topic)
            for peer in self._all
            if peer.named == broker.named
            for source in peer.sources
            if owners.get(source.device, agency) != agency
            for taken in source.topics
        )
        return not taken_by_others and any(
            covers(allowed, topic) for one in broker.agencies if one.id == agency for allowed in one.topics
        )

    def stored(self, device: UUID, topic: str) -> None:
        """Count a message that is on disc."""
        came = self._came.setdefault(device, _Came())
        came.messages += 1
        came.last_message_at, came.last_topic = datetime.now(UTC), topic

    def left_out(self, devices: Iterable[UUID], reason: str) -> None:
        """Count a message that was not taken, for each device that it may have been meant for."""
        for device in dict.fromkeys(devices):
            came = self._came.setdefault(device, _Came())
            came.left_out += 1
            came.last_left_out_at, came.last_reason = datetime.now(UTC), reason

    async def tell(self) -> None:
        """Tell the register what came; what it cannot be told now is told the next time.

        Topics stay told until the broker, connected again, was asked for them no more: it keeps the session.
        """
        now = datetime.now(UTC)
        with contextlib.suppress(Problem):
            if not self.problem:
                ended = {"broker": self.named, "devices": list(self._agencies), "now": now}
                await self.rows(_END, ended)
            self._told = {device: told for device, told in self._told.items() if device in self._agencies}
            for device, agency in self._agencies.items():
                await self._tell_of(device, agency, now)

    async def _tell_of(self, device: UUID, agency: str, now: datetime) -> None:
        """Tell of one device, unless nothing is new of it. Raises Problem, having forgotten nothing."""
        came = self._came.pop(device, _Came())
        row = self._row(device, agency, came, now)
        state = (row["topics"], row["problem"], row["is_away"])
        before, told_at = self._told.get(device, (None, now))
        if came == _Came() and state == before and now - told_at < STILL_THERE:
            return
        try:
            await self.rows(_TELL, row)
        except Exception:
            self._came[device] = _more(came, self._came.get(device))
            raise
        self._told[device] = (state, now)

    async def recall(self) -> set[str]:
        """The topics that were subscribed to at this broker before. Raises Problem."""
        return {topic for (topic,) in await self.rows(_RECALL, [self.named])}

    @property
    def named(self) -> str:
        """The broker as the register knows it: two clients of one are told apart."""
        is_alone = [one.named for one in self._all].count(self.broker.named) == 1
        return (self.broker.named if is_alone else f"{self.broker.named} as {self.broker.client_id}")[:255]

    def _row(self, device: UUID, agency: str, came: _Came, now: datetime) -> dict[str, Any]:
        topics = [topic for one in self.sources if one.device == device for topic in one.topics]
        return {
            "id": uuid4(),
            "agency": agency,
            "device": device,
            "broker": self.named,
            "topics": list(dict.fromkeys(topics)),
            "problem": _shown(self._refused.get(device) or self.problem),
            "is_away": bool(self.problem),
            "reported_at": now,
            "last_message_at": came.last_message_at,
            "last_topic": _shown(came.last_topic),
            "messages": came.messages,
            "left_out": came.left_out,
            "last_left_out_at": came.last_left_out_at,
            "last_reason": _shown(came.last_reason),
        }


async def end_others(rows: Rows, brokers: tuple[Broker, ...]) -> None:
    """Have the register say no more of brokers that the file does not name. Raises Problem."""
    await rows(_END_OTHERS, [[Feeds(one, rows, brokers).named for one in brokers]])


async def agencies_of(rows: Rows, brokers: Iterable[Broker]) -> dict[UUID, str]:
    """Whose the devices of the file's sources are, as far as the register knows them. Raises Problem."""
    named = [source.device for broker in brokers for source in broker.sources]
    return dict(await rows(_AGENCIES, [named])) if named else {}


def _shown(text: str) -> str:
    """What others wrote, as the register can keep it: no NUL, nothing that a page does not print."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text)[:LONGEST]


def _more(earlier: _Came, later: _Came | None) -> _Came:
    """Both together: what came while the register could not be told."""
    if later is None:
        return earlier
    return replace(
        later,
        messages=earlier.messages + later.messages,
        left_out=earlier.left_out + later.left_out,
        last_message_at=later.last_message_at or earlier.last_message_at,
        last_topic=later.last_topic or earlier.last_topic,
        last_left_out_at=later.last_left_out_at or earlier.last_left_out_at,
        last_reason=later.last_reason or earlier.last_reason,
    )
