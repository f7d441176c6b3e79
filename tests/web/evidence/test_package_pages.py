"""Packages in the browser: ordered from a hold or a read, taken out, destroyed; refused without the right."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord
from plateward.evidence import package_work
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from tests.holds import approved, one_read
from tests.packages import ORDER, built, photographed
from tests.personas import Town

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


async def _received(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer.streaming_content])


def test_a_hold_is_packed_and_taken_out_on_record(barstow: Town, now: datetime, login: Login) -> None:
    (read,) = photographed(barstow, now, "8ABC123")
    hold = approved(barstow, "diaz", now, one_read(read))
    diaz = login("diaz")
    link = f"{reverse('evidence:new-package')}?hold={hold.pk}"
    assert link in diaz.get(reverse("evidence:hold", args=[hold.pk])).content.decode()
    assert "Hold 1" in diaz.get(link).content.decode()

    answer = diaz.post(link, {"hold": str(hold.pk), **ORDER}, follow=True)
    assert "is built by itself" in answer.content.decode()
    package = Package.objects.get()
    package_work.work_waiting(now=now)
    page = diaz.get(reverse("evidence:package", args=[package.pk])).content.decode()
    package.refresh_from_db()
    assert package.fingerprint in page

    sent = diaz.post(reverse("evidence:take-package", args=[package.pk]))
    data = async_to_sync(_received)(sent)
    assert int(sent["Content-Length"]) == len(data)
    assert f"{package.folder}/verify.py" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert AccessRecord.objects.filter(subject=package.subject).count() == 2


def test_a_read_is_packed_from_its_page_and_mistakes_come_back(
    barstow: Town, now: datetime, login: Login
) -> None:
    (read,) = photographed(barstow, now, "8ABC123")
    link = f"{reverse('evidence:new-package')}?read={read.id}"
    diaz = login("diaz")
    assert diaz.post(link, {**ORDER, "reason": ""}).status_code == 422
    assert diaz.get(f"{reverse('evidence:new-package')}?read=nonsense").status_code == 404
    diaz.post(link, ORDER)
    assert Package.objects.get().wanted["reads"] == [str(read.id)]


def test_our_copy_is_destroyed_with_a_reason(barstow: Town, now: datetime, login: Login) -> None:
    package = built(barstow, now, "8ABC123")
    diaz, address = login("diaz"), reverse("evidence:discard-package", args=[package.pk])
    assert diaz.post(address, {"because": ""}).status_code == 422
    page = diaz.post(address, {"because": "Booked as item 26-7"}, follow=True).content.decode()
    assert "Booked as item 26-7" in page
    again = diaz.post(reverse("evidence:take-package", args=[package.pk]), follow=True).content.decode()
    assert "There is no file to take" in again


def test_what_failed_says_why_and_is_ordered_again(barstow: Town, now: datetime, login: Login) -> None:
    package = built(barstow, now, "8ABC123")
    Package.objects.update(state=PackageState.FAILED, failure="There is no room on the disc.")
    diaz = login("diaz")
    listed = diaz.get(reverse("evidence:packages")).content.decode()
    assert package.name in listed
    page = diaz.get(reverse("evidence:package", args=[package.pk])).content.decode()
    assert "There is no room on the disc." in page
    diaz.post(reverse("evidence:package-again", args=[package.pk]))
    package.refresh_from_db()
    assert package.state == PackageState.BUILDING


def test_who_may_not_pack_is_refused_with_the_clause(barstow: Town, login: Login) -> None:
    assert login("imani").get(reverse("evidence:packages")).status_code == 403
