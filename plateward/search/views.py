"""The search form, its results, and a person's own searches."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.hiding import may_look_up
from plateward.governance.http import ActorRequest
from plateward.hotlists import queries as hotlists
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PatternError, PlatePattern
from plateward.policy.screening import Flag
from plateward.search import actions, queries
from plateward.search.forms import SearchForm
from plateward.search.models import Search
from plateward.search.presenters import LOOKS, hidden_now, own_searches, result_page
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import (
    DEFAULT_SPAN,
    Cursor,
    CursorError,
    SearchQuery,
    TooVagueError,
    refused_purposes,
)
from plateward.search.warnings import untold
from plateward.ui.access import access

LISTED = 50
"""A person's own searches on a page."""


@access(capability="search.run")
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Ask for a search; a valid one shows its first page of results. `?again=<id>` fills in an own search.

    `?entry=<id>` fills in what an entry of the custom hotlist says, to look back for its vehicle.

    A reason with signs of a prohibited use comes back once before anything is searched.
    """
    actor, now = request.actor, timezone.now()
    typed = request.POST if request.method == "POST" else None
    form = _form(request, now, _again(request) or _of_entry(request), typed)
    flags = untold(actor.profile, request.POST)
    if form.is_valid() and not flags:
        try:
            of_deleted = form.cleaned_data.get("of_deleted", False)
            result = actions.run_search(by=actor, query=form.query, now=now, of_deleted=of_deleted)
        except SearchTooBroad as error:
            form.add_error(None, str(error))
        else:
            return shown(request, result)
    return _asking(request, form, [] if form.errors else flags)


def _form(
    request: ActorRequest, now: datetime, again: SearchQuery | None, typed: QueryDict | None = None
) -> SearchForm:
    actor = request.actor
    devices = queries.devices_of(actor.agency)
    form = SearchForm(typed, profile=actor.profile, devices=devices, now=now, again=again)
    if may_look_up(actor, now):
        form.offer_deleted()
    return form


def _asking(request: ActorRequest, form: SearchForm, flags: Sequence[Flag] = ()) -> HttpResponse:
    profile = request.actor.profile
    context = {
        "form": form,
        "hidden": hidden_now(profile, timezone.now()),
        "flags": flags,
        "refused_purposes": refused_purposes(profile),
        "prohibited": profile.search.prohibited.values(),
    }
    return render(request, "search/new.html", context, status=422 if form.errors or flags else 200)


def _again(request: ActorRequest) -> SearchQuery | None:
    """The query of an own search that is to be asked again with changes."""
    if "again" not in request.GET:
        return None
    try:
        search_id = UUID(request.GET["again"])
    except ValueError as error:
        raise Http404 from error
    return _own_query(request, search_id)


def _of_entry(request: ActorRequest) -> SearchQuery | None:
    """What an entry of the custom hotlist says, as a search of its past reads; nothing is run."""
    if "entry" not in request.GET:
        return None
    entry = hotlists.own_entry(request.actor, request.GET["entry"])
    if entry is None:
        raise Http404("There is no such entry of the agency's own hotlist.")
    until_at = timezone.now()
    return SearchQuery(
        pattern=PlatePattern(entry.plate),
        tolerance=Tolerance.LOOK_ALIKES,
        region=entry.watched_region,
        color=entry.watched_color,
        make=entry.watched_make,
        vehicle_type=entry.watched_type,
        from_at=until_at - DEFAULT_SPAN,
        until_at=until_at,
        purpose=entry.purpose,
        reason=entry.reason,
        reference=entry.case_number,
    )


def _own_query(request: ActorRequest, search_id: UUID) -> SearchQuery:
    try:
        return actions.query_of(queries.own_search(request.actor.agency, request.actor.user_id, search_id))
    except Search.DoesNotExist as error:
        raise Http404 from error


@access(capability="search.run")
@never_cache
@require_POST
def of_plate(request: ActorRequest, search_id: UUID) -> HttpResponse:
    """Ask for one `plate` as an own search asked for others; the plate stands in no address."""
    query = _own_query(request, search_id)
    try:
        plate = PlatePattern.parse(request.POST.get("plate", ""))
    except PatternError as error:
        raise BadRequest(str(error)) from error
    return _asking(request, _form(request, timezone.now(), replace(query, pattern=plate)))


@access(capability="search.run")
@never_cache
@require_GET
def results(request: ActorRequest, search_id: UUID) -> HttpResponse:
    """Show an own search again, or with `?after=…` a further page of it; each is an access of its own.

    `?show=map` chooses among the ways of looking, all of which the answer holds.
    """
    show = _show(request)
    try:
        after = Cursor.parse(request.GET["after"]) if "after" in request.GET else None
        result = actions.show_results(by=request.actor, search_id=search_id, after=after, now=timezone.now())
    except CursorError as error:
        raise BadRequest(str(error)) from error
    except Search.DoesNotExist as error:
        raise Http404 from error
    except (SearchTooBroad, TooVagueError) as error:
        return too_broad(request, search_id, error)
    return shown(request, result, show)


def too_broad(request: ActorRequest, search_id: UUID, error: Exception) -> HttpResponse:
    """Nothing was shown, why, and the way to another search."""
    is_vague = isinstance(error, TooVagueError)
    heading = "The search is too vague for its time" if is_vague else "The search took too long"
    context = {"heading": heading, "reason": str(error), "search_id": search_id}
    return render(request, "search/too_broad.html", context, status=422)


def _show(request: ActorRequest) -> str:
    """The way of looking that the address asks for. Raises BadRequest."""
    show = request.GET.get("show", "list")
    if show not in LOOKS:
        ways = ", ".join(LOOKS)
        raise BadRequest(f"Results cannot be shown as “{show}”. Choose one of: {ways}.")
    return show


def shown(request: ActorRequest, result: actions.SearchResult, show: str = "list") -> HttpResponse:
    """The page of results; htmx is told its address, so that going back does not search anew."""
    response = render(request, "search/results.html", result_page(request.actor, result, show))
    response["HX-Push-Url"] = reverse("search:results", args=[result.search.pk])
    return response


@access(capability="search.run")
@never_cache
@require_GET
def mine(request: ActorRequest) -> HttpResponse:
    """List the person's own searches, newest first (R54); showing one again is an access of its own."""
    searches = queries.own_searches(request.actor.agency, request.actor.user_id)
    page = Paginator(searches, LISTED).get_page(request.GET.get("page"))
    return render(request, "search/mine.html", {"page": page, "rows": own_searches(request.actor, page)})
