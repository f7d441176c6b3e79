"""What a month's figures are counted from, and what was published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from plateward.audit.models import AuditRecord
from plateward.devices.models import DeviceHour
from plateward.transparency import figures
from plateward.transparency.figures import Counts, Row
from plateward.transparency.figures_models import MonthlyFigures


def counts(agency: str, from_at: datetime, until_at: datetime) -> Counts:
    """The month's numbers: from the journal, and the reads from the cameras' hours."""
    found = figures.counted(_rows(agency, from_at, until_at))
    hours = DeviceHour.objects.filter(
        agency_id=agency, hour_at__gte=from_at, hour_at__lt=until_at, reads__gt=0
    )
    sums = hours.aggregate(reads=Sum("reads"), cameras=Count("device", distinct=True))
    found.totals["reads"], found.totals["cameras"] = sums["reads"] or 0, sums["cameras"]
    return found


def _rows(agency: str, from_at: datetime, until_at: datetime) -> Iterator[Row]:
    wanted = AuditRecord.objects.filter(
        agency=agency, verb__in=figures.VERBS, recorded_at__gte=from_at, recorded_at__lt=until_at
    )
    for row in wanted.order_by("pk").only("verb", "subject", "detail").iterator():
        yield Row(row.verb, row.subject, row.detail)


def publications(agency: str) -> QuerySet[MonthlyFigures]:
    """Every edition of every month, the newest first."""
    return MonthlyFigures.objects.filter(agency_id=agency)


def edition(agency: str, month: date, number: int | None = None) -> MonthlyFigures | None:
    """An edition of a month, the newest where none is named."""
    found = publications(agency).filter(month_date=month)
    return (found if number is None else found.filter(edition=number)).first()


@dataclass(frozen=True, slots=True)
class Line:
    """One figure in words; `value` is None where it is left out, `parts` empty where it has none."""

    label: str
    value: int | None
    parts: list[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Month:
    """A published month as its page shows it."""

    publication: MonthlyFigures
    lines: list[Line]
    editions: list[int]


def months(agency: str, *, spanish: bool = False) -> list[Month]:
    """Each published month by its newest edition, the newest month first."""
    found: dict[date, list[MonthlyFigures]] = {}
    for one in publications(agency):
        found.setdefault(one.month_date, []).append(one)
    return [
        Month(
            editions[0],
            lines(json.loads(bytes(editions[0].data))["figures"], spanish=spanish),
            [one.edition for one in editions],
        )
        for editions in found.values()
    ]


def lines(told: dict[str, Any], *, spanish: bool = False) -> list[Line]:
    """Published figures in words."""
    return [
        Line(labels[spanish], value["total"], list(value["parts"].items()))
        if isinstance(value := told[figure], dict)
        else Line(labels[spanish], value, [])
        for figure, labels in figures.LABELS.items()
        if figure in told
    ]


def to_publish(agency: str, zone: ZoneInfo, since: datetime, now: datetime) -> list[date]:
    """The whole months since the first policy took effect that have no edition, the newest first."""
    done = set(publications(agency).values_list("month_date", flat=True))
    month, left = figures.before(now.astimezone(zone).date().replace(day=1)), []
    while figures.bounds(month, zone)[1] > since:
        if month not in done:
            left.append(month)
        month = figures.before(month)
    return left
