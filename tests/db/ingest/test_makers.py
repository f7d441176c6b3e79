"""What makers' devices send, over HTTP to the search page; and the answers that some of them insist on."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from plateward.plates.pattern import PlatePattern
from plateward.reads.actions import store_waiting
from plateward.reads.adapters import ADAPTERS, KeyPlace
from plateward.reads.models import InboxItem, InboxState, Read
from plateward.reads.passage_actions import close_passages
from plateward.reads.store import PictureStore
from plateward.search.actions import run_search
from plateward.search.rules import SearchQuery
from tests.db.ingest.conftest import Talk
from tests.maker_samples import ARRIVED, SAMPLES, sample
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
Talking = Callable[[Talk], Any]


def with_key(adapter: str, key: str) -> tuple[str, dict[str, str]]:
    """What to put behind the address, and the headers, in a way this maker's devices can."""
    places = ADAPTERS[adapter].key_places
    if KeyPlace.TOKEN in places:
        return "", {"Authorization": f"Token {key}"}
    if KeyPlace.PATH in places:
        return f"/{key}", {}
    if KeyPlace.BASIC in places:
        return "", {"Authorization": f"Basic {base64.b64encode(f'camera:{key}'.encode()).decode()}"}
    return f"?key={key}" if KeyPlace.QUERY in places else "", {"Authorization": f"Bearer {key}"}


def test_every_makers_payload_comes_to_be_found(
    barstow: Town, now: datetime, talk: Talking, store: PictureStore
) -> None:
    async def all_sent(client: httpx.AsyncClient) -> None:
        for one in SAMPLES:
            behind, headers = with_key(one.adapter, barstow.camera_key)
            headers["Content-Type"] = one.content_type
            answer = await client.post(f"/v1/from/{one.adapter}{behind}", content=one.body, headers=headers)
            assert answer.status_code in {200, 202}, (one.name, answer.text)

    talk(all_sent)
    InboxItem.objects.update(received_at=ARRIVED)
    store_waiting(limit=len(SAMPLES), now=ARRIVED, store=store)
    close_passages(limit=len(SAMPLES), now=ARRIVED, store=store)
    assert not list(
        InboxItem.objects.exclude(state__in=[InboxState.STORED, InboxState.MATCHED]).values_list("reason")
    )
    query = SearchQuery(
        pattern=PlatePattern.parse("TST0123"),
        from_at=datetime(2025, 12, 1, tzinfo=UTC),
        until_at=now,
        purpose="stolen-or-wanted-vehicle",
        reason="Vehicle seen leaving the robbery at 1st and Main",
        reference="26-01234",
    )
    found = run_search(by=barstow.actor("ortiz", now), query=query, now=now).found.reads
    assert {read.adapter for read in found} == set(ADAPTERS) - {"native", "flock"}


def test_a_dahua_camera_gets_the_answers_it_waits_for(barstow: Town, talk: Talking) -> None:
    basic = base64.b64encode(f"camera:{barstow.camera_key}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    read, alive = sample("dahua-tollgateinfo.json").body, sample("dahua-keepalive.json").body

    async def sent(client: httpx.AsyncClient) -> list[dict[str, Any]]:
        paths = {"TollgateInfo": read, "KeepAlive": alive, "DeviceInfo": b'{"DeviceName": "Gate 1"}'}
        return [
            (await client.post(f"/NotificationInfo/{path}", content=body, headers=headers)).json()
            for path, body in paths.items()
        ]

    device = "00000000-0000-4000-8000-000000000020"
    assert talk(sent) == [
        {"Result": True, "DeviceID": device, "PlateNumber": "TST0123", "Message": ""},
        {"Active": True, "DeviceID": device},
        {"Result": True},
    ]
    assert InboxItem.objects.count() == 3


def test_a_makers_own_address_asks_for_the_key_all_the_same(barstow: Town, talk: Talking) -> None:
    del barstow
    paths = [path for adapter in ADAPTERS.values() for path in adapter.paths]

    async def sent(client: httpx.AsyncClient) -> set[int]:
        json = {"Content-Type": "application/json"}
        return {(await client.post(path, content=b"{}", headers=json)).status_code for path in paths}

    assert talk(sent) == {401}
    assert not InboxItem.objects.exists()


def test_a_bridge_made_for_parkpow_needs_no_change(barstow: Town, talk: Talking) -> None:
    async def sent(client: httpx.AsyncClient) -> int:
        headers = {"Authorization": f"Token {barstow.camera_key}", "Content-Type": "application/json"}
        body = sample("parkpow-log-vehicle.json").body
        return (await client.post("/api/v1/log-vehicle/", content=body, headers=headers)).status_code

    assert talk(sent) == 202
    assert InboxItem.objects.get().adapter == "parkpow"


def test_the_agencys_zone_is_that_of_a_clock_without_offset(
    barstow: Town, talk: Talking, store: PictureStore
) -> None:
    async def sent(client: httpx.AsyncClient) -> int:
        body, url = sample("milesight-push.json").body, f"/v1/from/milesight?key={barstow.camera_key}"
        headers = {"Content-Type": "application/json"}
        return (await client.post(url, content=body, headers=headers)).status_code

    assert talk(sent) == 202
    store_waiting(limit=1, now=datetime.now(UTC), store=store)
    assert Read.objects.get().captured_at == datetime(2026, 1, 1, 8, 0, 1, tzinfo=UTC)
