"""The acts on what is published and on the registers beside the policy, for test_every_act."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from plateward.governance import register_actions
from plateward.governance.models import Review
from plateward.transparency import actions as transparency
from tests.publishing import month_over, published

POSTED = "https://town.example/alpr"


def publish_month(s: Any) -> Callable[[], object]:
    month, after = month_over(s.town, s.now)
    return lambda: published(s.town, month, after)


PUBLISHING: Mapping[str, Callable[[Any], Callable[[], object]]] = {
    "governance.enter": lambda s: (
        lambda: register_actions.enter(
            entry=Review(subject="POLICY", done_date=date(2026, 1, 20), finding="Kept."), **s.by("cole")
        )
    ),
    "governance.remind_of_reviews": lambda s: (
        lambda: register_actions.remind_of_reviews(now=s.now + timedelta(days=400))
    ),
    "transparency.publish_month": publish_month,
    "transparency.record_fetched": lambda s: (
        lambda: transparency.record_fetched(
            agency="barstow-pd", document="policy", url=POSTED, body=b"An old text", note="", now=s.now
        )
    ),
    "transparency.record_posting": lambda s: (
        lambda: transparency.record_posting(
            document="policy", url=POSTED, body=b"An old text", note="", **s.by("cole")
        )
    ),
    "transparency.remind_of_checks": lambda s: lambda: transparency.remind_of_checks(now=s.now),
}
"""Each takes the stage of test_every_act."""
