"""Pictures of an opened read by token: the original bytes, under the access record of the opening."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plateward.api import problems
from plateward.audit.models import AccessRecord
from plateward.reads import actions
from plateward.reads.models import Picture, Read
from plateward.reads.pictures import Cut, PictureGrant, signed
from plateward.reads.store import PictureError, PictureLost, PictureUnavailableError
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town
from tests.tokens import PURPOSE, REASON, made, refused

SCENE = picture()
Opens = Callable[[Client], dict[str, Any]]


@pytest.fixture
def opened(barstow: Town, now: datetime, tmp_path: Path, settings: Any) -> Opens:
    """Opens the one read there is, with its scene."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=tmp_path)
    body = as_multipart(as_json(now - timedelta(seconds=90)), scene=SCENE)
    inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    assert actions.store_waiting(limit=1, now=now) == 1
    stated = {"purpose": PURPOSE, "reason": REASON, "reference": "26-01234"}

    def opens(client: Client) -> dict[str, Any]:
        address = reverse("api:open-read", args=[Read.objects.get().id])
        told: dict[str, Any] = client.post(address, stated, content_type="application/json").json()
        return told

    return opens


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_the_original_bytes_are_sent_under_the_record_of_the_opening(
    barstow: Town, now: datetime, opened: Opens
) -> None:
    _, client = made(barstow, "ortiz", now)
    (told,) = opened(client)["pictures"]
    response = client.get(told["address"])
    assert response.content == SCENE
    assert response["Content-Type"] == "image/jpeg"
    assert told["sha256"] == sha256(SCENE).hexdigest()
    assert response["Content-Digest"] == f"sha-256=:{b64encode(sha256(SCENE).digest()).decode()}:"
    assert response["Cache-Control"] == "no-store"
    assert AccessRecord.objects.count() == 1


def test_nobody_else_s_token_and_none_of_another_purpose_gets_them(
    barstow: Town, now: datetime, opened: Opens
) -> None:
    _, client = made(barstow, "ortiz", now)
    address = opened(client)["pictures"][0]["address"]
    refused(made(barstow, "quinn", now)[1].get(address), problems.NOT_FOUND)
    told = refused(made(barstow, "ortiz", now, "missing-person")[1].get(address), problems.REFUSED)
    assert told["clause"].startswith("B-466")
    refused(made(barstow, "ortiz", now, PURPOSE, "devices.view")[1].get(address), problems.REFUSED)


def test_an_address_ends_after_its_time_and_is_not_made_up(
    barstow: Town, now: datetime, opened: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = made(barstow, "ortiz", now)
    address = opened(client)["pictures"][0]["address"]
    refused(client.get(f"{address}x"), problems.NOT_FOUND)
    monkeypatch.setattr("plateward.reads.pictures.LIFE", timedelta(seconds=-1))
    refused(client.get(address), problems.OPENING_OVER)


def test_an_address_of_the_browser_s_cut_out_is_none_of_the_api_s(
    barstow: Town, now: datetime, opened: Opens
) -> None:
    _, client = made(barstow, "ortiz", now)
    access = opened(client)["access_record"]
    grant = PictureGrant(Picture.objects.get().pk, barstow.users["ortiz"].pk, access, Cut.PLATE)
    refused(client.get(reverse("api:picture", args=[signed(grant)])), problems.NOT_FOUND)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PictureLost, problems.PICTURE_LOST),
        (PictureUnavailableError, problems.PICTURE_UNAVAILABLE),
    ],
)
def test_a_picture_that_cannot_be_sent_is_told_of_by_name(
    barstow: Town,
    now: datetime,
    opened: Opens,
    monkeypatch: pytest.MonkeyPatch,
    error: type[PictureError],
    kind: problems.Kind,
) -> None:
    _, client = made(barstow, "ortiz", now)
    (told,) = opened(client)["pictures"]

    def fails(_: Picture) -> bytes:
        raise error("the bucket says no")

    monkeypatch.setattr("plateward.api.views.picture_bytes", fails)
    assert told["id"] in refused(client.get(told["address"]), kind)["detail"]
