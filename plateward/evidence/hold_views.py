"""Holds in the browser: the list, one with what it holds, and what is decided on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from plateward.evidence import hold_actions, hold_queries, holding
from plateward.evidence.hold_forms import ConfirmForm, HoldForm, NoteForm, SureForm
from plateward.evidence.hold_models import Booking, Hold
from plateward.evidence.hold_rules import Act, HoldError, decide
from plateward.evidence.hold_sources import NoSuchSource, found_by_search, source_of
from plateward.evidence.leaving import gone_at_vendor, leaving, vendors
from plateward.evidence.package_rules import PackageState
from plateward.governance.actor import Actor
from plateward.governance.http import ActorRequest
from plateward.reads import tokens
from plateward.search.queries import SearchTooBroad, devices_of
from plateward.search.rules import TooVagueError
from plateward.ui.access import access
from plateward.ui.acting import form_page

LISTED = 50
MOST_DIGITS = 5


@access(capability="evidence.hold")
@require_GET
def holds(request: ActorRequest) -> HttpResponse:
    """The agency's holds: those that block first by default, all of them on request."""
    shows_all = request.GET.get("show") == "all"
    agency = request.actor.agency
    found = hold_queries.holds_of_agency(agency) if shows_all else hold_queries.blocking(agency)
    page = Paginator(found, LISTED).get_page(request.GET.get("page"))
    context = {"page": page, "shows_all": shows_all, "may_package": request.actor.may("evidence.package")}
    return render(request, "evidence/holds.html", context)


@access(capability="evidence.hold")
@never_cache
@require_GET
def hold(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One hold with what it holds now; each time it is shown that is on record."""
    found, actor = hold_or_404(request, pk), request.actor
    seen = hold_actions.look_at_hold(by=actor, hold=found, now=timezone.now())
    context = {
        "hold": found,
        "seen": seen,
        "scopes": found.scopes.select_related("device").filter(is_found=False),
        "found": found.scopes.filter(is_found=True).count(),
        "is_open_ended": found.scopes.filter(is_found=False).exclude(kind="READ").exists(),
        "purpose": _purpose_name(actor, found),
        "reasons": actor.profile.retention.holds.reasons,
        "clause": actor.profile.citation(actor.profile.retention.holds.reasons),
        "leaving": leaving(found, actor.profile, timezone.now()),
        "vendors": list(vendors(actor.profile)),
        "reminders": actor.profile.retention.holds.reminders,
        "packages": found.packages.order_by("-ordered_at"),
        "bookings": Booking.objects.filter(hold=found).select_related("package"),
        "gone": gone_at_vendor(found, actor.profile, timezone.now()),
        "may_book": _may_book(actor, found),
        "purged": holding.purged_since(actor.agency, hold_queries.windows_of(found)),
        "every": actor.profile.retention.holds.reverify_every,
        "acts": [(slug, one) for slug, one in ACTS.items() if _may(actor, found, one)],
        "asks": [(slug, one) for slug, one in ASKS.items() if _may(actor, found, one)],
        "why_not": _why_not(actor, found),
        "may_package": actor.may("evidence.package"),
    }
    return render(request, "evidence/hold.html", context)


@access(capability="evidence.hold")
@never_cache
@require_GET
def reads(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The reads that a hold covers, a page at a time, each under an access record of its own."""
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS and int(number)):
        raise BadRequest("This page of reads does not exist. Open the hold again.")
    found, actor, page = hold_or_404(request, pk), request.actor, int(number)
    seen = hold_actions.look_at_hold(
        by=actor, hold=found, now=timezone.now(), limit=LISTED, offset=(page - 1) * LISTED
    )
    why = {"purpose": found.purpose, "reason": found.explanation, "reference": found.reference}
    shown = [(one, tokens.open_url(read_id=one.id, user_id=actor.user_id, **why)) for one in seen.reads]
    context = {
        "hold": found,
        "seen": seen,
        "reads": shown,
        "number": page,
        "purpose": _purpose_name(actor, found),
        "has_more": page * LISTED < seen.held.reads,
    }
    return render(request, "evidence/hold_reads.html", context)


