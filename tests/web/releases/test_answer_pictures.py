"""Pictures of an answer to the public are each decided on before it leaves (B-466.7¶2)."""

import hashlib
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.documents.store import FileLost
from plateward.governance.queries import file_store
from plateward.reads.models import DataKey, PictureRole, Read
from plateward.reads.store import picture_store
from plateward.releases import answer_actions, answer_finding, answer_store, records_actions
from plateward.releases.models import AnswerPicture, RecordsPaper, RecordsRequest
from plateward.releases.redaction import Box
from plateward.vault.masters import MasterKeyError
from tests.pages import text
from tests.personas import Town
from tests.purges import pictured as store_picture
from tests.releasing import NONE_HELD, drawn_picture, pictured, received
from tests.sightings import seen
from tests.web.retention.test_deleted_logically import address

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
    seen = AccessRecord.objects.get()
    assert (seen.reference, seen.purpose, seen.username) == (request.number, "public-records", "soto")

    boxes = {"boxes": "10 10 20 10"}
    early = clerk.post(page, boxes | {"act": "make"})
    assert early.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Look at the preview first" in text(early)
    assert "is no box" in text(clerk.post(page, {"act": "preview", "boxes": "10 10"}))
    assert "Nothing is covered" in text(clerk.post(page, {"act": "preview", "boxes": ""}))
    shown = text(clerk.post(page, boxes | {"act": "preview"}))
    (previewed,) = re.findall(r'name="previewed" value="([0-9a-f]{64})"', shown)
    assert "data:image/webp;base64," in shown
    full_size = reverse("releases:records-preview", args=[made.pk])
    assert f"{full_size}?boxes=10+10+20+10" in shown
    looked_at = clerk.get(full_size, boxes)
    assert looked_at["Content-Type"] == "image/png"
    assert hashlib.sha256(looked_at.content).hexdigest() == previewed
    assert AccessRecord.objects.filter(reference=request.number).count() == 3
    assert clerk.get(full_size, {"boxes": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert clerk.get(full_size, {"boxes": "90 90 5 5"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
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


def test_only_the_copy_decided_on_last_may_be_sent(barstow: Town, now: datetime, login: Login) -> None:
    s = stage(barstow, now)
    made, clerk = pictured(s), login("soto")
    page = reverse("releases:records-request", args=[made.request_id])

    def answers() -> list[int]:
        papers = RecordsPaper.objects.filter(request=made.request).order_by("made_at")
        return [clerk.get(reverse("releases:records-paper", args=[one.pk])).status_code for one in papers]

    for minute, side in enumerate((3, 9)):
        boxes, at = [Box(0, 0, side, side)], now + timedelta(minutes=minute)
        previewed = hashlib.sha256(answer_store.covered(made, boxes)).hexdigest()
        given = {"boxes": boxes, "previewed": previewed, "by": barstow.actor("soto", at), "now": at}
        answer_actions.redact_picture(picture=made, **given)
    assert answers() == [HTTPStatus.FORBIDDEN, HTTPStatus.OK]
    assert text(clerk.get(page)).count("Replaced, do not send") == 1
    answer_actions.withhold_picture(picture=made, reason="§ 7923.600", **s.by("soto"))
    assert answers() == [HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN]
    assert text(clerk.get(page)).count("Replaced, do not send") == 2


def test_what_went_out_whole_stays_on_file_and_nothing_changes_after_the_determination(
    barstow: Town, now: datetime, login: Login, django_capture_on_commit_callbacks: Any
) -> None:
    s = stage(barstow, now)
    made = pictured(s)
    answer_actions.leave_whole(picture=made, reason="An empty street.", **s.by("soto"))
    table = {"request": made.request, "data": b"plate\n8ABC123\n", "columns": ["plate"], "name": "Reads"}
    records_actions.redact_table(**table, **s.by("soto"))
    records_actions.determine(request=made.request, made=NONE_HELD, **s.by("soto"))
    further = "A further determination is needed"
    with pytest.raises(ValidationError, match=further):
        answer_actions.withhold_picture(picture=made, reason="No.", **s.by("soto"))
    with pytest.raises(ValidationError, match=further):
        answer_actions.add_picture(request=made.request, data=drawn_picture(), name="B", **s.by("soto"))
    with pytest.raises(ValidationError, match=further):
        records_actions.redact_table(**table, **s.by("soto"))
    made.refresh_from_db()
    for change in ({"decision": "WITHHELD", "paper": None}, {"reason": "Another."}):
        with pytest.raises(DatabaseError, match="after its determination"), transaction.atomic():
            AnswerPicture.objects.update(**change)
    late = RecordsPaper.objects.get(media_type="text/csv")
    late.pk, late._state.adding = uuid4(), True
    with pytest.raises(DatabaseError, match="after its determination"), transaction.atomic():
        late.save(force_insert=True)
    clerk = login("soto")
    page = text(clerk.get(reverse("releases:records-request", args=[made.request_id])))
    assert further in page
    assert "Add a picture" not in page
    shown = text(clerk.get(reverse("releases:records-picture", args=[made.pk])))
    assert further in shown
    assert "There is nothing to redact</button>" not in shown
    with django_capture_on_commit_callbacks(execute=True):
        records_actions.close(request=made.request, note="Sent.", **s.by("soto"))
    sent = clerk.get(reverse("releases:records-paper", args=[made.paper_id])).content
    with Image.open(io.BytesIO(sent)) as copy:
        assert copy.size == (60, 40)
        assert not copy.getexif()


def test_a_picture_in_which_no_plate_can_be_looked_for_says_so_and_stops_no_other(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = stage(barstow, now)
    lost, broken, fine = (
        answer_actions.add_picture(
            request=received(s), data=drawn_picture(), name=name, by=s.actor("soto"), now=now + wait
        )
        for name, wait in (("A", timedelta()), ("B", timedelta(minutes=1)), ("C", timedelta(minutes=2)))
    )
    original = answer_store.original

    def failing(picture: AnswerPicture) -> bytes:
        if picture == lost:
            raise MasterKeyError("no such key")
        if picture == broken:
            raise RuntimeError("the network broke")
        return original(picture)

    monkeypatch.setattr(answer_store, "original", failing)
    assert answer_finding.find_waiting(now=now) == 1
    assert answer_finding.find_waiting(now=now) == 0
    fine.refresh_from_db()
    assert fine.found == []
    clerk = login("soto")
    for made, why in ((lost, "key of the original cannot be opened"), (broken, "recognizer failed")):
        shown = text(clerk.get(reverse("releases:records-picture", args=[made.pk])))
        assert "No plate was looked for." in shown
        assert why in shown
        assert 'hx-trigger="every 3s"' not in shown
    assert AuditRecord.objects.filter(verb="releases.picture.unsearched").count() == 2
    monkeypatch.setattr(answer_store, "original", original)
    again = reverse("releases:records-picture", args=[lost.pk])
    assert "Plates are looked for again." in text(clerk.post(again, {"act": "again"}, follow=True))
    assert "or are being looked for now" in text(clerk.post(again, {"act": "again"}, follow=True))
    assert answer_finding.find_waiting(now=now) == 1
    lost.refresh_from_db()
    assert (lost.found, lost.unsearched) == ([], "")


def test_without_a_master_key_the_pages_of_a_picture_say_so_and_nothing_is_decided(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = stage(barstow, now)
    made = answer_actions.add_picture(
        request=received(s), data=drawn_picture(), name="A", by=s.actor("soto"), now=now
    )

    def locked() -> Any:
        raise MasterKeyError("no such key")

    monkeypatch.setattr(answer_store, "masters", locked)
    monkeypatch.setattr(answer_store, "masters_that_wrap", locked)
    clerk, page = login("soto"), reverse("releases:records-picture", args=[made.pk])
    assert clerk.get(page).status_code == HTTPStatus.OK
    shown = clerk.get(reverse("releases:records-original", args=[made.pk]))
    assert (shown.status_code, "master key" in text(shown)) == (HTTPStatus.SERVICE_UNAVAILABLE, True)
    preview = clerk.post(page, {"act": "preview", "boxes": "1 1 10 10"})
    assert (preview.status_code, "master key" in text(preview)) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
    whole = clerk.post(page, {"act": "whole", "reason": "No plate is on it"})
    assert (whole.status_code, "master key" in text(whole)) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
    made.refresh_from_db()
    assert made.decision == ""
    with pytest.raises(ValidationError, match="master key"):
        answer_actions.add_picture(
            request=received(s), data=drawn_picture(), name="B", by=s.actor("soto"), now=now
        )


def test_found_plates_are_offered_as_boxes(barstow: Town, now: datetime, login: Login) -> None:
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


def test_a_reads_picture_goes_from_its_page_into_an_answer_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    s = stage(barstow, now)
    request, read = received(s), seen(barstow.camera, "8ABC123", now)
    stored = store_picture(read, picture_store(), now)
    clerk, page = login("soto"), reverse("releases:records-read-picture")
    assert page in text(clerk.get(address(barstow, read, "soto")))
    assert f"{page}?request={request.pk}" in text(clerk.get(reverse("releases:records-request", args=[request.pk])))
    shown = text(clerk.get(page, {"read": str(read.id), "request": str(request.pk)}))
    assert str(read.id) in shown
    asked = {"request": request.pk, "read": read.id, "role": PictureRole.SCENE, "name": "The corner"}
    answered = clerk.post(page, asked)
    made = AnswerPicture.objects.get()
    assert answered.headers["Location"] == reverse("releases:records-picture", args=[made.pk])
    assert (made.sha256, made.decision, made.request_id) == (stored.sha256, "", request.pk)
    assert hashlib.sha256(answer_store.original(made)).hexdigest() == stored.sha256
    look = AccessRecord.objects.get(reference=request.number)
    assert (look.plate, look.purpose, look.elements["read"]) == ("8ABC123", "public-records", str(read.id))


def test_what_is_anothers_or_purged_or_asked_by_others_comes_into_no_answer(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    s = stage(barstow, now)
    request = received(s)
    theirs, ours = seen(huntington_park.camera, "7XYZ789", now), seen(barstow.camera, "8ABC123", now)
    store_picture(theirs, picture_store(), now)
    clerk, page = login("soto"), reverse("releases:records-read-picture")

    def answered(read: Read) -> str:
        asked = {"request": request.pk, "read": read.id, "role": PictureRole.SCENE, "name": "The corner"}
        return text(clerk.post(page, asked))

    assert "There is no such read." in answered(theirs)
    assert "The device sent no such picture" in answered(ours)
    stored = store_picture(ours, picture_store(), now)
    stored.delete()
    because = {"wrapped": None, "destroyed_at": now, "destroyed_because": "purge 3: older than 30 days"}
    DataKey.objects.filter(agency=barstow.agency).update(**because)
    assert "purge 3: older than 30 days" in answered(ours)
    assert not AnswerPicture.objects.exists()
    assert login("ortiz").get(page).status_code == HTTPStatus.FORBIDDEN
    assert page not in text(login("ortiz").get(address(barstow, ours, "ortiz")))
