import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.devices import watch_actions
from plateward.devices.health import HOUR, HourFacts, whole_hour
from plateward.devices.models import Device, DeviceProblem, Feed
from plateward.reads import actions as reads
from tests.payloads import as_json, inbox_item
from tests.days import day_of
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
    "device_id": "5f4f3a0e-9f3e-4a57-8f44-0c1d5b5a0a01",
}
CHANGED = NEW | {"name": "Main St at 1st Ave", "location": "Main Street at Second Avenue", "revision": "1"}
WORK = {"kind": "CALIBRATION", "done_date": "2026-01-20", "done_by": "Pat Pole, Poles Inc.", "note": "Refocused."}


def issued(device: Device) -> dict[str, str]:
    return {"issued": device.key_issued_at.isoformat()}


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
    url = reverse("devices:rotate-key", args=[barstow.camera.pk])
    client, sent = login("imani"), issued(barstow.camera)
    key = shown_key(client.post(url, sent).content.decode())
    barstow.camera.refresh_from_db()
    assert barstow.camera.key_sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert key != barstow.camera_key
    assert "replaced already" in client.post(url, sent, follow=True).content.decode()
    assert Device.objects.get().key_sha256 == barstow.camera.key_sha256


def test_a_registration_sent_twice_registers_once(barstow: Town, login: Login) -> None:
    del barstow
    client, url = login("imani"), reverse("devices:register")
    client.post(url, NEW)
    assert "registered already" in client.post(url, NEW, follow=True).content.decode()
    assert Device.objects.filter(name=NEW["name"]).count() == 1


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_a_moved_camera_keeps_what_its_entry_said_before(barstow: Town, login: Login) -> None:
    client, url = login("imani"), reverse("devices:change", args=[barstow.camera.pk])
    assert 'value="Main Street at First Avenue, northbound"' in client.get(url).content.decode()
    assert "The register is changed" in client.post(url, CHANGED, follow=True).content.decode()
    barstow.camera.refresh_from_db()
    assert (barstow.camera.location, barstow.camera.heading_deg) == ("Main Street at Second Avenue", 180)
    row = AuditRecord.objects.get(verb="devices.device.changed", username="imani")
    assert row.detail["changes"]["heading_deg"] == {"from": "0", "to": "180"}


def test_a_change_over_somebody_elses_is_refused(barstow: Town, login: Login) -> None:
    client, url = login("imani"), reverse("devices:change", args=[barstow.camera.pk])
    client.post(url, CHANGED)
    late = client.post(url, CHANGED | {"location": "Elsewhere"}, follow=True).content.decode()
    assert "changed this entry meanwhile" in late
    assert Device.objects.get().location == "Main Street at Second Avenue"


