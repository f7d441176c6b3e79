"""Searching is an action: nothing of a result is returned before its access record is committed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.governance.actor import Actor
from plateward.governance.hiding import hidden_at, may_look_up
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused, deny, enforces
from plateward.policy.parameters import Basis
from plateward.policy.screening import Flag, screen_reason
from plateward.reads.models import Picture
from plateward.reads.queries import pictures_of
from plateward.search import queries
from plateward.search.areas import area_from
from plateward.search.models import Canvass, Search
from plateward.search.queries import Found
from plateward.search.rules import Cursor, SearchQuery, check_cost, permitted
from plateward.walls import scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A page of results as it may be shown: `access` is already committed.

    `pictures` holds those of each read by the read's id; `page` counts from 1 and begins `after`; `flags` are
    what the searcher and later a reviewer should look at in the reason.
    """

    search: Search
    query: SearchQuery
    found: Found
    pictures: dict[UUID, list[Picture]]
    access: AccessRecord
    page: int
    flags: list[Flag]
    after: Cursor | None = None


@enforces("B-466.3.1(d)", "H-426.2.1(d)", "B-466.4(c)", "H-426.3(c)", "B-466.6(a)", "H-426.5(a)")
def run_search(
    *,
    by: Actor,
    query: SearchQuery,
    now: datetime,
    canvass: Canvass | None = None,
    of_deleted: bool = False,
) -> SearchResult:
    """Search the agency's reads, for a canvass or not, and return the first page, newest first.

    `of_deleted` looks up what is deleted logically, and nothing later, which takes a capability of its own.
    Raises Refused when the person may not search or the policy does not permit this search,
    Device.DoesNotExist for another agency's camera, TooVagueError when it would cost too much, and
    SearchTooBroad when it takes too long.
    """
    require_permitted(by, query)
    check_cost(query)
    search = search_of(by, query, now, canvass)
    search.of_deleted = of_deleted
    with transaction.atomic(durable=True):
        result = _look(by=by, search=search, query=query, after=None, now=now)
        search.result_count = result.found.count
        search.is_count_bounded = result.found.is_bounded
        search.access_record_id = result.access.pk
        search.save(force_insert=True)
    return result


def search_of(by: Actor, query: SearchQuery, now: datetime, canvass: Canvass | None = None) -> Search:
    """A new search by a person, to be kept once it is known what it found."""
    return Search(
        id=uuid4(),
        agency=Agency(pk=by.agency),
        searched_by=User(pk=by.user_id),
        searched_at=now,
        pattern=query.plate,
        tolerance=query.tolerance.value,
        region=query.region,
        make=query.make,
        color=query.color,
        vehicle_type=query.vehicle_type,
        from_at=query.from_at,
        until_at=query.until_at,
        device_ids=[str(device) for device in query.device_ids],
        area=query.area.as_json() if query.area else None,
        canvass=canvass,
        purpose=query.purpose,
        reason=query.reason,
        reference=query.reference,
        profile_version=by.profile.version,
    )


@enforces("B-466.6(a)", "H-426.5(a)")
def show_results(*, by: Actor, search_id: UUID, after: Cursor | None, now: datetime) -> SearchResult:
    """Show one of the person's own searches again, or a further page of it, under a record of its own.

    The policy in force now decides, not the one of the day of the search. Raises Search.DoesNotExist for
    somebody else's search, Refused, TooVagueError and SearchTooBroad.
    """
    by.require("search.run")
    search = queries.own_search(by.agency, by.user_id, search_id)
    query = query_of(search)
    require_permitted(by, query)
    check_cost(query)
    with transaction.atomic(durable=True):
        return _look(by=by, search=search, query=query, after=after, now=now)


def query_of(search: Search) -> SearchQuery:
    """The query a kept search was made with."""
    return SearchQuery(
        pattern=PlatePattern.parse(search.pattern) if search.pattern else None,
        tolerance=Tolerance(search.tolerance),
        region=search.region,
        make=search.make,
        color=search.color,
        vehicle_type=search.vehicle_type,
        from_at=search.from_at,
        until_at=search.until_at,
        device_ids=tuple(UUID(device) for device in search.device_ids),
        area=area_from(search.area) if search.area else None,
        purpose=search.purpose,
        reason=search.reason,
        reference=search.reference,
    )


def require_permitted(by: Actor, query: SearchQuery) -> None:
    """Raise Refused when the person may not search or the policy does not permit this search."""
    by.require("search.run")
    decision = permitted(by.profile, query)
    if not decision.allowed:
        raise Refused(decision)


def _look(
    *, by: Actor, search: Search, query: SearchQuery, after: Cursor | None, now: datetime
) -> SearchResult:
    """Find one page and write its access record; the caller's transaction commits both or neither."""
    if search.of_deleted:
        may_look_up(by, now).require()
        with scope.beyond("Who holds a capability that the stage names looks up what is deleted logically."):
            return _look_at(by=by, search=search, query=_of_hidden(by, query, now), after=after, now=now)
    return _look_at(by=by, search=search, query=query, after=after, now=now)


def _of_hidden(by: Actor, query: SearchQuery, now: datetime) -> SearchQuery:
    """The part of the time asked of which reads are hidden. Raises Refused where there is none."""
    hiding = hidden_at(by.profile, now)
    if hiding is None or query.from_at >= hiding.before:
        reason = "Nothing of the time you ask for is deleted logically."
        remedy = "Search without it, or for an earlier time."
        raise Refused(deny(by.profile, Basis(silent=True), reason, remedy))
    return replace(query, until_at=min(query.until_at, hiding.before))


def _look_at(
    *, by: Actor, search: Search, query: SearchQuery, after: Cursor | None, now: datetime
) -> SearchResult:
    found = queries.find(by.agency, query, after)
    page = after.page if after else 1
    elements = elements_of(by, search, query, page)
    if search.of_deleted:
        elements["deleted_logically"] = "looked up"
    access = record_look(by, search, query, elements, found.count, now, is_bounded=found.is_bounded)
    flags = screen_reason(by.profile, query.reason)
    pictures = pictures_of([read.id for read in found.reads])
    return SearchResult(
        search=search,
        query=query,
        found=found,
        pictures=pictures,
        access=access,
        page=page,
        flags=flags,
        after=after,
    )


def elements_of(by: Actor, search: Search, query: SearchQuery, page: int) -> dict[str, Any]:
    """Every data element of a look at a search's results; those of a canvass name its incident."""
    elements = query.elements(queries.cameras(by.agency, query.device_ids), page)
    if search.canvass is None:
        return elements
    incident = {
        "canvass": str(search.canvass.pk),
        "crime": search.canvass.crime,
        "place": search.canvass.place,
    }
    return elements | {"incident": incident}


def record_look(
    by: Actor,
    search: Search,
    query: SearchQuery,
    elements: dict[str, Any],
    count: int,
    now: datetime,
    *,
    is_bounded: bool,
) -> AccessRecord:
    """Write the access record of a look at a search's results (Civil Code § 1798.90.52)."""
    return audit.record_access(
        by=by.who,
        agency=by.agency,
        elements=elements,
        purpose=query.purpose,
        reason=query.reason,
        reference=query.reference,
        result_count=count,
        is_count_bounded=is_bounded,
        flags=[f"{flag.name}: {flag.matched}" for flag in screen_reason(by.profile, query.reason)],
        subject=f"search.Search:{search.pk}",
        profile_version=by.profile.version,
        now=now,
    )
