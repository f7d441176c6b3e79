"""Passes of vehicles along the time, one line for each place: where marks and their scale stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from plateward.search.passes import Pass
from plateward.search.spots import Spot

_DAY: Final = timedelta(days=1)
_STEPS: Final = (
    *(timedelta(seconds=count) for count in (1, 5, 15, 30)),
    *(timedelta(minutes=count) for count in (1, 5, 15, 30)),
    *(timedelta(hours=count) for count in (1, 3, 6, 12)),
    *(timedelta(days=count) for count in (1, 2, 7, 14, 30, 90, 180, 365)),
)
MOST_TICKS: Final = 4
"""More labels would run into each other on a telephone."""
_EDGE: Final = 4.0
"""Percent left free on either side, so that no mark is cut."""
_NEAR_EDGE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale; `at` in percent from the left, `text` the local time, `under` a day's first.

    `anchor` says which part of the words stands at the line, so that none are cut at the edges.
    """

    at: str
    anchor: str
    text: str
    under: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """One pass; `at` in percent from the left."""

    at: str
    seen: Pass


@dataclass(frozen=True, slots=True)
class Line:
    """A place and its passes, oldest first."""

    spot: Spot
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The scale, and a line for each place, that seen first on top."""

    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]


def timeline_of(spots: Sequence[Spot], zone: ZoneInfo) -> Timeline:
    """Passes between the first and the last of them; nothing without any."""
    if not spots:
        return Timeline((), ())
    # The scale runs between the passes' own instants, each pass standing where it ended.
    first = min(one.last_at for spot in spots for one in spot.passes).astimezone(UTC)
    last = max(spot.last_at for spot in spots).astimezone(UTC)
    lines = tuple(
        Line(spot, tuple(Dot(_percent(_share(one.last_at, first, last)), one) for one in _oldest_first(spot)))
        for spot in sorted(spots, key=lambda spot: (spot.first_at, spot.number))
    )
    return Timeline(tuple(_ticks(first, last, zone)), lines)


def _oldest_first(spot: Spot) -> list[Pass]:
    return sorted(spot.passes, key=lambda one: (one.last_at, one.first_at))


def _share(moment: datetime, first: datetime, last: datetime) -> float:
    return (moment - first) / (last - first) if last > first else 0.5


def _percent(share: float) -> str:
    return f"{_EDGE + share * (100 - 2 * _EDGE):.2f}"


def _ticks(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[Tick]:
    """Round local times between first and last; where none lies between, the two ends' own."""
    step = next((one for one in _STEPS if (last - first) / one < MOST_TICKS), _STEPS[-1])
    moments = [one for one in _round_times(first, last, step, zone) if first <= one <= last]
    shown = None
    for moment in moments or sorted({first, last}):
        here, share = moment.astimezone(zone), _share(moment, first, last)
        anchor = "start" if share < _NEAR_EDGE else "end" if share > 1 - _NEAR_EDGE else "middle"
        text, under = _label(here, step)
        yield Tick(_percent(share), anchor, text, under if under != shown else "")
        shown = under


def _label(here: datetime, step: timedelta) -> tuple[str, str]:
    day = f"{here:%b} {here.day}"
    if step >= _DAY:
        return day, f"{here:%Y}"
    return (f"{here:%H:%M:%S}" if step < timedelta(minutes=1) else f"{here:%H:%M}"), day


def _round_times(first: datetime, last: datetime, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """Local midnights some days apart, or times of the day counted from the local midnight before."""
    day = first.astimezone(zone).date()
    midnight = datetime.combine(day, time(), zone)
    if step >= _DAY:
        while midnight <= last:
            yield midnight
            day += step
            midnight = datetime.combine(day, time(), zone)
        return
    skipped = max(0, (first - midnight) // step)
    moment = midnight.astimezone(UTC) + skipped * step
    while moment <= last:
        yield moment
        moment += step
