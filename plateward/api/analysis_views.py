"""Analyses that programs ask for: decided and recorded as in the browser."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone

from plateward.api import analysis_presenters, problems, rules
from plateward.api.analysis_formats import IncidentsRequest, TravelRequest
from plateward.api.http import TokenRequest, answer, body_of, takes
from plateward.api.problems import Problem
from plateward.devices.models import Device
from plateward.search import analysis_actions, analysis_queries
from plateward.search.analysis_models import Analysis
from plateward.search.meetings import AnalysisError
from plateward.search.queries import SearchTooBroad
from plateward.ui.access import access

LISTED = 50
"""A person's own analyses on a page."""


@access(capability="search.run", token=True)
@takes("POST")
def travel(request: TokenRequest) -> HttpResponse:
    """Who traveled with a vehicle."""
    now = timezone.now()
    query = analysis_presenters.travel_query(body_of(request, TravelRequest), now)
    rules.bound(request.actor.profile, request.token.facts, query.purpose).require()
    try:
        result = analysis_actions.run_travel(by=request.actor, query=query, now=now)
    except (AnalysisError, SearchTooBroad) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    return answer(analysis_presenters.result_of(result))


@access(capability="search.run", token=True)
@takes("POST")
def incidents(request: TokenRequest) -> HttpResponse:
    """Which plates were at several incidents."""
    query = analysis_presenters.incidents_query(body_of(request, IncidentsRequest))
    rules.bound(request.actor.profile, request.token.facts, query.purpose).require()
    try:
        result = analysis_actions.run_incidents(by=request.actor, query=query, now=timezone.now())
    except Device.DoesNotExist as error:
        raise Problem(problems.QUERY, "device_ids: one is not a device of the agency.") from error
    except (AnalysisError, SearchTooBroad) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    return answer(analysis_presenters.result_of(result))


@access(capability="search.run", token=True)
@takes("GET", query=("after",))
def analyses(request: TokenRequest) -> HttpResponse:
    """One's own analyses for the token's purpose."""
    mine = analysis_queries.own_analyses(request.actor.agency, request.actor.user_id)
    shown = mine.filter(purpose=request.token.purpose)
    if "after" in request.GET:
        last = _own(request, request.GET["after"])
        shown = shown.filter(asked_at__lte=last.asked_at).exclude(asked_at=last.asked_at, id__lte=last.pk)
    return answer(analysis_presenters.own_analyses(list(shown[: LISTED + 1]), LISTED))


@access(capability="search.run", token=True)
@takes("GET")
def analysis(request: TokenRequest, analysis_id: UUID) -> HttpResponse:
    """An own analysis run again; each time is an access of its own."""
    found = _own(request, analysis_id)
    try:
        result = analysis_actions.show_analysis(by=request.actor, analysis_id=found.pk, now=timezone.now())
    except (AnalysisError, SearchTooBroad) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    return answer(analysis_presenters.result_of(result))


def _own(request: TokenRequest, analysis_id: str | UUID) -> Analysis:
    """One of the person's own analyses for the token's purpose. Raises Http404 and Refused."""
    try:
        wanted = analysis_id if isinstance(analysis_id, UUID) else UUID(analysis_id)
        found = analysis_queries.own_analysis(request.actor.agency, request.actor.user_id, wanted)
    except (ValueError, Analysis.DoesNotExist) as error:
        raise Http404 from error
    rules.bound(request.actor.profile, request.token.facts, found.purpose).require()
    return found
