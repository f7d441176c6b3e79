"""Canvasses of crime scenes in the browser: opening one, what covers it, what was read, and sending cars."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.policy.screening import Flag
from plateward.search import canvass_actions, canvass_queries
from plateward.search.canvass_actions import PlatesSeen
from plateward.search.canvass_forms import AssignForm, CanvassForm, CloseForm, EndForm, LookForm
from plateward.search.canvass_rules import CanvassError, CrimeKind, may_assign, may_close, senders
from plateward.search.meetings import may_analyze
from plateward.search.models import Canvass, CanvassAssignment, Search
from plateward.search.presenters import purpose_name
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import TooVagueError, refused_purposes
from plateward.search.views import shown, too_broad
from plateward.search.warnings import untold
from plateward.ui.access import access
from plateward.ui.acting import form_page

LISTED = 50
MOST_DIGITS = 6
"""A page number of more is none."""

Seen = TypeVar("Seen")


@access(capability="search.run")
@require_GET
def canvasses(request: ActorRequest) -> HttpResponse:
    """List the agency's canvasses: open ones first, of these homicides, shootings and major incidents."""
    page = Paginator(canvass_queries.canvasses_of(request.actor.agency), LISTED).get_page(
        request.GET.get("page")
    )
    own = canvass_queries.own_tasks(request.actor.agency, request.actor.user_id)
    may_compare = may_analyze(request.actor.profile).allowed
    return render(request, "search/canvasses.html", {"page": page, "tasks": own, "may_compare": may_compare})


@access(capability="search.run")
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Put a canvass on record; its page then offers what was read there and sending cars."""
    actor, now = request.actor, timezone.now()
    form = CanvassForm(request.POST or None, profile=actor.profile, now=now)
    flags = untold(actor.profile, request.POST)
    if form.is_valid() and not flags:
        found = canvass_actions.open_canvass(
            by=actor,
            crime=CrimeKind(form.cleaned_data["crime"]),
            place=form.cleaned_data["place"],
            query=form.query,
            now=now,
        )
        return redirect("search:canvass", found.pk)
    context = {
        "form": form,
        "flags": [] if form.errors else flags,
        "refused_purposes": refused_purposes(actor.profile),
        "prohibited": actor.profile.search.prohibited.values(),
    }
    return _warning_page(request, "search/canvass_new.html", context)


def _warning_page(request: ActorRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page of a form that found errors, or whose reason is told to its writer before anything is done."""
    unsettled = context["form"].errors or context["flags"]
    return render(request, template, {**context}, status=422 if unsettled else 200)


@access(capability="search.run")
@never_cache
@require_POST
def preview(request: ActorRequest) -> HttpResponse:
    """What covers the place and time typed so far: devices, whether they read, and their health."""
    actor, now = request.actor, timezone.now()
    form = CanvassForm(request.POST, profile=actor.profile, now=now)
    form.is_valid()
    query = form.place_and_time()
    asked = {
        name: form.errors[name]
        for name in ("center", "points", "radius_m", "width_m", "until_at")
        if name in form.errors
    }
    try:
        covered = canvass_queries.coverage(actor.agency, query, now) if query else None
    except SearchTooBroad as error:
        return render(request, "search/_coverage_preview.html", {"too_broad": str(error)})
    return render(request, "search/_coverage_preview.html", {"coverage": covered, "asked": asked})