def test_an_unchanged_entry_is_not_journaled(barstow: Town, login: Login) -> None:
    client, url = login("imani"), reverse("devices:change", args=[barstow.camera.pk])
    client.post(url, CHANGED)
    answer = client.post(url, CHANGED | {"revision": "2"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()
    assert AuditRecord.objects.filter(verb="devices.device.changed").count() == 1


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_maintenance_stays_on_file_with_the_device(barstow: Town, login: Login) -> None:
    client, url = login("imani"), reverse("devices:service", args=[barstow.camera.pk])
    page = client.post(url, WORK, follow=True).content.decode()
    assert "Pat Pole, Poles Inc." in page
    assert AuditRecord.objects.get(verb="devices.device.serviced").detail["kind"] == "calibration"


def test_maintenance_still_to_come_is_not_put_on_file(barstow: Town, login: Login, now: datetime) -> None:
    url = reverse("devices:service", args=[barstow.camera.pk])
    tomorrow = (day_of(now) + timedelta(days=2)).isoformat()
    answer = login("imani").post(url, WORK | {"done_date": tomorrow})
    assert answer.status_code == 422
    assert "still to come" in answer.content.decode()


def test_disabling_and_enabling(barstow: Town, login: Login) -> None:
    url = reverse("devices:set-enabled", args=[barstow.camera.pk])
    client = login("imani")
    assert "refused from now on" in client.post(url, {"enabled": "no"}, follow=True).content.decode()
    assert not Device.objects.get().is_enabled
    assert "may send again" in client.post(url, {"enabled": "yes"}, follow=True).content.decode()
    assert Device.objects.get().is_enabled


@pytest.mark.parametrize("name", ["device", "change", "service", "rotate-key", "set-enabled"])
def test_another_agencys_device_is_not_found(
    barstow: Town, huntington_park: Town, login: Login, name: str
) -> None:
    del barstow
    url = reverse(f"devices:{name}", args=[huntington_park.camera.pk])
    client = login("imani")
    assert (client.get(url) if name == "device" else client.post(url)).status_code == 404


@pytest.mark.parametrize("name", ["change", "service", "rotate-key", "set-enabled"])
def test_an_officer_cannot_change_the_register(barstow: Town, login: Login, name: str) -> None:
    client = login("ortiz")
    assert client.post(reverse(f"devices:{name}", args=[barstow.camera.pk])).status_code == 403
    assert client.post(reverse("devices:register"), NEW).status_code == 403
    assert Device.objects.get().key_sha256 == barstow.camera.key_sha256


def test_the_register_says_which_devices_need_attention_and_each_page_says_why(
    barstow: Town, login: Login, now: datetime
) -> None:
    person = login("imani")
    calm = person.get(reverse("devices:list")).content.decode()
    assert "No problem found" in calm
    assert "attention" not in calm
    trouble(barstow.camera, now)
    page = person.get(reverse("devices:list")).content.decode()
    assert "1 device needs attention." in page
    assert "Clock out of step" in page
    place = person.get(reverse("devices:geojson")).json()["features"][0]
    assert place["properties"]["is_troubled"] is True
    detail = person.get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert "Its clock is about 90 s ahead of ours." in detail


def test_a_devices_page_shows_its_week_in_bars_and_in_numbers(
    barstow: Town, login: Login, now: datetime
) -> None:
    at = whole_hour(now) - 2 * HOUR
    hours = [HourFacts(hour_at=at, reads=1_200, confidence=0.9), HourFacts(hour_at=at + HOUR, reads=600)]
    watch_actions.record_hours(agency="barstow-pd", hours={barstow.camera.pk: hours})
    page = login("imani").get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert page.count('width="0.8"') == 2
    assert 'height="100"' in page
    assert 'height="50"' in page
    assert '<td class="pw-number">1,200</td>' in page


def trouble(device: Device, now: datetime) -> None:
    DeviceProblem.objects.create(
        agency_id=device.agency_id,
        device=device,
        kind="CLOCK",
        text="Its clock is about 90 s ahead of ours. Set it by network time (NTP).",
        since_at=now,
    )


WAY = {
    "revision": "1",
    "format": "hikvision",
    "way": "KEY",
    "sources": "192.0.2.0/24\n2001:db8::/48",
}


def test_how_a_device_gets_in_is_chosen_shown_and_journaled(barstow: Town, login: Login) -> None:
    client = login("imani")
    address = reverse("devices:way", args=[barstow.camera.pk])
    assert "Hikvision" in client.get(address).content.decode()
    page = client.post(address, WAY, follow=True).content.decode()
    assert "192.0.2.0/24, 2001:db8::/48" in page
    assert "/v1/from/hikvision/THE-KEY" in page
    row = AuditRecord.objects.get(verb="devices.way.changed")
    assert row.detail["changes"]["sources"] == {"from": "", "to": "192.0.2.0/24, 2001:db8::/48"}
    rotated = client.post(
        reverse("devices:rotate-key", args=[barstow.camera.pk]), issued(barstow.camera)
    ).content.decode()
    assert f"/v1/from/hikvision/{shown_key(rotated)}" in rotated


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"sources": "192.0.2.7/24"}, "write 192.0.2.0/24"),
        ({"way": "SIGNATURE"}, "cannot do this here"),
        ({"format": "polaroid"}, "not one of the available choices"),
        ({"topics": "#"}, "everybody&#x27;s"),
        ({"topics": "frigate/events", "format": ""}, "Say whose format the messages"),
        ({"revision": "7"}, "Somebody else changed"),
    ],
)
def test_a_way_in_that_cannot_be_is_refused_and_changes_nothing(
    barstow: Town, login: Login, typed: dict[str, str], said: str
) -> None:
    address = reverse("devices:way", args=[barstow.camera.pk])
    page = login("imani").post(address, WAY | typed, follow=True).content.decode()
    assert said in page
    barstow.camera.refresh_from_db()
    assert (barstow.camera.revision, barstow.camera.allowed_sources) == (1, [])


