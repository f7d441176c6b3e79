"""A week of use for tests of the review, made through the product's own actions."""

from datetime import datetime, timedelta

from plateward.oversight.actions import begin_review
from plateward.oversight.models import Review, ReviewItem
from plateward.plates.pattern import PlatePattern
from plateward.search.actions import run_search
from plateward.search.rules import SearchQuery
from tests.days import earlier_today
from tests.personas import Town

GOOD_REASON = "Seen leaving the robbery at 1st and Main"


def searched(
    town: Town, username: str, plate: str, at: datetime, *, reason: str = GOOD_REASON, reference: str = ""
) -> None:
    """One search over the day before; the policy was in force already, though the town is new."""
    query = SearchQuery(
        pattern=PlatePattern.parse(plate),
        from_at=at - timedelta(days=1),
        until_at=at,
        purpose="stolen-plate",
        reason=reason,
        reference=reference,
    )
    run_search(by=town.actor(username, at + timedelta(days=1)), query=query, now=at)


def reviewed(town: Town, now: datetime, by: str = "cole") -> Review:
    return begin_review(by=town.actor(by, now), now=now)


def flagged(town: Town, now: datetime, person: str = "ortiz") -> ReviewItem:
    """An item about three searches of one plate without a case."""
    for minutes in (30, 20, 10):
        searched(town, person, "7ABC123", earlier_today(now, timedelta(minutes=minutes)))
    return reviewed(town, now).items.get(kind="REPEATED_PLATE", person__username=person)


def under_review(town: Town, person: str, now: datetime) -> ReviewItem:
    """An item of any agency, its plan settled or not."""
    review = Review.objects.create(
        agency=town.agency,
        from_at=now - timedelta(days=7),
        until_at=now,
        made_at=now,
        due_at=now + timedelta(days=7),
        seed="seed",
        accesses=1,
        population=0,
        profile_version="2026.1",
    )
    return ReviewItem.objects.create(
        agency=town.agency,
        review=review,
        person=town.users[person],
        kind="POOR_REASON",
        explanation="1 search with a reason that says too little.",
        position="administrative-division-commander",
    )
