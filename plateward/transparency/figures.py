"""The monthly figures that everybody can read: counted from journal rows, small numbers left out. Pure.

Everything but the reads is counted from rows of the journal, by their verb, subject and details, so that
whoever holds an export of the ledger counts the same (R128). Sources: requirements R112, R128 and R151.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from plateward.policy import Profile, ReadFault

SMALLEST: Final = 5
"""Numbers from 1 to below this are left out: few acts may tell of one person."""

FORMAT: Final = "plateward-monthly-figures/1"

SEARCH_VERB, SEARCHES = "audit.access.recorded", "search."
REFUSAL_VERB, CLOSED_VERB = "governance.access.refused", "alerts.alert.closed"

COUNTED: Final[Mapping[str, str]] = {
    "alerts": "alerts.alert.raised",
    "releases_fulfilled": "releases.request.fulfilled",
    "releases_refused": "releases.request.refused",
    "purges_certified": "retention.certificate.issued",
    "audits_signed": "audits.audit.signed",
    "violations_reported": "violations.report.made",
}
"""The figures that are numbers of rows of one verb."""

VERBS: Final = (*COUNTED.values(), SEARCH_VERB, CLOSED_VERB, REFUSAL_VERB)

OF_THINGS: Final = frozenset({"cameras", "reads", "purges_certified", "audits_signed"})
"""Numbers that tell of nobody, and are always shown."""

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "cameras": ("Cameras that took reads", "Cámaras que tomaron lecturas"),
    "reads": ("Reads", "Lecturas de placas"),
    "alerts": ("Alerts", "Alertas"),
    "dispositions": ("Alerts closed, by how they ended", "Alertas cerradas, según su resultado"),
    "misreads": ("Of these, misread by the camera", "De ellas, mal leídas por la cámara"),
    "searches": ("Searches, by purpose", "Búsquedas, según su propósito"),
    "refusals": ("Accesses refused, by clause", "Accesos denegados, por cláusula"),
    "releases_fulfilled": ("Data released to other agencies", "Datos entregados a otras agencias"),
    "releases_refused": ("Requests for data refused", "Solicitudes de datos denegadas"),
    "purges_certified": ("Purges certified", "Destrucciones de datos certificadas"),
    "audits_signed": ("Audits signed off", "Auditorías concluidas"),
    "violations_reported": ("Errors and violations reported", "Errores e infracciones informados"),
}
"""What each figure is called, in English and in Spanish."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is counted of a journal row."""

    verb: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(slots=True)
class Counts:
    """Numbers by figure; of a figure with parts, these by their names alone."""

    totals: Counter[str] = field(default_factory=Counter)
    parts: dict[str, Counter[str]] = field(default_factory=dict)


def misread_codes(profile: Profile) -> frozenset[str]:
    """The ways for an alert to end that say that the camera misread the plate."""
    ends = profile.dispatch.dispositions.settled or ()
    return frozenset(end.id for end in ends if end.finding is ReadFault.MISREAD)


def counted(rows: Iterable[Row]) -> Counts:
    """Count the rows of a month; a search counts once, however many pages of it were looked at."""
    found = Counts(parts={"searches": Counter(), "dispositions": Counter(), "refusals": Counter()})
    figure_of = {verb: figure for figure, verb in COUNTED.items()}
    seen: set[str] = set()
    for row in rows:
        if figure := figure_of.get(row.verb):
            found.totals[figure] += 1
        if row.verb == REFUSAL_VERB:
            found.parts["refusals"][str(row.detail.get("clause") or "no clause")] += 1
        elif row.verb == CLOSED_VERB:
            found.parts["dispositions"][str(row.detail.get("disposition") or "not said")] += 1
        elif row.verb == SEARCH_VERB and row.subject.startswith(SEARCHES) and row.subject not in seen:
            seen.add(row.subject)
            found.parts["searches"][str(row.detail.get("purpose") or "not said")] += 1
    return found


def shown(number: int) -> int | None:
    """A number as it is published; None for one that is left out."""
    return None if 0 < number < SMALLEST else number


def with_parts(parts: Mapping[str, int]) -> dict[str, Any]:
    """A total with its parts as they are published, so that nothing left out can be worked out.

    The smallest of the others go with the small parts until what is left out together could be made up in
    several ways. Where even all of them together could not, the total is left out too.
    """
    in_order = sorted((name for name in parts if parts[name]), key=lambda name: (parts[name], name))
    left = [name for name in in_order if parts[name] < SMALLEST]
    kept = in_order[len(left) :]
    while left and kept and not _is_open([parts[name] for name in left]):
        left.append(kept.pop(0))
    total = sum(parts.values())
    is_told = shown(total) is not None and (not left or _is_open([parts[name] for name in left]))
    out = set(left) if is_told else set(parts)
    return {
        "total": total if is_told else None,
        "parts": {name: None if name in out else parts[name] for name in sorted(parts)},
    }


def _is_open(numbers: Sequence[int]) -> bool:
    """Whether their sum leaves open what each of them is, none being nothing."""
    return len(numbers) > 1 and sum(numbers) >= SMALLEST and sum(numbers) > len(numbers)


def published(found: Counts, misread: frozenset[str]) -> dict[str, Any]:
    """The figures as they are published: a number, None for one left out, or a total with its parts."""
    told: dict[str, Any] = {}
    for figure in LABELS:
        if figure in found.parts:
            told[figure] = with_parts(found.parts[figure])
        elif figure == "misreads":
            told[figure] = _misreads(told["dispositions"], misread)
        else:
            told[figure] = found.totals[figure] if figure in OF_THINGS else shown(found.totals[figure])
    return told


def _misreads(dispositions: Mapping[str, Any], misread: frozenset[str]) -> int | None:
    """They are parts of the dispositions: told only where each of these is, or they would tell of them."""
    parts = [number for name, number in dispositions["parts"].items() if name in misread]
    told = [number for number in parts if number is not None]
    return sum(told) if dispositions["total"] is not None and len(told) == len(parts) else None


def bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which a month begins and ends in the agency's zone."""
    return _midnight(month, zone), _midnight(following(month), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
