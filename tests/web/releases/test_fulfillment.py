"""An approved request becomes a package with its limits, handed over by another and collected on record."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http.response import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.notices.models import Notice
from plateward.releases import clock_actions, fulfill_actions
from plateward.releases.models import Fulfillment, PartnerAccount
from tests.pages import text
from tests.personas import Town
from tests.releasing import leave as left_in_portal
from tests.releasing import approved, partner, portal_person, prepared, request_on_file

Login = Callable[[str], Client]


async def gathered(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer])


def stage(town: Town, now: datetime) -> Any:
    def by(who: str) -> dict[str, Any]:
        return {"by": town.actor(who, now), "now": now}

    return SimpleNamespace(town=town, now=now, by=by, actor=lambda who: town.actor(who, now))


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
    leave, today = reverse("releases:request-leave", args=[request.pk]), barstow.actor("soto", now).today
    chosen = {"account": str(account.pk), "collect_by": (today - timedelta(days=1)).isoformat()}
    assert "today at the earliest" in text(clerk.post(leave, chosen))
    clerk.post(leave, chosen | {"collect_by": today.isoformat()})
    request.refresh_from_db()
    assert request.state == "FULFILLED"

    client = login(person.username)
    page = text(client.get(reverse("releases:portal-request", args=[request.pk])))
    assert "Do not sell, share or transfer" in page
    assert f"It is collected through {today:%b %-d, %Y}." in page
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


@pytest.mark.clause("B-466.7(b)", "CC-1798.90.55")
def test_past_its_last_day_nothing_is_collected_until_a_later_one_by_another_than_the_sole_approver(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = left_in_portal(stage(barstow, now))()
    today = barstow.actor("soto", now).today
    Fulfillment.objects.filter(pk=made.pk).update(collect_by_date=today - timedelta(days=1))
    client = login(made.collector.username)
    shown = text(client.get(reverse("releases:portal-request", args=[made.request_id])))
    assert "was to be collected by" in shown
    assert "Collect the package" not in shown
    collect = reverse("releases:portal-collect", args=[made.request_id])
    before = AccessRecord.objects.count()
    assert client.post(collect).status_code == HTTPStatus.FORBIDDEN
    assert AccessRecord.objects.count() == before
    assert clock_actions.remind(now=now) == 1
    clerk = login("soto")
    assert "Nobody collected what was left" in text(clerk.get(reverse("notices:for-you")))

    extend = reverse("releases:request-extend", args=[made.request_id])
    later = {"collect_by": (today + timedelta(days=3)).isoformat(), "reason": "On leave."}
    assert client.post(extend, later).status_code == HTTPStatus.FORBIDDEN
    with monkeypatch.context() as alone:
        sole = {str(barstow.users["soto"].pk)}
        alone.setattr(fulfill_actions, "_approvers", lambda request: sole)
        refused = clerk.post(extend, later)
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "You are the only one who approved it" in text(refused)
    assert client.post(collect).status_code == HTTPStatus.FORBIDDEN
    clerk.post(extend, later)
    assert AuditRecord.objects.get(verb="releases.collection.extended").detail["reason"] == "On leave."
    answer = client.post(collect)
    assert isinstance(answer, StreamingHttpResponse)
    assert async_to_sync(gathered)(answer).startswith(b"PK")
    assert not Notice.objects.filter(kind="release-uncollected", done_at__isnull=True).exists()


def test_nothing_is_collected_after_the_day_of_destruction(barstow: Town, now: datetime) -> None:
    s = stage(barstow, now)
    made = prepared(s)
    portal_person(barstow, now, made.request.partner)
    last = barstow.actor("soto", now).today + timedelta(days=10)
    made.request.destroy_by_date = last
    made.request.save()
    given = {"request": made.request, "account": PartnerAccount.objects.get(), **s.by("soto")}
    with pytest.raises(ValidationError, match="choose that day or an earlier one"):
        fulfill_actions.leave_in_portal(**given, collect_by=last + timedelta(days=1))
    assert fulfill_actions.leave_in_portal(**given, collect_by=last).handed_at
    with pytest.raises(IntegrityError), transaction.atomic():
        Fulfillment.objects.update(collect_by_date=None)
