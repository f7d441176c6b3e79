"""Payloads that arrive together share a transaction, and nothing else: each has its own answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest
from django.db import connection

from plateward.ingest import groups
from plateward.ingest.groups import WRITERS, Waiting
from plateward.ingest.inbox import Inbox
from plateward.reads.models import InboxItem
from tests.db.ingest.conftest import Talk
from tests.payloads import as_json
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
Talking = Callable[[Talk], Any]


def together(bodies: Sequence[bytes], key: str, **headers: str) -> Talk:
    """Send all of these at once; their answers, in order."""
    sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}

    async def conversation(client: httpx.AsyncClient) -> list[httpx.Response]:
        asked = [client.post("/v1/reads", content=body, headers=sent) for body in bodies]
        return await asyncio.gather(*asked)

    return conversation


def transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM reads_inboxitem")
        return int(cursor.fetchone()[0])


def test_what_arrives_together_shares_few_transactions_and_gets_receipts_of_its_own(
    barstow: Town, now: datetime, talk: Talking
) -> None:
    answers = talk(together([as_json(now, event_id=str(n)) for n in range(60)], barstow.camera_key))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["receipt"] for answer in answers}) == InboxItem.objects.count() == 60
    assert transactions() < 60


def test_groups_are_no_larger_than_memory_allows(
    barstow: Town, now: datetime, talk: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, store = [], Inbox._store

    async def noted(inbox: Inbox, group: Sequence[Waiting]) -> Any:
        sizes.append([len(one.payload.body) for one in group])
        return await store(inbox, group)

    monkeypatch.setattr(Inbox, "_store", noted)
    monkeypatch.setattr(groups, "GROUP_BYTES", 500)
    bodies = [as_json(now, event_id=str(n), model="m" * 90) for n in range(20)]
    bodies.append(as_json(now, event_id="large", vehicle={"note": "n" * 900}))
    answers = talk(together(bodies, barstow.camera_key))
    assert {answer.status_code for answer in answers} == {202}
    assert any(len(group) > 1 for group in sizes)
    assert all(len(group) == 1 or sum(group) <= 500 for group in sizes)


def test_a_bad_one_sinks_no_neighbor(
    barstow: Town, now: datetime, talk: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Inbox._store

    async def failing(inbox: Inbox, group: Sequence[Waiting]) -> Any:
        if any(b"bad" in one.payload.body for one in group):
            raise ZeroDivisionError
        return await store(inbox, group)

    monkeypatch.setattr(Inbox, "_store", failing)
    events = [*"abcdefgh", "bad", *"ijklmnop"]
    answers = talk(together([as_json(now, event_id=event) for event in events], barstow.camera_key))
    assert [answer.status_code for answer in answers] == [202] * 8 + [500] + [202] * 8
    assert InboxItem.objects.count() == 16


def test_one_key_for_two_contents_at_the_same_moment_is_told_to_the_second_alone(
    barstow: Town, now: datetime, talk: Talking
) -> None:
    bodies = [as_json(now, event_id=event) for event in "ab"] * 4
    answers = talk(together(bodies, barstow.camera_key, Idempotency_Key="one"))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [202] + [422] * 4
    assert InboxItem.objects.count() == 1


def test_who_waits_no_longer_is_left_out(
    barstow: Town, now: datetime, talk: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.ingest.inbox.ANSWER_S", 0.3)
    gate, taken, done, store = asyncio.Event(), asyncio.Semaphore(0), asyncio.Semaphore(0), Inbox._store

    async def held(inbox: Inbox, group: Sequence[Waiting]) -> Any:
        taken.release()
        await gate.wait()
        answers = await store(inbox, group)
        done.release()
        return answers

    monkeypatch.setattr(Inbox, "_store", held)

    async def conversation(client: httpx.AsyncClient) -> list[httpx.Response]:
        def sending(*ids: str) -> Awaitable[list[httpx.Response]]:
            return together([as_json(now, event_id=event_id) for event_id in ids], barstow.camera_key)(client)

        busy = []
        for number in range(WRITERS):
            busy.append(asyncio.ensure_future(sending(f"busy {number}")))
            await taken.acquire()
        late = await sending("late 1", "late 2", "late 3")
        monkeypatch.undo()  # these two are stored by whoever took them, and answered without haste
        gate.set()
        for _ in range(WRITERS):
            await done.acquire()
        return [*(await busy[0]), *late, *await sending("fine")]

    *late, fine = talk(conversation)
    assert {answer.status_code for answer in late} == {503}
    assert fine.status_code == 202
    stored = InboxItem.objects.count()
    assert stored == WRITERS + 1, "whoever was told to come again while waiting is not stored"