@access(capability="search.run")
@never_cache
@require_GET
def canvass(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Show one canvass: the incident, what covers its place, who was sent; no plate."""
    found = _canvass_or_404(request, pk)
    return _canvass(request, found, _look_form(request, found))


def _canvass(
    request: ActorRequest, found: Canvass, form: LookForm, flags: Sequence[Flag] = ()
) -> HttpResponse:
    """The page of a canvass with the form of a look at it; `flags` are signs in the reason stated."""
    actor = request.actor
    query = canvass_queries.query_of(found)
    context = {
        "form": form,
        "flags": flags,
        "canvass": found,
        "purpose": purpose_name(actor.profile, found.purpose),
        "query": query,
        "assignments": canvass_queries.assignments_of(found),
        "may_send": may_assign(actor.profile, actor.title, actor.positions),
        "senders": senders(actor.profile),
        "may_close": found.closed_at is None
        and may_close(
            actor.profile, actor.title, actor.positions, opened_it=found.opened_by_id == actor.user_id
        ),
        "searches": canvass_queries.own_searches_of(found, actor.user_id)[:LISTED],
    }
    try:
        context["coverage"] = canvass_queries.coverage(actor.agency, query, timezone.now())
    except SearchTooBroad as error:
        context["too_broad"] = str(error)
    return _warning_page(request, "search/canvass.html", context)


def _look_form(request: ActorRequest, found: Canvass) -> LookForm:
    return LookForm(
        request.POST if request.method == "POST" else None,
        profile=request.actor.profile,
        canvass=found,
        user_id=request.actor.user_id,
        assignments=canvass_queries.assignments_of(found),
    )


@access(capability="search.run")
@never_cache
@require_POST
def reads(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Search all reads of a canvass, or what an assigned car read, for the stated reason, and show them."""
    return _look(request, pk, canvass_actions.search_canvass, shown)


@access(capability="search.run")
@never_cache
@require_POST
def plates_of(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Search all reads of a canvass for the stated reason and show their distinct plates."""
    return _look(request, pk, canvass_actions.list_plates, _plates)


def _look(
    request: ActorRequest,
    pk: UUID,
    act: Callable[..., Seen],
    show: Callable[[ActorRequest, Seen], HttpResponse],
) -> HttpResponse:
    """Look for the reason stated; what is wrong with it, or takes too long, comes back with the canvass."""
    found = _canvass_or_404(request, pk)
    form = _look_form(request, found)
    flags = untold(request.actor.profile, request.POST)
    if form.is_valid() and not flags:
        try:
            seen = act(
                by=request.actor, canvass=found, why=form.why, assignment=form.assignment, now=timezone.now()
            )
        except (SearchTooBroad, TooVagueError) as error:
            form.add_error(None, str(error))
        else:
            return show(request, seen)
    return _canvass(request, found, form, [] if form.errors else flags)


@access(capability="search.run")
@never_cache
@require_GET
def plates(request: ActorRequest, search_id: UUID) -> HttpResponse:
    """Show the distinct plates of an own search for all plates; each page is an access of its own."""
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS and int(number)):
        raise BadRequest("This page of plates does not exist. Open the canvass again.")
    try:
        seen = canvass_actions.show_plates(
            by=request.actor, search_id=search_id, page=int(number), now=timezone.now()
        )
    except Search.DoesNotExist as error:
        raise Http404 from error
    except (SearchTooBroad, TooVagueError) as error:
        return too_broad(request, search_id, error)
    return _plates(request, seen)


def _plates(request: ActorRequest, seen: PlatesSeen) -> HttpResponse:
    """The page of plates; htmx is told its address, so that going back does not search anew."""
    purpose = purpose_name(request.actor.profile, seen.query.purpose)
    context = {"seen": seen, "query": seen.query, "purpose": purpose}
    response = render(request, "search/plates.html", context)
    response["HX-Push-Url"] = reverse("search:plates", args=[seen.search.pk])
    return response


@access(capability="search.run")
@require_http_methods(["GET", "POST"])
def assign(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Send a person, with or without a certain car, to canvass the area."""
    actor, now = request.actor, timezone.now()
    found = _canvass_or_404(request, pk)
    may_assign(actor.profile, actor.title, actor.positions).require()
    form = AssignForm(
        request.POST or None,
        profile=actor.profile,
        people=canvass_queries.people_to_send(actor.agency),
        cars=canvass_queries.cars_of(actor.agency),
        now=now,
    )
    if form.is_valid():
        try:
            made = canvass_actions.assign_car(by=actor, canvass=found, now=now, **form.cleaned_data)
        except CanvassError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, f"{made.assigned_to.full_name} is assigned and sees it on the start page."
            )
            return redirect("search:canvass", found.pk)
    near = canvass_queries.cars_near(actor.agency, found.searched, now)
    return form_page(request, "search/assign.html", {"form": form, "canvass": found, "near": near})


@access(capability="search.run")
@require_POST
def acknowledge(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Say that one goes to canvass."""
    found = _assignment_or_404(request, pk)
    try:
        canvass_actions.acknowledge(by=request.actor, assignment=found, now=timezone.now())
    except CanvassError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Acknowledged. Say here when the area was canvassed.")
    return redirect("search:canvass", found.canvass_id)


@access(capability="search.run")
@require_http_methods(["GET", "POST"])
def close(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Close a canvass with how it ended."""
    found = _canvass_or_404(request, pk)
    form = CloseForm(request.POST or None)
    if form.is_valid():
        note = form.cleaned_data["note"]
        try:
            canvass_actions.close_canvass(by=request.actor, canvass=found, note=note, now=timezone.now())
        except CanvassError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The canvass is closed.")
            return redirect("search:canvass", found.pk)
    return form_page(request, "search/canvass_close.html", {"form": form, "canvass": found})


@access(capability="search.run")
@require_http_methods(["GET", "POST"])
def end(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Say that the area was canvassed, or withdraw the assignment."""
    found = _assignment_or_404(request, pk)
    form = EndForm(request.POST or None)
    if form.is_valid():
        is_done, note = form.cleaned_data["is_done"] == "yes", form.cleaned_data["note"]
        try:
            canvass_actions.end_assignment(
                by=request.actor, assignment=found, is_done=is_done, note=note, now=timezone.now()
            )
        except CanvassError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Recorded: canvassed." if is_done else "The assignment is withdrawn.")
            return redirect(reverse("search:canvass", args=[found.canvass_id]))
    return form_page(request, "search/end.html", {"form": form, "assignment": found})


def _assignment_or_404(request: ActorRequest, pk: UUID) -> CanvassAssignment:
    """The agency's assignment; another agency's is a 404."""
    try:
        return canvass_queries.assignment_of(request.actor.agency, pk)
    except CanvassAssignment.DoesNotExist as error:
        raise Http404 from error


def _canvass_or_404(request: ActorRequest, pk: UUID) -> Canvass:
    """The agency's canvass; another agency's is a 404."""
    return get_object_or_404(canvass_queries.canvasses_of(request.actor.agency), pk=pk)
