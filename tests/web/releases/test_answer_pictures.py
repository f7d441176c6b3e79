"""Pictures of an answer to the public are each decided on before it leaves (B-466.7¶2)."""

import hashlib
import io
import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from plateward.audit.models import AuditRecord
from plateward.documents.store import FileLost
from plateward.governance.queries import file_store
from plateward.releases import answer_actions, answer_finding, answer_store, records_actions
from plateward.releases.models import AnswerPicture, RecordsPaper, RecordsRequest
from plateward.releases.redaction import Box
from tests.pages import text
from tests.personas import Town
from tests.releasing import NONE_HELD, drawn_picture, pictured, received

Login = Callable[[str], Client]
pytestmark = pytest.mark.clause("B-466.7¶2")


def stage(town: Town, now: datetime) -> Any:
    def by(who: str) -> dict[str, Any]:
        return {"by": town.actor(who, now), "now": now}

    return SimpleNamespace(town=town, now=now, by=by, actor=lambda who: town.actor(who, now))


def test_boxes_are_previewed_then_made_and_the_original_stays_untouched(
    barstow: Town, now: datetime, login: Login
) -> None:
    request = received(stage(barstow, now))
    clerk, data = login("soto"), drawn_picture()
    add = reverse("releases:records-act", args=[request.pk, "picture"])
    assert "cannot be taken" in text(clerk.post(add, {"name": "Scene", "file": SimpleUploadedFile("a", b"x")}))
    answer = clerk.post(add, {"name": "Scene", "file": SimpleUploadedFile("a.jpg", data)})
    made = AnswerPicture.objects.get()
    page = reverse("releases:records-picture", args=[made.pk])
    assert answer.url == page
    assert data not in (file_store().root / made.path).read_bytes()
    assert clerk.get(reverse("releases:records-original", args=[made.pk])).content == data
    assert AuditRecord.objects.filter(verb="releases.picture.opened").count() == 1

    boxes = {"boxes": "10 10 20 10"}
    early = clerk.post(page, boxes | {"act": "make"})
    assert early.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Look at the preview first" in text(early)
    assert "is no box" in text(clerk.post(page, {"act": "preview", "boxes": "10 10"}))
    assert "Nothing is covered" in text(clerk.post(page, {"act": "preview", "boxes": ""}))
    shown = text(clerk.post(page, boxes | {"act": "preview"}))
    (previewed,) = re.findall(r'name="previewed" value="([0-9a-f]{64})"', shown)
    assert "data:image/webp;base64," in shown
    other = clerk.post(page, {"act": "make", "boxes": "0 0 5 5", "previewed": previewed})
    assert "others than those of the preview" in text(other)
    assert not RecordsPaper.objects.exists()
    clerk.post(page, boxes | {"act": "make", "previewed": previewed})
    made.refresh_from_db()
    assert made.decision == "REDACTED"
    assert made.paper is not None
    clean = clerk.get(reverse("releases:records-paper", args=[made.paper_id])).content
    assert hashlib.sha256(clean).hexdigest() == previewed
    with Image.open(io.BytesIO(clean)) as copy:
        assert copy.crop((10, 10, 30, 20)).getcolors() == [(200, (0, 0, 0))]
    assert made.paper.original_sha256 == hashlib.sha256(data).hexdigest()
    assert answer_store.original(made) == data


def test_no_answer_leaves_while_a_picture_of_it_is_undecided_and_the_database_agrees(
    barstow: Town, now: datetime, login: Login, django_capture_on_commit_callbacks: Any
) -> None:
    s = stage(barstow, now)
    made = pictured(s)
    determine = {"request": made.request, "made": NONE_HELD, **s.by("soto")}
    with pytest.raises(ValidationError, match="Nothing is decided yet about redacting “Scene”"):
        records_actions.determine(**determine)
    with pytest.raises(DatabaseError), transaction.atomic():
        RecordsRequest.objects.update(state="DETERMINED")
    clerk = login("soto")
    assert "Not decided" in text(clerk.get(reverse("releases:records-request", args=[made.request_id])))
    page = reverse("releases:records-picture", args=[made.pk])
    assert clerk.post(page, {"act": "whole", "reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert clerk.post(page, {"act": "whole", "reason": "An empty street."}).status_code == HTTPStatus.FOUND
    assert clerk.post(page, {"act": "withhold", "reason": "§ 7923.600"}).status_code == HTTPStatus.FOUND
    made.refresh_from_db()
    assert (made.decision, made.reason) == ("WITHHELD", "§ 7923.600")
    records_actions.determine(**determine)
    with django_capture_on_commit_callbacks(execute=True):
        records_actions.close(request=made.request, note="Sent.", **s.by("soto"))
    assert not (file_store().root / made.path).exists()
    with pytest.raises(FileLost):
        answer_store.original(made)
    with pytest.raises(ValidationError, match="Nothing is added to it"):
        answer_actions.leave_whole(picture=made, reason="No.", **s.by("soto"))
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_found_plates_are_offered_as_boxes(
    barstow: Town, now: datetime, login: Login
) -> None:
    made = pictured(stage(barstow, now))
    assert answer_finding.find_waiting(now=now) == 1
    assert answer_finding.find_waiting(now=now) == 0
    made.refresh_from_db()
    assert made.found == []  # a white picture
    clerk = login("soto")
    page = reverse("releases:records-picture", args=[made.pk])
    assert "No plate was found" in text(clerk.get(page))
    answer_actions.note_found(picture=made, boxes=[[4, 5, 6, 7]], now=now)
    offered = text(clerk.get(page))
    assert "1 plate found and offered as boxes" in offered
    assert "4 5 6 7</textarea>" in offered
    assert answer_store.covered(made, [Box(4, 5, 6, 7)])


def test_who_works_no_public_requests_sees_no_picture(barstow: Town, now: datetime, login: Login) -> None:
    made = pictured(stage(barstow, now))
    client = login("ortiz")
    for name in ("releases:records-picture", "releases:records-original"):
        assert client.get(reverse(name, args=[made.pk])).status_code == HTTPStatus.FORBIDDEN
