"""Canvasses of crime scenes: opened, looked at, cars sent (B-466.4(c), H-426.3(c))."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.devices.models import Device
from plateward.devices.rules import DeviceKind
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import enforces
from plateward.policy.screening import screen_reason
from plateward.search import canvass_queries, queries
from plateward.search.actions import (
    SearchResult,
    elements_of,
    query_of,
    record_look,
    require_permitted,
    run_search,
    search_of,
)
from plateward.search.canvass_queries import PlateSeen
from plateward.search.canvass_rules import (
    OPEN,
    AssignmentState,
    CanvassError,
    CrimeKind,
    Why,
    check_acknowledgement,
    check_close,
    check_end,
    check_open,
    check_time,
    may_assign,
    may_close,
)
from plateward.search.models import Canvass, CanvassAssignment, Search
from plateward.search.rules import PAGE_SIZE, SearchQuery, check_cost

TASK = "canvass-assignment"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatesSeen:
    """A page of the distinct plates of a canvass, as it may be shown: `access` is already committed."""

    search: Search
    query: SearchQuery
    plates: tuple[PlateSeen, ...]
    total: int
    reads: int
    page: int
    has_more: bool
    access: AccessRecord


@enforces("B-466.4(c)", "H-426.3(c)", "B-466.3", "H-426.2")
def open_canvass(*, by: Actor, crime: CrimeKind, place: str, query: SearchQuery, now: datetime) -> Canvass:
    """Put a canvass on record: the incident, its place and time, and why; nothing is searched yet.

    Raises Refused when the person may not search or the policy does not permit it, CanvassError without an
    area, and TooVagueError when the time is too long.
    """
    require_permitted(by, query)
    check_cost(query)
    if query.area is None:
        raise CanvassError("A canvass needs an area. Give a point with a radius, or draw one.")
    canvass = Canvass(
        agency=Agency(pk=by.agency),
        crime=crime.value,
        is_major=crime.is_major,
        place=place,
        area=query.area.as_json(),
        from_at=query.from_at,
        until_at=query.until_at,
        purpose=query.purpose,
        reason=query.reason,
        reference=query.reference,
        opened_by=User(pk=by.user_id),
        opened_at=now,
    )
    with transaction.atomic():
        canvass.save(force_insert=True)
        detail = {"crime": canvass.get_crime_display(), "place": place, "area": str(query.area)}
        flags = sorted({flag.name for flag in screen_reason(by.profile, query.reason)})
        signs = {"flags": "; ".join(flags)} if flags else {}
        _journal("search.canvass.opened", canvass, by, now, detail | {"purpose": query.purpose} | signs)
    return canvass


@enforces("B-466.4(c)", "H-426.3(c)")
def search_canvass(
    *,
    by: Actor,
    canvass: Canvass,
    why: Why,
    now: datetime,
    assignment: CanvassAssignment | None = None,
) -> SearchResult:
    """All reads of the place and time of a canvass, or what an assigned car read there; first page.

    `why` is what the person who looks states, not what the canvass was opened for. The policy in force now
    decides. Raises as `run_search`.
    """
    query = canvass_queries.query_of(canvass, assignment, why)
    return run_search(by=by, query=query, now=now, canvass=canvass)


@enforces("B-466.4(c)", "H-426.3(c)", "B-466.6(a)", "H-426.5(a)")
def list_plates(
    *,
    by: Actor,
    canvass: Canvass,
    why: Why,
    now: datetime,
    assignment: CanvassAssignment | None = None,
) -> PlatesSeen:
    """The distinct plates of a canvass or of an assigned car, most reads first: a search, first page.

    `why` is as for `search_canvass`. The policy in force now decides. Raises Refused, TooVagueError and
    SearchTooBroad.
    """
    query = canvass_queries.query_of(canvass, assignment, why)
    require_permitted(by, query)
    check_cost(query)
    search = search_of(by, query, now, canvass)
    with transaction.atomic(durable=True):
        seen = _look_at_plates(by, search, query, 1, now)
        search.result_count, search.access_record_id = seen.reads, seen.access.pk
        search.save(force_insert=True)
    return seen


@enforces("B-466.6(a)", "H-426.5(a)")
def show_plates(*, by: Actor, search_id: UUID, page: int, now: datetime) -> PlatesSeen:
    """A page of the distinct plates of an own search for all plates, under a record of its own.

    Raises Search.DoesNotExist for somebody else's search or one for a certain plate, and as `show_results`.
    """
    by.require("search.run")
    search = queries.own_search(by.agency, by.user_id, search_id)
    query = query_of(search)
    if query.pattern is not None:
        raise Search.DoesNotExist("Only a search for all plates lists the plates seen.")
    require_permitted(by, query)
    check_cost(query)
    with transaction.atomic(durable=True):
        return _look_at_plates(by, search, query, page, now)


def _look_at_plates(by: Actor, search: Search, query: SearchQuery, page: int, now: datetime) -> PlatesSeen:
    """Find a page of plates and write its access record; the caller's transaction commits both or neither."""
    found = canvass_queries.distinct_plates(by.agency, query)
    first = (page - 1) * PAGE_SIZE
    elements = elements_of(by, search, query, page) | {"listed": "plates seen"}
    return PlatesSeen(
        search=search,
        query=query,
        plates=tuple(found[first : first + PAGE_SIZE]),
        total=len(found),
        reads=sum(one.reads for one in found),
        page=page,
        has_more=len(found) > first + PAGE_SIZE,
        access=record_look(by, search, query, elements, len(found), now, is_bounded=False),
    )


