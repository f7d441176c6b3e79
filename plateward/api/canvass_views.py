"""Canvasses that programs open, look at and send people to: decided and recorded as in the browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone

from plateward.accounts.models import User
from plateward.api import analysis_presenters, canvass_presenters, presenters, problems, rules
from plateward.api.canvass_formats import (
    AssignmentRequest,
    CanvassRequest,
    CloseRequest,
    ComparisonRequest,
    EndRequest,
    LookRequest,
)
from plateward.api.http import TokenRequest, answer, body_of, takes
from plateward.api.presenters import in_known_times
from plateward.api.problems import Problem
from plateward.devices.models import Device
from plateward.policy.screening import screen_reason
from plateward.search import analysis_actions, canvass_actions, canvass_queries
from plateward.search.canvass_rules import CanvassError, Why, may_assign
from plateward.search.meetings import AnalysisError
from plateward.search.models import Canvass, CanvassAssignment
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import TooVagueError
from plateward.ui.access import access

LISTED = 50
"""Canvasses on a page."""


@contextmanager
def _told() -> Iterator[None]:
    """What an act inside finds wrong is a problem that says what to do."""
    try:
        yield
    except CanvassError as error:
        raise Problem(problems.CONFLICT, str(error)) from error
    except (AnalysisError, SearchTooBroad, TooVagueError) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error


def _bound(request: TokenRequest, purpose: str) -> None:
    rules.bound(request.actor.profile, request.token.facts, purpose).require()


def _canvass(request: TokenRequest, wanted: str | UUID) -> Canvass:
    """The agency's canvass, opened for the token's purpose. Raises Http404 and Refused."""
    try:
        pk = wanted if isinstance(wanted, UUID) else UUID(wanted)
        found = canvass_queries.canvasses_of(request.actor.agency).get(pk=pk)
    except (ValueError, Canvass.DoesNotExist) as error:
        raise Http404 from error
    _bound(request, found.purpose)
    return found


def _assignment(request: TokenRequest, assignment_id: UUID) -> CanvassAssignment:
    """The agency's assignment to a canvass of the token's purpose. Raises Http404 and Refused."""
    try:
        found = canvass_queries.assignment_of(request.actor.agency, assignment_id)
    except CanvassAssignment.DoesNotExist as error:
        raise Http404 from error
    _bound(request, found.canvass.purpose)
    return found


@access(capability="search.run", token=True)
@takes("GET", "POST", query=("after",))
def canvasses(request: TokenRequest) -> HttpResponse:
    """POST opens one; GET lists the agency's for the token's purpose."""
    return _open(request) if request.method == "POST" else _listed(request)


def _open(request: TokenRequest) -> HttpResponse:
    if "after" in request.GET:
        raise Problem(problems.QUERY, "A new canvass follows nothing: further pages are of the list.")
    asked = body_of(request, CanvassRequest)
    query = canvass_presenters.query_of(asked)
    _bound(request, query.purpose)
    with _told():
        found = canvass_actions.open_canvass(
            by=request.actor, crime=asked.crime, place=asked.place.strip(), query=query, now=timezone.now()
        )
    flags = screen_reason(request.actor.profile, query.reason)
    return answer(canvass_presenters.opened_canvass(_canvass(request, found.pk), flags))


def _listed(request: TokenRequest) -> HttpResponse:
    found = canvass_queries.canvasses_of(request.actor.agency).filter(purpose=request.token.purpose)
    found = found.order_by("-opened_at", "id")
    if "after" in request.GET:
        last = _canvass(request, request.GET["after"])
        found = found.filter(opened_at__lte=last.opened_at).exclude(opened_at=last.opened_at, id__lte=last.pk)
    return answer(canvass_presenters.canvasses(list(found[: LISTED + 1]), LISTED))


@access(capability="search.run", token=True)
@takes("GET")
def canvass(request: TokenRequest, canvass_id: UUID) -> HttpResponse:
    """One canvass and who was sent to it; no plate."""
    found = _canvass(request, canvass_id)
    return answer(canvass_presenters.canvass_details(found, canvass_queries.assignments_of(found)))


@access(capability="search.run", token=True)
@takes("GET")
def coverage(request: TokenRequest, canvass_id: UUID) -> HttpResponse:
    """Which devices cover a canvass, and which cars are near."""
    query = canvass_queries.query_of(_canvass(request, canvass_id))
    with _told():
        found = canvass_queries.coverage(request.actor.agency, query, timezone.now())
    return answer(canvass_presenters.coverage_facts(found))


@access(capability="search.run", token=True)
@takes("POST")
def reads(request: TokenRequest, canvass_id: UUID) -> HttpResponse:
    """Search all reads of a canvass, or what an assigned car read."""
    found = _canvass(request, canvass_id)
    why, assignment = _look(request, found)
    with _told():
        result = canvass_actions.search_canvass(
            by=request.actor, canvass=found, why=why, assignment=assignment, now=timezone.now()
        )
    return answer(presenters.search_page(result))


@access(capability="search.run", token=True)
@takes("POST")
def plates(request: TokenRequest, canvass_id: UUID) -> HttpResponse:
    """Search all reads of a canvass and list their distinct plates."""
    found = _canvass(request, canvass_id)
    why, assignment = _look(request, found)
    with _told():
        seen = canvass_actions.list_plates(
            by=request.actor, canvass=found, why=why, assignment=assignment, now=timezone.now()
        )
    return answer(presenters.plates_page(seen))


def _look(request: TokenRequest, found: Canvass) -> tuple[Why, CanvassAssignment | None]:
    """Why one looks at a canvass, and at which of its assignments if at one. Raises Problem and Refused."""
    asked = body_of(request, LookRequest)
    why = Why(**presenters.stated(asked))
    _bound(request, why.purpose)
    if not isinstance(asked.assignment_id, UUID):
        return why, None
    assignment = canvass_queries.assignments_of(found).filter(pk=asked.assignment_id).first()
    if assignment is None:
        raise Problem(problems.QUERY, "assignment_id: it is none of this canvass.")
    return why, assignment


@access(capability="search.run", token=True)
@takes("POST")
def close(request: TokenRequest, canvass_id: UUID) -> HttpResponse:
    """Close a canvass with how it ended."""
    found = _canvass(request, canvass_id)
    note = body_of(request, CloseRequest).note
    with _told():
        canvass_actions.close_canvass(by=request.actor, canvass=found, note=note, now=timezone.now())
    return answer(canvass_presenters.canvass_facts(_canvass(request, canvass_id)))


@access(capability="search.run", token=True)
@takes("POST")
def compare(request: TokenRequest) -> HttpResponse:
    """Which plates were at several canvasses."""
    asked = body_of(request, ComparisonRequest)
    _bound(request, asked.purpose)
    chosen = [_canvass(request, pk) for pk in dict.fromkeys(asked.canvass_ids)]
    query = canvass_presenters.comparison_of(asked, chosen)
    with _told():
        result = analysis_actions.run_incidents(by=request.actor, query=query, now=timezone.now())
    return answer(analysis_presenters.result_of(result))


@access(capability="search.run", token=True)
@takes("POST")
def assign(request: TokenRequest, canvass_id: UUID) -> HttpResponse:
    """Send a person, with or without a certain car, to canvass the area."""
    actor, found = request.actor, _canvass(request, canvass_id)
    asked = body_of(request, AssignmentRequest)
    may_assign(actor.profile, actor.title, actor.positions).require()
    in_known_times(asked.from_at, asked.until_at)
    with _told():
        made = canvass_actions.assign_car(
            by=actor,
            canvass=found,
            assigned_to=_person(actor.agency, asked.username),
            device=_car(actor.agency, asked.device_id) if isinstance(asked.device_id, UUID) else None,
            from_at=asked.from_at,
            until_at=asked.until_at,
            now=timezone.now(),
        )
    return answer(canvass_presenters.assignment_facts(_assignment(request, made.pk)))


def _person(agency: str, username: str) -> User:
    found = canvass_queries.people_to_send(agency).filter(username=username).first()
    if found is None:
        raise Problem(problems.QUERY, "username: nobody of the agency with this name is in service.")
    return found


def _car(agency: str, device_id: UUID) -> Device:
    found = canvass_queries.cars_of(agency).filter(pk=device_id).first()
    if found is None:
        raise Problem(problems.QUERY, "device_id: it is no ALPR-equipped car of the agency in use.")
    return found


@access(capability="search.run", token=True)
@takes("GET")
def assignments(request: TokenRequest) -> HttpResponse:
    """What one is oneself sent to canvass and has not ended."""
    own = canvass_queries.own_tasks(request.actor.agency, request.actor.user_id)
    own = own.filter(canvass__purpose=request.token.purpose)
    return answer(canvass_presenters.own_assignments(own))


@access(capability="search.run", token=True)
@takes("POST")
def acknowledge(request: TokenRequest, assignment_id: UUID) -> HttpResponse:
    """Say that one goes to canvass."""
    found = _assignment(request, assignment_id)
    with _told():
        canvass_actions.acknowledge(by=request.actor, assignment=found, now=timezone.now())
    return answer(canvass_presenters.assignment_facts(_assignment(request, assignment_id)))


@access(capability="search.run", token=True)
@takes("POST")
def end(request: TokenRequest, assignment_id: UUID) -> HttpResponse:
    """Say that the area was canvassed, or withdraw the assignment."""
    found, asked = _assignment(request, assignment_id), body_of(request, EndRequest)
    with _told():
        canvass_actions.end_assignment(
            by=request.actor, assignment=found, is_done=asked.is_done, note=asked.note, now=timezone.now()
        )
    return answer(canvass_presenters.assignment_facts(_assignment(request, assignment_id)))
