"""The pages of both analyses, and a person's own ones. Where the policy permits none, they say so first."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.search import analysis_actions, analysis_queries
from plateward.search.analysis_forms import TravelForm
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.analysis_presenters import incidents_page, own_analyses, travel_page
from plateward.search.canvass_models import Canvass
from plateward.search.canvass_queries import canvasses_of
from plateward.search.incident_forms import IncidentsForm, asked_again, of_canvasses, one_more
from plateward.search.incidents import MOST
from plateward.search.meetings import AnalysisError, may_analyze
from plateward.search.queries import SearchTooBroad, devices_of
from plateward.search.warnings import untold
from plateward.ui.access import access

LISTED = 50
"""A person's own analyses on a page."""


@access(capability="search.run")
@never_cache
@require_http_methods(["GET", "POST"])
def travel(request: ActorRequest) -> HttpResponse:
    """Ask who traveled with a vehicle; `?again=<id>` fills in an own analysis.

    Where the policy does not permit crime analysis the page says so instead of asking; what is sent
    nevertheless is refused by the act itself, which puts the refusal on record.
    """
    actor, now = request.actor, timezone.now()
    permitted = may_analyze(actor.profile)
    if request.method == "POST":
        permitted.require()
    again = _again(request, AnalysisKind.TRAVEL) if permitted else None
    form = TravelForm(
        request.POST if request.method == "POST" else None,
        profile=actor.profile,
        now=now,
        again=analysis_actions.travel_query(again) if again else None,
    )
    flags = untold(actor.profile, request.POST)
    if form.is_valid() and not flags:
        try:
            result = analysis_actions.run_travel(by=actor, query=form.query, now=now)
        except (AnalysisError, SearchTooBroad) as error:
            form.add_error(None, str(error))
        else:
            return _shown(request, result)
    context = {"form": form, "flags": [] if form.errors else flags, "permitted": permitted, "tab": "travel"}
    return render(request, "search/travel.html", context, status=422 if form.errors or flags else 200)


@access(capability="search.run")
@never_cache
@require_http_methods(["GET", "POST"])
def incidents(request: ActorRequest) -> HttpResponse:
    """Ask who was at several incidents; `add` only shows what was typed with room for one more."""
    actor = request.actor
    permitted = may_analyze(actor.profile)
    if request.method == "POST":
        permitted.require()
    form, is_asked = _incidents_form(request, is_permitted=permitted.allowed)
    flags = untold(actor.profile, request.POST) if is_asked else []
    if is_asked and form.is_valid() and not flags:
        try:
            result = analysis_actions.run_incidents(by=actor, query=form.query, now=timezone.now())
        except (AnalysisError, SearchTooBroad) as error:
            form.add_error(None, str(error))
        else:
            return _shown(request, result)
    told = [] if form.errors else flags
    context = {"form": form, "flags": told, "permitted": permitted, "tab": "incidents", "most": MOST}
    context["added"] = request.method == "POST" and not is_asked
    return render(request, "search/incidents.html", context, status=422 if is_asked else 200)


def _incidents_form(request: ActorRequest, *, is_permitted: bool) -> tuple[IncidentsForm, bool]:
    """The form, and whether it is asked or only filled in."""
    profile, cameras = request.actor.profile, devices_of(request.actor.agency)
    is_asked = request.method == "POST" and "add" not in request.POST
    filled: dict[str, Any] = {}
    if request.method == "POST" and not is_asked:
        filled = one_more(request.POST)
    elif request.method == "GET" and is_permitted and (again := _again(request, AnalysisKind.INCIDENTS)):
        query = analysis_actions.incidents_query(again)
        filled = asked_again(query, ZoneInfo(profile.agency.time_zone))
    elif request.method == "GET" and is_permitted and (chosen := _canvasses(request)):
        filled = of_canvasses(chosen, ZoneInfo(profile.agency.time_zone))
    data = request.POST if is_asked else None
    return IncidentsForm(data, profile=profile, cameras=cameras, **filled), is_asked


def _canvasses(request: ActorRequest) -> list[Canvass]:
    """The agency's canvasses ticked to be compared, as many as can be."""
    try:
        ticked = [UUID(each) for each in request.GET.getlist("canvass")[:MOST]]
    except ValueError as error:
        raise Http404 from error
    return list(canvasses_of(request.actor.agency).filter(pk__in=ticked))


def _again(request: ActorRequest, kind: AnalysisKind) -> Analysis | None:
    """The own analysis of a kind that is to be asked again with changes."""
    if "again" not in request.GET:
        return None
    actor = request.actor
    try:
        found = analysis_queries.own_analysis(actor.agency, actor.user_id, UUID(request.GET["again"]))
    except (ValueError, Analysis.DoesNotExist) as error:
        raise Http404 from error
    if found.kind != kind:
        raise Http404
    return found


@access(capability="search.run")
@never_cache
@require_GET
def show(request: ActorRequest, analysis_id: UUID) -> HttpResponse:
    """Run an own analysis again; each time is an access of its own."""
    try:
        result = analysis_actions.show_analysis(by=request.actor, analysis_id=analysis_id, now=timezone.now())
    except Analysis.DoesNotExist as error:
        raise Http404 from error
    except (AnalysisError, SearchTooBroad) as error:
        analysis = analysis_queries.own_analysis(request.actor.agency, request.actor.user_id, analysis_id)
        context = {"reason": str(error), "analysis": analysis}
        return render(request, "search/analysis_stopped.html", context, status=422)
    return _shown(request, result)


def _shown(
    request: ActorRequest, result: analysis_actions.TravelResult | analysis_actions.IncidentsResult
) -> HttpResponse:
    """The page of what was found; htmx is told its address, so that going back does not ask anew."""
    if isinstance(result, analysis_actions.TravelResult):
        response = render(request, "search/travel_result.html", travel_page(request.actor, result))
    else:
        response = render(request, "search/incidents_result.html", incidents_page(request.actor, result))
    response["HX-Push-Url"] = reverse("search:analysis", args=[result.analysis.pk])
    return response


@access(capability="search.run")
@never_cache
@require_GET
def analyses(request: ActorRequest) -> HttpResponse:
    """List the person's own analyses, newest first; showing one again is an access of its own."""
    found = analysis_queries.own_analyses(request.actor.agency, request.actor.user_id)
    page = Paginator(found, LISTED).get_page(request.GET.get("page"))
    return render(request, "search/analyses.html", {"page": page, "rows": own_analyses(request.actor, page)})