@enforces("B-466.4(c)", "H-426.3(c)", "B-466.4(d)", "H-426.3(d)")
def assign_car(
    *,
    by: Actor,
    canvass: Canvass,
    assigned_to: User,
    device: Device | None,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
) -> CanvassAssignment:
    """Send a person, with or without a certain ALPR-equipped car, to canvass the area; they get a notice.

    Raises Refused for who may not, CanvassError for a time that is over, for a device that is no car, and for
    a person who may not use the system.
    """
    may_assign(by.profile, by.title, by.positions).require()
    by.require("search.run")
    check_open(canvass.closed_at)
    check_time(from_at, until_at, now)
    if device is not None and (device.kind != DeviceKind.MOBILE or not device.is_enabled):
        raise CanvassError(f"{device.name} is no ALPR-equipped car in use. Choose another, or none.")
    able = actor_for(assigned_to, at=now).decide("search.run")
    if not able:
        raise CanvassError(
            f"{assigned_to.full_name} cannot canvass with ALPR: {able.reason} Choose somebody else."
        )
    assignment = CanvassAssignment(
        agency=Agency(pk=by.agency),
        canvass=canvass,
        device=device,
        assigned_to=assigned_to,
        from_at=from_at,
        until_at=until_at,
        assigned_by=User(pk=by.user_id),
        assigned_at=now,
    )
    with transaction.atomic():
        check_open(_locked(by, canvass).closed_at)
        assignment.save(force_insert=True)
        _journal("search.assignment.made", canvass, by, now, canvass_queries.words_of(assignment))
        notices.raise_notice(
            agency=by.agency,
            key=_key(assignment),
            kind=TASK,
            to=to_person(assigned_to.pk, assigned_to.full_name),
            text=f"Canvass the area of {canvass.place[:120]} ({canvass.get_crime_display()}) with ALPR.",
            by=by.who,
            now=now,
            link=reverse("search:canvass", args=[canvass.pk]),
            subject=f"search.Canvass:{canvass.pk}",
            due_at=until_at,
            is_task=True,
        )
    return assignment


def acknowledge(*, by: Actor, assignment: CanvassAssignment, now: datetime) -> CanvassAssignment:
    """Say that one goes to canvass; who sent sees it. Its notice stays until the area was canvassed.

    Raises Refused for who may not search and CanvassError where it has ended or is somebody else's.
    """
    by.require("search.run")
    with transaction.atomic():
        kept = _locked_assignment(by, assignment)
        is_assigned = by.user_id == kept.assigned_to_id
        kept.state = check_acknowledgement(AssignmentState(kept.state), is_assigned=is_assigned).value
        kept.acknowledged_at = now
        kept.save(update_fields=["state", "acknowledged_at"])
        words = canvass_queries.words_of(kept)
        _journal("search.assignment.acknowledged", kept.canvass, by, now, words)
    return kept


def close_canvass(*, by: Actor, canvass: Canvass, note: str, now: datetime) -> Canvass:
    """Say how a canvass ended: nobody is sent to it any more, and what was read stays to be looked at.

    Raises Refused for who may not search, and CanvassError while somebody is sent, without a note, when it is
    closed already, and for who neither opened it nor sends cars.
    """
    by.require("search.run")
    with transaction.atomic():
        kept = _locked(by, canvass)
        opened_it = by.user_id == kept.opened_by_id
        is_permitted = may_close(by.profile, by.title, by.positions, opened_it=opened_it)
        still_sent = kept.assignments.filter(state__in=OPEN).count()
        check_close(kept.closed_at, still_sent=still_sent, is_permitted=is_permitted, note=note)
        kept.closed_by, kept.closed_at, kept.closing_note = User(pk=by.user_id), now, note.strip()
        kept.save(update_fields=["closed_by", "closed_at", "closing_note"])
        detail = {"crime": kept.get_crime_display(), "place": kept.place, "note": kept.closing_note}
        _journal("search.canvass.closed", kept, by, now, detail)
    return kept


def _locked(by: Actor, canvass: Canvass) -> Canvass:
    """The agency's canvass as it is now, kept so until the transaction ends."""
    return Canvass.objects.select_for_update().get(pk=canvass.pk, agency_id=by.agency)


def _locked_assignment(by: Actor, assignment: CanvassAssignment) -> CanvassAssignment:
    rows = CanvassAssignment.objects.select_for_update(of=("self",))
    found = rows.select_related("canvass", "device", "assigned_to")
    return found.get(pk=assignment.pk, agency_id=by.agency)


def end_assignment(
    *, by: Actor, assignment: CanvassAssignment, is_done: bool, note: str, now: datetime
) -> CanvassAssignment:
    """Say that the area was canvassed, or take the assignment back; its notice ends.

    Raises Refused for who may not search and CanvassError where it has ended or is somebody else's.
    """
    by.require("search.run")
    with transaction.atomic():
        kept = _locked_assignment(by, assignment)
        may_end = by.user_id in {kept.assigned_to_id, kept.assigned_by_id}
        kept.state = check_end(AssignmentState(kept.state), is_done=is_done, may_end=may_end).value
        kept.ended_by, kept.ended_at, kept.note = User(pk=by.user_id), now, note
        kept.save(update_fields=["state", "ended_by", "ended_at", "note"])
        verb = "search.assignment.finished" if is_done else "search.assignment.withdrawn"
        detail = canvass_queries.words_of(kept) | {"note": note}
        _journal(verb, kept.canvass, by, now, detail)
        notices.settle(agency=by.agency, key=_key(kept), by=by.who, now=now)
    return kept


def _journal(verb: str, canvass: Canvass, by: Actor, now: datetime, detail: dict[str, str]) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=by.agency,
        subject=f"search.Canvass:{canvass.pk}",
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )


def _key(assignment: CanvassAssignment) -> str:
    return f"{TASK}:{assignment.pk}"
