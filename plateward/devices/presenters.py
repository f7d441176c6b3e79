"""A device's past week for its page: bars for eyes, days in numbers for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils import timezone

from plateward.devices.health import HOUR, WEEK, HourFacts, whole_hour

HEIGHT: Final = 100
"""Of the tallest bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: its place from the left, and the bar standing on the ground at HEIGHT."""

    x: int
    height: int
    title: str

    @property
    def y(self) -> int:
        """Where it begins, from above."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its reads, and those of its fullest hour."""

    day: date
    reads: int
    busiest: int


@dataclass(frozen=True, slots=True)
class Week:
    """The past seven days of a device; no bars when nothing was read."""

    bars: tuple[Bar, ...]
    days: tuple[Day, ...]


def past_week(hours: Sequence[HourFacts], now: datetime) -> Week:
    """The week until `now` in the agency's time; an hour without reads is a gap."""
    start = whole_hour(now - WEEK) + HOUR
    shown = [one for one in hours if start <= one.hour_at <= now and one.reads]
    most = max((one.reads for one in shown), default=0)
    bars = tuple(
        Bar(
            x=(one.hour_at - start) // HOUR,
            height=max(1, round(one.reads / most * HEIGHT)),
            title=f"{timezone.localtime(one.hour_at):%b %-d, %H:00}: {one.reads}",
        )
        for one in shown
    )
    days: dict[date, list[int]] = {}
    for one in shown:
        days.setdefault(timezone.localdate(one.hour_at), []).append(one.reads)
    return Week(bars, tuple(Day(day, sum(counts), max(counts)) for day, counts in days.items()))
