"""Live events over a real server and a real database: what arrives, what never does, what survives."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from plateward.accounts import actions as accounts
from plateward.accounts.models import User
from plateward.config.asgi import application
from plateward.governance.queries import actor_for
from plateward.live import stream, views
from plateward.live.actions import CHANNEL, publish
from plateward.live.stream import ALIVE, REOPEN, RESYNC, Event, Subscriber
from tests.ownership import the_owner
from tests.days import day_of
from tests.personas import build_barstow, build_huntington_park, open_session

SECOND = 1.0


@pytest.fixture
def address(transactional_db: None, now: datetime) -> Iterator[str]:  # noqa: ARG001  the server sees committed rows
    """The web pages' own ASGI application behind uvicorn, with both towns' people."""
    build_barstow(now)
    build_huntington_park(now)
    config = uvicorn.Config(
        application, port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended before it began"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)
    assert not thread.is_alive(), "the server did not end"


def cookies(username: str) -> dict[str, str]:
    client = open_session(Client(), username)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@contextmanager
def listening(address: str, username: str, topics: str = "alerts") -> Iterator[Iterator[Event]]:
    """The events of a person's open screen, from the resync that every stream begins with."""
    with (
        httpx.Client(cookies=cookies(username), timeout=10) as client,
        client.stream("GET", f"{address}/live/stream", params={"topics": topics}) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        events = parsed(answer.iter_lines())
        assert next(events) == RESYNC
        yield events


def parsed(lines: Iterator[str]) -> Iterator[Event]:
    topic = ""
    for line in lines:
        if line.startswith("event: "):
            topic = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield Event(topic, line.removeprefix("data: "))


def listeners() -> list[int]:
    """Database processes that wait for notifications."""
    with the_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def connections() -> list[int]:
    """Database processes that serve anybody else here; the database's own clean-up is none."""
    with the_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def test_a_change_reaches_the_agencys_screens_within_a_second_and_no_other(address: str) -> None:
    ours, theirs = str(uuid4()), str(uuid4())
    with listening(address, "dunn") as barstow, listening(address, "hyde") as huntington_park:
        told = time.perf_counter()
        publish(agency="barstow-pd", topic="alerts", id=ours)
        assert next(barstow) == Event("alerts", ours)
        assert time.perf_counter() - told < SECOND
        publish(agency="huntington-park-pd", topic="alerts", id=theirs)
        assert next(huntington_park) == Event("alerts", theirs), "the first thing it hears is its own"


def test_only_the_topics_asked_for_arrive(address: str) -> None:
    with listening(address, "dunn", "alerts,entries") as events:
        publish(agency="barstow-pd", topic="quarantine", id="1")
        publish(agency="barstow-pd", topic="entries", id="2")
        assert next(events) == Event("entries", "2")


def test_what_is_rolled_back_never_happened(address: str) -> None:
    with listening(address, "dunn") as events:
        with transaction.atomic():
            publish(agency="barstow-pd", topic="alerts", id="undone")
            transaction.set_rollback(True)
        publish(agency="barstow-pd", topic="alerts", id="done")
        assert next(events) == Event("alerts", "done")


def test_a_lost_database_connection_is_made_again_and_screens_resynchronise(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RECONNECT_S", 0.05)
    with listening(address, "dunn") as events:
        (pid,) = listeners()
        with the_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert next(events) == RESYNC
        publish(agency="barstow-pd", topic="alerts", id="after")
        assert next(events) == Event("alerts", "after")


def test_while_the_database_is_away_no_screen_is_told_that_it_lives(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RECONNECT_S", 0.5)
    monkeypatch.setattr(views, "KEEP_ALIVE_S", 0.05)
    with listening(address, "dunn") as events:
        assert next(events) == ALIVE
        (pid,) = listeners()
        with the_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        began, told = time.perf_counter(), next(events)
        while told == ALIVE:
            began, told = time.perf_counter(), next(events)
        assert told == RESYNC
        assert time.perf_counter() - began > 4 * views.KEEP_ALIVE_S, "silent until it listens again"


def test_what_others_notify_on_the_channel_does_no_harm(address: str) -> None:
    with listening(address, "dunn") as events:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, 'not ours')", [CHANNEL])
        publish(agency="barstow-pd", topic="alerts", id="ours")
        assert next(events) == Event("alerts", "ours")


def test_a_shift_of_open_screens_holds_one_database_connection(address: str) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(listening(address, "dunn"))
        deadline = time.monotonic() + 10
        while len(held := connections()) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)  # the gate's, which each stream asked as it opened, is closed beside it
        assert (len(held), held) == (1, listeners())


def test_a_quiet_stream_says_that_it_lives_and_a_busy_one_too(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "KEEP_ALIVE_S", 0.2)
    with listening(address, "dunn") as events:
        assert next(events) == ALIVE
        heard = []
        while ALIVE not in heard:
            publish(agency="barstow-pd", topic="alerts", id="busy")
            heard.append(next(events))
        assert Event("alerts", "busy") in heard


@pytest.mark.parametrize(
    ("username", "topics", "status"),
    [
        ("dunn", "alerts,weather", 400),
        ("dunn", "", 400),
        ("dunn", "quarantine", 403),
        ("imani", "alerts", 403),
    ],
)
def test_unknown_topics_and_those_of_others_are_refused(
    address: str, username: str, topics: str, status: int
) -> None:
    answer = httpx.get(f"{address}/live/stream", params={"topics": topics}, cookies=cookies(username))
    assert answer.status_code == status


def test_nobody_listens_without_a_login(address: str) -> None:
    answer = httpx.get(f"{address}/live/stream", params={"topics": "alerts"})
    assert answer.status_code == 302


def test_a_screen_that_falls_behind_is_told_to_load_everything_again() -> None:
    screen = Subscriber("barstow-pd", "dunn", frozenset({"alerts"}), asyncio.Queue(2))
    for number in range(3):
        screen.offer(Event("alerts", str(number)))
    assert [screen.queue.get_nowait() for _ in range(screen.queue.qsize())] == [RESYNC]


def test_a_screen_told_to_open_another_stream_hears_nothing_before() -> None:
    screen = Subscriber("barstow-pd", "dunn", frozenset({"alerts"}), asyncio.Queue(2))
    screen.offer(Event("alerts", "1"))
    screen.end()
    assert [screen.queue.get_nowait() for _ in range(screen.queue.qsize())] == [REOPEN]


def test_a_stream_ends_by_itself_and_the_gate_is_asked_again(
    address: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "STREAM_LASTS_S", 0.3)
    with listening(address, "dunn") as events:
        User.objects.get(username="dunn").certifications.update(
            completed_date=day_of(now) - timedelta(days=800), expires_date=day_of(now) - timedelta(days=2)
        )
        assert list(events)[-1] == REOPEN, "and nothing comes after it"
    assert httpx.get(f"{address}/live/stream?topics=alerts", cookies=cookies("dunn")).status_code == 403


@pytest.mark.clause("B-466.6(e)")
def test_who_is_suspended_is_cut_off_at_once_and_nobody_else(address: str, now: datetime) -> None:
    cookie = cookies("dunn")
    with listening(address, "dunn") as dunn, listening(address, "soto") as soto:
        accounts.suspend(
            user=User.objects.get(username="dunn"),
            reason="On leave.",
            needs_retraining=False,
            by=actor_for(User.objects.get(username="cole"), at=now),
            now=now,
        )
        publish(agency="barstow-pd", topic="alerts", id="after")
        assert list(dunn) == [REOPEN]
        assert next(soto) == Event("alerts", "after")
    answer = httpx.get(f"{address}/live/stream?topics=alerts", cookies=cookie)
    assert (answer.status_code, answer.headers["location"][:7]) == (302, "/login/")


def test_who_is_suspended_while_a_stream_opens_is_not_listened_for(
    address: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate let the person in, and the end of the session came before anybody listened for it."""
    quinn = User.objects.select_related("agency").get(username="quinn")
    subscribe = stream.Hub.subscribe

    @asynccontextmanager
    async def late(hub: stream.Hub, *args: Any) -> AsyncIterator[Subscriber]:
        cole = await sync_to_async(actor_for)(await User.objects.aget(username="cole"), at=now)
        await sync_to_async(accounts.suspend)(
            user=quinn, reason="On leave.", needs_retraining=False, by=cole, now=now
        )
        async with subscribe(hub, *args) as subscriber:
            yield subscriber

    monkeypatch.setattr(stream.Hub, "subscribe", late)
    with listening(address, "quinn") as events:
        assert next(events) == REOPEN


def test_logging_out_ends_the_streams_of_ones_pages(address: str) -> None:
    client = open_session(Client(), "dunn")
    with listening(address, "dunn") as events:
        client.post("/logout/")
        assert list(events) == [REOPEN]
