"""Discs in the browser: ordered, made by the worker, labelled, verified by a report, handed over, destroyed."""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from plateward.evidence import disc_actions, disc_check, disc_work
from plateward.evidence.disc_models import Disc, DiscLink, DiscSet
from plateward.evidence.disc_rules import Medium, SetState, WantedDiscs
from tests.packages import built, image_of, on_discs, pressed
from tests.pages import text
from tests.personas import Town

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]
MARK = "LAW ENFORCEMENT SENSITIVE – CLETS"


def record(client: Client, disc: Disc, kind: str, **said: Any) -> Any:
    address = reverse("evidence:record-disc", args=[disc.pk, kind])
    minute = timezone.now().astimezone(ZoneInfo("America/Los_Angeles")).strftime("%Y-%m-%dT%H:%M")
    typed = {"serial": "SN-1", "happened_at": minute, "told": "As it was"}
    return client.post(address, typed | said, follow=True)


def report(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile("report.json", path.read_bytes(), "application/json")


@pytest.mark.clause("B-466.5", "H-426.4")
def test_an_encrypted_set_is_ordered_and_its_passphrase_is_shown_once(
    barstow: Town, now: datetime, login: Login
) -> None:
    package, diaz = built(barstow, now, "8ABC123"), login("diaz")
    order, page = (reverse(f"evidence:{name}", args=[package.pk]) for name in ("new-discs", "package"))
    wanted = {"medium": "CD", "protection": "PASSPHRASE", "marks": f"{MARK}\n\n"}
    answer = diaz.post(order, wanted)
    (passphrase,) = re.findall(r"<code>([a-z2-9-]{29})</code>", text(answer))
    assert answer["Cache-Control"].count("no-store") == 1
    shown = text(diaz.get(page))
    assert "The images are made by themselves: 0 so far." in shown
    assert "Take image" not in shown
    assert "wait until they are" in text(diaz.post(order, wanted))

    disc_work.work_waiting(now=now)
    shown = text(diaz.get(page))
    assert "Take image 1 to burn" in shown
    assert MARK in shown
    assert passphrase not in shown
    sent = diaz.post(reverse("evidence:take-image", args=[Disc.objects.get().pk]))
    assert int(sent["Content-Length"]) == Disc.objects.get().size
    sent.close()


def test_what_is_wrong_with_an_order_is_said_at_its_field(
    barstow: Town, now: datetime, login: Login
) -> None:
    package, diaz = built(barstow, now, "8ABC123"), login("diaz")
    order = reverse("evidence:new-discs", args=[package.pk])
    for typed, told in (
        ({"protection": "KEYS", "recipients": ""}, "at least one public key"),
        ({"protection": "KEYS", "recipients": "ssh-ed25519 AAAA"}, "no public key of age"),
        ({"protection": "PLAIN", "marks": "x\n" * 5}, "A label has room"),
    ):
        answer = diaz.post(order, {"medium": "CD", **typed})
        assert (answer.status_code, told in text(answer)) == (422, True)
    assert not DiscSet.objects.exists()
    assert login("imani").get(order).status_code == 403


def test_a_set_that_was_not_made_says_why_and_is_ordered_again(
    barstow: Town, now: datetime, login: Login
) -> None:
    package, diaz = built(barstow, now, "8ABC123"), login("diaz")
    by = barstow.actor("diaz", now)
    failed, _ = disc_actions.order_discs(package=package, wanted=WantedDiscs(medium=Medium.CD), by=by, now=now)
    disc_actions.discs_failed(discs=failed, why="There is no room on the disc.", by=by, now=now)
    page = text(diaz.get(reverse("evidence:package", args=[package.pk])))
    assert "There is no room on the disc. No image was kept." in page
    again = reverse("evidence:discs-again", args=[failed.pk])
    assert "are ordered again" in text(diaz.post(again, follow=True))
    assert DiscSet.objects.get().state == SetState.BUILDING
    assert "That cannot be done now" in text(diaz.post(again, follow=True))


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_burned_copy_is_verified_by_its_report_and_a_wrong_one_is_refused_with_words(
    barstow: Town, now: datetime, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, diaz = built(barstow, now, "8ABC123"), login("diaz")
    disc = on_discs(barstow, now, package)[0].discs.get()
    other = on_discs(barstow, now, package, medium=Medium.DVD)[0].discs.get()
    image = image_of(disc, tmp_path)
    good, wrong, bad, file = (tmp_path / f"{name}.json" for name in ("good", "wrong", "bad", "file"))
    assert disc_check.verify(image, fingerprint=package.fingerprint, report_to=str(file)) == 0
    assert "not of a burned disc" in text(record(diaz, disc, "burned", report=report(file)))
    monkeypatch.setattr(disc_check, "_kind_of", lambda _: "drive")
    assert disc_check.verify(image, fingerprint=package.fingerprint, report_to=str(good)) == 0
    assert disc_check.verify(image_of(other, tmp_path), fingerprint="", report_to=str(wrong)) == 0
    data = image.read_bytes()
    at = data.index(b'"plate":"8ABC123"')
    image.write_bytes(data[:at] + b'"plate":"8ABC128"' + data[at + 17 :])
    assert disc_check.verify(image, fingerprint="", report_to=str(bad)) == 1

    assert "another set, or was changed" in text(record(diaz, disc, "burned", report=report(wrong)))
    nonsense = SimpleUploadedFile("report.json", b"PASS")
    assert "no report of a check" in text(record(diaz, disc, "burned", report=nonsense))
    assert not DiscLink.objects.exists()

    page = text(record(diaz, disc, "burned", report=report(good)))
    assert "Verified: the report says that everything passed." in page
    assert DiscLink.objects.get().is_verified
    again = text(record(diaz, disc, "checked", report=report(good)))
    assert "This report is on record already" in again
    to = {"to_whom": "D. Ames, District Attorney", "receipt": "Receipt 77"}
    page = text(record(diaz, disc, "checked", report=report(bad)))
    assert "The check of copy SN-1 failed" in page
    assert not DiscLink.objects.get(kind="CHECKED").is_verified
    failed = record(diaz, disc, "handed-over", **to)
    assert (failed.status_code, "last check of this copy failed" in text(failed)) == (422, True)


def test_a_copy_is_handed_over_and_destroyed_and_then_nothing_more(
    barstow: Town, now: datetime, login: Login
) -> None:
    disc, diaz = pressed(barstow), login("diaz")
    assert "record first that one was burned" in text(record(diaz, disc, "handed-over"))
    record(diaz, disc, "burned")
    assert record(diaz, disc, "handed-over").status_code == 422, "to whom, and by what receipt?"
    to = {"to_whom": "D. Ames, District Attorney", "receipt": "Receipt 77"}
    assert record(diaz, disc, "handed-over", **to).status_code == 422, "why was it not checked?"
    page = text(record(diaz, disc, "handed-over", **to, unverified_because="The court waits"))
    assert "Not checked: The court waits" in page
    assert "to D. Ames, District Attorney, receipt Receipt 77" in page
    assert record(diaz, disc, "destroyed").status_code == 422, "who saw it?"
    page = text(record(diaz, disc, "destroyed", witness="Sgt. Soto", told="Shredded"))
    assert "seen by Sgt. Soto: Shredded" in page
    assert "There is no copy of this disc" in text(record(diaz, disc, "handed-over", **to))
    assert "was destroyed: nothing more can happen to it" in text(record(diaz, disc, "burned"))
    assert [one.kind for one in DiscLink.objects.all()] == ["BURNED", "HANDED_OVER", "DESTROYED"]
    assert diaz.get(reverse("evidence:record-disc", args=[disc.pk, "eaten"])).status_code == 404


def test_a_label_names_the_disc_its_copy_and_its_handling_marks(
    barstow: Town, now: datetime, login: Login
) -> None:
    disc, diaz = pressed(barstow, marks=[MARK]), login("diaz")
    record(diaz, disc, "burned")
    answer = diaz.get(reverse("evidence:disc-label", args=[disc.pk]), {"serial": "SN-1"})
    assert answer["Content-Type"] == "application/pdf"
    (page,) = PdfReader(BytesIO(answer.content)).pages
    words = " ".join(page.extract_text().split())
    for told in ("Disc 1 of 1", disc.package.name, "26-01234", "SN-1", MARK, "f" * 32):
        assert told in words
    other = diaz.get(reverse("evidence:disc-label", args=[disc.pk]), {"serial": "SN-2"}, follow=True)
    assert "No copy with this serial number was burned" in text(other)


def test_another_agencys_discs_are_not_there(barstow: Town, huntington_park: Town, login: Login) -> None:
    disc, diaz = pressed(huntington_park), login("diaz")
    assert diaz.get(reverse("evidence:disc-label", args=[disc.pk])).status_code == 404
    assert diaz.get(reverse("evidence:record-disc", args=[disc.pk, "burned"])).status_code == 404
    assert diaz.post(reverse("evidence:discs-again", args=[disc.of_set_id])).status_code == 404
    del barstow