def test_who_may_not_manage_devices_does_not_choose_their_way(barstow: Town, login: Login) -> None:
    address = reverse("devices:way", args=[barstow.camera.pk])
    assert login("ortiz").post(address, WAY).status_code == 403
    barstow.camera.refresh_from_db()
    assert barstow.camera.allowed_sources == []


def test_topics_are_set_in_the_browser_and_what_came_of_them_is_told(
    barstow: Town, login: Login, now: datetime
) -> None:
    address = reverse("devices:way", args=[barstow.camera.pk])
    client, page = login("imani"), reverse("devices:device", args=[barstow.camera.pk])
    sent = {"format": "frigate", "topics": "frigate/events\nfrigate/lpr", "topic_camera": "drive"}
    assert "No subscriber has said anything" in client.post(address, WAY | sent, follow=True).content.decode()
    row = AuditRecord.objects.get(verb="devices.way.changed")
    assert row.detail["changes"]["topics"] == {"from": "", "to": "frigate/events, frigate/lpr"}
    assert row.detail["changes"]["topic_camera"]["to"] == "drive"
    told = Feed.objects.create(
        agency=barstow.agency,
        device=barstow.camera,
        broker="mqtt.city.example",
        topics=["frigate/events"],
        reported_at=now,
        last_message_at=now,
        last_topic="frigate/events",
        messages=1234,
        left_out=2,
        last_left_out_at=now,
        last_reason="It names the camera “yard”, which is set for no device of this topic.",
    )
    shown = client.get(page).content.decode()
    assert "1,234 in all" in shown
    assert "the camera “yard”" in shown
    assert "the subscriber is stopped" not in shown
    Feed.objects.filter(pk=told.pk).update(problem="The broker refused us: Not authorized.")
    assert "Not authorized" in client.get(page).content.decode()
    Feed.objects.filter(pk=told.pk).update(reported_at=now - timedelta(minutes=5))
    assert "the subscriber is stopped" in client.get(page).content.decode()


def test_a_devices_password_is_shown_once_and_replaced_on_its_page(barstow: Town, login: Login) -> None:
    client = login("imani")
    address = reverse("devices:way", args=[barstow.camera.pk])
    page = client.post(address, WAY | {"way": "DIGEST"}).content.decode()
    login_name = re.search(r'id="device-login">(cam-[a-z0-9]{10})<', page)
    secret = re.search(r'id="device-key">([A-Za-z0-9]{16})<', page)
    assert login_name
    assert secret
    again = client.get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert secret[1] not in again
    assert "shown once, when it was issued" in again
    barstow.camera.refresh_from_db()
    replaced = client.post(
        reverse("devices:rotate-key", args=[barstow.camera.pk]), issued(barstow.camera)
    ).content.decode()
    assert 'id="device-login"' in replaced
    assert secret[1] not in replaced
    assert AuditRecord.objects.filter(verb="devices.key.rotated").count() == 1
