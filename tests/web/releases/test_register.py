"""The register: put on again for a reason, and told of before its evidence runs out (R104)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from plateward.notices.models import Notice
from plateward.releases import clock_actions, partner_actions
from tests.pages import text
from tests.personas import Town
from tests.releasing import finding, partner, request_on_file
from tests.teaching import PDF

Login = Callable[[str], Client]


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_a_partner_is_put_on_the_register_again_for_a_reason_and_by_a_fresh_review(
    barstow: Town, now: datetime, login: Login
) -> None:
    of, client = partner(barstow, now), login("cole")
    reopen = reverse("releases:partner-reopen", args=[of.pk])
    again = {"kind": "PROSECUTOR", "state": "CA", "is_enforcement": "on", "authority": "Gov. Code § 26500"}
    again |= {"again_date": "2099-01-01", "reason": "Founded anew."}

    def post(address: str, *, with_paper: bool = True, **given: str) -> tuple[int, str]:
        paper = {"document": SimpleUploadedFile("charter.pdf", PDF)} if with_paper else {}
        answer = client.post(address, again | given | paper)
        return answer.status_code, text(answer)

    assert "is on the register" in post(reopen)[1]
    client.post(reverse("releases:partner-end", args=[of.pk]), {"reason": "Dissolved."})
    assert "off the register" in post(reverse("releases:partner-review", args=[of.pk]))[1]
    assert login("soto").post(reopen, again).status_code == HTTPStatus.FORBIDDEN
    assert post(reopen, reason="")[0] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "put the document that shows it on file" in post(reopen, with_paper=False)[1]
    assert post(reopen)[0] == HTTPStatus.FOUND
    page = text(client.get(reverse("releases:partner", args=[of.pk])))
    assert "Taken off the register</strong> by Carl Cole" in page
    assert "Put on the register again</strong> by Carl Cole" in page
    of.refresh_from_db()
    assert of.ended_at is None
    with pytest.raises(DatabaseError), transaction.atomic():
        of.steps.update(reason="Another.")


@pytest.mark.clause("B-466.7")
def test_who_keeps_the_register_is_told_before_evidence_runs_out_and_what_stops_with_it(
    barstow: Town, now: datetime, login: Login
) -> None:
    day = barstow.actor("cole", now).today + timedelta(days=5)
    partner(barstow, now, "Later Police", again_date=day + timedelta(days=32))  # 31 days at the end: not yet
    of = partner(barstow, now, again_date=day)
    partner(barstow, now, "Far Police", again_date=day + timedelta(days=200))
    made = request_on_file(barstow, now, of)
    new = clock_actions.remind(now=now)
    told = Notice.objects.filter(kind="partner-review")
    assert {one.link for one in told} == {reverse("releases:partner", args=[of.pk])}
    assert {f"Review {of.name} by" in one.text for one in told} == {True}
    assert {one.position for one in told if one.position} == {"administrative-division-commander"}
    assert len(told) == new == len({(one.position, one.user_id) for one in told}), "each of them once"
    assert clock_actions.remind(now=now) == 0
    Notice.objects.filter(kind="partner-review").earliest("key").delete()  # somebody is told since now only
    known = set(Notice.objects.filter(kind="partner-review").values_list("pk", flat=True))
    assert clock_actions.remind(now=now) == 1
    waiting = Notice.objects.filter(kind="partner-review", done_at__isnull=True)
    assert known < set(waiting.values_list("pk", flat=True))
    client = login("cole")
    notices = reverse("notices:for-you")
    assert "1 open requests or packages stop with it" in text(client.get(notices))
    assert made.number in text(client.get(reverse("releases:partner", args=[of.pk])))
    warned = text(client.get(reverse("releases:request", args=[made.pk])))
    assert f"counts until {day:%b %-d, %Y}." in warned
    assert clock_actions.remind(now=now + timedelta(days=6)) == new
    assert "nothing is released to it until it is reviewed" in text(client.get(notices))
    given = {"partner": of, "finding": finding(now), "by": barstow.actor("cole", now)}
    partner_actions.review_partner(**given, now=now + timedelta(minutes=1))
    assert not Notice.objects.filter(kind="partner-review", done_at__isnull=True).exists()
    assert clock_actions.remind(now=now + timedelta(minutes=2)) == 0, "what was answered is told no more"
