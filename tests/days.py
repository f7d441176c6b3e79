"""The agencies' own day, whatever the hour at which a test runs.

Papers are dated by the clock on the agency's wall: a day counted in UTC is tomorrow there from four or five
in the afternoon on, and a day to come is refused.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def day_of(now: datetime) -> date:
    """The day on which an instant falls in California."""
    return now.astimezone(PACIFIC).date()


def days_before(now: datetime, days: int) -> datetime:
    """The same time of day in California so many days before, also over a change to or from summer time."""
    return (now.astimezone(PACIFIC) - timedelta(days=days)).astimezone(now.tzinfo)


def earlier_today(now: datetime, by: timedelta) -> datetime:
    """As long before `now`, but not before the midnight of its day in California."""
    midnight = now.astimezone(PACIFIC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(now - by, midnight.astimezone(now.tzinfo))
