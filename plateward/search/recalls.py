"""What people asked beside searches, to be decided again by another policy in a dry run."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from plateward.accounts.models import User
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.governance.queries import PastHoldings
from plateward.governance.replays import Asked
from plateward.policy import Decision, Profile, export_allowed, may, search_allowed
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.canvass_models import Canvass
from plateward.search.kept import may_keep
from plateward.search.kept_models import KeptSearch
from plateward.search.meetings import analysis_permitted
from plateward.search.models import Search


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """One asking: `person` did `what` with `title` at an instant; `permitted` judges what was stated."""

    at: datetime
    person: User
    title: str
    what: str
    reason: str
    permitted: Callable[[Profile], Decision]
    capability: str = "search.run"


def analyses_since(agency: str, since: datetime) -> Iterator[Asked]:
    """The agency's analyses from an instant on, newest first."""
    as_recorded = AccessRecord.objects.filter(pk=OuterRef("access_record_id")).values("title")
    found = Analysis.objects.filter(agency_id=agency, asked_at__gte=since).select_related("asked_by")
    rows = found.annotate(title=Subquery(as_recorded)).order_by("-asked_at", "id").iterator()
    past = (
        _Past(
            at=one.asked_at,
            person=one.asked_by,
            title=one.title or one.asked_by.title,
            what=AnalysisKind(one.kind).label,
            reason=one.reason,
            permitted=partial(
                analysis_permitted, purpose=one.purpose, reason=one.reason, reference=one.reference
            ),
        )
        for one in rows
    )
    return _asked(agency, since, past)


def canvasses_since(agency: str, since: datetime) -> Iterator[Asked]:
    """The agency's canvasses opened from an instant on, newest first, with their people's titles of today."""
    found = Canvass.objects.filter(agency_id=agency, opened_at__gte=since).select_related("opened_by")
    past = (
        _Past(
            at=one.opened_at,
            person=one.opened_by,
            title=one.opened_by.title,
            what=f"Canvass for {one.get_crime_display()}",
            reason=one.reason,
            permitted=partial(_searched, stated=one),
        )
        for one in found.order_by("-opened_at", "id").iterator()
    )
    return _asked(agency, since, past)


def kept_since(agency: str, since: datetime) -> Iterator[Asked]:
    """The agency's kept searches made, or looked at last, from an instant on: each as its next look would be.

    They count with the titles that their people have today.
    """
    found = KeptSearch.objects.filter(agency_id=agency).select_related("person")
    times = [(one, max(one.kept_at, one.looked_at or one.kept_at)) for one in found.iterator()]
    past = (
        _Past(
            at=at,
            person=one.person,
            title=one.person.title,
            what="Search kept for a case",
            reason=one.reason,
            permitted=partial(_kept, stated=one),
        )
        for one, at in sorted(times, key=lambda pair: pair[1], reverse=True)
        if at >= since
    )
    return _asked(agency, since, past)


def exports_since(agency: str, since: datetime) -> Iterator[Asked]:
    """The files taken out of the agency's searches, both from an instant on, newest first."""
    searches = Search.objects.filter(agency_id=agency, searched_at__gte=since)
    subjects = searches.annotate(
        subject=Concat(Value("search.Search:"), Cast("pk", CharField()), output_field=CharField())
    )
    rows = AuditRecord.objects.filter(
        agency=agency, verb="search.results.exported", subject__in=subjects.values("subject")
    )
    files = [(row, UUID(row.subject.partition(":")[2])) for row in rows.order_by("-id")]
    by_id = searches.select_related("searched_by").in_bulk({pk for _, pk in files})
    past = (
        _Past(
            at=row.recorded_at,
            person=search.searched_by,
            title=row.title or search.searched_by.title,
            what="Results taken out as a file",
            reason=search.reason,
            permitted=partial(_taken_out, stated=search),
            capability="search.export",
        )
        for row, search in ((row, by_id[pk]) for row, pk in files)
    )
    return _asked(agency, since, past)


def _searched(profile: Profile, stated: Canvass | KeptSearch | Search) -> Decision:
    return search_allowed(profile, stated.purpose, stated.reason, stated.reference)


def _kept(profile: Profile, stated: KeptSearch) -> Decision:
    return _searched(profile, stated) and may_keep(profile, stated.reference)


def _taken_out(profile: Profile, stated: Search) -> Decision:
    return _searched(profile, stated) and export_allowed(profile, stated.reference)


def _asked(agency: str, since: datetime, past: Iterable[_Past]) -> Iterator[Asked]:
    """Each with the positions that its person held then."""
    holdings = PastHoldings(agency, since)
    for one in past:
        positions = holdings.at(one.person.pk, one.at)
        yield Asked(
            at=one.at,
            person=one.person.full_name,
            what=one.what,
            reason=one.reason,
            decide=partial(_decide, past=one, positions=positions),
        )


def _decide(profile: Profile, *, past: _Past, positions: Collection[str]) -> Decision:
    """Its person first, then what was stated."""
    capable = may(profile, past.title, past.capability, positions)
    return past.permitted(profile) if capable else capable
