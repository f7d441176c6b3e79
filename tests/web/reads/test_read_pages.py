import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.reads import actions, pictures, queries, tokens
from plateward.reads.models import Picture, Read
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town

Login = Callable[[str], Client]
SCENE = picture()


@pytest.fixture
def read(barstow: Town, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """A read with its scene, stored where the pages look for it."""
    environment = type("Environment", (), {"pictures": tmp_path, "holds_demonstration": False})()
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
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
    next(tmp_path.rglob("*.jpg")).write_bytes(b"forged")
    answer = login("ortiz").get(picture_address(shown, barstow, "ortiz"))
    assert answer.status_code == 500
    assert b"damaged" in answer.content
