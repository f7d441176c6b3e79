"""The facts that a review's flags rest on, from access records, journal and accounts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from plateward.accounts.models import User
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.devices.models import Device
from plateward.oversight.own_plates import owners
from plateward.oversight.rules import Absence, PersonWeek, RefusalFact, Use
from plateward.plates.text import normalize

SEARCH, READ = "search.Search:", "reads.Read:"

_VAGUE = "Too vague:"
_BEGINS = {"accounts.user.suspended": "suspended", "accounts.user.deactivated": "deactivated"}
_ENDS = ("accounts.user.reactivated", "accounts.user.reinstated", "accounts.user.activated")
NOTHING_LATE: Final = Q(audit_id__in=())
_WEEK = timedelta(weeks=1)
_NEEDED = ("accessed_at", "username", "subject", "plate", "purpose", "reason", "reference", "flags")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Each person's facts, and how many searches and opened reads there were in all."""

    weeks: dict[UUID, PersonWeek]
    uses: dict[UUID, list[Use]]


def gather(
    agency: str,
    zone: ZoneInfo,
    since: datetime,
    from_at: datetime,
    until_at: datetime,
    late: Q = NOTHING_LATE,
) -> Gathered:
    """The facts about everybody who used the system, or was refused, from `from_at` to before `until_at`.

    Habits are taken from `since` on. `late` selects by `audit_id` what came on record only after the time
    before `from_at` was reviewed, such as what was recorded locally while the journal failed.
    """
    people = {user.username: user for user in User.objects.filter(agency_id=agency)}
    before = _uses(_records(agency, Q(accessed_at__gte=since, accessed_at__lt=from_at) & ~late), people, zone)
    span = Q(accessed_at__gte=from_at, accessed_at__lt=until_at) | Q(late, accessed_at__lt=from_at)
    during = _uses(_records(agency, span), people, zone)
    during = _with_owners(agency, during)
    refused, absent, places = (
        _refusals(agency, from_at, until_at, zone, late),
        _absences(agency, zone),
        _places(agency),
    )
    ids = {user.pk: user for user in people.values()}
    weeks = {
        pk: PersonWeek(
            uses=during.get(pk, []),
            past=before.get(pk, []),
            past_weeks=_weeks(before.get(pk, []), from_at),
            peers=[
                sum(use.is_search for use in uses)
                for other, uses in during.items()
                if other != pk and ids[other].title == ids[pk].title
            ],
            refusals=refused.get(ids[pk].username, []),
            absences=absent.get(pk, []),
            others=[use for other, uses in during.items() if other != pk for use in uses],
            places=places,
        )
        for pk in sorted({*during, *(people[name].pk for name in refused if name in people)}, key=str)
    }
    return Gathered(weeks, during)


def _records(agency: str, span: Q) -> Iterator[AccessRecord]:
    kinds = Q(subject__startswith=SEARCH) | Q(subject__startswith=READ)
    found = AccessRecord.objects.filter(kinds, span, agency=agency).only(*_NEEDED)  # months of them
    return found.order_by("accessed_at", "pk").iterator()


def _uses(records: Iterable[AccessRecord], people: dict[str, User], zone: ZoneInfo) -> dict[UUID, list[Use]]:
    """Records by person; further pages of a search count as part of it."""
    grouped: dict[tuple[str, str], list[AccessRecord]] = defaultdict(list)
    for record in records:
        once = record.subject if record.subject.startswith(SEARCH) else str(record.pk)
        grouped[record.username, once].append(record)
    uses: dict[UUID, list[Use]] = defaultdict(list)
    for (username, _), rows in grouped.items():
        if username in people:
            uses[people[username].pk].append(_use(rows, zone))
    return uses


def _use(rows: list[AccessRecord], zone: ZoneInfo) -> Use:
    first = rows[0]
    return Use(
        ids=tuple(row.pk for row in rows),
        at=first.accessed_at.astimezone(zone),
        is_search=first.subject.startswith(SEARCH),
        plate=first.plate,
        purpose=first.purpose,
        reason=first.reason,
        reference=first.reference,
        prohibited=tuple(flag for flag in first.flags if not flag.startswith(_VAGUE)),
        is_vague=any(flag.startswith(_VAGUE) for flag in first.flags),
    )


def _with_owners(agency: str, during: dict[UUID, list[Use]]) -> dict[UUID, list[Use]]:
    """The same uses, each knowing whose plate it is if that is on the list; partial plates are nobody's."""
    plates = {
        use.plate for uses in during.values() for use in uses if use.plate == normalize(use.plate) != ""
    }
    owned = owners(agency, plates)
    return {pk: [_owned(use, pk, owned.get(use.plate, set())) for use in uses] for pk, uses in during.items()}


def _owned(use: Use, person: UUID, owned_by: set[UUID]) -> Use:
    if not owned_by:
        return use
    return replace(use, known_plate="this person" if person in owned_by else "a colleague")


def _weeks(past: list[Use], from_at: datetime) -> float:
    return max((from_at - past[0].at) / _WEEK, 1.0) if past else 0.0


def _refusals(
    agency: str, from_at: datetime, until_at: datetime, zone: ZoneInfo, late: Q
) -> dict[str, list[RefusalFact]]:
    refused = AuditRecord.objects.filter(agency=agency, verb="governance.access.refused")
    rows = refused.annotate(audit_id=F("pk")).filter(
        Q(recorded_at__gte=from_at, recorded_at__lt=until_at) | Q(late, recorded_at__lt=from_at)
    )
    found: dict[str, list[RefusalFact]] = defaultdict(list)
    for row in rows.order_by("pk").iterator():
        clause = str(row.detail.get("clause", ""))
        found[row.username].append(RefusalFact(row.pk, row.recorded_at.astimezone(zone), clause))
    return found


def _absences(agency: str, zone: ZoneInfo) -> dict[UUID, list[Absence]]:
    """Suspensions and separations by account, from the journal, which keeps them all."""
    rows = AuditRecord.objects.filter(agency=agency, verb__in=[*_BEGINS, *_ENDS]).order_by("pk")
    found: dict[UUID, list[Absence]] = defaultdict(list)
    for row in rows:
        absences, at = found[UUID(row.subject.partition(":")[2])], row.recorded_at.astimezone(zone)
        if absences and absences[-1].until_at is None:
            absences[-1] = Absence(absences[-1].what, absences[-1].from_at, at)
        if row.verb in _BEGINS:
            absences.append(Absence(_BEGINS[row.verb], at, None))
    return found


def _places(agency: str) -> frozenset[str]:
    named = Device.objects.filter(agency_id=agency).values_list("name", "location")
    return frozenset(
        word for row in named for text in row for word in re.findall(r"[a-z0-9]+", text.casefold())
    )
