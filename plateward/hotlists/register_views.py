"""The pages of the register: lists of others, their versions, their categories, and what was listed when."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.hotlists import category_actions, listing_actions, queries, register, switches
from plateward.hotlists.list_actions import CAPABILITY as RECEIVE
from plateward.hotlists.listings import Listing
from plateward.hotlists.models import Entry
from plateward.hotlists.register_forms import LookUpForm, MomentForm, SwitchForm
from plateward.policy import Decision, category_name, may_be_switched, search_allowed
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

SHOWN_FILES = 20
PAGE = 50


@access(capability="hotlists.view")
@require_GET
def lists(request: ActorRequest) -> HttpResponse:
    """The register of lists of others: how old each is, and what of the policy's sources never came."""
    actor, may_receive = request.actor, request.actor.may(RECEIVE)
    context = {
        "rows": register.register(actor.profile, actor.agency, timezone.now()),
        "may_receive": may_receive,
        "files": queries.list_files(actor.agency)[:SHOWN_FILES] if may_receive else (),
    }
    return render(request, "hotlists/lists.html", context)


@access(capability="hotlists.view")
@require_GET
def one_list(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One list of others: what the policy says of it, what is on it by category, and its versions."""
    actor, now = request.actor, timezone.now()
    hotlist = get_object_or_404(queries.lists_of_others(actor.agency, now), pk=pk)
    rule = actor.profile.hotlists.sources.get(hotlist.source)
    origin = actor.profile.organization.data_origins.get(hotlist.origin)
    versions = hotlist.versions.select_related("taken_by")
    counts = queries.counts_by_category(hotlist, now)
    context = {
        "hotlist": hotlist,
        "origin": origin.name if origin else hotlist.origin,
        "standing": register.standing_of(hotlist, actor.profile, now),
        "says": register.says_of(actor.profile, rule) if rule else (),
        "latest": versions.first(),
        "page": Paginator(versions, PAGE).get_page(request.GET.get("page")),
        "counts": [
            (category_name(actor.profile, key) if key else "Without a category", key, count)
            for key, count in counts
        ],
    }
    return render(request, "hotlists/list_register.html", context)


@access(capability="hotlists.view")
@require_GET
def categories(request: ActorRequest) -> HttpResponse:
    """Which categories of lists of others raise alerts now, by the policy and by whose switch."""
    actor = request.actor
    found = register.categories(actor.profile, actor.agency, timezone.now())
    return render(request, "hotlists/list_categories.html", {"categories": found})


@access(capability="hotlists.view")
@require_GET
def category(request: ActorRequest, key: str) -> HttpResponse:
    """One category, every time it was switched, and whether it was on at an instant, with the proof."""
    return _category_page(request, key, SwitchForm())


@access(capability=category_actions.CAPABILITY)
@require_POST
def switch(request: ActorRequest, key: str, way: str) -> HttpResponse:
    """Switch a category on or off from now on."""
    _known(request, key)
    form = SwitchForm(request.POST)
    if form.is_valid():
        with errors_in(form):
            category_actions.switch_category(
                by=request.actor,
                category=key,
                on=way == "on",
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
            name = category_name(request.actor.profile, key)
            messages.success(request, f"{name} is {way} from now on.")
            return redirect("hotlists:category", key=key)
    return _category_page(request, key, form)


def _known(request: ActorRequest, key: str) -> register.Category:
    actor = request.actor
    found = register.categories(actor.profile, actor.agency, timezone.now())
    shown = next((one for one in found if one.key == key), None)
    if shown is None:
        raise Http404("No such category")
    return shown


def _category_page(request: ActorRequest, key: str, form: SwitchForm) -> HttpResponse:
    actor = request.actor
    shown = _known(request, key)
    moment = MomentForm(request.GET if "at" in request.GET else None)
    asked = moment.is_valid()
    context = {
        "category": shown,
        "form": form,
        "way": "off" if shown.decision.allowed else "on",
        "switchable": may_be_switched(actor.profile, key, on=not shown.decision.allowed),
        "may_switch": actor.decide(category_actions.CAPABILITY),
        "switches": switches.switches_of(actor.agency, key),
        "moment": moment,
        "proof": switches.proof_of(actor.agency, key, moment.cleaned_data["at"]) if asked else None,
        "may_prove": actor.may("audit.view"),
    }
    return form_page(request, "hotlists/list_category.html", context)


@access(capability="hotlists.view")
@require_http_methods(["GET", "POST"])
def look_up(request: ActorRequest) -> HttpResponse:
    """Whether a plate was listed at an instant, for a stated purpose, under an access record."""
    actor, now = request.actor, timezone.now()
    form = LookUpForm(
        request.POST or None,
        profile=actor.profile,
        initial={"at": now, "plate": request.GET.get("plate", "")},
    )
    context: dict[str, Any] = {"form": form, "listings": None}
    if form.is_valid():
        given = form.cleaned_data
        stated = search_allowed(actor.profile, given["purpose"], given["reason"], given["reference"])
        if not stated and given["purpose"] in actor.profile.purposes:
            form.add_error(None, f"{stated.reason} {stated.remedy} ({stated.clause})")
        else:
            found = listing_actions.look_up(by=actor, **given, now=now)
            context |= {"listings": [_told(request, one) for one in found], "asked": given}
    return form_page(request, "hotlists/list_look_up.html", context)


def _told(request: ActorRequest, listing: Listing) -> tuple[Listing, Entry, Decision | None, str]:
    """What a person may see of a listing: of somebody else's data the plate and its list alone."""
    seen = queries.shown_to(request.actor, listing.entry)
    name = category_name(request.actor.profile, listing.category) if listing.category else ""
    return listing, seen, seen.withheld, name
