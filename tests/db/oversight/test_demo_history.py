"""The demonstration's history gives its first review believable items."""

from datetime import datetime

import pytest

from plateward.config.demo.history import seed_history
from plateward.oversight.models import ReviewItem
from tests.personas import Town

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("barstow")
def test_the_first_review_asks_about_the_night_and_the_poor_reason(now: datetime) -> None:
    seed_history(now)

    flagged = {(item.person.username, item.kind) for item in ReviewItem.objects.all()}
    assert {("ortiz", "OFF_HOURS"), ("ortiz", "REPEATED_PLATE"), ("soto", "POOR_REASON")} <= flagged
    count = ReviewItem.objects.count()
    seed_history(now)
    assert ReviewItem.objects.count() == count


def test_history_is_barstows_alone(barstow: Town, huntington_park: Town, now: datetime) -> None:
    seed_history(now)
    assert set(ReviewItem.objects.values_list("agency", flat=True)) == {barstow.agency.pk}
    assert huntington_park.agency.pk != barstow.agency.pk
