"""What the record holds about a plate, a case or a person, on one time line (R54)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, TypeVar

from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from plateward.accounts.models import User
from plateward.audit import pruning
from plateward.audit.models import AccessRecord, AuditRecord, folded_plate
from plateward.oversight.inquiry import Inquiry, Sighting, Subject, why_it_answers
from plateward.plates.matching import Tolerance, near_keys
from plateward.plates.text import plate_key
from plateward.reads.models import Read

Row = TypeVar("Row", bound=Model)

SHOWN = 500
"""The newest entries that a page shows; a file holds all."""

MOST_SIGHTINGS = 5_000
"""So many of a plate's newest reads are held at hand; older ones are read anew for each record."""

ACCESS_VERB = "audit.access.recorded"
TOLD_VERBS = (
    "governance.access.refused",
    "audit.journal.exported",
    "audit.journal.viewed",
    "audit.accesses.viewed",
    "audit.proof.taken",
)
TOLD_AREAS = ("hotlists.entry.", "alerts.step.", "alerts.alert.closed")
"""What a person did with ALPR information that leaves no access record, by the beginning of its verb."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: an access record, or a journal row of an act that leaves none; `why` says what it answers."""

    at: datetime
    record: AccessRecord | AuditRecord
    why: str

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, self.record.audit_id if isinstance(self.record, AccessRecord) else self.record.pk


class _Like(Func):
    template = "(%(expressions)s)"
    arg_joiner = " LIKE "
    output_field = BooleanField()


class _Translate(Func):
    function = "translate"
    output_field = TextField()


def entries(agency: str, inquiry: Inquiry) -> Iterator[Entry]:
    """Everything on record that answers the inquiry, newest first."""
    found = {Subject.PLATE: _of_plate, Subject.CASE: _of_case, Subject.PERSON: _of_person}[inquiry.subject]
    accesses, acts = found(agency, inquiry)
    return merge(accesses, acts, key=lambda entry: entry.order, reverse=True)


def newest(agency: str, inquiry: Inquiry) -> tuple[list[Entry], bool]:
    """The newest SHOWN entries, and whether there are more."""
    found = list(islice(entries(agency, inquiry), SHOWN + 1))
    return with_destroyed(found[:SHOWN]), len(found) > SHOWN


def every(agency: str, inquiry: Inquiry, destroyed: Iterable[pruning.Destroyed]) -> list[Entry]:
    """Every entry, and after them each record whose details are destroyed and that might have answered."""
    found = list(entries(agency, inquiry))
    for one in destroyed:
        rows = pruning.records_of(one.order, inquiry.from_at, inquiry.until_at)
        found += [Entry(row.accessed_at, row, "") for row in rows]
    return with_destroyed(found)


def destroyed(agency: str, inquiry: Inquiry) -> list[pruning.Destroyed]:
    """Records that no longer tell whether they answer; a person's are theirs all the same."""
    if inquiry.subject is Subject.PERSON:
        return []
    return pruning.destroyed(agency, inquiry.from_at, inquiry.until_at)


def with_destroyed(found: Sequence[Entry]) -> list[Entry]:
    """The same entries, those without details saying why."""
    records = [entry.record for entry in found if isinstance(entry.record, AccessRecord)]
    words = pruning.words_by_record(records)
    return [
        replace(entry, why=words[entry.record.audit_id])
        if isinstance(entry.record, AccessRecord) and entry.record.audit_id in words
        else entry
        for entry in found
    ]


def _of_plate(agency: str, inquiry: Inquiry) -> tuple[Iterator[Entry], Iterator[Entry]]:
    plate, key = inquiry.wanted, plate_key(inquiry.wanted)
    whole = Q(key=key)
    partial = Q(plate__regex="[?*]") & Q(_Like(Value(key), _Translate(F("key"), Value("?*"), Value("_%"))))
    near = Q(key__in=sorted(near_keys(key)), elements__tolerance=Tolerance.ONE_CHARACTER)
    searches = Q(plate="", subject__startswith="search.") | Q(subject__startswith="search.Analysis:")
    records = AccessRecord.objects.filter(agency=agency).alias(key=folded_plate())
    rows = _between(records, "accessed_at", inquiry)
    sightings = _Sightings(agency, key)
    answers = (
        Entry(row.accessed_at, row, why)
        for row in rows.filter(whole | partial | near | searches).iterator()
        if (why := why_it_answers(plate, row.elements, row.accessed_at, sightings.of(row.elements)))
    )
    acts = _acts(agency, inquiry).filter(detail__plate__isnull=False, verb__startswith="hotlists.entry.")
    told = (
        Entry(row.recorded_at, row, why)
        for row in acts.iterator()
        if (why := why_it_answers(plate, row.detail, row.recorded_at, ()))
    )
    return answers, told


