"""Uploading reads from a file: checked whole, stored through the inbox, seen with its receipts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.devices.models import Device
from plateward.reads import actions as reads
from plateward.reads.models import InboxItem, Read
from tests.personas import Town

Login = Callable[[str], Client]


def page_of(device: Device) -> str:
    return reverse("reads:upload", args=[device.pk])


def file(*lines: str) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("lot.csv", "\n".join(("captured_at,plate", *lines)).encode())}


def test_a_sound_file_goes_through_the_inbox_and_its_receipt_is_shown(
    barstow: Town, login: Login, now: datetime
) -> None:
    seen = (now - timedelta(days=1)).isoformat()
    client = login("imani")
    answer = client.post(page_of(barstow.camera), file(f"{seen},8ABC123", f"{seen},6XYZ789"), follow=True)
    assert "2 reads are in the inbox" in answer.content.decode()
    reads.store_waiting(limit=9, now=now)
    assert {(read.plate, read.is_late, read.device_id) for read in Read.objects.all()} == {
        ("8ABC123", True, barstow.camera.pk),
        ("6XYZ789", True, barstow.camera.pk),
    }
    item = InboxItem.objects.get()
    page = client.get(page_of(barstow.camera)).content.decode()
    assert str(item.pk) in page
    journal = AuditRecord.objects.get(verb="reads.file.uploaded")
    assert (journal.username, journal.detail["reads"], journal.detail["receipts"]) == ("imani", 2, [str(item.pk)])


def test_the_same_file_again_is_stored_once(barstow: Town, login: Login, now: datetime) -> None:
    line = f"{(now - timedelta(days=1)).isoformat()},8ABC123"
    client = login("imani")
    client.post(page_of(barstow.camera), file(line))
    answer = client.post(page_of(barstow.camera), file(line), follow=True)
    assert "1 of the payloads had been uploaded before" in answer.content.decode()
    assert InboxItem.objects.count() == 1


def test_one_wrong_line_keeps_the_whole_file_out(barstow: Town, login: Login, now: datetime) -> None:
    seen = (now - timedelta(days=1)).isoformat()
    answer = login("imani").post(page_of(barstow.camera), file(f"{seen},8ABC123", "never,6XYZ789"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nothing was stored: 1 line is wrong" in page
    assert "“never” is no date and time" in page
    assert not InboxItem.objects.exists()


@pytest.mark.parametrize("username", ["ortiz", "quinn"])
def test_who_may_not_manage_devices_may_not_upload(barstow: Town, login: Login, username: str) -> None:
    assert login(username).get(page_of(barstow.camera)).status_code == 403


def test_a_disabled_device_takes_no_file(barstow: Town, login: Login, now: datetime) -> None:
    Device.objects.update(is_enabled=False)
    answer = login("imani").post(page_of(barstow.camera), file(f"{now.isoformat()},8ABC123"))
    assert answer.status_code == 422
    assert "is disabled: enable it on its page first" in answer.content.decode()
    assert not InboxItem.objects.exists()
