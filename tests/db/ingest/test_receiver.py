"""The receiver against real PostgreSQL: it sees only what is committed, hence real transactions."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from django.db import connection

from plateward.audit.who import Who
from plateward.devices import actions as devices
from plateward.ingest.app import MAX_BODY, create_app
from plateward.ingest.inbox import CHANNEL, Inbox
from plateward.ingest.room import Room
from plateward.reads import actions
from plateward.reads.models import InboxItem, InboxState
from tests.db.ingest.conftest import Talk
from tests.payloads import MULTIPART, as_json, as_multipart, picture
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
SETUP = Who.system("tests")


def send(
    body: bytes, key: str | None, content_type: str = "application/json", **headers: str
) -> Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    names |= {"Content-Type": content_type} | ({"Authorization": f"Bearer {key}"} if key else {})
    return lambda client: client.post("/v1/reads", content=body, headers=names)


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["what_to_do"]
    return document


def test_a_payload_is_stored_whole_and_answered_with_a_receipt(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    body = as_json(now)
    answer = talk(send(body, barstow.camera_key))
    assert answer.status_code == 202
    receipt = answer.json()
    item = InboxItem.objects.get(pk=receipt["receipt"])
    assert bytes(item.body or b"") == body
    assert receipt["payload_sha256"] == item.body_sha256 == hashlib.sha256(body).hexdigest()
    assert receipt["duplicate"] is False
    assert datetime.fromisoformat(receipt["received_at"]) == item.received_at
    assert (item.state, item.agency_id, item.device_id, item.size) == (
        InboxState.RECEIVED,
        "barstow-pd",
        barstow.camera.pk,
        len(body),
    )


def test_a_sender_in_bulk_gets_one_receipt_for_its_lines_and_each_becomes_a_read(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    lines = b"\n".join(as_json(now, event_id=str(event)) for event in range(3))
    answer = talk(send(lines, barstow.camera_key, "application/x-ndjson"))
    assert answer.status_code == 202
    actions.store_waiting(limit=1, now=now)
    assert len(InboxItem.objects.get().read_ids) == 3


def test_an_unknown_makers_address_names_those_there_are(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    async def elsewhere(client: httpx.AsyncClient) -> httpx.Response:
        headers = {"Authorization": f"Bearer {barstow.camera_key}"}
        return await client.post("/v1/from/nobody", content=as_json(now), headers=headers)

    document = problem(talk(elsewhere))
    assert document["status"] == 404
    assert "native" in document["detail"]


def test_an_announcement_wakes_the_intake(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any], test_database_url: str
) -> None:
    with psycopg.connect(test_database_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        talk(send(as_json(now), barstow.camera_key))
        assert {n.channel for n in listener.notifies(timeout=5, stop_after=1)} == {CHANNEL}


def test_the_same_content_again_gets_the_same_receipt(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    async def twice(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await send(as_json(now), barstow.camera_key)(client) for _ in range(2)]

    first, second = talk(twice)
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == first.json() | {"duplicate": True}
    assert InboxItem.objects.count() == 1


def test_the_same_multipart_content_under_another_boundary_is_a_duplicate(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    body = as_multipart(as_json(now), scene=picture())
    other = body.replace(b"--frontier", b"--elsewhere")

    async def twice(client: httpx.AsyncClient) -> list[httpx.Response]:
        first = await send(body, barstow.camera_key, MULTIPART, Idempotency_Key="k")(client)
        content_type = MULTIPART.replace("frontier", "elsewhere")
        return [first, await send(other, barstow.camera_key, content_type, Idempotency_Key="k")(client)]

    first, second = talk(twice)
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["receipt"] == first.json()["receipt"]


def test_an_idempotency_key_belongs_to_one_content(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    async def twice(client: httpx.AsyncClient) -> list[httpx.Response]:
        key = barstow.camera_key
        return [
            await send(as_json(now, event_id=event), key, Idempotency_Key="mine")(client) for event in "ab"
        ]

    first, second = talk(twice)
    assert second.status_code == 422
    assert first.json()["receipt"] in problem(second)["detail"]
    assert InboxItem.objects.count() == 1


def test_many_deliveries_at_once_of_one_content_store_it_once(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    async def at_once(client: httpx.AsyncClient) -> list[httpx.Response]:
        return await asyncio.gather(*(send(as_json(now), barstow.camera_key)(client) for _ in range(20)))

    answers = talk(at_once)
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    assert len({answer.json()["receipt"] for answer in answers}) == 1


def test_two_devices_keys_never_meet(
    barstow: Town, huntington_park: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    async def both(client: httpx.AsyncClient) -> list[httpx.Response]:
        towns = (barstow, huntington_park)
        return [await send(as_json(now), t.camera_key, Idempotency_Key="1")(client) for t in towns]

    assert [answer.status_code for answer in talk(both)] == [202, 202]
    assert set(InboxItem.objects.values_list("agency_id", flat=True)) == {"barstow-pd", "huntington-park-pd"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\x00", b"[1, 2"])
def test_malformed_payloads_are_stored_too_for_the_quarantine(
    barstow: Town, talk: Callable[[Talk], Any], body: bytes
) -> None:
    answer = talk(send(body, barstow.camera_key))
    assert answer.status_code == 202
    assert bytes(InboxItem.objects.get().body or b"") == body


def test_a_device_must_show_its_key(barstow: Town, now: datetime, talk: Callable[[Talk], Any]) -> None:
    del barstow
    missing = talk(send(as_json(now), None))
    unknown = talk(send(as_json(now), "pwd_nobody"))
    assert (missing.status_code, unknown.status_code) == (401, 401)
    assert missing.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in problem(missing)["what_to_do"]
    assert problem(unknown)["type"] == "/v1/docs#key-unknown"
    assert not InboxItem.objects.exists()


def test_a_disabled_device_stops_at_once_though_it_was_known_a_moment_ago(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    def disable() -> None:
        devices.set_enabled(device=barstow.camera, enabled=False, by=SETUP, now=now)
        connection.close()

    async def before_and_after(client: httpx.AsyncClient) -> list[httpx.Response]:
        first = await send(as_json(now, event_id="1"), barstow.camera_key)(client)
        await asyncio.to_thread(disable)
        rest = [await send(as_json(now, event_id=e), barstow.camera_key)(client) for e in "23"]
        return [first, *rest]

    first, second, third = talk(before_and_after)
    assert (first.status_code, second.status_code, third.status_code) == (202, 403, 403)
    assert "enabled" in problem(third)["what_to_do"]
    assert InboxItem.objects.count() == 1


def test_a_replaced_key_stops_at_once(barstow: Town, now: datetime, talk: Callable[[Talk], Any]) -> None:
    new = devices.rotate_key(device=barstow.camera, by=SETUP, now=now)
    assert talk(send(as_json(now), barstow.camera_key)).status_code == 401
    assert talk(send(as_json(now), new)).status_code == 202


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [("text/xml", {}), ("", {}), ("application/json", {"Content_Encoding": "gzip"}), ("a/b" * 200, {})],
)
def test_other_content_types_are_refused(
    barstow: Town,
    now: datetime,
    talk: Callable[[Talk], Any],
    content_type: str,
    headers: dict[str, str],
) -> None:
    answer = talk(send(as_json(now), barstow.camera_key, content_type, **headers))
    assert answer.status_code == 415
    assert "multipart/form-data" in problem(answer)["what_to_do"]


def test_a_body_above_the_limit_is_refused_announced_or_not(
    barstow: Town, talk: Callable[[Talk], Any]
) -> None:
    async def pieces() -> Any:
        for _ in range(MAX_BODY // 2**20 + 1):
            yield bytes(2**20)

    headers = {"Authorization": f"Bearer {barstow.camera_key}", "Content-Type": "application/json"}
    announced = talk(send(bytes(MAX_BODY + 1), barstow.camera_key))
    streamed = talk(lambda client: client.post("/v1/reads", content=pieces(), headers=headers))
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert "25 MB" in problem(streamed)["detail"]
    assert not InboxItem.objects.exists()


def test_more_bodies_than_memory_holds_are_asked_to_come_again(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = as_json(now)
    monkeypatch.setattr("plateward.ingest.app.Room", lambda **_: Room(free=len(small)))

    async def large_then_small(client: httpx.AsyncClient) -> list[httpx.Response]:
        key = barstow.camera_key
        return [
            await send(body, key)(client) for body in (small + b" ", small, as_json(now, event_id="event-2"))
        ]

    busy, *fine = talk(large_then_small)
    assert busy.status_code == 429
    assert int(busy.headers["retry-after"]) > 0
    problem(busy)
    assert [answer.status_code for answer in fine] == [202, 202], "what was given back can be used again"


@pytest.mark.parametrize("key", ["", "k" * 201, "a\tb"])
def test_an_unusable_idempotency_key_is_refused(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any], key: str
) -> None:
    answer = talk(send(as_json(now), barstow.camera_key, Idempotency_Key=key))
    assert answer.status_code == 400
    problem(answer)


def test_the_receipt_tells_the_device_what_became_of_its_payload(
    barstow: Town, huntington_park: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    receipt = talk(send(as_json(now, confidence=93), barstow.camera_key)).json()
    actions.store_waiting(limit=1, now=now)

    def asking(key: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        answer: httpx.Response = talk(lambda client: client.get(path, headers=headers))
        return answer

    status = asking(barstow.camera_key, receipt["status_url"]).json()
    assert status["state"] == "QUARANTINED"
    assert "confidence" in status["reason"]
    assert status["read_ids"] == []
    for key, path in (
        (huntington_park.camera_key, receipt["status_url"]),
        (barstow.camera_key, f"/v1/receipts/{uuid4()}"),
        (barstow.camera_key, "/v1/receipts/nonsense"),
    ):
        assert asking(key, path).status_code == 404


def test_a_database_that_does_not_answer_is_said_with_a_time_to_try_again(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.ingest.inbox.CONNECTION_S", 0.2)
    app = create_app("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")

    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://receiver") as client,
        ):
            return [await send(as_json(now), barstow.camera_key)(client), await client.get("/v1/health")]

    for answer in asyncio.run(asked()):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Idempotency-Key" in problem(answer)["what_to_do"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(psycopg.errors.DiskFull, 507), (psycopg.errors.QueryCanceled, 503), (ZeroDivisionError, 500)],
)
def test_faults_while_storing_leave_the_read_with_the_device(
    barstow: Town,
    now: datetime,
    talk: Callable[[Talk], Any],
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    status: int,
) -> None:
    async def failing(*_: Any, **__: Any) -> None:
        raise error("disc of 8ABC123")

    async def known_then_failing(client: httpx.AsyncClient) -> httpx.Response:
        await send(as_json(now, event_id="first"), barstow.camera_key)(client)
        with monkeypatch.context() as patched:
            patched.setattr(psycopg.AsyncConnection, "execute", failing)
            return await send(as_json(now, event_id="second"), barstow.camera_key)(client)

    answer = talk(known_then_failing)
    assert answer.status_code == status
    assert "8ABC123" not in answer.text
    problem(answer)
    assert InboxItem.objects.count() == 1


def test_connections_that_the_database_cut_are_replaced_without_losing_a_read(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any], ingest_database_url: str
) -> None:
    async def cut_between(client: httpx.AsyncClient) -> httpx.Response:
        await send(as_json(now, event_id="1"), barstow.camera_key)(client)
        async with await psycopg.AsyncConnection.connect(ingest_database_url, autocommit=True) as other:
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'plateward ingest'"
            )
        return await send(as_json(now, event_id="2"), barstow.camera_key)(client)

    assert talk(cut_between).status_code == 202
    assert InboxItem.objects.count() == 2


def test_a_commit_is_durable_even_where_the_database_is_set_to_answer_early(test_database_url: str) -> None:
    async def setting(url: str) -> str:
        async with Inbox(url) as inbox:
            row = await inbox._row("SELECT current_setting('synchronous_commit')", [])
            assert row is not None
            return str(row[0])

    early = f"{test_database_url}&options=-c%20synchronous_commit%3Doff"
    stronger = f"{test_database_url}&options=-c%20synchronous_commit%3Dremote_apply"
    assert asyncio.run(setting(early)) == "on"
    assert asyncio.run(setting(stronger)) == "remote_apply"


def test_unknown_addresses_and_methods_are_problems_too(talk: Callable[[Talk], Any]) -> None:
    assert problem(talk(lambda client: client.get("/v2")))["status"] == 404
    refused = talk(lambda client: client.delete("/v1/reads"))
    assert problem(refused)["status"] == 405
    assert refused.headers["allow"] == "POST"


def test_documentation_is_served_without_anything_foreign(talk: Callable[[Talk], Any]) -> None:
    page = talk(lambda client: client.get("/v1/docs"))
    assert "NativeRead" in page.text
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert talk(lambda client: client.get("/v1/docs.css")).headers["content-type"].startswith("text/css")
    assert talk(lambda client: client.get("/v1/openapi.json")).json()["openapi"] == "3.1.0"
