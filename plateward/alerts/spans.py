"""How long the steps of alerts took: counts and medians, for whoever answers for the dispatch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from plateward.policy import Profile, dispatch_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """The moments of one alert: `first` is when each step was worked first, by the step's id."""

    raised_at: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    first: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the work: of how many alerts it is known, their median and their longest."""

    name: str
    clause: str
    count: int
    median: timedelta | None
    longest: timedelta | None


def spans(profile: Profile, alerts: Sequence[Worked]) -> list[Span]:
    """Each stretch from the raising of the alert, in the procedure's order; what nobody did counts 0."""
    told = [_span("Acknowledged", "", ((one.raised_at, one.acknowledged_at) for one in alerts))]
    told += [
        _span(step.title, step.clause, ((one.raised_at, one.first.get(step.id)) for one in alerts))
        for step in dispatch_steps(profile)
    ]
    told.append(_span("First answer from CLETS", "", ((one.raised_at, one.answered_at) for one in alerts)))
    told.append(_span("Closed", "", ((one.raised_at, one.closed_at) for one in alerts)))
    return told


def _span(name: str, clause: str, ends: Iterable[tuple[datetime, datetime | None]]) -> Span:
    took = [max(end - begun, timedelta()) for begun, end in ends if end is not None]
    middle = timedelta(seconds=median(one.total_seconds() for one in took)) if took else None
    return Span(name, clause, len(took), middle, max(took, default=None))
