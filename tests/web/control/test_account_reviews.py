"""Account reviews: every account decided by name, nobody's by themselves, overdue ones passed on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import LoginSession, User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.control import review_actions
from plateward.control.models import ReviewCampaign, ReviewItem
from plateward.control.rules import ReviewDecision
from plateward.notices import actions as notices
from plateward.notices.queries import waiting_for
from tests.personas import Town

pytestmark = pytest.mark.clause("B-466.6(d)")

Login = Callable[[str], Client]


@pytest.fixture
def campaign(barstow: Town, now: datetime) -> ReviewCampaign:
    return review_actions.open_campaign(by=barstow.actor("cole", now), now=now)


def decided(client: Client, username: str, **form: str) -> int:
    item = ReviewItem.objects.get(user__username=username)
    given = {"decision": "CONFIRMED", "title": "", "note": ""} | form
    return client.post(reverse("control:review-item", args=[item.pk]), given).status_code


@pytest.mark.usefixtures("barstow")
def test_the_reviewer_begins_one_and_sees_every_account_with_what_it_may(login: Login) -> None:
    cole = login("cole")
    assert "Begin a review" in cole.get(reverse("control:reviews")).content.decode()
    page = cole.post(reverse("control:reviews"), follow=True).content.decode()
    assert "0 of 12 accounts decided" in page
    for shown in ("Quentin Quinn", "Patrol Officer", "search reads", "The security clearance is on file."):
        assert shown in page
    assert "Begin a review" not in cole.get(reverse("control:reviews")).content.decode()
    assert "A review is open already" in cole.post(reverse("control:reviews"), follow=True).content.decode()
    assert login("lane").post(reverse("control:reviews")).status_code == 403
    assert login("lane").get(reverse("control:reviews")).status_code == 403


@pytest.mark.usefixtures("campaign")
def test_accounts_are_confirmed_changed_and_deactivated_with_effect(login: Login) -> None:
    cole = login("cole")
    assert decided(cole, "ortiz") == 302
    assert decided(cole, "quinn", decision="CHANGED") == 422, "which title?"
    assert decided(cole, "quinn", decision="CHANGED", title="detective") == 302
    assert decided(cole, "ruiz", decision="DEACTIVATED") == 422, "why?"
    assert decided(cole, "ruiz", decision="DEACTIVATED", note="Left in May.") == 302
    assert User.objects.get(username="quinn").title == "detective"
    assert User.objects.get(username="ruiz").state == AccountState.DEACTIVATED
    assert ReviewItem.objects.get(user__username="ruiz").decided_by == User.objects.get(username="cole")


@pytest.mark.usefixtures("campaign")
def test_nobody_reviews_their_own_account_the_chief_reviews_the_commanders(login: Login) -> None:
    assert decided(login("cole"), "cole") == 403
    assert decided(login("lane"), "ortiz") == 403
    assert decided(login("chen"), "cole") == 302
    assert decided(login("chen"), "chen") == 403


@pytest.mark.usefixtures("campaign")
def test_a_decision_needs_both_factors_given_lately(login: Login, now: datetime) -> None:
    cole = login("cole")
    LoginSession.objects.update(proved_at=now - timedelta(hours=1))
    assert decided(cole, "ruiz", decision="DEACTIVATED", note="Left in May.") == 302
    assert User.objects.get(username="ruiz").state == AccountState.ACTIVE


def test_an_account_that_the_policy_lets_nobody_decide_holds_up_no_review(
    huntington_park: Town, now: datetime
) -> None:
    """The reviewer is a decision of the agency beside H-426, and neither names anybody to review them."""
    reviewer = next(
        actor
        for actor in (huntington_park.actor(name, now) for name in huntington_park.users)
        if "administration-division-commander" in actor.positions
    )
    campaign = review_actions.open_campaign(by=reviewer, now=now)
    mine = campaign.items.get(user_id=reviewer.user_id)
    for item in campaign.items.exclude(pk=mine.pk):
        review_actions.decide(
            item=item, decision=ReviewDecision.CONFIRMED, title="", note="", by=reviewer, now=now
        )
    campaign.refresh_from_db()
    assert campaign.finished_at == now
    assert (mine.position, mine.decided_at) == ("", None), "and the file says so"
    row = AuditRecord.objects.get(verb="control.review.finished")
    assert row.detail["undecided"] == "1"
    profile, due = reviewer.profile, now + timedelta(days=400)
    assert review_actions.open_due(agency=huntington_park.agency.pk, profile=profile, now=due) is not None


def test_the_last_decision_finishes_it_and_leaves_a_file(
    barstow: Town, campaign: ReviewCampaign, now: datetime, login: Login
) -> None:
    for item in campaign.items.exclude(user__username="cole"):
        review_actions.decide(
            item=item,
            decision=ReviewDecision.CONFIRMED,
            title="",
            note="=1+1",
            by=barstow.actor("cole", now),
            now=now,
        )
    assert waiting_for(barstow.actor("chen", now)).exists()
    assert not waiting_for(barstow.actor("cole", now)).exists()
    chen = login("chen")
    assert decided(chen, "cole") == 302
    assert "Finished" in chen.get(reverse("control:review", args=[campaign.pk])).content.decode()
    sheet = chen.get(reverse("control:review-csv", args=[campaign.pk])).content.decode()
    assert sheet.count("CONFIRMED") == 12
    assert ",'=1+1," in sheet, "no formula"


def test_the_clock_begins_the_yearly_one_and_passes_on_what_is_overdue(barstow: Town, now: datetime) -> None:
    profile, agency = barstow.actor("cole", now).profile, barstow.agency.pk
    assert review_actions.open_due(agency=agency, profile=profile, now=now + timedelta(days=364)) is None
    later = now + timedelta(days=366)
    opened = review_actions.open_due(agency=agency, profile=profile, now=later)
    assert opened is not None
    assert opened.due_at == later + timedelta(days=30)
    assert review_actions.open_due(agency=agency, profile=profile, now=later) is None
    assert waiting_for(barstow.actor("chen", later)).count() == 1
    assert notices.escalate_due(now=opened.due_at) == 1
    assert waiting_for(barstow.actor("chen", later)).count() == 2
