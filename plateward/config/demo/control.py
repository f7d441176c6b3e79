"""The demonstration's control of accounts: window, auditor's end, past emergency, review half done."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from plateward.accounts.models import User
from plateward.control import actions, emergency_actions, review_actions, standing, window_actions
from plateward.control.models import PlannedEnd, ReviewCampaign
from plateward.control.rules import EndKind, Finding, ReviewDecision, WindowPurpose
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.governance.standing import Emergency, Standing
from plateward.plates.pattern import PlatePattern
from plateward.search.actions import run_search
from plateward.search.rules import SearchQuery

AGENCY = "barstow-pd"
DECIDED = ("chen", "cruz", "diaz", "dunn", "lane", "ortiz")
"""Whose accounts the review has come to."""


def seed_control(now: datetime) -> None:
    """Let the vendor in for a working day at each start; the rest once."""
    _engage_auditor(now)
    people = {user.username: user for user in User.objects.filter(agency_id=AGENCY)}
    cole = actor_for(people["cole"], at=now)
    if not standing.emergencies(AGENCY).exists():
        _past_emergency(people, cole, now)
    with transaction.atomic():
        if not standing.open_windows(AGENCY, now).exists():
            _open_window(people, now)
        if not ReviewCampaign.objects.filter(agency_id=AGENCY).exists():
            _plan_end(people["ruiz"], cole, now)
            _review_half(cole, now)


def _open_window(people: dict[str, User], now: datetime) -> None:
    window_actions.open_window(
        user=people["vance"],
        purpose=WindowPurpose.MAINTENANCE,
        work="Look for the fault of the camera at Lenwood Outlets",
        supervisor=people["soto"],
        from_at=now,
        until_at=now + timedelta(hours=8),
        by=actor_for(people["imani"], at=now),
        now=now,
    )


def _past_emergency(people: dict[str, User], reviewer: Actor, now: datetime) -> None:
    """Nine days ago a dispatcher searched alone; the commander looked it through the same day."""
    began = now - timedelta(days=9)
    dunn = actor_for(people["dunn"], at=now)
    reason = "Child taken from Dana Park; every detective is on the perimeter and off the radio."
    taken = emergency_actions.obtain(reason=reason, by=dunn, now=began)
    under = replace(dunn, standing=Standing(emergency=Emergency(str(taken.pk), taken.until_at)))
    query = SearchQuery(
        pattern=PlatePattern.parse("6K?V1*"),
        from_at=began - timedelta(hours=2),
        until_at=began,
        purpose="missing-person",
        reason="Van seen leaving Dana Park with the child, partial plate from a witness",
        reference="26-004402",
    )
    run_search(by=under, query=query, now=began + timedelta(minutes=3))
    emergency_actions.end(by=under, now=began + timedelta(minutes=34))
    looked = began + timedelta(hours=4)
    emergency_actions.look_through(emergency=taken, by=reviewer, now=looked)
    emergency_actions.review(
        emergency=taken,
        finding=Finding.JUSTIFIED,
        note="One search, for the van that Sergeant Soto had called out. The child is safe.",
        by=reviewer,
        now=looked + timedelta(minutes=10),
    )


def _engage_auditor(now: datetime) -> None:
    """Huntington Park's auditor from outside has an account for the month of the engagement."""
    auditor = User.objects.get(username="hobbs")
    if not PlannedEnd.objects.filter(user=auditor).exists():
        actions.plan_end(
            user=auditor,
            kind=EndKind.EXPIRY,
            ends_at=now.replace(minute=0, second=0, microsecond=0) + timedelta(days=30),
            reason="Engagement letter for the yearly audit",
            by=actor_for(User.objects.get(username="hayes"), at=now),
            now=now,
        )


def _plan_end(user: User, by: Actor, now: datetime) -> None:
    actions.plan_end(
        user=user,
        kind=EndKind.SEPARATION,
        ends_at=now.replace(minute=0, second=0, microsecond=0) + timedelta(days=12),
        reason="Goes to the county",
        by=by,
        now=now,
    )


def _review_half(by: Actor, now: datetime) -> None:
    campaign = review_actions.open_campaign(by=by, now=now)
    for item in campaign.items.filter(user__username__in=DECIDED):
        review_actions.decide(item=item, decision=ReviewDecision.CONFIRMED, title="", note="", by=by, now=now)
