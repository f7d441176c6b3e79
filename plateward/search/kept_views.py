"""The pages of searches kept for a case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.audit.models import AccessRecord
from plateward.governance.http import ActorRequest
from plateward.search import kept_actions, kept_queries
from plateward.search.analysis_presenters import opens
from plateward.search.kept import Ended, may_keep
from plateward.search.kept_forms import HandOverForm, KeepForm, RenewForm
from plateward.search.kept_models import KeptSearch
from plateward.search.presenters import purpose_name
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import TooVagueError
from plateward.search.warnings import untold
from plateward.ui.access import access

LISTED = 50
"""Kept searches on a page."""
LONGEST_NUMBER = 18
"""Digits that every number of a record fits in."""
NAMED = "the case"
"""A number that asks only whether a search may be kept at all."""


@access(capability="search.run")
@never_cache
@require_GET
def kept(request: ActorRequest) -> HttpResponse:
    """List the person's own kept searches; nothing is looked for here."""
    found = kept_queries.own(request.actor.agency, request.actor.user_id)
    page = Paginator(found, LISTED).get_page(request.GET.get("page"))
    context = {"page": page, "rows": _rows(request, page), "tab": "kept"}
    return render(
        request, "search/kept.html", context | {"permitted": may_keep(request.actor.profile, NAMED)}
    )


def _rows(request: ActorRequest, page: Any) -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {
            "kept": one,
            "purpose": purpose_name(request.actor.profile, one.purpose),
            "area": kept_actions.wanted_of(one).area,
            "lasts": one.ended_at is None and one.until_at > now,
            "because": Ended(one.ended_because or Ended.EXPIRED).label,
        }
        for one in page
    ]


@access(capability="search.run")
@never_cache
@require_http_methods(["GET", "POST"])
def keep(request: ActorRequest) -> HttpResponse:
    """Keep a search for a case; where nobody decided how long, the page says so instead of asking."""
    actor, now = request.actor, timezone.now()
    permitted = may_keep(actor.profile, NAMED)
    if request.method == "POST":
        permitted.require()
    form = KeepForm(request.POST if request.method == "POST" else None, profile=actor.profile, now=now)
    flags = untold(actor.profile, request.POST)
    if form.is_valid() and not flags:
        made = kept_actions.keep(
            by=actor, wanted=form.wanted, until_at=form.cleaned_data["until_at"], now=now
        )
        messages.success(request, "Kept. Nothing was looked for yet.")
        return redirect("search:kept-one", kept_id=made.pk)
    told = [] if form.errors else flags
    context = {"form": form, "flags": told, "permitted": permitted, "tab": "kept"}
    return render(request, "search/keep.html", context, status=422 if form.errors or flags else 200)


@access(capability="search.run")
@never_cache
@require_GET
def one(request: ActorRequest, kept_id: UUID) -> HttpResponse:
    """Show one own kept search and what can be done with it; nothing is looked for."""
    return _one(request, _own(request, kept_id))


def _own(request: ActorRequest, kept_id: UUID) -> KeptSearch:
    try:
        return kept_queries.own_one(request.actor.agency, request.actor.user_id, kept_id)
    except KeptSearch.DoesNotExist as error:
        raise Http404 from error


def _one(
    request: ActorRequest,
    found: KeptSearch,
    *,
    renew: RenewForm | None = None,
    hand: HandOverForm | None = None,
) -> HttpResponse:
    actor = request.actor
    (row,) = _rows(request, [found])
    people = kept_queries.colleagues(actor.agency, actor.user_id)
    context = row | {
        "renew": renew or RenewForm(profile=actor.profile, now=timezone.now()),
        "hand": hand or HandOverForm(people=people),
        "may_request": actor.may("hotlists.request"),
        "permitted": may_keep(actor.profile, found.reference),
    }
    has_errors = bool((renew and renew.errors) or (hand and hand.errors))
    return render(request, "search/kept_one.html", context, status=422 if has_errors else 200)