@access(capability="evidence.hold")
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Ask for a hold: by hand, or from what the address names (`read`, `alert`, `search`, `canvass`)."""
    actor, now = request.actor, timezone.now()
    try:
        source = source_of(actor, request.GET, now)
    except NoSuchSource as error:
        raise Http404 from error
    except HoldError as error:
        raise BadRequest(str(error)) from error
    form = HoldForm(
        request.POST or None,
        profile=actor.profile,
        devices=devices_of(actor.agency),
        source=source,
        now=now,
    )
    if form.is_valid() and (made := _requested(request, form, now)):
        _tell_of(request, made)
        return redirect("evidence:hold", made.pk)
    rule = actor.profile.retention.holds.reasons
    context = {"form": form, "source": source, "reasons": rule, "clause": actor.profile.citation(rule)}
    return form_page(request, "evidence/hold_new.html", context)


def _tell_of(request: ActorRequest, made: Hold) -> None:
    """Say how many reads the new hold holds, and loudly when it is none."""
    count = holding.what_is_held(made).reads
    if not count:
        messages.warning(
            request,
            f"{made} was asked for, but no read comes under it now. Check what you entered. "
            "What comes is held.",
        )
        return
    reads = "1 read" if count == 1 else f"{count:,} reads"
    messages.success(request, f"{made} holds {reads} from now on. Somebody else decides on it.")


def _requested(request: ActorRequest, form: HoldForm, now: datetime) -> Hold | None:
    """The hold asked for; None when that finds something wrong, which the form then shows."""
    wanted, search = form.wanted, form.source.search
    try:
        if search is not None:
            wanted = replace(wanted, scopes=(*found_by_search(request.actor, search, now), *wanted.scopes))
        return hold_actions.request_hold(by=request.actor, wanted=wanted, now=now)
    except (HoldError, SearchTooBroad, TooVagueError) as error:
        field = error.field if isinstance(error, HoldError) and error.field in form.fields else None
        form.add_error(field, str(error))
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """An act on a hold as its form puts it; `does` carries it out with what the form says."""

    act: Act | None
    name: str
    label: str
    done: str
    does: Callable[[Actor, Hold, dict[str, Any]], object]
    required: bool = True
    form: type[NoteForm | SureForm] = NoteForm
    text: str = ""


def _noted(act: Callable[..., object], name: str = "note") -> Callable[[Actor, Hold, dict[str, Any]], object]:
    def does(by: Actor, hold: Hold, said: dict[str, Any]) -> object:
        return act(by=by, hold=hold, now=timezone.now(), **{name: said["note"]})

    return does


def _close(by: Actor, hold: Hold, said: dict[str, Any]) -> object:
    del said
    return hold_actions.close_case(by=by, hold=hold, now=timezone.now())


def _confirm(by: Actor, hold: Hold, said: dict[str, Any]) -> object:
    chosen = said["review_date"]
    return hold_actions.confirm_hold(by=by, hold=hold, note=said["note"], chosen=chosen, now=timezone.now())


ACTS: dict[str, Asked] = {
    "approve": Asked(
        Act.APPROVE,
        "Approve",
        "Note",
        "The hold is approved.",
        _noted(hold_actions.approve_hold),
        required=False,
        text="The data stay held until they are booked into evidence or the hold is released.",
    ),
    "refuse": Asked(
        Act.REFUSE,
        "Refuse",
        "Why it is refused",
        "The hold is refused; what no other hold covers may be purged.",
        _noted(hold_actions.refuse_hold),
        text="What no other hold covers may be purged again.",
    ),
    "confirm": Asked(
        Act.CONFIRM,
        "Confirm again",
        "Why the data are still needed",
        "The hold is confirmed.",
        _confirm,
        form=ConfirmForm,
    ),
    "approve-release": Asked(
        Act.APPROVE_RELEASE,
        "Release",
        "Note",
        "The hold is released; what no other hold covers may be purged.",
        _noted(hold_actions.approve_release),
        required=False,
        text="What no other hold covers may be purged again.",
    ),
    "refuse-release": Asked(
        Act.REFUSE_RELEASE,
        "Keep held",
        "Why the data stay held",
        "The hold stands.",
        _noted(hold_actions.refuse_release),
    ),
}
"""What whoever approves holds does, by its address."""
ASKS: dict[str, Asked] = {
    "release": Asked(
        Act.ASK_RELEASE,
        "Ask for its release",
        "Why the data need not be held any longer",
        "The release is asked for; until it is decided the data stay held.",
        _noted(hold_actions.ask_release, "reason"),
        text="Somebody else decides on it. Until then the data stay held.",
    ),
    "case-closed": Asked(
        None,
        "The case is closed",
        "",
        "Recorded. Each hold of the case now waits to be confirmed or released.",
        _close,
        form=SureForm,
        text="Every hold of this case then waits to be confirmed or released. Nothing is released by it.",
    ),
}
"""What whoever asks for holds does, by its address."""


@access(capability="evidence.approve")
@never_cache
@require_http_methods(["GET", "POST"])
def decided(request: ActorRequest, pk: UUID, act: str) -> HttpResponse:
    """Decide on a hold: approve, refuse, confirm it again, release or keep it."""
    return _acting(request, pk, ACTS.get(act))


@access(capability="evidence.hold")
@never_cache
@require_http_methods(["GET", "POST"])
def asked(request: ActorRequest, pk: UUID, act: str) -> HttpResponse:
    """Ask for something about a hold."""
    return _acting(request, pk, ASKS.get(act))


def _acting(request: ActorRequest, pk: UUID, one: Asked | None) -> HttpResponse:
    """The form of an act, and the act. Whoever may not learns why before typing anything."""
    if one is None:
        raise Http404
    found, actor = hold_or_404(request, pk), request.actor
    if one.act is not None:
        decide(one.act, actor.profile, found.facts_for_rules, actor.person).require()
    typed = request.POST if request.method == "POST" else None
    form = one.form(typed, profile=actor.profile, label=one.label, required=one.required)
    if form.is_valid():
        try:
            one.does(actor, found, form.cleaned_data)
        except HoldError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, one.done)
            return redirect("evidence:hold", found.pk)
    return form_page(request, "evidence/hold_act.html", {"form": form, "hold": found, "asked": one})


def _may(actor: Actor, hold: Hold, one: Asked) -> bool:
    if one.act is None:
        return bool(hold.is_blocking and hold.reference and hold.case_closed_at is None)
    return decide(one.act, actor.profile, hold.facts_for_rules, actor.person).allowed


def _may_book(actor: Actor, hold: Hold) -> bool:
    is_built = hold.packages.filter(state=PackageState.BUILT.value).exists()
    return is_built and decide(Act.BOOK, actor.profile, hold.facts_for_rules, actor.person).allowed


def _why_not(actor: Actor, hold: Hold) -> str:
    """Why nobody here decides on a request of one's own."""
    if not hold.is_blocking or hold.decided_at:
        return ""
    decision = decide(Act.APPROVE, actor.profile, hold.facts_for_rules, actor.person)
    return "" if decision else f"{decision.reason} {decision.remedy}"


def _purpose_name(actor: Actor, hold: Hold) -> str:
    known = actor.profile.purposes.get(hold.purpose)
    return known.name if known else hold.purpose


def hold_or_404(request: ActorRequest, pk: UUID) -> Hold:
    """The agency's hold; another agency's is a 404."""
    try:
        return hold_queries.hold_of(request.actor.agency, pk)
    except Hold.DoesNotExist as error:
        raise Http404 from error
