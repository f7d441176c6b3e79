"""The pages of both analyses, and a person's own ones. Where the policy permits none, they say so first."""

from uuid import UUID

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
from plateward.search.analysis_models import Analysis
from plateward.search.analysis_presenters import own_analyses, travel_page
from plateward.search.meetings import AnalysisError, may_analyze
from plateward.search.queries import SearchTooBroad
from plateward.search.travel import TravelQuery
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
    form = TravelForm(
        request.POST if request.method == "POST" else None,
        profile=actor.profile,
        now=now,
        again=_again(request) if permitted else None,
    )
    if request.method == "POST":
        permitted.require()
    if form.is_valid():
        try:
            result = analysis_actions.run_travel(by=actor, query=form.query, now=now)
        except (AnalysisError, SearchTooBroad) as error:
            form.add_error(None, str(error))
        else:
            return _shown(request, result)
    context = {"form": form, "permitted": permitted, "tab": "travel"}
    return render(request, "search/travel.html", context, status=422 if form.errors else 200)


def _again(request: ActorRequest) -> TravelQuery | None:
    """The query of an own analysis that is to be asked again with changes."""
    if "again" not in request.GET:
        return None
    try:
        found = analysis_queries.own_analysis(
            request.actor.agency, request.actor.user_id, UUID(request.GET["again"])
        )
    except (ValueError, Analysis.DoesNotExist) as error:
        raise Http404 from error
    return analysis_actions.travel_query(found)


@access(capability="search.run")
@never_cache
@require_GET
def analysis(request: ActorRequest, analysis_id: UUID) -> HttpResponse:
    """Run an own analysis again; each time is an access of its own."""
    try:
        result = analysis_actions.show_analysis(by=request.actor, analysis_id=analysis_id, now=timezone.now())
    except Analysis.DoesNotExist as error:
        raise Http404 from error
    except (AnalysisError, SearchTooBroad) as error:
        context = {"reason": str(error), "analysis_id": analysis_id}
        return render(request, "search/analysis_stopped.html", context, status=422)
    return _shown(request, result)


def _shown(request: ActorRequest, result: analysis_actions.TravelResult) -> HttpResponse:
    """The page of what was found; htmx is told its address, so that going back does not ask anew."""
    response = render(request, "search/travel_result.html", travel_page(request.actor, result))
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