class _Sightings:
    """The kept reads of a plate and its look-alikes: all that a record's time may ask for, however many."""

    def __init__(self, agency: str, key: str) -> None:
        self._reads = Read.objects.filter(agency_id=agency, plate_key=key)
        newest = list(_seen(self._reads.order_by("-captured_at")[: MOST_SIGHTINGS + 1]))
        self._at_hand = newest[:MOST_SIGHTINGS]
        self._has_older = len(newest) > MOST_SIGHTINGS

    def of(self, elements: Mapping[str, Any]) -> Iterable[Sighting]:
        """Those that decide about a record with these elements; asked for only when looked through."""
        from_at, until_at = elements.get("from_at"), elements.get("until_at")
        if not (self._has_older and from_at and until_at):
            return self._at_hand
        first, last = datetime.fromisoformat(from_at), datetime.fromisoformat(until_at)
        if first > self._at_hand[-1].captured_at:
            return self._at_hand
        return _seen(self._reads.filter(captured_at__gte=first, captured_at__lt=last))


def _seen(reads: QuerySet[Read]) -> Iterator[Sighting]:
    fields = ("plate", "region", "device_id", "captured_at", "stored_at")
    # As searches do: a read's own position, else where its device stands.
    place = [Coalesce(end, f"device__{end}") for end in ("latitude", "longitude")]
    for row in reads.values_list(*fields, *place).iterator():
        yield Sighting(*row)


def _of_case(agency: str, inquiry: Inquiry) -> tuple[Iterator[Entry], Iterator[Entry]]:
    rows = AccessRecord.objects.filter(agency=agency, reference__iexact=inquiry.wanted).exclude(reference="")
    acts = _acts(agency, inquiry).filter(
        detail__case_number__iexact=inquiry.wanted, verb__startswith="hotlists.entry."
    )
    return _told(rows, inquiry, "Names this case."), _journaled(acts, "Names this case.")


def _of_person(agency: str, inquiry: Inquiry) -> tuple[Iterator[Entry], Iterator[Entry]]:
    rows = AccessRecord.objects.filter(agency=agency, username=inquiry.wanted)
    told = Q(verb__in=TOLD_VERBS)
    for area in TOLD_AREAS:
        told |= Q(verb__startswith=area)
    acts = _acts(agency, inquiry).filter(told, username=inquiry.wanted)
    return _told(rows, inquiry, ""), _journaled(acts, "")


def _told(rows: QuerySet[AccessRecord], inquiry: Inquiry, why: str) -> Iterator[Entry]:
    found = _between(rows, "accessed_at", inquiry)
    return (Entry(row.accessed_at, row, why) for row in found.iterator())


def _journaled(rows: QuerySet[AuditRecord], why: str) -> Iterator[Entry]:
    return (Entry(row.recorded_at, row, why) for row in rows.iterator())


def _acts(agency: str, inquiry: Inquiry) -> QuerySet[AuditRecord]:
    return _between(AuditRecord.objects.filter(agency=agency), "recorded_at", inquiry)


def _between(rows: QuerySet[Row], field: str, inquiry: Inquiry) -> QuerySet[Row]:
    if inquiry.from_at:
        rows = rows.filter(**{f"{field}__gte": inquiry.from_at})
    if inquiry.until_at:
        rows = rows.filter(**{f"{field}__lt": inquiry.until_at})
    return rows.order_by(f"-{field}", "-pk")


def known_person(agency: str, typed: str) -> str:
    """The username of somebody of the agency, by username or whole name; "" when nobody is called so."""
    people = User.objects.filter(agency_id=agency)
    found = people.filter(username__iexact=typed) or people.filter(full_name__iexact=typed)
    names = list(found.values_list("username", flat=True)[:2])
    if len(names) == 1:
        return names[0]
    past = AccessRecord.objects.filter(agency=agency, username=typed).values_list("username", flat=True)
    return past.first() or ""
