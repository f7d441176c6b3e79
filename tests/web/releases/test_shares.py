"""Standing shares are approved by another, expire, and are compared with the vendor's list (R108, R109, R114)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from plateward.policy import PartnerClass
from plateward.releases.models import DriftAnswer, StandingShare, VendorShareList
from tests.pages import text
from tests.personas import Town
from tests.releasing import partner
from tests.days import day_of
from tests.teaching import PDF

Login = Callable[[str], Client]


@pytest.mark.clause("B-466.7", "B-466.7(b)")
def test_a_share_counts_once_another_approves_it_and_every_step_is_logged(
    barstow: Town, now: datetime, login: Login
) -> None:
    of, keeper = partner(barstow, now), login("cole")
    later = (day_of(now) + timedelta(days=200)).isoformat()
    asked = {
        "partner": str(of.pk),
        "listed_as": "County DA",
        "what": "Searches of our reads",
        "authority": "Agreement of 2026",
        "expires_date": later,
    }
    assert "lies ahead" in text(keeper.post(reverse("releases:share-propose"), asked | {"expires_date": "2026-01-01"}))
    keeper.post(reverse("releases:share-propose"), asked)
    made = StandingShare.objects.get()

    def act(client: Client, task: str, **given: str) -> int:
        return client.post(reverse("releases:share-act", args=[made.pk, task]), {"note": "Said.", **given}).status_code

    assert act(keeper, "approve") == HTTPStatus.FORBIDDEN
    approver = login("lane")
    assert act(approver, "approve") == HTTPStatus.FOUND
    assert act(approver, "approve") == HTTPStatus.UNPROCESSABLE_ENTITY
    assert act(approver, "renew", expires_date=(day_of(now) + timedelta(days=300)).isoformat()) == HTTPStatus.FOUND
    assert act(approver, "end") == HTTPStatus.FORBIDDEN
    page = text(approver.get(reverse("releases:share", args=[made.pk])))
    assert "Propose</strong> by Carl Cole" in page
    assert "Approve</strong> by Laura Lane" in page

    names = SimpleUploadedFile("shares.csv", b"Agency\nCounty DA\nSome Sheriff\n")
    answer = keeper.post(
        reverse("releases:share-list-import"), {"vendor": "Reader Works", "column": "Agency", "file": names}
    )
    page = text(keeper.get(answer.url))
    assert "Some Sheriff" in page
    assert "no share on record" in page
    assert "1 of 1 not answered" in page
    done = reverse("releases:drift-answer", args=[VendorShareList.objects.get().pk, 0])
    claimed = {"answer": "PROPOSED", "note": "Put on record."}
    assert "No share of this name is on record" in text(keeper.post(done, claimed))
    assert approver.post(done, claimed).status_code == HTTPStatus.FORBIDDEN
    told = {"answer": "TOLD", "note": "In writing, ticket 4711."}
    assert keeper.post(done, told).status_code == HTTPStatus.FOUND
    assert "answered this difference already" in text(keeper.post(done, told))
    assert "ticket 4711" in text(keeper.get(answer.url))
    with pytest.raises(DatabaseError), transaction.atomic():
        DriftAnswer.objects.update(note="Another.")
    assert act(keeper, "end") == HTTPStatus.FOUND
    with pytest.raises(DatabaseError), transaction.atomic():
        made.events.update(note="Another.")


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_nothing_overrides_a_stop_for_a_standing_share(barstow: Town, now: datetime, login: Login) -> None:
    federal = partner(barstow, now, "Federal Bureau", kind=PartnerClass.FEDERAL, state="")
    asked = {"partner": str(federal.pk), "listed_as": "FB", "what": "All", "authority": "A memo"}
    asked |= {"expires_date": "2099-01-01"}
    answer = login("cole").post(reverse("releases:share-propose"), asked)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not StandingShare.objects.exists()


def test_an_agreement_is_on_file_with_its_paper(barstow: Town, now: datetime, login: Login) -> None:
    of, keeper = partner(barstow, now), login("cole")
    given = {
        "partner": str(of.pk),
        "title": "Exchange of ALPR data",
        "exchanges": "Reads on approved requests",
        "safeguards": "Each side records its accesses",
        "signed_date": "2026-02-01",
        "document": SimpleUploadedFile("agreement.pdf", b"no paper"),
    }
    assert "no whole PDF" in text(keeper.post(reverse("releases:agreement-enter"), given))
    given["document"] = SimpleUploadedFile("agreement.pdf", PDF)
    keeper.post(reverse("releases:agreement-enter"), given)
    assert "Exchange of ALPR data" in text(keeper.get(reverse("releases:shares")))
