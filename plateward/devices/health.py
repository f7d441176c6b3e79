"""Whether a device does what it used to do, judged by its own past (B-466.3¶2, H-426.2¶2: maintenance).

No threshold is set by hand: a busy road's camera and a cul-de-sac's are each compared with the same hour of
their own past weeks. Every problem says its figures, so that whoever drives out can judge it themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import fmean, stdev
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
WEEKS: Final = 4
"""How far back the past goes."""
PAST: Final = WEEKS * WEEK
LOOKED_BACK: Final = PAST + 4 * HOUR
"""The two last full hours, four weeks ago, with the hours beside them."""

_WEEKS_TO_JUDGE: Final = 2
_BUSY: Final = 5
"""Reads in an hour from which two empty hours are no accident."""
_COUNTED: Final = 10
"""Reads in an hour from which half of them missing is no accident."""
AHEAD_S: Final = 2.0
BEHIND_S: Final = 120.0
"""Sending takes time, so that only a device far behind is out of step or late."""
_DRIFT: Final = 0.05
_DAYS_TO_JUDGE: Final = 7
_ENOUGH_READS: Final = 50
_FEW_PAYLOADS: Final = 4


class ProblemKind(StrEnum):
    """What can be wrong with a device."""

    SILENT = "SILENT"
    FEW_READS = "FEW_READS"
    CLOCK = "CLOCK"
    CONFIDENCE = "CONFIDENCE"
    REFUSED = "REFUSED"
    UNHEARD = "UNHEARD"
    SPOOL = "SPOOL"
    LIST = "LIST"
    SOURCE = "SOURCE"

    @property
    def label(self) -> str:
        """The problem in words."""
        return {
            "SILENT": "No reads",
            "FEW_READS": "Fewer reads than usual",
            "CLOCK": "Clock out of step",
            "CONFIDENCE": "Less sure of its readings",
            "REFUSED": "Payloads cannot be used",
            "UNHEARD": "Unit not heard of",
            "SPOOL": "Reads pile up on the unit",
            "LIST": "Unit without a current hotlist",
            "SOURCE": "Unit without pictures",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFacts:
    """One hour of one device: number of reads, their mean confidence (0–1), their median clock skew (s).

    A positive skew is a clock ahead of ours. None is unknown.
    """

    hour_at: datetime
    reads: int
    confidence: float | None = None
    skew_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWatch:
    """What is known of a device when it is judged. An hour without reads is missing from `hours`.

    `refused` counts the payloads of the past 24 hours that could not be used.
    """

    since_at: datetime
    last_read_at: datetime | None
    hours: Sequence[HourFacts]
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with the figures that say so."""

    kind: ProblemKind
    text: str


