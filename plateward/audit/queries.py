"""Reading the journal and the access records: who, when, what, which plate, which case (R54)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, TextField, Value

from plateward.audit.models import AccessRecord, AuditRecord

PAGE_SIZE = 50

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows newest first; `older` is the id before which the following page begins, None on the last."""

    rows: list[Row]
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """What part of the journal is wanted; an empty field leaves it open.

    `person` is a username or a part of a name; `area` the first part of the verb.
    """

    person: str = ""
    area: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None

    def facts(self) -> dict[str, Any]:
        """The filled-in fields, for the journal."""
        return _facts(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFilter:
    """Which access records are wanted; an empty field leaves it open.

    `plate` is one whole plate, normalized: searches by a partial plate that covers it are found too.
    """

    plate: str = ""
    person: str = ""
    reference: str = ""
    purpose: str = ""
    flagged: bool = False
    from_at: datetime | None = None
    until_at: datetime | None = None

    def facts(self) -> dict[str, Any]:
        """The filled-in fields, for the journal."""
        return _facts(self)


def _facts(wanted: JournalFilter | AccessFilter) -> dict[str, Any]:
    filled = {name: value for name, value in asdict(wanted).items() if value}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in filled.items()
    }


def journal(agency: str, wanted: JournalFilter, before: int | None = None) -> Page[AuditRecord]:
    """One page of the agency's journal, newest first, of rows older than `before`.

    What concerns the whole installation stands in every agency's journal: whoever oversees one of them
    would otherwise never see it.
    """
    return _page(_narrowed(agency, wanted), before, _narrowed("", wanted))


def _narrowed(agency: str, wanted: JournalFilter) -> QuerySet[AuditRecord]:
    rows = _by_person(AuditRecord.objects.filter(agency=agency), wanted.person)
    if wanted.area:
        rows = rows.filter(verb__startswith=f"{wanted.area}.")
    if wanted.from_at:
        rows = rows.filter(recorded_at__gte=wanted.from_at)
    if wanted.until_at:
        rows = rows.filter(recorded_at__lt=wanted.until_at)
    return rows


def accesses(agency: str, wanted: AccessFilter, before: int | None = None) -> Page[AccessRecord]:
    """One page of the agency's access records, newest first, of those older than `before`."""
    rows = _by_person(AccessRecord.objects.filter(agency=agency), wanted.person)
    if wanted.plate:
        rows = rows.filter(Q(plate=wanted.plate) | _covers(wanted.plate))
    if wanted.reference:
        rows = rows.filter(reference__iexact=wanted.reference)
    if wanted.purpose:
        rows = rows.filter(purpose=wanted.purpose)
    if wanted.flagged:
        rows = rows.exclude(flags=[])
    if wanted.from_at:
        rows = rows.filter(accessed_at__gte=wanted.from_at)
    if wanted.until_at:
        rows = rows.filter(accessed_at__lt=wanted.until_at)
    return _page(rows, before)


def access_of(agency: str, access_id: int) -> AccessRecord:
    """One of the agency's access records; raises AccessRecord.DoesNotExist for another's."""
    return AccessRecord.objects.get(pk=access_id, agency=agency)


def row_of(agency: str, row_id: int) -> AuditRecord:
    """A row that the agency's journal shows; raises AuditRecord.DoesNotExist for another's."""
    return AuditRecord.objects.get(pk=row_id, agency__in=(agency, ""))


def _by_person(rows: QuerySet[Row], person: str) -> QuerySet[Row]:
    return rows.filter(Q(username__iexact=person) | Q(name__icontains=person)) if person else rows


class _Like(Func):
    template = "(%(expressions)s)"
    arg_joiner = " LIKE "
    output_field = BooleanField()


class _Translate(Func):
    function = "translate"
    output_field = TextField()


def _covers(plate: str) -> Q:
    """Whether the record's partial plate, which holds A–Z, 0–9, `?` and `*` only, describes `plate`."""
    as_like = _Translate(F("plate"), Value("?*"), Value("_%"))
    return Q(plate__regex="[?*]") & Q(_Like(Value(plate), as_like))


def _page(rows: QuerySet[Row], before: int | None, *more: QuerySet[Row]) -> Page[Row]:
    """One page of all the rows; each query reads no more of its own index than the page takes."""
    found: list[Row] = []
    for part in (rows, *more):
        older = part if before is None else part.filter(pk__lt=before)
        found += older.order_by("-pk")[: PAGE_SIZE + 1]
    found.sort(key=lambda row: row.pk, reverse=True)
    shown = found[:PAGE_SIZE]
    return Page(shown, shown[-1].pk if len(found) > PAGE_SIZE else None)
