"""A device may be held to the networks it stands in; attempts from elsewhere are refused and told, rarely."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from plateward.audit.models import AuditRecord
from plateward.devices.models import Device, Refusal
from plateward.devices.way_actions import journal_refusals
from plateward.ingest.app import create_app
from plateward.ingest.payloads import Sender
from plateward.ingest.refusals import EVERY, Refusals
from plateward.reads.models import InboxItem
from tests.payloads import as_json
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
Sent = Callable[..., httpx.Response]


@pytest.fixture
def sent(ingest_database_url: str, barstow: Town, now: datetime) -> Sent:
    """Send a read from an address, directly or through a proxy, which may be trusted."""

    def send(address: str, *, forwarded: str = "", trusted: str = "", event: str = "1") -> httpx.Response:
        async def talk() -> httpx.Response:
            app = create_app(ingest_database_url)
            served: Any = ProxyHeadersMiddleware(app, trusted_hosts=[trusted]) if trusted else app
            transport = httpx.ASGITransport(served, raise_app_exceptions=False, client=(address, 4711))
            headers = {"Authorization": f"Bearer {barstow.camera_key}", "Content-Type": "application/json"}
            headers |= {"X-Forwarded-For": forwarded} if forwarded else {}
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://receiver") as client,
            ):
                return await client.post("/v1/reads", content=as_json(now, event_id=event), headers=headers)

        return asyncio.run(talk())

    return send


def only_from(town: Town, *networks: str) -> None:
    Device.objects.filter(pk=town.camera.pk).update(allowed_sources=list(networks))


def test_a_device_is_taken_from_its_networks_and_refused_from_elsewhere(barstow: Town, sent: Sent) -> None:
    only_from(barstow, "192.0.2.0/24", "2001:db8::/48")
    assert sent("192.0.2.7").status_code == 202
    assert sent("2001:db8::7", event="2").status_code == 202
    refused = sent("203.0.113.9", event="3")
    assert (refused.status_code, refused.json()["type"]) == (403, "/v1/docs#source-refused")
    assert "203.0.113.9" in refused.json()["detail"]
    assert InboxItem.objects.count() == 2


def test_what_a_proxy_says_counts_only_where_it_is_trusted(barstow: Town, sent: Sent) -> None:
    only_from(barstow, "192.0.2.0/24")
    assert sent("203.0.113.9", forwarded="192.0.2.7").status_code == 403
    assert sent("10.0.0.5", forwarded="192.0.2.7", trusted="10.0.0.0/8").status_code == 202
    assert sent("10.0.0.5", forwarded="203.0.113.9", trusted="10.0.0.0/8", event="2").status_code == 403
    assert InboxItem.objects.get().source_address == "192.0.2.7"


def test_a_refusal_is_journaled_once_with_its_address(barstow: Town, sent: Sent, now: datetime) -> None:
    only_from(barstow, "192.0.2.0/24")
    sent("203.0.113.9")
    assert (journal_refusals(now=now), journal_refusals(now=now)) == (1, 0)
    row = AuditRecord.objects.get(verb="devices.sender.refused")
    assert (row.agency, row.username) == ("barstow-pd", "system:receiver")
    assert row.detail["addresses"] == "203.0.113.9"
    assert journal_refusals(now=now + timedelta(days=91)) == 0
    assert not Refusal.objects.exists()


def test_a_thousand_attempts_are_two_notes(barstow: Town, now: datetime) -> None:
    noted: list[dict[str, Any]] = []

    async def row(_: str, values: dict[str, Any]) -> None:
        noted.append(values)

    async def attack() -> None:
        refusals = Refusals(row)
        sender = Sender(barstow.camera.pk, "", "barstow-pd")
        for attempt in range(1000):
            address = f"203.0.113.{attempt % 200}"
            await refusals.add(sender, "SOURCE", address, now + timedelta(milliseconds=attempt))
        await refusals.note_due(now + EVERY)
        await refusals.note_due(now + 3 * EVERY)
        await refusals.note_due(now + 5 * EVERY)

    asyncio.run(attack())
    assert [note["count"] for note in noted] == [1, 999]
    assert noted[1]["addresses"].count(",") == 4
