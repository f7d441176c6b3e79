"""What a hold is asked for from: reads, an alert, one's own search, a canvass; each as its scopes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from plateward.alerts.models import Alert
from plateward.evidence.hold_rules import MOST_SCOPES, HoldError, Scope, ScopeKind
from plateward.evidence.stated import of_read
from plateward.governance.actor import Actor
from plateward.plates.text import plate_key
from plateward.reads import queries as reads
from plateward.reads.models import Read
from plateward.search import actions as searching
from plateward.search import canvass_queries
from plateward.search.models import Canvass, Search
from plateward.search.rules import Cursor, SearchQuery
from plateward.walls import scope


@dataclass(frozen=True, slots=True)
class Source:
    """What a hold is asked for from: `text` says it, `stated` fills in the form.

    `scopes` are known at once; those of a `search` are only found, under an access record, once the hold is
    asked for.
    """

    text: str = ""
    scopes: tuple[Scope, ...] = ()
    stated: Mapping[str, Any] = field(default_factory=dict)
    search: UUID | None = None


NOWHERE = Source()


class NoSuchSource(LookupError):
    """The address names something that is not this agency's, or not this person's."""


def source_of(by: Actor, query: QueryDict, now: datetime) -> Source:
    """What the address says a hold is asked for from; NOWHERE when it says nothing.

    Raises NoSuchSource and Refused.
    """
    try:
        if read_ids := query.getlist("read"):
            return _of_reads(by, [UUID(one) for one in read_ids])
        if alert := query.get("alert"):
            return _of_alert(by, UUID(alert))
        if search := query.get("search"):
            return _of_search(by, UUID(search))
        if canvass := query.get("canvass"):
            return _of_canvass(by, UUID(canvass), now)
    except HoldError:
        raise
    except (
        ValueError,
        Read.DoesNotExist,
        Alert.DoesNotExist,
        Search.DoesNotExist,
        Canvass.DoesNotExist,
    ) as error:
        raise NoSuchSource from error
    return NOWHERE


@scope.beyond("Who asks for a hold names reads, and sees no more of them by that.")
def _of_reads(by: Actor, read_ids: list[UUID]) -> Source:
    by.require("reads.view")
    if len(read_ids) > MOST_SCOPES:
        raise HoldError(f"A hold takes at most {MOST_SCOPES} single reads. Choose fewer.")
    found = [reads.read_by_id(by.agency, one) for one in read_ids]
    text = "the read you opened" if len(found) == 1 else f"the {len(found)} reads you chose"
    return Source(text, tuple(map(_one, found)), of_read(by, found[0].id) if len(found) == 1 else {})


def _of_alert(by: Actor, alert_id: UUID) -> Source:
    by.require("alerts.view")
    alert = Alert.objects.select_related("entry").get(agency_id=by.agency, pk=alert_id)
    hits = alert.hits.all()
    scopes = tuple(
        Scope(kind=ScopeKind.READ, read_id=hit.read_id, captured_at=hit.captured_at) for hit in hits
    )
    stated = {"reference": alert.entry.case_number, "purpose": alert.entry.purpose}
    return Source(f"the {_counted(len(scopes), 'read')} of the alert", scopes, stated)


def _of_search(by: Actor, search_id: UUID) -> Source:
    by.require("search.run")
    search = Search.objects.get(agency_id=by.agency, searched_by_id=by.user_id, pk=search_id)
    query = searching.query_of(search)
    stated = {"reference": search.reference, "purpose": search.purpose}
    if _asks_for_one_plate(query):
        return Source("the plate and the time of your search", (_plate_of(query),), stated)
    return Source("every read that your search finds", (), stated, search=search.pk)


def _of_canvass(by: Actor, canvass_id: UUID, now: datetime) -> Source:
    by.require("search.run")
    canvass = Canvass.objects.get(agency_id=by.agency, pk=canvass_id)
    covering = canvass_queries.coverage(by.agency, canvass_queries.query_of(canvass), now).devices
    scopes = tuple(
        Scope(
            kind=ScopeKind.CAMERA_WINDOW,
            device_id=one.device.pk,
            from_at=canvass.from_at,
            until_at=canvass.until_at,
        )
        for one in covering
    )
    text = (
        f"what the {_counted(len(scopes), 'camera')} there read in the time of the canvass at {canvass.place}"
    )
    return Source(text, scopes, {"reference": canvass.reference, "purpose": canvass.purpose})


def found_by_search(by: Actor, search_id: UUID, now: datetime) -> tuple[Scope, ...]:
    """The reads that an own search finds now, each page an access. Raises HoldError for too many."""
    found: list[Scope] = []
    for page in _pages(by, search_id, now):
        found += map(_one, page)
        if len(found) > MOST_SCOPES:
            raise HoldError(
                f"Your search finds more than {MOST_SCOPES} reads. Narrow it, or hold cameras and a time."
            )
    return tuple(found)


def _pages(by: Actor, search_id: UUID, now: datetime) -> Iterator[tuple[Read, ...]]:
    after: Cursor | None = None
    while True:
        result = searching.show_results(by=by, search_id=search_id, after=after, now=now)
        yield result.found.reads
        after = result.found.next
        if after is None:
            return


def _asks_for_one_plate(query: SearchQuery) -> bool:
    narrowed = (query.area, query.device_ids, query.region, query.make, query.color, query.vehicle_type)
    return query.pattern is not None and query.pattern.is_exact and not any(narrowed)


def _plate_of(query: SearchQuery) -> Scope:
    return Scope(
        kind=ScopeKind.PLATE,
        plate=query.plate,
        plate_key=plate_key(query.plate),
        from_at=query.from_at,
        until_at=query.until_at,
    )


def _one(read: Read) -> Scope:
    return Scope(kind=ScopeKind.READ, read_id=read.id, captured_at=read.captured_at)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
