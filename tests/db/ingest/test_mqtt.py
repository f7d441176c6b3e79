"""Messages of a real broker (mosquitto): stored, then acknowledged; nothing is lost to killing."""

import asyncio
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from plateward.audit.who import Who
from plateward.devices.actions import register
from plateward.devices.models import Device, Feed
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.devices.way_actions import set_way_in
from plateward.devices.ways import WayIn
from plateward.ingest.brokers import AgencyTopics, Broker, Source
from plateward.ingest.feeds import Feeds, end_others
from plateward.ingest.inbox import Inbox
from plateward.ingest.mqtt import Message, Subscriber, subscribe, tls_context
from plateward.ingest.payloads import Payload, Receipt, Sender
from plateward.ingest.problems import DATABASE, Problem
from plateward.reads.actions import store_waiting
from plateward.reads.models import InboxItem, Read
from plateward.reads.passage_actions import close_passages
from plateward.reads.store import PictureStore
from tests.certificates import Authority
from tests.maker_samples import sample
from tests.personas import Town
from tests.servers import free_port
from tests.tools import find_mosquitto

pytestmark = pytest.mark.django_db(transaction=True)
TOPIC = "frigate/events"
MANY = 200


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def broker_running(tmp_path: Path, *more: str) -> Iterator[int]:
    """A broker that knows one user; Debian's package `mosquitto`, see CONTRIBUTING.md."""
    number = free_port()
    passwords = tmp_path / "passwords"
    tool = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
    subprocess.run([tool, "-b", "-c", passwords, "plateward", "secret"], check=True)  # noqa: S603  ours
    settings = tmp_path / "mosquitto.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    settings.write_text(
        f"{user}listener {number} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        "max_queued_messages 0\n" + "".join(f"{line}\n" for line in more)
    )
    program = find_mosquitto()
    assert program, "without it these tests are left out"
    broker = subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL)  # noqa: S603  ours
    try:
        until(lambda: is_listening(number))
        yield number
    finally:
        broker.kill()
        broker.wait()


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with broker_running(tmp_path) as number:
        yield number


def publish(port: int, bodies: list[bytes], tls: ssl.SSLContext | None = None, *, topic: str = TOPIC) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("plateward", "secret")
    if tls is not None:
        client.tls_set_context(tls)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = [client.publish(topic, body, qos=1) for body in bodies]
    for one in sent:
        one.wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


def event(number: int, camera: str = "drive") -> bytes:
    document = sample("frigate-events-end.json").document
    document["after"] |= {"id": f"1767225600.{number}-abc", "camera": camera}
    return json.dumps(document).encode()


class Process:
    """The subscriber as the product's own command."""

    def __init__(self, file: Path, database_url: str) -> None:
        self.environment = {**os.environ, "DATABASE_INGEST_URL": database_url, "PLATEWARD_MQTT": str(file)}
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "plateward.config.cli", "mqtt"], env=self.environment)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.kill()
        self.process = self._started()


@pytest.fixture
def subscriber(barstow: Town, port: int, tmp_path: Path, ingest_database_url: str) -> Iterator[Process]:
    (tmp_path / "mqtt.password").write_text("secret")
    file = tmp_path / "mqtt.toml"
    file.write_text(
        f'[[broker]]\nhost = "127.0.0.1"\nport = {port}\ntls = false\nusername = "plateward"\n'
        'password_file = "mqtt.password"\nclient_id = "plateward-test"\n'
        f'[[broker.source]]\ndevice = "{barstow.camera.pk}"\ntopics = ["{TOPIC}"]\nformat = "frigate"\n'
        'camera = "drive"\n'
    )
    started = Process(file, ingest_database_url)
    try:
        yield started
    finally:
        started.kill()


def stored() -> int:
    return InboxItem.objects.count()


