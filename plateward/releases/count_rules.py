"""How many requests and disclosures a year had, each fact in the year of its own day (R112); no Django."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDays:
    """On which days what happened to one request; `has_data`: its fulfillment handed reads over."""

    agency: str
    purpose: str
    received: date
    approved: date | None = None
    refused: date | None = None
    withdrawn: date | None = None
    fulfilled: date | None = None
    has_data: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """One agency's requests for one purpose in a year.

    `disclosed` handed reads over, `nothing_found` were fulfilled without any. `waiting` had no decision yet
    when the year ended, or have none today, whatever year they are of.
    """

    agency: str
    purpose: str
    received: int = 0
    approved: int = 0
    disclosed: int = 0
    nothing_found: int = 0
    refused: int = 0
    withdrawn: int = 0
    waiting: int = 0


def tallies(requests: Iterable[RequestDays], year: int) -> Sequence[Tally]:
    """A year's counts by agency and purpose, in their order; who has none that year is left out."""
    found: dict[tuple[str, str], Tally] = defaultdict(lambda: Tally("", ""))
    for one in requests:
        counted = _counted(one, year)
        if any(counted.values()):
            before = found[one.agency, one.purpose]
            added = {name: getattr(before, name) + number for name, number in counted.items()}
            found[one.agency, one.purpose] = replace(before, agency=one.agency, purpose=one.purpose, **added)
    return [found[key] for key in sorted(found)]


def _counted(one: RequestDays, year: int) -> dict[str, int]:
    fulfilled = _is_in(one.fulfilled, year)
    return {
        "received": _is_in(one.received, year),
        "approved": _is_in(one.approved, year),
        "disclosed": fulfilled and one.has_data,
        "nothing_found": fulfilled and not one.has_data,
        "refused": _is_in(one.refused, year),
        "withdrawn": _is_in(one.withdrawn, year),
        "waiting": _waited(one, year),
    }


def _is_in(day: date | None, year: int) -> bool:
    return day is not None and day.year == year


def _waited(one: RequestDays, year: int) -> bool:
    decided = [day for day in (one.approved, one.refused, one.withdrawn) if day]
    return one.received.year <= year and all(day.year > year for day in decided)


def years_of(requests: Iterable[RequestDays]) -> set[int]:
    """Every year in which something happened."""
    return {
        day.year
        for one in requests
        for day in (one.received, one.approved, one.refused, one.withdrawn, one.fulfilled)
        if day
    }
