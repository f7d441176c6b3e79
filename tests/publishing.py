"""A month of Barstow's that is over, and its figures."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plateward.audit.sealing_actions import seal
from plateward.transparency import figures
from plateward.transparency.figures_actions import publish_month
from plateward.transparency.figures_models import MonthlyFigures
from tests.personas import Town
from tests.reviewing import searched

ZONE = ZoneInfo("America/Los_Angeles")
SEARCHES = 6


def month_over(town: Town, now: datetime) -> tuple[date, datetime]:
    """The month of `now` with six searches in it, and an instant after its end at which all is sealed."""
    month = now.astimezone(ZONE).date().replace(day=1)
    for _ in range(SEARCHES):
        searched(town, "ortiz", "7ABC123", now)
    after = figures.bounds(month, ZONE)[1] + timedelta(hours=1)
    seal(now=after)
    return month, after


def published(
    town: Town, month: date, after: datetime, *, by: str = "cole", note: str = ""
) -> MonthlyFigures:
    return publish_month(month=month, note=note, by=town.actor(by, after), now=after)