def test_a_killed_subscriber_loses_no_message_and_stores_none_twice(port: int, subscriber: Process) -> None:
    ping = event(0)

    def is_subscribed() -> bool:
        publish(port, [ping])
        return stored() == 1

    until(is_subscribed)
    for start in range(1, MANY + 1, MANY // 4):
        publish(port, [event(number) for number in range(start, start + MANY // 4)])
        subscriber.start_again()
    until(lambda: stored() == MANY + 1)


def test_a_message_becomes_a_read_and_other_cameras_are_left_out(
    port: int, subscriber: Process, now: datetime, store: PictureStore
) -> None:
    def is_stored() -> bool:
        publish(port, [event(1, "yard"), event(2)])
        return stored() == 1

    until(is_stored)
    assert subscriber.process.poll() is None
    store_waiting(limit=9, now=now, store=store)
    close_passages(limit=9, now=now, store=store)
    assert Read.objects.get().plate == "TST0123"
    item = InboxItem.objects.get()
    assert (item.adapter, item.source_address) == ("frigate", "mqtt 127.0.0.1")


class Faulty(Inbox):
    """An inbox whose database is away the first times."""

    faults = 2

    async def store(self, sender: Sender, payload: Payload) -> Receipt:
        if self.faults:
            self.faults -= 1
            raise Problem(DATABASE)
        return await super().store(sender, payload)


def taken(inbox: Inbox, device: object, message: Message) -> None:
    source = Source(device=device, topics=(TOPIC,), format="frigate")  # type: ignore[arg-type]  # a device's id
    broker = Broker(host="127.0.0.1", port=1, tls=False, client_id="test", sources=(source,))

    async def run() -> None:
        async with inbox:
            await Subscriber(broker, inbox).take(message)

    asyncio.run(run())


def test_a_message_waits_unacknowledged_for_its_database(
    barstow: Town, ingest_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.ingest.mqtt.FIRST_PAUSE_S", 0.01)
    inbox = Faulty(ingest_database_url)
    taken(inbox, barstow.camera.pk, Message(TOPIC, event(1)))
    assert (stored(), inbox.faults) == (1, 0)


@pytest.mark.parametrize("known", ["disabled", "unknown"])
def test_messages_of_a_device_that_may_not_send_are_left_out(
    barstow: Town, ingest_database_url: str, known: str
) -> None:
    Device.objects.filter(pk=barstow.camera.pk).update(is_enabled=False)
    device = barstow.camera.pk if known == "disabled" else uuid4()
    taken(Inbox(ingest_database_url), device, Message(TOPIC, event(1)))
    assert stored() == 0


BY = Who.system("tests")


def set_topics(device: Device, now: datetime, *topics: str, camera: str = "") -> None:
    device.refresh_from_db()
    way_in = WayIn(format="frigate", topics=topics, topic_camera=camera)
    set_way_in(device=device, revision=device.revision, way_in=way_in, by=BY, now=now)


@pytest.fixture
def own_topics(barstow: Town, port: int, tmp_path: Path, ingest_database_url: str) -> Iterator[Process]:
    """A subscriber whose settings name no device, only what Barstow's people may take."""
    (tmp_path / "mqtt.password").write_text("secret")
    file = tmp_path / "mqtt.toml"
    file.write_text(
        f'[[broker]]\nhost = "127.0.0.1"\nport = {port}\ntls = false\nusername = "plateward"\n'
        'password_file = "mqtt.password"\nclient_id = "plateward-test"\n'
        f'[[broker.agency]]\nid = "{barstow.agency.pk}"\ntopics = ["frigate/#"]\n'
    )
    started = Process(file, ingest_database_url)
    try:
        yield started
    finally:
        started.kill()


@pytest.mark.usefixtures("own_topics")
def test_topics_set_in_the_register_feed_a_device_and_their_page_says_what_came(
    barstow: Town, port: int, now: datetime
) -> None:
    feeds = Feed.objects.filter(device=barstow.camera)
    set_topics(barstow.camera, now, TOPIC, camera="drive")
    until(lambda: feeds.filter(topics=[TOPIC], problem="").exists())
    publish(port, [event(1), event(2, "yard")])
    until(lambda: feeds.filter(messages=1, left_out=1).exists())
    assert stored() == 1
    told = feeds.get()
    assert (told.broker, told.last_topic) == (f"127.0.0.1:{port}", TOPIC)
    assert "the camera “yard”, which is set for no device" in told.last_reason
    set_topics(barstow.camera, now, "everybody/else")
    until(lambda: feeds.filter(topics=[], problem__contains="nothing from everybody/else").exists())
    publish(port, [event(3)])
    set_topics(barstow.camera, now, TOPIC)
    until(lambda: feeds.filter(topics=[TOPIC], problem="").exists())
    publish(port, [event(4)])
    until(lambda: feeds.filter(messages=2).exists())
    assert stored() == 2


@pytest.mark.usefixtures("own_topics")
def test_a_message_that_no_database_could_keep_stops_nothing(barstow: Town, port: int, now: datetime) -> None:
    """A NUL in a camera's name once ended the telling: topics set later were never taken."""
    feeds = Feed.objects.filter(device=barstow.camera)
    set_topics(barstow.camera, now, TOPIC, camera="drive")
    until(lambda: feeds.filter(topics=[TOPIC], problem="").exists())
    publish(port, [event(1, "a\0b\u202e")])
    until(lambda: feeds.filter(left_out=1, last_reason__contains="“a\ufffdb\ufffd”").exists())
    set_topics(barstow.camera, now, "frigate/+", camera="drive")
    until(lambda: feeds.filter(topics=["frigate/+"]).exists())


def test_a_fault_of_ours_in_telling_ends_neither_that_nor_the_asking(
    barstow: Town, ingest_database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    del barstow
    monkeypatch.setattr("plateward.ingest.mqtt.LOOK_S", 0.01)
    rounds = asyncio.Event()
    told: list[str] = []

    async def run() -> None:
        async with Inbox(ingest_database_url) as inbox:
            subscriber = Subscriber(Broker(host="x", port=1, tls=False, client_id="t", sources=()), inbox)

            async def faulty() -> None:
                told.append("")
                raise RuntimeError("no such luck")

            async def looked() -> None:
                if len(told) > 1:
                    rounds.set()

            monkeypatch.setattr(Feeds, "tell", lambda _: faulty())
            monkeypatch.setattr(Feeds, "look", lambda _: looked())
            telling = asyncio.create_task(subscriber._keep_telling())
            async with asyncio.timeout(60):
                await rounds.wait()
            assert not telling.done()
            telling.cancel()

    asyncio.run(run())
    assert caplog.text.count("RuntimeError: no such luck") == 1


def test_what_the_file_says_of_a_message_counts_before_the_browser(
    barstow: Town, now: datetime, ingest_database_url: str
) -> None:
    """Though the register names the message's camera, and the file only its topic."""
    facts = DeviceFacts(name="Gate", kind=DeviceKind.FIXED, location="Gate", owner=barstow.agency.name)
    other, _ = register(agency=barstow.agency, facts=facts, by=BY, now=now)
    set_topics(other, now, TOPIC, camera="drive")
    source = Source(device=barstow.camera.pk, topics=(TOPIC,), format="frigate")
    may = AgencyTopics(id=barstow.agency.pk, topics=("frigate/#",))
    broker = Broker(host="x", port=1, tls=False, client_id="t", sources=(source,), agencies=(may,))

    async def run() -> None:
        async with Inbox(ingest_database_url) as inbox:
            subscriber = Subscriber(broker, inbox)
            await subscriber.feeds.look()
            assert [one.device for one in subscriber.feeds.registered] == [other.pk]
            await subscriber.take(Message(TOPIC, event(1)))

    asyncio.run(run())
    assert InboxItem.objects.get().device_id == barstow.camera.pk


def test_a_topic_that_the_file_gives_to_another_agencys_device_is_not_taken(
    barstow: Town, huntington_park: Town, now: datetime, ingest_database_url: str
) -> None:
    """The subscriber does not start so; a device registered later does not open the way either."""
    set_topics(barstow.camera, now, TOPIC, camera="drive")
    source = Source(device=huntington_park.camera.pk, topics=(TOPIC,), format="frigate", camera="gate")
    may = AgencyTopics(id=barstow.agency.pk, topics=("frigate/#",))
    broker = Broker(host="x", port=1, tls=False, client_id="t", sources=(source,), agencies=(may,))

    async def run() -> None:
        async with Inbox(ingest_database_url) as inbox:
            subscriber = Subscriber(broker, inbox)
            await subscriber.feeds.look()
            await subscriber.feeds.tell()
            await subscriber.take(Message(TOPIC, event(1)))

    asyncio.run(run())
    assert stored() == 0
    assert "nothing from frigate/events" in Feed.objects.get(device=barstow.camera).problem
    with pytest.raises(ValueError, match="“frigate/events”, which huntington-park-pd takes"):
        asyncio.run(subscribe((broker,), ingest_database_url))


SUBSCRIBED = "SELECT id FROM devices_feed WHERE topics = %s AND problem = ''"


async def fed_until(inbox: Inbox, broker: Broker, statement: str, values: list[object]) -> Subscriber:
    """Run a subscriber until the statement finds something."""
    subscriber = Subscriber(broker, inbox)
    task = asyncio.create_task(subscriber.run())
    try:
        async with asyncio.timeout(60):
            while not await inbox._row(statement, values):  # noqa: ASYNC110  the broker tells nobody
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return subscriber


def test_a_topic_that_went_while_the_subscriber_was_away_is_taken_no_more(
    barstow: Town, port: int, now: datetime, ingest_database_url: str
) -> None:
    """The broker keeps the session, and would send what the agency removed for ever."""
    may = AgencyTopics(id=barstow.agency.pk, topics=("frigate/#",))
    broker = Broker(
        host="127.0.0.1",
        port=port,
        tls=False,
        client_id="same",
        sources=(),
        agencies=(may,),
        username="plateward",
        password="secret",
    )

    async def run(statement: str, *values: object) -> Subscriber:
        async with Inbox(ingest_database_url) as inbox:
            return await fed_until(inbox, broker, statement, list(values))

    set_topics(barstow.camera, now, TOPIC)
    asyncio.run(run(SUBSCRIBED, [TOPIC]))
    set_topics(barstow.camera, now, "frigate/other")
    asyncio.run(run(SUBSCRIBED, ["frigate/other"]))
    publish(port, [event(1)])
    publish(port, [event(2)], topic="frigate/other")
    last = asyncio.run(run("SELECT id FROM reads_inboxitem"))
    assert (stored(), last._told) == (1, set()), "the broker kept nothing of the other"


def test_two_brokers_on_one_host_tell_apart_what_they_feed_and_one_says_what_none_may(
    barstow: Town, now: datetime, ingest_database_url: str
) -> None:
    set_topics(barstow.camera, now, TOPIC, "everybody/else")
    shared = {"host": "mqtt.example", "tls": False, "sources": ()}
    may = AgencyTopics(id=barstow.agency.pk, topics=("frigate/#",))
    brokers = (
        Broker(port=1, client_id="a", **shared),  # type: ignore[arg-type]  # as named
        Broker(port=2, client_id="b", agencies=(may,), **shared),  # type: ignore[arg-type]  # the same
        Broker(port=2, client_id="c", **shared),  # type: ignore[arg-type]  # the same
    )
    Feed.objects.create(
        agency=barstow.agency,
        device=barstow.camera,
        broker="gone.example:1",
        topics=["frigate/events"],
        reported_at=now,
        messages=7,
        left_out=0,
    )

    async def run() -> None:
        async with Inbox(ingest_database_url) as inbox:
            await end_others(inbox.rows, brokers)
            found = [Feeds(one, inbox.rows, brokers) for one in brokers]
            for _ in range(2):
                for feeds in found:
                    feeds.problem = ""
                    await feeds.look()
                    await feeds.tell()

    asyncio.run(run())
    assert list(Feed.objects.values_list("broker", "topics", "problem", "messages")) == [
        ("gone.example:1", [], "", 7),
        ("mqtt.example:1", [], "The settings let this agency take nothing from everybody/else.", 0),
        ("mqtt.example:2 as b", [TOPIC], "", 0),
    ]


# paho leaves the socket of a broker that it does not trust to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("has_certificate", [False, True])
def test_over_tls_with_an_authority_of_its_own_and_a_certificate_where_one_is_asked_for(
    barstow: Town, tmp_path: Path, ingest_database_url: str, *, has_certificate: bool
) -> None:
    """A subscriber that trusts another authority, or shows no certificate, gets no message; this one all."""
    authority, stranger = Authority(tmp_path / "own"), Authority(tmp_path / "other")
    (certificate, key), (client, client_key) = authority.signed("127.0.0.1"), authority.signed("plateward")
    lines = [f"cafile {authority.file}", f"certfile {certificate}", f"keyfile {key}"]
    if has_certificate:
        lines.append("require_certificate true")
    source = Source(device=barstow.camera.pk, topics=(TOPIC,), format="frigate")

    def broker(name: str, **more: Path) -> Broker:
        known = {
            "host": "127.0.0.1",
            "port": port,
            "tls": True,
            "username": "plateward",
            "password": "secret",
        }
        return Broker(**known | {"client_id": name, "sources": (source,)} | more)  # type: ignore[arg-type]  # as named

    with broker_running(tmp_path, *lines) as port:
        shown = {"certificate_file": client, "key_file": client_key} if has_certificate else {}
        good = broker("good", ca_file=authority.file, **shown)
        bad = broker("bad", ca_file=stranger.file, **shown)
        asyncio.run(
            one_takes(ingest_database_url, bad, good, lambda: publish(port, [event(1)], tls_context(good)))
        )
    assert stored() == 1


async def one_takes(database_url: str, bad: Broker, good: Broker, send: Callable[[], None]) -> None:
    """Have both subscribe, a message be sent, and wait until one of them has stored it."""
    async with Inbox(database_url) as inbox:
        subscribers = [Subscriber(broker, inbox) for broker in (bad, good)]
        tasks = [asyncio.create_task(one.run()) for one in subscribers]
        try:
            async with asyncio.timeout(60):
                while not subscribers[1]._connection:  # noqa: ASYNC110  set on the client's own thread
                    await asyncio.sleep(0.05)
                await asyncio.to_thread(send)
                while not await inbox._row("SELECT id FROM reads_inboxitem", []):  # noqa: ASYNC110  the same
                    await asyncio.sleep(0.05)
            assert not subscribers[0]._connection, "it trusts nobody whom this broker's authority vouches for"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