def problems(watch: DeviceWatch, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with an enabled device at `now`, as far as its past lets one say."""
    hours = {one.hour_at: one for one in watch.hours}
    found = _quiet(watch, hours, now)
    judged = (found, _clock(hours, now), _confidence(hours, now), _refused(watch, hours, now))
    return tuple(problem for problem in judged if problem is not None)


def whole_hour(at: datetime) -> datetime:
    """The beginning of the hour that holds `at`."""
    return at.replace(minute=0, second=0, microsecond=0)


def _quiet(watch: DeviceWatch, hours: Mapping[datetime, HourFacts], now: datetime) -> Problem | None:
    if now - (watch.last_read_at or watch.since_at) >= DAY:
        since = "since it was registered" if watch.last_read_at is None else "for more than 24 hours"
        return Problem(ProblemKind.SILENT, f"It has sent no read {since}.")
    last = whole_hour(now) - HOUR
    usual = _usual(watch, hours, last)
    usual_before = _usual(watch, hours, last - HOUR)
    if usual is None or usual_before is None:
        return None
    count = _count(hours, last)
    if count == 0 == _count(hours, last - HOUR) and min(usual, usual_before) >= _BUSY:
        return Problem(
            ProblemKind.SILENT,
            f"No read in the last two full hours; at this time of the week it never had fewer than "
            f"{min(usual, usual_before)} an hour in the past {WEEKS} weeks.",
        )
    if usual >= _COUNTED and count < usual / 2:
        return Problem(
            ProblemKind.FEW_READS,
            f"{count} read{'' if count == 1 else 's'} in the last full hour; at this time of the week it "
            f"never had fewer than {usual} in the past {WEEKS} weeks.",
        )
    return None


def _usual(watch: DeviceWatch, hours: Mapping[datetime, HourFacts], at: datetime) -> int | None:
    """The fewest reads about this hour in past weeks; None while too few weeks are known.

    The hours beside it count too: people go to work an hour earlier when summer time begins.
    """
    begun = whole_hour(watch.since_at) + HOUR
    weeks = [at - WEEK * back for back in range(1, WEEKS + 1)]
    known = [week for week in weeks if week - HOUR >= begun]
    if len(known) < _WEEKS_TO_JUDGE:
        return None
    return min(_count(hours, week + beside) for week in known for beside in (-HOUR, timedelta(), HOUR))


def _count(hours: Mapping[datetime, HourFacts], at: datetime) -> int:
    return hours[at].reads if at in hours else 0


def _clock(hours: Mapping[datetime, HourFacts], now: datetime) -> Problem | None:
    """Judged by the newest hour that has reads, of the past day."""
    lately = [one for at, one in hours.items() if one.skew_s is not None and at > now - DAY]
    skew_s = max(lately, key=lambda one: one.hour_at).skew_s if lately else None
    if skew_s is None or -BEHIND_S < skew_s < AHEAD_S:
        return None
    if skew_s > 0:
        return Problem(
            ProblemKind.CLOCK,
            f"Its clock is about {skew_s:.0f} s ahead of ours. Set it by network time (NTP).",
        )
    return Problem(
        ProblemKind.CLOCK,
        f"Its reads arrive about {-skew_s:.0f} s after their time: it sends late, or its clock is behind. "
        "Set it by network time (NTP), and look at its connection.",
    )


def _confidence(hours: Mapping[datetime, HourFacts], now: datetime) -> Problem | None:
    """The past day against the days before: lower by more than chance and by enough to matter."""
    days = _days(hours, now)
    lately, before = days.get(0), [days[back] for back in sorted(days) if back]
    if lately is None or len(before) < _DAYS_TO_JUDGE:
        return None
    usual, spread = fmean(before), stdev(before)
    if usual - lately < max(_DRIFT, 3 * spread):
        return None
    return Problem(
        ProblemKind.CONFIDENCE,
        f"Average confidence of the past 24 hours is {lately:.2f}; of the {len(before)} days before it was "
        f"{usual:.2f}. Look for a dirty lens, a moved camera or a failed lamp.",
    )


def _days(hours: Mapping[datetime, HourFacts], now: datetime) -> dict[int, float]:
    """Mean confidence by number of whole days back, of days with enough reads to say."""
    kept: dict[int, list[HourFacts]] = {}
    for at, one in hours.items():
        if one.confidence is not None and now - PAST < at <= now:
            kept.setdefault((now - at) // DAY, []).append(one)
    return {
        back: sum(one.reads * (one.confidence or 0) for one in day) / total
        for back, day in kept.items()
        if (total := sum(one.reads for one in day)) >= _ENOUGH_READS
    }


def _refused(watch: DeviceWatch, hours: Mapping[datetime, HourFacts], now: datetime) -> Problem | None:
    stored = sum(one.reads for at, one in hours.items() if now - DAY < at <= now)
    if watch.refused < _FEW_PAYLOADS or watch.refused < stored:
        return None
    return Problem(
        ProblemKind.REFUSED,
        f"{watch.refused} of its payloads of the past 24 hours could not be used; {stored} reads were stored."
        " The quarantine says why.",
    )
