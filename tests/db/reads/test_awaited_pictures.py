"""Pictures of which a device sent the address only: fetched by the worker, or given up and said why."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from plateward.audit.models import AuditRecord
from plateward.audit.who import Who
from plateward.devices.login_actions import set_picture_login
from plateward.devices.models import Device, PictureLogin
from plateward.devices.way_actions import set_way_in
from plateward.reads import actions, keys, outside, pictures, tokens
from plateward.reads.awaiting import PAUSES
from plateward.reads.fetch_actions import fetch_waiting
from plateward.reads.models import AwaitedPicture, AwaitedState, InboxItem, InboxState, Picture, Read
from plateward.reads.outside import Allowed, Fetched
from tests.maker_samples import sample
from tests.payloads import as_json, inbox_item
from tests.personas import Town
from tests.pictures_elsewhere import ADDRESS, PASSWORD, SCENE, VIEWER, Elsewhere, Network, serving

Login = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    keys.forget_unwrapped()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with serving() as found:
        yield found


def sent(town: Town, now: datetime, elsewhere: Elsewhere, path: str = "/scene.jpg") -> Read:
    """A read whose scene lies at the server, stored."""
    address = {"role": "scene", "url": f"http://cameras.example:{elsewhere.port}{path}"}
    inbox_item(town.camera, as_json(now, picture_urls=[address]), now)
    actions.store_waiting(limit=1, now=now)
    return Read.objects.get()


def allow(town: Town, elsewhere: Elsewhere) -> None:
    Device.objects.filter(pk=town.camera.pk).update(
        picture_hosts=[f"http://cameras.example:{elsewhere.port}"], allowed_sources=[f"{ADDRESS}/32"]
    )


def from_here(url: str, allowed: Allowed) -> Fetched:
    """As the worker fetches, on a network where every name leads to that server."""
    return outside.fetch(url, allowed, resolver=lambda *_: [ADDRESS], backend=Network(), seconds=2)


def page_of(read: Read, town: Town, login: Login) -> str:
    address = tokens.open_url(
        read_id=read.id, user_id=town.users["ortiz"].pk, purpose="missing-person", reason="x", reference="1"
    )
    return login("ortiz").get(address).content.decode()


def test_a_picture_at_an_allowed_host_is_fetched_sealed_and_shown_like_any_other(
    barstow: Town, now: datetime, elsewhere: Elsewhere, login: Login
) -> None:
    read = sent(barstow, now, elsewhere)
    allow(barstow, elsewhere)
    assert "It is about to be fetched." in page_of(read, barstow, login)
    assert fetch_waiting(now=now, fetch=from_here) == 1
    picture = Picture.objects.select_related("data_key").get()
    assert (picture.read_id, picture.role, picture.data_key is not None) == (read.id, "SCENE", True)
    assert pictures.picture_bytes(picture) == SCENE
    assert fetch_waiting(now=now + timedelta(days=1), fetch=from_here) == 0
    page = page_of(read, barstow, login)
    assert (picture.sha256 in page, "missing." in page) == (True, False)


def test_one_at_a_host_that_is_not_allowed_waits_and_is_fetched_once_it_is(
    barstow: Town, now: datetime, elsewhere: Elsewhere, login: Login
) -> None:
    read = sent(barstow, now, elsewhere)
    fetch_waiting(now=now, fetch=from_here)
    one = AwaitedPicture.objects.get()
    assert (one.state, one.next_at) == (AwaitedState.WAITING, now + PAUSES[0])
    assert "is no host allowed for this device" in page_of(read, barstow, login)
    allow(barstow, elsewhere)
    assert fetch_waiting(now=now, fetch=from_here) == 0, "its turn comes"
    fetch_waiting(now=one.next_at, fetch=from_here)
    assert Picture.objects.count() == 1


def test_one_that_never_comes_is_given_up_on_record_and_the_read_says_why(
    barstow: Town, now: datetime, elsewhere: Elsewhere, login: Login
) -> None:
    read = sent(barstow, now, elsewhere, "/page")
    allow(barstow, elsewhere)
    while AwaitedPicture.objects.filter(state=AwaitedState.WAITING).exists():
        fetch_waiting(now=AwaitedPicture.objects.get().next_at, fetch=from_here)
    assert AwaitedPicture.objects.get().url == ""
    record = AuditRecord.objects.get(verb="reads.picture.given_up")
    assert record.detail["reason"].startswith(
        f"After {len(PAUSES) + 1} attempts: cameras.example sent text/html"
    )
    page = page_of(read, barstow, login)
    assert "only its address. Fetching it was given up." in page
    assert "cameras.example" in page
    assert "The device sent none" not in page


def test_a_fault_of_ours_at_one_picture_holds_up_no_other(
    barstow: Town, now: datetime, elsewhere: Elsewhere
) -> None:
    addresses = [{"role": role, "url": f"http://cameras.example/{role}.jpg"} for role in ("scene", "plate")]
    inbox_item(barstow.camera, as_json(now, picture_urls=addresses), now)
    actions.store_waiting(limit=1, now=now)
    allow(barstow, elsewhere)

    def faulty(url: str, allowed: Allowed) -> Fetched:
        if "plate" in url:
            raise TypeError("header value strings may not include unicode characters")
        address = f"http://cameras.example:{elsewhere.port}/scene.jpg"
        return from_here(address, allowed)

    assert fetch_waiting(now=now, fetch=faulty) == 2
    scene, plate = (AwaitedPicture.objects.get(role=role) for role in ("SCENE", "PLATE"))
    assert (scene.state, plate.state, plate.attempts) == (AwaitedState.FETCHED, AwaitedState.WAITING, 1)
    assert "failed in Plateward (TypeError)" in plate.reason


def test_its_address_is_kept_no_longer_than_it_is_needed(
    barstow: Town, now: datetime, elsewhere: Elsewhere
) -> None:
    sent(barstow, now, elsewhere, "/scene.jpg?signature=secret")
    fetch_waiting(now=now, fetch=from_here)
    one = AwaitedPicture.objects.get()
    assert "secret" in one.url, "it is fetched again"
    allow(barstow, elsewhere)
    fetch_waiting(now=one.next_at, fetch=from_here)
    one.refresh_from_db()
    assert (one.state, one.url) == (AwaitedState.FETCHED, "")
    with pytest.raises(IntegrityError, match="address_only_while_awaited"), transaction.atomic():
        AwaitedPicture.objects.update(url="https://cameras.example/scene.jpg?signature=secret")


def with_login(town: Town, elsewhere: Elsewhere, password: str, now: datetime) -> Device:
    allow(town, elsewhere)
    camera = Device.objects.get(pk=town.camera.pk)
    set_picture_login(device=camera, username=VIEWER, password=password, by=Who.system("tests"), now=now)
    return camera


def test_a_cameras_log_in_is_sealed_used_and_gone_with_its_hosts(
    barstow: Town, now: datetime, elsewhere: Elsewhere, login: Login
) -> None:
    sent(barstow, now, elsewhere, "/digest")
    camera = with_login(barstow, elsewhere, PASSWORD, now)
    kept = PictureLogin.objects.get()
    assert PASSWORD.encode() not in bytes(kept.wrapped)
    fetch_waiting(now=now, fetch=from_here)
    assert AwaitedPicture.objects.get().state == AwaitedState.FETCHED
    page = login("imani").get(f"/devices/{camera.pk}/").content.decode()
    assert "its pictures are fetched" in page
    assert PASSWORD not in page
    way_in = replace(camera.way_in, picture_hosts=("https://other.example",))
    set_way_in(device=camera, revision=camera.revision, way_in=way_in, by=Who.system("tests"), now=now)
    assert not PictureLogin.objects.exists()
    assert AuditRecord.objects.filter(verb="devices.picture_login.removed").exists()


def test_a_wrong_log_in_is_told_on_read_and_device_and_not_tried_again_at_once(
    barstow: Town, now: datetime, elsewhere: Elsewhere, login: Login
) -> None:
    read = sent(barstow, now, elsewhere, "/digest-md5")
    camera = with_login(barstow, elsewhere, "wrong", now)
    fetch_waiting(now=now, fetch=from_here)
    asked = len(elsewhere.logins)
    page = login("imani").get(f"/devices/{camera.pk}/").content.decode()
    assert "refused the user name and password set on the device&#x27;s page" in page
    assert "refused the user name and password" in page_of(read, barstow, login)
    fetch_waiting(now=now + PAUSES[0], fetch=from_here)
    assert len(elsewhere.logins) == asked
    assert "tried again an hour after" in AwaitedPicture.objects.get().reason
    with_login(barstow, elsewhere, PASSWORD, now + PAUSES[0])
    fetch_waiting(now=AwaitedPicture.objects.get().next_at, fetch=from_here)
    assert AwaitedPicture.objects.get().state == AwaitedState.FETCHED
    assert PictureLogin.objects.get().refused_at is None


def test_while_a_log_in_was_refused_no_attempts_are_used_up(
    barstow: Town, now: datetime, elsewhere: Elsewhere
) -> None:
    """A password mended after two days still fetches every picture: only what was asked for counts."""
    for minute in range(2):
        at = now + timedelta(minutes=minute)
        address = {"role": "scene", "url": f"http://cameras.example:{elsewhere.port}/digest-md5"}
        inbox_item(barstow.camera, as_json(at, picture_urls=[address]), at, key=f"{minute}")
    actions.store_waiting(limit=9, now=now + timedelta(minutes=1))
    with_login(barstow, elsewhere, "wrong", now)
    at = now + timedelta(minutes=2)
    fetch_waiting(now=at, fetch=from_here)
    assert sorted(AwaitedPicture.objects.values_list("attempts", flat=True)) == [0, 1]
    assert fetch_waiting(now=at + timedelta(minutes=59), fetch=from_here) == 0
    assert all("tried again an hour after" in one.reason for one in AwaitedPicture.objects.all())
    assert fetch_waiting(now=at + timedelta(hours=1), fetch=from_here) == 2
    assert sum(AwaitedPicture.objects.values_list("attempts", flat=True)) == 2


def test_a_camera_that_asks_for_no_log_in_is_not_said_to_have_taken_it(
    barstow: Town, now: datetime, elsewhere: Elsewhere
) -> None:
    sent(barstow, now, elsewhere)
    with_login(barstow, elsewhere, "wrong", now)
    fetch_waiting(now=now, fetch=from_here)
    assert AwaitedPicture.objects.get().state == AwaitedState.FETCHED
    assert PictureLogin.objects.get().taken_at is None


def test_the_log_in_is_set_in_the_browser_once_hosts_and_networks_are(
    barstow: Town, elsewhere: Elsewhere, login: Login
) -> None:
    address, given = f"/devices/{barstow.camera.pk}/picture-login", {"username": VIEWER, "password": PASSWORD}
    client = login("imani")
    early = client.post(address, given)
    assert (early.status_code, "Set first from where" in early.content.decode()) == (422, True)
    assert PASSWORD not in early.content.decode()
    allow(barstow, elsewhere)
    assert client.post(address, given | {"username": "a:b"}).status_code == 422
    assert client.post(address, given).status_code == 302
    record = AuditRecord.objects.get(verb="devices.picture_login.set")
    assert (record.detail["username"], PASSWORD in str(record.detail)) == (VIEWER, False)
    assert login("ortiz").post(address, given).status_code == 403
    client = login("imani")
    client.post(f"{address}/remove")
    assert not PictureLogin.objects.exists()


def test_of_a_read_destroyed_meanwhile_nothing_is_kept(
    barstow: Town, now: datetime, elsewhere: Elsewhere
) -> None:
    sent(barstow, now, elsewhere)
    allow(barstow, elsewhere)
    Read.objects.all().delete()
    fetch_waiting(now=now, fetch=from_here)
    assert (AwaitedPicture.objects.get().state, Picture.objects.count()) == (AwaitedState.GIVEN_UP, 0)


def test_a_makers_address_is_awaited_once_however_often_it_is_sent(barstow: Town, now: datetime) -> None:
    webhook = sample("verkada-lpr.json")
    for key in "ab":
        inbox_item(barstow.camera, webhook.body, now, adapter="verkada", key=key)
    actions.store_waiting(limit=9, now=now)
    assert {item.state for item in InboxItem.objects.all()} <= {InboxState.STORED, InboxState.MATCHED}
    assert AwaitedPicture.objects.get().url == "https://example.org/expiring.jpg"


def test_the_hosts_are_set_on_the_devices_page_and_journaled(
    barstow: Town, now: datetime, login: Login
) -> None:
    del now
    client, address = login("imani"), f"/devices/{barstow.camera.pk}/way"
    form = {"revision": barstow.camera.revision, "format": "", "way": "KEY", "sources": ""}
    refused = client.post(address, form | {"picture_hosts": "*.com"})
    assert (refused.status_code, "hosts of everybody" in refused.content.decode()) == (422, True)
    client.post(address, form | {"picture_hosts": "Pictures.example.com"})
    assert Device.objects.get(pk=barstow.camera.pk).picture_hosts == ["https://pictures.example.com"]
    change = AuditRecord.objects.get(verb="devices.way.changed").detail["changes"]["picture_hosts"]
    assert change == {"from": "", "to": "https://pictures.example.com"}
    assert "https://pictures.example.com" in client.get(f"/devices/{barstow.camera.pk}/").content.decode()
