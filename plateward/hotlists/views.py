"""The hotlist's pages: the list, the request, one entry and what can be done with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.hotlists import actions, presenters, queries, rules, timing
from plateward.hotlists.entry_forms import NoteForm, RequestForm, ScreenedNoteForm
from plateward.hotlists.models import Entry
from plateward.hotlists.requesting import requested
from plateward.hotlists.rules import Act
from plateward.policy import screen_reason
from plateward.ui.access import access
from plateward.ui.acting import errors_in

PAGE = 50
TABS = {"waiting": "Waiting", "approved": "To be entered", "active": "Active", "ended": "Ended"}
CAPTIONS = {
    "waiting": "",
    "approved": "Approved entries that wait to be entered, the next to run out first",
    "active": "Active entries, the next to expire first",
    "ended": "Ended entries, newest first",
}


@access(capability="hotlists.view")
@require_GET
def entries(request: ActorRequest) -> HttpResponse:
    """The agency's entries by what has become of them; live events fetch the list alone."""
    now = timezone.now()
    tab = request.GET.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    page = Paginator(queries.with_people(_tab(request.actor.agency, tab, now)), PAGE).get_page(
        request.GET.get("page")
    )
    rows = presenters.rows(page.object_list, request.actor, now)
    context = {
        "tabs": [
            (key, label, key == tab, _tab(request.actor.agency, key, now).count())
            for key, label in TABS.items()
        ],
        "tab": tab,
        "page": page,
        "caption": CAPTIONS[tab],
        "mine": [row for row in rows if row.mine],
        "others": [row for row in rows if not row.mine],
        "may_request": request.actor.decide("hotlists.request"),
        "may_receive": request.actor.may("hotlists.receive"),
        "stale": queries.stale_lists(request.actor.agency, now),
        "may_watch": rules.may_be_partial(request.actor.profile),
        "mandatory": presenters.mandatory_in_words(request.actor.profile),
    }
    return render(
        request, "hotlists/_list.html" if request.headers.get("HX-Request") else "hotlists/list.html", context
    )


def _tab(agency: str, tab: str, now: datetime) -> QuerySet[Entry]:
    if tab == "active":
        return queries.in_force(agency, now)
    if tab == "approved":
        return queries.to_enter(agency, now)
    return queries.ended(agency, now) if tab == "ended" else queries.waiting(agency)


@access(capability="hotlists.request")
@never_cache
@require_http_methods(["GET", "POST"])
def request_entry(request: ActorRequest) -> HttpResponse:
    """Ask for a plate to be put on the custom hotlist; the page says who will decide.

    What stands under the same plate, and what looks like restricted content, is told before it is sent.
    """
    form = RequestForm(request.POST or None, profile=request.actor.profile)
    return requested(request, form, "hotlists/request.html")


@access(capability="hotlists.view")
@require_GET
def entry(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One entry: what it says, its clock, its history, and what this person may do with it."""
    return _entry_page(request, _entry_or_404(request, pk))


@access(capability="hotlists.view")
@require_POST
def approve(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Approve; who may is the chain's decision, not a capability's."""
    found = _entry_or_404(request, pk)
    done = presenters.approved_in_words(request.actor.profile, found.requested_as)
    return _act(request, pk, Act.APPROVE, actions.approve, done)


@access(capability="hotlists.view")
@require_POST
def refuse(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Decide against a request."""
    return _act(request, pk, Act.REFUSE, actions.refuse, "Refused. The requester can read your reason.")


@access(capability="hotlists.view")
@require_POST
def assert_unavailable(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record that the approver is unavailable."""

    def assert_first(*, entry: Entry, note: str, **by_at: Any) -> None:
        facts = queries.facts_of([entry], profile=request.actor.profile, now=by_at["now"])[entry.pk]
        position = presenters.first_approver(request.actor.profile, facts)
        actions.assert_unavailable(entry=entry, position=position, reason=note, **by_at)

    return _act(
        request, pk, Act.ASSERT_UNAVAILABLE, assert_first, "Recorded. An alternative approver may decide now."
    )


@access(capability="hotlists.view")
@require_POST
def enter(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Type in what was approved; who may is the policy's decision, not a capability's."""
    return _act(request, pk, Act.ENTER, actions.enter, "Entered. It is active and matches from now on.")


@access(capability="hotlists.view")
@require_POST
def withdraw(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take back one's own request."""
    return _act(request, pk, Act.WITHDRAW, actions.withdraw, "Withdrawn.")


@access(capability="hotlists.view")
@require_POST
def refresh(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Re-confirm an active entry."""
    return _act(request, pk, Act.REFRESH, actions.refresh, "Re-confirmed. A further period has begun.")


@access(capability="hotlists.view")
@require_POST
def remove(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take an entry off the list."""
    return _act(request, pk, Act.REMOVE, actions.remove, "Removed. It matches no longer.")


def _act(request: ActorRequest, pk: UUID, act: Act, action: Callable[..., object], done: str) -> HttpResponse:
    """Do one act with its note, then show the entry; mistakes in the note come back with the page."""
    found = _entry_or_404(request, pk)
    form = presenters.note_form(act, request.POST)
    if form.is_valid():
        with errors_in(form):
            action(entry=found, **form.cleaned_data, by=request.actor, now=timezone.now())
            messages.success(request, done)
            return redirect("hotlists:entry", pk=pk)
    if isinstance(form, ScreenedNoteForm):
        form.ask_again(request.actor.profile)
    return _entry_page(request, found, (act, form))


def _entry_or_404(request: ActorRequest, pk: UUID) -> Entry:
    mine = Entry.objects.filter(agency_id=request.actor.agency)
    return get_object_or_404(queries.with_people(mine), pk=pk)


def _entry_page(
    request: ActorRequest, found: Entry, bound: tuple[Act, NoteForm] | None = None
) -> HttpResponse:
    now, actor = timezone.now(), request.actor
    facts = queries.facts_of([found], profile=actor.profile, now=now)[found.pk]
    row = presenters.rows([found], actor, now)[0]
    if row.entry.withheld is not None:
        actions.journal_withheld(entry=found, decision=row.entry.withheld, by=actor, now=now)
        return render(request, "hotlists/withheld.html", {"entry": row.entry, "row": row})
    purpose = actor.profile.purposes.get(found.purpose)
    context = {
        "entry": found,
        "row": row,
        "listed_by": facts.listed_by,
        "purpose": presenters.purpose_name(actor.profile, found.purpose),
        "purpose_clause": purpose.clause if purpose else "",
        "flags": screen_reason(actor.profile, found.reason),
        "requester_title": actor.profile.title_name(found.requested_as),
        "chain": presenters.chain_in_words(actor.profile, found.requested_as),
        "options": presenters.options(found, facts, actor, now, bound),
        "history": presenters.history(queries.history_of(found), actor.profile),
        "decided_as": actor.profile.position_name(found.decided_as),
        "entering": presenters.entering_in_words(actor.profile, found.requested_as),
        "reminders": timing.reminders_in_words(actor.profile),
        "removal": timing.removal_in_words(actor.profile),
        "may_search": actor.may("search.run") and not found.hotlist.source,
        "form": bound[1] if bound else None,
    }
    return render(request, "hotlists/entry.html", context, status=422 if bound else 200)
