"""Instants of the agencies' own day, whatever the hour at which a test runs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def earlier_today(now: datetime, by: timedelta) -> datetime:
    """As long before `now`, but not before the midnight of its day in California."""
    midnight = now.astimezone(PACIFIC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(now - by, midnight.astimezone(now.tzinfo))
