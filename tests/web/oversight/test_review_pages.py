"""The review in the browser: plan, queue, item, question and answer."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from plateward.oversight.models import OwnPlate, ReviewItem
from tests.personas import Town
from tests.reviewing import flagged, searched

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


def test_the_commander_begins_a_review_and_finds_an_item_out_of_policy(
    barstow: Town, now: datetime, login: Login
) -> None:
    for _ in range(3):
        searched(barstow, "ortiz", "7ABC123", now)
    cole = login("cole")
    queue = cole.post(reverse("oversight:reviews"), follow=True).content.decode()
    assert "7ABC123 was searched 3 times" in queue
    item = ReviewItem.objects.get(kind="REPEATED_PLATE")

    answer = cole.post(reverse("oversight:item", args=[item.pk]), {"act": "out", "note": "No case."})

    assert answer.status_code == HTTPStatus.FOUND
    item.refresh_from_db()
    assert item.state == "OUT_OF_POLICY"


def test_a_decision_needs_a_note(barstow: Town, now: datetime, login: Login) -> None:
    item = flagged(barstow, now)
    answer = login("cole").post(reverse("oversight:item", args=[item.pk]), {"act": "in", "note": " "})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_person_is_asked_and_answers_in_the_browser(barstow: Town, now: datetime, login: Login) -> None:
    item = flagged(barstow, now)
    login("cole").post(reverse("oversight:item", args=[item.pk]), {"act": "ask", "note": "Which case?"})
    ortiz = login("ortiz")
    assert "Which case?" in ortiz.get(reverse("oversight:mine")).content.decode()

    ortiz.post(reverse("oversight:answer"), {"item": item.pk, "note": "26-0311, opened the day after."})

    assert "opened the day after" in login("cole").get(reverse("oversight:item", args=[item.pk])).content.decode()


def test_the_commanders_own_item_says_who_reviews_it(barstow: Town, now: datetime, login: Login) -> None:
    item = flagged(barstow, now, "cole")
    page = login("cole").get(reverse("oversight:item", args=[item.pk])).content.decode()
    assert "These are your own accesses. The Chief of Police reviews them." in page
    assert 'value="out"' not in page


@pytest.mark.usefixtures("huntington_park")
def test_an_unsettled_plan_says_what_the_policy_must_say_first(login: Login) -> None:
    page = login("hayes").get(reverse("oversight:reviews")).content.decode()
    assert "the policy in force does not say how often accesses are reviewed; who reviews them" in page


@pytest.mark.usefixtures("barstow")
def test_a_patrol_officer_sees_no_review(login: Login) -> None:
    assert login("ortiz").get(reverse("oversight:reviews")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.usefixtures("barstow")
def test_a_plate_of_ones_own_is_entered_and_never_shown(login: Login) -> None:
    client = login("quinn")
    page = client.post(reverse("oversight:own-plates"), {"plate": "5QUI 123"}, follow=True).content.decode()
    assert "5QUI" not in page
    assert "as a digest" in page
    client.post(reverse("oversight:own-plates"), {"remove": str(OwnPlate.objects.get().pk)})
    assert not OwnPlate.objects.exists()
    refused = client.post(reverse("oversight:own-plates"), {"plate": "5QUI*"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.usefixtures("barstow")
def test_the_commander_has_the_record_tested(login: Login) -> None:
    page = login("cole").post(reverse("oversight:completeness"), follow=True).content.decode()
    assert "Every known act is wholly on record." in page
    assert "A refused search" in page


@pytest.mark.usefixtures("barstow")
def test_what_is_missing_from_the_record_is_told_to_whoever_had_it_tested(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.governance.actions.journal_refusal", lambda **_: None)
    page = login("cole").post(reverse("oversight:completeness"), follow=True).content.decode()
    assert "Something is missing from the record. The alarm above says what." in page
    assert "A refused search: no journal row" in page
