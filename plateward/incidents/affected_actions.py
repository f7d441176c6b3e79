"""Drawing who is affected by an incident from the access records, and taking the list out."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.governance.actor import Actor
from plateward.incidents.actions import journal, locked, subject_of
from plateward.incidents.affected import Access, Source, figures
from plateward.incidents.models import Affected, Incident
from plateward.policy import enforces
from plateward.ui.sheets import harmless

MOST: Final = 50_000
"""A list of more accesses is drawn in parts."""

PURPOSE: Final = "security-incident"
"""Why the records are looked at; no agency's list of purposes of use names it."""

CAPABILITY: Final = "audit.view"
COLUMNS: Final = (
    *("access record", "time (UTC)", "username", "name", "title", "purpose", "case", "what"),
    *("plate or pattern", "results", "at least"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose accesses (nobody named: everybody's), when and to what."""

    people: Sequence[User]
    from_at: datetime
    until_at: datetime
    sources: Sequence[Source]


@transaction.atomic
@enforces("CC-1798.90.51", "CC-1798.90.52")
def freeze_affected(*, incident_id: UUID, wanted: Wanted, by: Actor, now: datetime) -> Affected:
    """Draw the accesses and keep their numbers and figures; itself an access.

    Raises Refused, ValidationError.
    """
    incident = locked(incident_id, by, now)
    by.require(CAPABILITY)
    if incident.ended_at:
        raise ValidationError("This incident is ended: nothing is added to it.")
    if wanted.from_at >= wanted.until_at:
        raise ValidationError({"until_at": "The time ends before it begins."})
    found = list(_accesses(by.agency, wanted)[: MOST + 1])
    if len(found) > MOST:
        raise ValidationError({"from_at": f"These are more than {MOST:,} accesses. Draw them in parts."})
    counted = figures(_facts(found))
    made = Affected.objects.create(
        incident=incident,
        usernames=sorted(person.username for person in wanted.people),
        sources=[source.value for source in wanted.sources],
        from_at=wanted.from_at,
        until_at=wanted.until_at,
        access_ids=[one.pk for one in found],
        results=counted.results,
        is_bounded=counted.is_bounded,
        plates=counted.plates,
        reads=counted.reads,
        sha256=counted.sha256,
        made_by=User(pk=by.user_id),
        made_at=now,
    )
    _record(made, incident, "drawn", by, now)
    journal("incidents.affected.frozen", incident, by, now, accesses=len(found), sha256=made.sha256)
    return made


@transaction.atomic(durable=True)
@enforces("CC-1798.90.52")
def take_affected(*, incident_id: UUID, list_id: UUID, by: Actor, now: datetime) -> str:
    """The list as CSV, as its records stand now, once that is on record. Raises Refused, DoesNotExist."""
    incident = locked(incident_id, by, now)
    by.require(CAPABILITY)
    made = Affected.objects.get(pk=list_id, incident=incident)
    _record(made, incident, "taken as a CSV file", by, now)
    journal("incidents.affected.taken", incident, by, now, sha256=made.sha256)
    out = StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    sheet.writerows(_lines(AccessRecord.objects.filter(agency=by.agency, pk__in=made.access_ids)))
    return out.getvalue()


def _accesses(agency: str, wanted: Wanted) -> QuerySet[AccessRecord]:
    begins = Q()
    for source in wanted.sources:
        for beginning in source.beginnings:
            begins |= Q(subject__startswith=beginning)
    found = AccessRecord.objects.filter(
        begins, agency=agency, accessed_at__gte=wanted.from_at, accessed_at__lt=wanted.until_at
    )
    names = [person.username for person in wanted.people]
    return (found.filter(username__in=names) if names else found).order_by("pk")


def _facts(found: Sequence[AccessRecord]) -> Iterator[Access]:
    for one in found:
        yield Access(
            one.pk,
            one.audit_id,
            one.subject,
            one.elements,
            one.plate,
            one.result_count,
            one.is_count_bounded,
        )


def _lines(found: QuerySet[AccessRecord]) -> Iterator[list[str]]:
    for one in found.order_by("pk"):
        cells = (
            *(str(one.pk), one.accessed_at.astimezone(UTC).isoformat(), one.username, one.name, one.title),
            *(one.purpose, one.reference, one.subject, one.plate, str(one.result_count)),
            "yes" if one.is_count_bounded else "no",
        )
        yield [harmless(cell) for cell in cells]


def _record(made: Affected, incident: Incident, how: str, by: Actor, now: datetime) -> None:
    audit.record_access(
        by=by.acting(CAPABILITY),
        agency=by.agency,
        elements={
            "incident": incident.name,
            "accounts": made.usernames,
            "sources": made.sources,
            "from": made.from_at.isoformat(),
            "until": made.until_at.isoformat(),
            "taken": how,
        },
        purpose=PURPOSE,
        reason=f"Who is affected by security incident {incident.name}",
        reference=incident.name,
        result_count=len(made.access_ids),
        subject=subject_of(incident),
        profile_version=by.profile.version,
        now=now,
    )