@access(capability="search.run")
@never_cache
@require_POST
def look(request: ActorRequest, kept_id: UUID) -> HttpResponse:
    """Show what is new since what was marked as seen; each look is an access of its own."""
    actor = request.actor
    try:
        news = kept_actions.look(by=actor, kept_id=kept_id, now=timezone.now())
    except KeptSearch.DoesNotExist as error:
        raise Http404 from error
    except (ValidationError, TooVagueError, SearchTooBroad) as error:
        _say(request, error)
        return redirect("search:kept-one", kept_id=kept_id)
    context = {
        "news": news,
        "kept": news.kept,
        "query": news.query,
        "result": news,
        "purpose": purpose_name(actor.profile, news.query.purpose),
        "rows": [(read, opens(actor, news.query, read.id)) for read in news.reads],
    }
    return render(request, "search/kept_news.html", context)


@access(capability="search.run")
@require_POST
def seen(request: ActorRequest, kept_id: UUID) -> HttpResponse:
    """Mark what a look showed as seen; `access` in the body is the access record of that look."""
    try:
        kept_actions.mark_seen(
            by=request.actor,
            kept_id=_own(request, kept_id).pk,
            access_id=_number(request.POST.get("access", "")),
            now=timezone.now(),
        )
    except AccessRecord.DoesNotExist:
        messages.error(request, "You made no such look at this search. Look again, then mark that as seen.")
    except ValidationError as error:
        _say(request, error)
    else:
        messages.success(request, "Marked as seen. The next look shows what was stored after it.")
    return redirect("search:kept-one", kept_id=kept_id)


def _number(typed: str) -> int:
    """The number of an access record. Raises AccessRecord.DoesNotExist for what can be none."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_NUMBER):
        raise AccessRecord.DoesNotExist
    return int(typed)


def _say(request: ActorRequest, error: Exception) -> None:
    said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    messages.error(request, said)


@access(capability="search.run")
@require_POST
def renew(request: ActorRequest, kept_id: UUID) -> HttpResponse:
    """Let one's own kept search last longer."""
    now, found = timezone.now(), _own(request, kept_id)
    form = RenewForm(request.POST, profile=request.actor.profile, now=now)
    if form.is_valid():
        try:
            kept_actions.renew(
                by=request.actor, kept_id=kept_id, until_at=form.cleaned_data["until_at"], now=now
            )
        except ValidationError as error:
            form.add_error(
                None if "until_at" not in getattr(error, "error_dict", {}) else "until_at",
                " ".join(error.messages),
            )
        else:
            messages.success(request, "Renewed.")
            return redirect("search:kept-one", kept_id=kept_id)
    return _one(request, found, renew=form)


@access(capability="search.run")
@require_POST
def hand_over(request: ActorRequest, kept_id: UUID) -> HttpResponse:
    """Give one's own kept search to a colleague."""
    actor, found = request.actor, _own(request, kept_id)
    form = HandOverForm(request.POST, people=kept_queries.colleagues(actor.agency, actor.user_id))
    if form.is_valid():
        taker = form.cleaned_data["to"]
        try:
            kept_actions.hand_over(by=actor, kept_id=kept_id, to=taker, now=timezone.now())
        except ValidationError as error:
            form.add_error("to", " ".join(error.messages))
        else:
            messages.success(request, f"Handed over to {taker.full_name}.")
            return redirect("search:kept")
    return _one(request, found, hand=form)


@access(capability="search.run")
@require_POST
def end(request: ActorRequest, kept_id: UUID) -> HttpResponse:
    """End one's own kept search."""
    try:
        kept_actions.end(by=request.actor, kept_id=_own(request, kept_id).pk, now=timezone.now())
    except ValidationError as error:
        _say(request, error)
    else:
        messages.success(request, "Ended. It stays on record.")
    return redirect("search:kept-one", kept_id=kept_id)


@access(capability="audit.view")
@never_cache
@require_GET
def of_agency(request: ActorRequest) -> HttpResponse:
    """List every kept search of the agency to those who audit; that they looked is on record."""
    page = Paginator(kept_queries.of_agency(request.actor.agency), LISTED).get_page(request.GET.get("page"))
    kept_actions.inspect(by=request.actor, shown=len(page), now=timezone.now())
    return render(request, "search/kept_of_agency.html", {"page": page, "rows": _rows(request, page)})
