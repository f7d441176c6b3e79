import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from PIL import Image
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.reads import actions, imaging, keys, pictures, queries, tokens
from plateward.reads.models import Picture, Read
from plateward.reads.store import plain_path
from plateward.vault.places import Folder
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town

Login = Callable[[str], Client]
SCENE = picture()


@pytest.fixture
def read(barstow: Town, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """A read with its scene, stored where the pages look for it."""
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    details: dict[str, Any] = {
        "characters": [{"char": char, "confidence": 0.5 if char == "8" else 0.99} for char in "8ABC123"],
        "confidence": 0.61,
        "candidates": [{"text": "BABC123", "confidence": 0.3}],
        "plate_box": {"x": 200, "y": 120, "w": 60, "h": 20},
        "direction": "receding",
        "vehicle": {"color": "white", "make": None},
    }
    body = as_multipart(as_json(now - timedelta(seconds=90), **details), scene=SCENE)
    inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    assert actions.store_waiting(limit=1, now=now) == 1
    return Read.objects.get()


def address(read: Read, town: Town, who: str, **changes: str) -> str:
    stated = {"purpose": "missing-person", "reason": "child last seen", "reference": "26-1234"} | changes
    return tokens.open_url(read_id=read.id, user_id=town.users[who].pk, **stated)


@pytest.mark.clause("B-466.6(a)")
def test_the_read_is_shown_with_what_is_known_and_the_view_is_on_record(
    barstow: Town, read: Read, login: Login
) -> None:
    page = login("ortiz").get(address(read, barstow, "ortiz"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "8ABC123, doubtful: 8 50%" in text
    assert "BABC123" in text
    assert "Missing person" in text
    assert "child last seen" in text
    assert "Received 90 s after capture" in text
    assert "moving away from the camera, driving northbound (0°)" in text.lower()
    assert re.search(r"<dt>Region</dt><dd>Unknown</dd>", text)
    assert queries.pictures_of([read.id])[read.id][0].sha256 in text
    access = AccessRecord.objects.get()
    assert (access.username, access.purpose, access.reference) == ("ortiz", "missing-person", "26-1234")
    assert f"access {access.pk}" in text


def test_what_else_was_read_of_the_same_pass_is_shown_linked_and_on_record(
    barstow: Town, read: Read, login: Login, now: datetime
) -> None:
    begun = read.captured_at
    for event, seconds, plate in (
        ("event-1", 0, "BABC123"),  # another reading of the same event
        ("event-1", 0, "9XYZ999"),  # the same, with no character alike
        ("event-2", 4, "8ABC123"),
        ("event-3", 40, "8ABC123"),  # came by again
        ("event-4", 4, "7JKL222"),  # the next vehicle
    ):
        body = as_json(begun + timedelta(seconds=seconds), event_id=event, plate=plate)
        inbox_item(barstow.camera, body, now)
    assert actions.store_waiting(limit=9, now=now) == 5
    assert Read.objects.count() == 6
    text = login("ortiz").get(address(read, barstow, "ortiz")).content.decode()
    shown = text.partition("<dt>Same pass</dt>")[2].partition("</dd>")[0]
    assert shown.count("as another reading of the same event") == 2
    assert shown.count("4.0 s after, by the same camera") == 1
    assert "7JKL222" not in shown
    access = AccessRecord.objects.get()
    assert access.result_count == 4
    assert {one["plate"] for one in access.elements["same_pass"]} == {"BABC123", "9XYZ999", "8ABC123"}
    (first, *_) = re.findall(r'href="([^"]+)"', shown)
    assert login("ortiz").get(first.replace("&amp;", "&")).status_code == 200


def test_pictures_of_the_page_are_the_original_and_the_plate_cut_out(
    barstow: Town, read: Read, login: Login
) -> None:
    client = login("ortiz")
    text = client.get(address(read, barstow, "ortiz")).content.decode()
    crop_url, scene_url = re.findall(r'src="(/reads/pictures/[^"]+)"', text)
    scene = client.get(scene_url)
    assert (scene.content, scene["Content-Type"]) == (SCENE, "image/jpeg")
    assert "no-store" in scene["Cache-Control"]
    crop = client.get(crop_url)
    assert crop.status_code == 200
    assert len(crop.content) < len(SCENE)


@pytest.mark.parametrize("context", ["", "?context=forged", "{others}"])
def test_a_read_without_ones_own_purpose_is_refused_and_journaled(
    barstow: Town, read: Read, login: Login, context: str
) -> None:
    others = address(read, barstow, "quinn")
    url = others if context == "{others}" else reverse("reads:read", args=[read.id]) + context
    page = login("ortiz").get(url)
    assert page.status_code == 403
    assert "from a search of yours or from an alert" in page.content.decode()
    assert AuditRecord.objects.filter(verb="governance.access.refused", username="ortiz").exists()
    assert not AccessRecord.objects.exists()


def test_another_agencys_read_is_not_found(
    barstow: Town, huntington_park: Town, read: Read, login: Login
) -> None:
    del barstow
    assert login("hart").get(address(read, huntington_park, "hart")).status_code == 404
    assert not AccessRecord.objects.exists()


def test_an_untrained_officer_sees_no_read(barstow: Town, read: Read, login: Login) -> None:
    assert login("ruiz").get(address(read, barstow, "ruiz")).status_code == 403


@pytest.fixture
def shown(read: Read) -> Picture:
    return queries.pictures_of([read.id])[read.id][0]


def picture_address(picture: Picture, town: Town, who: str) -> str:
    return pictures.signed_url(picture=picture, user_id=town.users[who].pk, access_id=1)


def test_a_pictures_address_works_for_its_person_only(
    barstow: Town, huntington_park: Town, shown: Picture, login: Login
) -> None:
    url = picture_address(shown, barstow, "ortiz")
    assert login("ortiz").get(url).status_code == 200
    assert login("quinn").get(url).status_code == 404
    assert login("hart").get(picture_address(shown, huntington_park, "hart")).status_code == 404
    assert login("ortiz").get(url[:-2]).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_pictures_address_ends_after_fifteen_minutes(
    barstow: Town, shown: Picture, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = picture_address(shown, barstow, "ortiz")
    later = signing.time.time() + pictures.LIFE.total_seconds() + 1
    client = login("ortiz")
    monkeypatch.setattr(signing.time, "time", lambda: later)
    answer = client.get(url)
    assert answer.status_code == 410
    assert b"Reload the page" in answer.content


def test_a_damaged_picture_is_never_shown(
    barstow: Town, shown: Picture, login: Login, tmp_path: Path
) -> None:
    file = next(tmp_path.rglob("*.original"))
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    answer = login("ortiz").get(picture_address(shown, barstow, "ortiz"))
    assert (answer.status_code, answer["Content-Type"]) == (500, "image/svg+xml; charset=utf-8")
    assert "damaged" in drawn(answer)
    assert f"Tell the IT manager of picture {shown.pk}" in drawn(answer)
    assert str(file.parent.name) not in drawn(answer)
    small = pictures.signed_url(picture=shown, user_id=barstow.users["ortiz"].pk, access_id=1, small=True)
    listed = login("ortiz").get(small)
    assert (listed.status_code, b"be shown</text>" in listed.content) == (500, True)


def drawn(answer: HttpResponse) -> str:
    """What the drawing in a picture's stead says."""
    return str(ElementTree.fromstring(answer.content).get("aria-label"))


def test_a_list_gets_a_small_picture_that_is_made_once_and_sealed_too(
    barstow: Town, shown: Picture, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = pictures.signed_url(
        picture=shown, user_id=barstow.users["ortiz"].pk, access_id=1, small=True
    )
    assert not list(tmp_path.rglob("*.thumbnail"))
    first = login("ortiz").get(url)
    assert (first.status_code, first["Content-Type"]) == (200, "image/webp")
    small = Image.open(io.BytesIO(first.content))
    assert (small.format, small.size) == ("WEBP", (320, 180))
    (kept,) = tmp_path.rglob("*.thumbnail")
    assert b"WEBP" not in kept.read_bytes()

    monkeypatch.setattr(imaging, "thumbnail", lambda _: pytest.fail("it was made again"))
    assert login("ortiz").get(url).content == first.content
    monkeypatch.undo()
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    kept.write_bytes(b"torn")
    assert login("ortiz").get(url).content == first.content


def test_a_thumbnail_that_cannot_be_kept_is_shown_all_the_same(
    barstow: Town, shown: Picture, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "put", full)
    url = pictures.signed_url(
        picture=shown, user_id=barstow.users["ortiz"].pk, access_id=1, small=True
    )
    assert login("ortiz").get(url).status_code == 200


def test_a_picture_whose_key_was_destroyed_says_so(barstow: Town, shown: Picture, login: Login, now: datetime) -> None:
    assert shown.data_key
    shown.data_key.wrapped, shown.data_key.destroyed_at = None, now
    shown.data_key.destroyed_because = "kept for a year"
    shown.data_key.save()
    answer = login("ortiz").get(picture_address(shown, barstow, "ortiz"))
    assert answer.status_code == 500
    assert "kept for a year" in drawn(answer)


def test_a_picture_without_its_master_key_may_be_shown_later(
    barstow: Town, shown: Picture, login: Login, tmp_path: Path
) -> None:
    keys.forget_unwrapped()
    (tmp_path / "vault" / "master.key").rename(tmp_path / "elsewhere")
    answer = login("ortiz").get(picture_address(shown, barstow, "ortiz"))
    assert answer.status_code == 503
    assert "Restore it" in drawn(answer)
    (tmp_path / "elsewhere").rename(tmp_path / "vault" / "master.key")
    assert login("ortiz").get(picture_address(shown, barstow, "ortiz")).content == SCENE


def test_an_earlier_releases_plain_picture_is_shown(barstow: Town, shown: Picture, login: Login, tmp_path: Path) -> None:
    Picture.objects.update(data_key=None)
    plain = tmp_path / "pictures" / plain_path("barstow-pd", shown.captured_at.astimezone(UTC).date(), shown.sha256, "image/jpeg")
    plain.write_bytes(SCENE)
    assert login("ortiz").get(picture_address(shown, barstow, "ortiz")).content == SCENE
    small = pictures.signed_url(
        picture=shown, user_id=barstow.users["ortiz"].pk, access_id=1, small=True
    )
    assert login("ortiz").get(small).status_code == 200
    assert not list(tmp_path.rglob("*.thumbnail"))
