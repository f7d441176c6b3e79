"""Too much, too slow or too hostile: senders are told to come again, and whatever was accepted is stored."""

import asyncio
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from django.db import connection

from plateward.ingest import http, room
from plateward.ingest.app import create_app
from plateward.reads.actions import store_waiting
from plateward.reads.models import InboxItem, InboxState, Read
from plateward.reads.store import PictureStore
from tests.db.ingest.conftest import Talk
from tests.ownership import the_owner
from tests.payloads import as_json, inbox_item
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
Talking = Callable[[Talk], Any]


def headers(town: Town) -> dict[str, str]:
    return {"Authorization": f"Bearer {town.camera_key}", "Content-Type": "application/json"}


def test_a_disc_nearly_full_takes_nothing_and_says_when_to_come_again(
    barstow: Town, now: datetime, ingest_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = room.RESERVE - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    monkeypatch.setattr(room, "LOOK_S", 0)
    app = create_app(ingest_database_url, (tmp_path / "not made yet",))

    async def asked() -> list[httpx.Response]:
        nonlocal free
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client,
        ):
            low = await client.post("/v1/reads", content=as_json(now), headers=headers(barstow))
            free = room.RESERVE
            return [low, await client.post("/v1/reads", content=as_json(now), headers=headers(barstow))]

    low, fine = asyncio.run(asked())
    assert (low.status_code, fine.status_code) == (429, 202)
    assert int(low.headers["retry-after"]) > 0
    assert "511 MB" in low.json()["detail"]
    assert InboxItem.objects.count() == 1


