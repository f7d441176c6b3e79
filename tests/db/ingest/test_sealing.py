"""The receiver seals what it takes in, opens nothing, and refuses nothing for want of a key."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection

from plateward.ingest import letterboxes
from plateward.reads import actions, inbox_actions, inbox_keys
from plateward.reads.models import InboxItem, InboxKey, InboxState
from tests.db.ingest.conftest import Talk
from tests.db.ingest.test_receiver import send
from tests.payloads import as_json
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)


async def aside(act: Callable[[], object]) -> None:
    """What another process does while the receiver goes on."""

    def done() -> None:
        try:
            act()
        finally:
            connection.close()

    await asyncio.to_thread(done)


def test_a_payload_lies_sealed_in_the_inbox_and_the_intake_opens_it(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    inbox_actions.make_inbox_keys(now=now)
    large = as_json(now, event_id="large", note="x" * 400_000)
    for body in (as_json(now), large):
        answer = talk(send(body, barstow.camera_key))
        assert answer.status_code == 202
        item = InboxItem.objects.get(pk=answer.json()["receipt"])
        assert item.body_key == InboxKey.objects.get(agency="barstow-pd")
        assert (b"8ABC123" in bytes(item.body or b""), item.size) == (False, len(body))
        assert inbox_keys.opened(item) == body
    assert actions.store_waiting(limit=9, now=now) == 2
    assert {item.state for item in InboxItem.objects.all()} <= {InboxState.STORED, InboxState.MATCHED}


def test_the_newest_key_serves_as_long_as_there_is_no_newer_one(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    """Where the master key is missing for days, or the intake is away, nothing is refused or left open."""
    for days in (9, 4):
        inbox_actions.make_inbox_keys(now=now - timedelta(days=days))
    assert talk(send(as_json(now), barstow.camera_key)).status_code == 202
    key = InboxItem.objects.get().body_key
    assert key is not None
    assert key.made_date == (now - timedelta(days=4)).astimezone(UTC).date()


def test_before_the_first_key_of_all_nothing_is_refused(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letterboxes, "NONE_S", 0.0)

    async def before_and_after(client: httpx.AsyncClient) -> list[int]:
        first = await send(as_json(now), barstow.camera_key)(client)
        await aside(lambda: inbox_actions.make_inbox_keys(now=now))
        second = await send(as_json(now, event_id="2"), barstow.camera_key)(client)
        return [first.status_code, second.status_code]

    assert talk(before_and_after) == [202, 202]
    assert [item.body_key_id is None for item in InboxItem.objects.order_by("received_at")] == [True, False]


def test_a_key_that_ends_while_the_receiver_remembers_it_costs_no_payload(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    inbox_actions.make_inbox_keys(now=now - timedelta(days=1))

    async def conversation(client: httpx.AsyncClient) -> httpx.Response:
        await send(as_json(now), barstow.camera_key)(client)
        await aside(turn)
        return await send(as_json(now, event_id="2"), barstow.camera_key)(client)

    def turn() -> None:
        actions.store_waiting(limit=9, now=now)
        inbox_actions.make_inbox_keys(now=now)
        assert inbox_actions.destroy_spent_keys(now=now) == 1

    assert talk(conversation).status_code == 202
    assert InboxItem.objects.get(body__isnull=False).body_key == InboxKey.objects.get(agency="barstow-pd")
    assert actions.store_waiting(limit=9, now=now) == 1


@pytest.mark.parametrize("query", ["SELECT wrapped FROM reads_inboxkey", "SELECT body FROM reads_inboxitem"])
def test_the_receivers_role_reads_no_private_key_and_no_body(
    barstow: Town, now: datetime, ingest_database_url: str, query: str
) -> None:
    del barstow
    inbox_actions.make_inbox_keys(now=now)
    with psycopg.connect(ingest_database_url) as receiver:
        receiver.execute("SELECT id, public FROM reads_inboxkey")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            receiver.execute(query)
