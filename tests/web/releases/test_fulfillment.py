"""An approved request becomes a package with its limits, handed over by another and collected on record."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http.response import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.releases.models import Fulfillment, PartnerAccount
from tests.pages import text
from tests.personas import Town
from tests.releasing import approved, partner, portal_person, prepared, request_on_file

Login = Callable[[str], Client]


async def gathered(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer])


def stage(town: Town, now: datetime) -> Any:
    def by(who: str) -> dict[str, Any]:
        return {"by": town.actor(who, now), "now": now}

    return SimpleNamespace(town=town, now=now, by=by)


@pytest.mark.clause("B-466.7", "B-466.7(b)", "CC-1798.90.52", "CC-1798.90.55")
def test_a_partner_collects_what_was_approved_with_its_limits_and_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    made = prepared(stage(barstow, now))
    request, of = made.request, made.request.partner
    assert of is not None
    person = portal_person(barstow, now, of)
    clerk = login("soto")
    assert "Leave in the portal" in text(clerk.get(reverse("releases:request", args=[request.pk])))
    account = PartnerAccount.objects.get()
    clerk.post(reverse("releases:request-leave", args=[request.pk]), {"account": str(account.pk)})
    request.refresh_from_db()
    assert request.state == "FULFILLED"

    client = login(person.username)
    page = text(client.get(reverse("releases:portal-request", args=[request.pk])))
    assert "Do not sell, share or transfer" in page
    before = AccessRecord.objects.count()
    answer = client.post(reverse("releases:portal-collect", args=[request.pk]))
    assert isinstance(answer, StreamingHttpResponse)
    body = async_to_sync(gathered)(answer)
    with zipfile.ZipFile(io.BytesIO(body)) as bag:
        told = b"".join(bag.read(name) for name in bag.namelist() if name.endswith((".txt", ".json")))
    assert b"Do not sell, share or transfer" in told
    record = AccessRecord.objects.latest("pk")
    assert AccessRecord.objects.count() == before + 1
    assert (record.organization, record.username) == (of.name, person.username)
    assert record.result_count == 1
    assert request.number in text(client.get(reverse("releases:portal-accesses")))
    assert AuditRecord.objects.filter(verb="releases.package.collected").exists()

    login("cole").post(reverse("releases:partner-end", args=[of.pk]), {"reason": "Dissolved."})
    ended = client.post(reverse("releases:portal-collect", args=[request.pk]))
    assert ended.status_code == HTTPStatus.FORBIDDEN
    assert AccessRecord.objects.count() == before + 1

    other = portal_person(barstow, now, partner(barstow, now, "City Police"))
    stranger = login(other.username)
    assert stranger.post(reverse("releases:portal-collect", args=[request.pk])).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.clause("B-466.7(b)")
def test_nothing_is_packed_before_approval_nor_by_the_only_approver(
    barstow: Town, now: datetime, login: Login
) -> None:
    waiting = request_on_file(barstow, now)
    clerk = login("soto")
    prepare = reverse("releases:request-prepare", args=[waiting.pk])
    assert clerk.post(prepare).status_code == HTTPStatus.FORBIDDEN
    assert login("cole").post(prepare).status_code == HTTPStatus.FORBIDDEN
    assert not Fulfillment.objects.exists()
    early = clerk.post(reverse("releases:request-hand", args=[waiting.pk]), {"receipt": "Lee"})
    assert early.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("B-466.7")
def test_a_partner_ended_since_the_approval_receives_nothing(barstow: Town, now: datetime, login: Login) -> None:
    made = approved(barstow, now)
    login("cole").post(reverse("releases:partner-end", args=[made.partner_id]), {"reason": "Dissolved."})
    answer = login("soto").post(reverse("releases:request-prepare", args=[made.pk]))
    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("CC-1798.90.52")
def test_that_nothing_was_found_is_on_record_and_fulfills_the_request(
    barstow: Town, now: datetime, login: Login
) -> None:
    made = approved(barstow, now)
    login("soto").post(reverse("releases:request-prepare", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == "FULFILLED"
    assert Fulfillment.objects.get().way == "NOTHING"
    assert AccessRecord.objects.latest("pk").result_count == 0