def test_more_requests_at_once_than_are_served_in_time_are_asked_to_come_again(
    barstow: Town, now: datetime, talk: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_AT_ONCE", 3)
    go = asyncio.Event()

    async def slow(event: str) -> AsyncIterator[bytes]:
        await go.wait()
        yield as_json(now, event_id=event)

    async def conversation(client: httpx.AsyncClient) -> list[httpx.Response]:
        asked = [
            asyncio.create_task(client.post("/v1/reads", content=slow(event), headers=headers(barstow)))
            for event in "abcde"
        ]
        refused, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert refused
        go.set()
        return list(await asyncio.gather(*asked))

    answers = talk(conversation)
    assert sorted(answer.status_code for answer in answers) == [202, 202, 202, 429, 429]
    assert InboxItem.objects.count() == 3


def test_a_body_that_does_not_come_is_given_up(
    barstow: Town, now: datetime, talk: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.ingest.app.BODY_S", 0.1)

    async def trickle() -> AsyncIterator[bytes]:
        for byte in as_json(now):
            yield bytes([byte])
            await asyncio.sleep(0.05)

    answer = talk(lambda client: client.post("/v1/reads", content=trickle(), headers=headers(barstow)))
    assert answer.status_code == 408
    assert not InboxItem.objects.exists()


@contextmanager
def listening(database_url: str) -> Iterator[int]:
    """The receiver behind its real HTTP protocol, in a thread; its port."""
    config = uvicorn.Config(create_app(database_url), port=0, http=http.ImpatientProtocol, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("sent", [b"", b"POST /v1/reads HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_headers_that_never_end_cost_their_sender_the_connection_and_nobody_else_anything(
    barstow: Town, now: datetime, ingest_database_url: str, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(http, "HEADERS_S", 0.5)

    async def stalled(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        ending = asyncio.create_task(reader.read())
        while sent and not ending.done():
            writer.write(b"x")
            await asyncio.wait([ending], timeout=0.05)
        rest = await ending
        writer.close()
        return rest

    async def both(port: int) -> tuple[list[bytes], httpx.Response]:
        waiting = [asyncio.create_task(stalled(port)) for _ in range(20)]
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{port}/v1/reads"
            answer = await client.post(url, content=as_json(now), headers=headers(barstow))
        return await asyncio.gather(*waiting), answer

    with listening(ingest_database_url) as port:
        rests, answer = asyncio.run(asyncio.wait_for(both(port), 30))
    assert set(rests) == {b""}
    assert answer.status_code == 202


def test_a_database_that_stands_still_accepts_nothing_it_does_not_store(
    barstow: Town, now: datetime, talk: Talking, owner_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.ingest.inbox.ANSWER_S", 0.5)

    async def conversation(client: httpx.AsyncClient) -> list[httpx.Response]:
        async def shot(event: int) -> httpx.Response:
            return await client.post(
                "/v1/reads", content=as_json(now, event_id=str(event)), headers=headers(barstow)
            )

        first = await shot(0)
        async with await psycopg.AsyncConnection.connect(owner_database_url) as owner:
            await owner.execute("LOCK TABLE reads_inboxitem IN ACCESS EXCLUSIVE MODE")
            stuck = await asyncio.gather(*(shot(event) for event in range(1, 9)))
        monkeypatch.setattr("plateward.ingest.inbox.ANSWER_S", 10.0)
        again = await asyncio.gather(*(shot(event) for event in range(1, 9)))
        return [first, *stuck, *again]

    first, *rest = talk(conversation)
    stuck, again = rest[:8], rest[8:]
    assert first.status_code == 202
    assert {answer.status_code for answer in stuck} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in stuck)
    assert {answer.status_code for answer in again} <= {200, 202}
    assert InboxItem.objects.count() == 9


def test_a_full_disc_of_the_database_is_said_and_nothing_accepted(
    barstow: Town, now: datetime, talk: Talking
) -> None:
    """The server's own error, raised where the row would be written."""
    full = (
        "CREATE FUNCTION full_disc() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS"
        " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;"
        "CREATE TRIGGER full_disc BEFORE INSERT ON reads_inboxitem FOR EACH ROW EXECUTE FUNCTION full_disc()"
    )
    _as_owner(full)
    try:
        answer = talk(lambda client: client.post("/v1/reads", content=as_json(now), headers=headers(barstow)))
    finally:
        _as_owner("DROP TRIGGER full_disc ON reads_inboxitem; DROP FUNCTION full_disc()")
    assert answer.status_code == 507
    assert int(answer.headers["retry-after"]) > 0
    assert not InboxItem.objects.exists()


def _as_owner(statement: str) -> None:
    with the_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


HOSTILE = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep inside": b'"note": ' + b"[" * 900 + b"]" * 900,
    "no end": b'{"event_id": "1", "plate": "8ABC',
    "not UTF-8": b'{"event_id": "\xff\xfe"}',
    "NUL": b'"note": "a\\u0000b"',
    "half a surrogate": b'"note": "\\ud800"',
    "a huge number": b'"note": 1e999999',
    "nothing": b"",
    "long plate": b'"plate": "' + b"A" * 100_000 + b'"',
    "many keys": b", ".join(b'"k%d": %d' % (n, n) for n in range(20_000)),
}


def test_hostile_bodies_are_accepted_set_aside_with_a_reason_and_stop_no_other(
    barstow: Town, now: datetime, talk: Talking, tmp_path: Path
) -> None:
    def body(name: str, hostile: bytes) -> bytes:
        if not hostile.startswith(b'"'):
            return hostile
        return as_json(now, event_id=name)[:-1] + b", " + hostile + b"}"

    async def conversation(client: httpx.AsyncClient) -> set[int]:
        bodies = [body(name, hostile) for name, hostile in HOSTILE.items()]
        bodies += [as_json(now, event_id=str(n)) for n in range(20)]
        asked = [client.post("/v1/reads", content=one, headers=headers(barstow)) for one in bodies]
        return {answer.status_code for answer in await asyncio.gather(*asked)}

    assert talk(conversation) == {202}
    inbox_item(barstow.camera, b"<" * 10_000, now, adapter="hikvision", content_type="application/xml")
    store = PictureStore(tmp_path)
    for attempt in range(6):
        store_waiting(limit=1000, now=now + timedelta(hours=attempt), store=store)
    aside = InboxItem.objects.filter(state=InboxState.QUARANTINED)
    sound = {str(n) for n in range(20)}
    assert sound <= set(Read.objects.values_list("source_event_id", flat=True)) <= sound | set(HOSTILE)
    assert aside.count() + Read.objects.count() == len(HOSTILE) + 21
    assert all(item.reason and item.body is not None for item in aside)
