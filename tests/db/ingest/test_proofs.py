"""Devices that send no key: HTTP Digest as an independent client does it, and signed bodies."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from plateward.audit.who import Who
from plateward.devices.models import Device, DeviceSecret, Refusal
from plateward.devices.way_actions import issue_anew, set_way_in
from plateward.devices.ways import Credentials, Way, WayIn
from plateward.ingest.app import create_app
from plateward.ingest.signatures import signed
from plateward.reads import key_actions, keys
from plateward.reads.models import InboxItem
from plateward.vault.chosen import masters_of
from tests.maker_samples import sample
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
BY = Who(username="imani", name="Imani Ito", title="", organization="")
JSON = {"Content-Type": "application/json"}
DAHUA, VERKADA = sample("dahua-tollgateinfo.json").body, sample("verkada-lpr.json").body
Talk = Callable[[httpx.AsyncClient], Coroutine[Any, Any, Any]]


@pytest.fixture(autouse=True)
def own_master(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder of this test's own, so that its master key is."""
    fresh = type(settings.ENVIRONMENT).load()
    object.__setattr__(fresh, "data", tmp_path)
    monkeypatch.setattr(settings, "ENVIRONMENT", fresh)


@pytest.fixture
def talk(ingest_database_url: str) -> Callable[[Talk], Any]:
    def run(conversation: Talk) -> Any:
        async def opened() -> Any:
            app = create_app(ingest_database_url, masters=masters_of(settings.ENVIRONMENT))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://receiver") as client,
            ):
                return await conversation(client)

        return asyncio.run(opened())

    return run


def given(town: Town, form: str, way: Way, now: datetime) -> Credentials:
    device = Device.objects.get(pk=town.camera.pk)
    way_in = WayIn(format=form, way=way)
    credentials = set_way_in(device=device, revision=device.revision, way_in=way_in, by=BY, now=now)[1]
    assert credentials is not None
    return credentials


def test_a_camera_that_does_only_digest_is_taken_at_its_makers_address(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    credentials = given(barstow, "dahua", Way.DIGEST, now)

    async def conversation(client: httpx.AsyncClient) -> list[int]:
        auth = httpx.DigestAuth(credentials.login, credentials.secret)
        path = "/NotificationInfo/TollgateInfo"
        answers = [await client.post(path, content=DAHUA, headers=JSON, auth=auth) for _ in range(2)]
        assert answers[0].json()["Result"] is True
        wrong = httpx.DigestAuth(credentials.login, "wrong")
        unknown = httpx.DigestAuth("cam-unknown", credentials.secret)
        answers += [
            await client.post(path, content=DAHUA, headers=JSON, auth=one) for one in (wrong, unknown)
        ]
        answers.append(await client.post(path, content=DAHUA, headers=JSON))
        assert len(answers[-1].headers.get_list("www-authenticate")) == 2
        return [answer.status_code for answer in answers]

    assert talk(conversation) == [200, 200, 401, 401, 401]
    assert InboxItem.objects.get().adapter == "dahua"
    assert [(one.reason, one.count) for one in Refusal.objects.all()] == [("PROOF", 1)]


def test_an_answer_overheard_is_worth_nothing_a_second_time(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    credentials = given(barstow, "hikvision", Way.DIGEST, now)
    heard: list[str] = []

    async def listen(request: httpx.Request) -> None:
        heard.append(request.headers.get("authorization", ""))

    async def conversation(client: httpx.AsyncClient) -> tuple[int, str]:
        client.event_hooks["request"] = [listen]
        auth = httpx.DigestAuth(credentials.login, credentials.secret)
        xml = {"Content-Type": "application/xml"}
        body = sample("hikvision-anpr.xml").body
        await client.post("/v1/from/hikvision", content=body, headers=xml, auth=auth)
        forged = body.replace(b"TST0123", b"TST0999")
        answer = await client.post(
            "/v1/from/hikvision", content=forged, headers=xml | {"Authorization": heard[-1]}
        )
        return answer.status_code, answer.headers["www-authenticate"]

    status, challenge = talk(conversation)
    assert status == 401
    assert "stale=true" in challenge
    assert InboxItem.objects.count() == 1


def test_a_key_is_void_once_the_device_proves_itself_otherwise_and_back(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    given(barstow, "dahua", Way.DIGEST, now)

    def status(key: str) -> int:
        async def send(client: httpx.AsyncClient) -> int:
            return (await client.post(f"/v1/from/dahua/{key}", content=DAHUA, headers=JSON)).status_code

        found: int = talk(send)
        return found

    assert status(barstow.camera_key) == 401
    back = given(barstow, "dahua", Way.KEY, now)
    assert status(back.secret) == 200
    assert not DeviceSecret.objects.exists()


def test_a_signed_webhook_is_taken_and_a_changed_one_refused(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    credentials = given(barstow, "verkada", Way.SIGNATURE, now)
    at = str(int(time.time()))
    signature = f"{at}|{signed(VERKADA, at, credentials.secret)}"
    old = f"1597685622|{signed(VERKADA, '1597685622', credentials.secret)}"

    async def conversation(client: httpx.AsyncClient) -> list[int]:
        own = f"/v1/from/verkada/{barstow.camera.pk}"
        sent = [
            (own, VERKADA, signature),
            (own, VERKADA + b" ", signature),
            (own, VERKADA, old),
            (own, VERKADA, "nonsense"),
            ("/v1/from/verkada/not-a-device", VERKADA, signature),
            ("/v1/from/verkada", VERKADA, signature),
        ]
        return [
            (await client.post(path, content=body, headers=JSON | {"Verkada-Signature": said})).status_code
            for path, body, said in sent
        ]

    assert talk(conversation) == [202, 401, 401, 401, 401, 401]
    assert InboxItem.objects.count() == 1


def test_a_secret_is_kept_wrapped_follows_the_master_key_and_is_replaced(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    first = given(barstow, "dahua", Way.DIGEST, now)
    assert first.secret.encode() not in bytes(DeviceSecret.objects.get().wrapped)
    key_actions.add_master(by=BY, now=now)
    with pytest.raises(key_actions.KeyRefusedError):
        key_actions.forget_earlier_masters(by=BY, now=now)
    assert (key_actions.rewrap(by=BY, now=now), key_actions.rewrap(by=BY, now=now)) == (1, 0)
    assert key_actions.forget_earlier_masters(by=BY, now=now) == 1
    assert keys.wrapped_by_others(keys.masters().current()) == 0

    def status(credentials: Credentials) -> int:
        async def send(client: httpx.AsyncClient) -> int:
            auth = httpx.DigestAuth(credentials.login, credentials.secret)
            return (await client.post("/v1/from/dahua", content=DAHUA, headers=JSON, auth=auth)).status_code

        found: int = talk(send)
        return found

    assert status(first) == 200
    second = issue_anew(device=barstow.camera, by=BY, now=now)
    assert (status(first), status(second)) == (401, 200)


def test_without_its_master_key_a_proof_waits_and_says_so(
    barstow: Town, now: datetime, talk: Callable[[Talk], Any]
) -> None:
    credentials = given(barstow, "dahua", Way.DIGEST, now)
    settings.ENVIRONMENT.master_key_file.unlink()

    async def send(client: httpx.AsyncClient) -> httpx.Response:
        auth = httpx.DigestAuth(credentials.login, credentials.secret)
        return await client.post("/v1/from/dahua", content=DAHUA, headers=JSON, auth=auth)

    answer = talk(send)
    assert (answer.status_code, answer.json()["type"]) == (503, "/v1/docs#secret-sealed")
    assert answer.headers["Retry-After"] == "60"
