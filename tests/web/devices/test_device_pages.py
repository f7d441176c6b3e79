import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.devices.models import Device
from plateward.reads import actions as reads
from tests.payloads import as_json, inbox_item
from tests.personas import Town

Login = Callable[[str], Client]
NEW = {
    "name": "Barstow Rd at I-15",
    "kind": "FIXED",
    "location": "Barstow Road at Interstate 15, southbound",
    "owner": "Barstow Police Department",
    "latitude": "34.8880",
    "longitude": "-117.0260",
    "heading_deg": "180",
    "installed_date": "2026-02-01",
}


def shown_key(page: str) -> str:
    found = re.search(r'id="device-key">(pwd_[^<]+)<', page)
    assert found is not None
    return found[1]


def test_the_register_shows_each_device_with_what_it_did(
    barstow: Town, huntington_park: Town, login: Login, now: datetime
) -> None:
    del huntington_park
    for event, hours in (("1", 1), ("2", 30)):
        inbox_item(barstow.camera, as_json(now - timedelta(hours=hours), event_id=event), now)
    reads.store_waiting(limit=9, now=now)
    page = login("imani").get(reverse("devices:list")).content.decode()
    assert page.count("Main Street at First Avenue, northbound") == 1
    assert '<td class="pw-number">1</td>' in page
    assert (now - timedelta(hours=1)).astimezone().strftime("%M:%S") in page
    detail = login("imani").get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert "34.89580, -117.01730" in detail


def test_the_map_gets_ones_own_agencys_places(barstow: Town, huntington_park: Town, login: Login) -> None:
    del barstow, huntington_park
    answer = login("imani").get(reverse("devices:geojson"))
    assert answer["Content-Type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-117.0173, 34.8958]}
    assert feature["properties"]["heading"] == 0
    assert feature["properties"]["name"] == "Main St at 1st Ave"


def test_registering_shows_the_key_once_and_keeps_only_its_digest(barstow: Town, login: Login) -> None:
    del barstow
    client = login("imani")
    answer = client.post(reverse("devices:register"), NEW)
    key = shown_key(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    device = Device.objects.get(name=NEW["name"])
    assert device.key_sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert (device.agency_id, device.heading_deg) == ("barstow-pd", 180)
    assert key not in client.get(reverse("devices:device", args=[device.pk])).content.decode()
    assert AuditRecord.objects.get(verb="devices.device.registered", username="imani")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Main St at 1st Ave"}, "already exists"),
        ({"longitude": ""}, "together"),
        ({"latitude": "91"}, "less than or equal to 90"),
        ({"heading_deg": "360"}, "less than or equal to 359"),
        ({"kind": "BALLOON"}, "valid choice"),
    ],
)
def test_wrong_entries_are_refused_with_the_reason(
    barstow: Town, login: Login, change: dict[str, str], said: str
) -> None:
    del barstow
    answer = login("imani").post(reverse("devices:register"), NEW | change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Device.objects.count() == 1


def test_replacing_the_key_ends_the_old_one(barstow: Town, login: Login) -> None:
    answer = login("imani").post(reverse("devices:rotate-key", args=[barstow.camera.pk]))
    key = shown_key(answer.content.decode())
    barstow.camera.refresh_from_db()
    assert barstow.camera.key_sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert key != barstow.camera_key


def test_disabling_and_enabling(barstow: Town, login: Login) -> None:
    url = reverse("devices:set-enabled", args=[barstow.camera.pk])
    client = login("imani")
    assert "refused from now on" in client.post(url, {"enabled": "no"}, follow=True).content.decode()
    assert not Device.objects.get().is_enabled
    assert "may send again" in client.post(url, {"enabled": "yes"}, follow=True).content.decode()
    assert Device.objects.get().is_enabled


@pytest.mark.parametrize("name", ["device", "rotate-key", "set-enabled"])
def test_another_agencys_device_is_not_found(
    barstow: Town, huntington_park: Town, login: Login, name: str
) -> None:
    del barstow
    url = reverse(f"devices:{name}", args=[huntington_park.camera.pk])
    client = login("imani")
    assert (client.get(url) if name == "device" else client.post(url)).status_code == 404


@pytest.mark.parametrize("name", ["rotate-key", "set-enabled"])
def test_an_officer_cannot_change_the_register(barstow: Town, login: Login, name: str) -> None:
    client = login("ortiz")
    assert client.post(reverse(f"devices:{name}", args=[barstow.camera.pk])).status_code == 403
    assert client.post(reverse("devices:register"), NEW).status_code == 403
    assert Device.objects.get().key_sha256 == barstow.camera.key_sha256
