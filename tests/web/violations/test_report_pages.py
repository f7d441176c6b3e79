"""Reporting and deciding in the browser; who sees what of it."""

from collections.abc import Callable
from datetime import datetime
from html import unescape
from http import HTTPStatus
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from plateward.governance import standing
from plateward.oversight.actions import decide_item
from plateward.policy import Param, SanctionAction
from plateward.violations.models import Report
from plateward.violations.suspension import standing_of
from tests.personas import Town
from tests.reviewing import flagged
from tests.reporting import WHAT, found, patrol, reported, retrained
from plateward.violations import actions

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


def page(client: Client, name: str, *args: Any) -> str:
    return client.get(reverse(name, args=args)).content.decode()


@pytest.mark.clause("B-466.6(e)")
def test_an_officer_reports_and_the_sergeant_finds_a_violation(
    barstow: Town, now: datetime, login: Login
) -> None:
    patrol(barstow, now)
    quinn = barstow.users["quinn"]
    ortiz = login("ortiz")
    sent = {"kind": "SUSPECTED", "about": quinn.pk, "what": WHAT, "happened_date": ""}
    answer = ortiz.post(reverse("violations:make"), sent, follow=True)
    assert "Report V-1 went to Sam Soto." in answer.content.decode()
    report = Report.objects.get()

    soto = login("soto")
    assert "Waiting for your decision" in page(soto, "violations:reports")
    shown = page(soto, "violations:report", report.pk)
    assert WHAT in shown
    assert "By the policy the employee is told of a violation." in shown
    assert "name=\"tell\"" not in shown
    decided = {"finding": "VIOLATION", "clause": "B-466.6(b)", "course": "alpr-basic", "note": "No case."}
    answer = soto.post(reverse("violations:decide", args=[report.pk]), decided, follow=True)
    assert "The finding is on record." in answer.content.decode()

    found_about = page(login("quinn"), "violations:report", report.pk)
    assert "No case." in found_about
    assert "Olivia Ortiz" not in found_about
    assert WHAT not in found_about
    own = page(ortiz, "violations:report", report.pk)
    assert "Your report was decided" in own
    assert "No case." not in own


def test_a_report_that_says_too_little_is_shown_again_with_what_is_missing(
    barstow: Town, login: Login
) -> None:
    answer = login("ortiz").post(reverse("violations:make"), {"kind": "ERROR", "about": "", "what": "Oh."})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "in at least 20 characters" in answer.content.decode()
    assert not Report.objects.exists()


@pytest.mark.clause("B-466.6(e)")
def test_whom_it_is_about_and_who_has_no_part_in_it_find_nothing(
    barstow: Town, now: datetime, login: Login
) -> None:
    patrol(barstow, now)
    report = reported(barstow, now, about="soto")
    for who in ("soto", "quinn", "dunn"):
        client = login(who)
        assert report.name not in page(client, "violations:reports")
        address = reverse("violations:report", args=[report.pk])
        assert client.get(address).status_code == HTTPStatus.NOT_FOUND
        assert client.post(reverse("violations:decide", args=[report.pk])).status_code == HTTPStatus.NOT_FOUND


def test_an_item_found_out_of_policy_leads_to_a_report_and_back(
    barstow: Town, now: datetime, login: Login
) -> None:
    item = flagged(barstow, now)
    decide_item(by=barstow.actor("cole", now), item=item, is_in_policy=False, note="No case.", now=now)
    cole, item_page = login("cole"), reverse("oversight:item", args=[item.pk])
    link = f"{reverse('violations:make')}?origin=oversight.ReviewItem:{item.pk}&amp;about={item.person_id}"
    assert link in cole.get(item_page).content.decode()
    form = cole.get(unescape(link)).content.decode()
    assert f'value="{item.person_id}" selected' in form

    origin = f"oversight.ReviewItem:{item.pk}"
    cole.post(
        reverse("violations:make"),
        {"kind": "KNOWN", "about": item.person_id, "what": WHAT, "origin": origin},
    )
    assert item_page in page(login("chen"), "violations:report", Report.objects.get().pk)
    elsewhere = {"kind": "KNOWN", "about": "", "what": WHAT, "origin": "accounts.User:1"}
    assert cole.post(reverse("violations:make"), elsewhere).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_huntington_parks_silence_is_said_and_the_choice_offered(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    report = reported(huntington_park, now, about="hale", by="hart")
    hayes = login("hayes")
    assert "This policy does not say to whom errors and violations are reported" in page(
        hayes, "violations:reports"
    )
    shown = page(hayes, "violations:report", report.pk)
    assert "The policy sets no time" in shown
    assert "The policy does not say whether the employee is told; you choose." in shown
    assert 'name="tell"' in shown
    assert 'name="retrain"' in shown


def test_a_policy_that_suspends_searching_for_a_violation_does_until_the_retraining_is_done(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(user: Any, profile: Any, at: datetime) -> standing.Standing:
        sanctions = msgspec.structs.replace(
            profile.sanctions,
            violation=Param(value=SanctionAction.SUSPEND_QUERIES, clause="B-466.6(e)"),
            retraining_lifts=Param(value=True, clause="B-466.6(e)"),
        )
        return standing_of(user, msgspec.structs.replace(profile, sanctions=sanctions), at)

    monkeypatch.setitem(standing._sources, "violations", strict)
    report = found(reported(barstow, now), barstow, now)
    quinn = login("quinn")
    refused = quinn.get(reverse("search:new"))
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "A violation is on record, and searching is suspended for it." in refused.content.decode()
    assert login("ortiz").get(reverse("search:new")).status_code == HTTPStatus.OK
    retrained(barstow, "quinn", now)
    actions.close_retrained(now=now)
    report.refresh_from_db()
    assert quinn.get(reverse("search:new")).status_code == HTTPStatus.OK
