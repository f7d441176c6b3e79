"""Requests of other agencies for data: recorded, decided, counted."""

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.documents.store import FileLost
from plateward.governance.actor import Actor
from plateward.governance.http import ActorRequest
from plateward.governance.queries import file_store
from plateward.policy import Decision
from plateward.releases import queries, request_actions, rules
from plateward.releases.forms import ApprovalForm, OverrideForm, ReasonForm, RequestForm
from plateward.releases.fulfilling_models import Way
from plateward.releases.last_day_rules import step_of
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.requesting import APPROVE, RECORD, may_approve, may_decide, stops_of
from plateward.releases.rules import Act, Override, RequestState, Stop
from plateward.releases.seeing import WHY, require_part
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

PAGE = 50


@access(login=True, why=WHY)
@require_GET
def requests(request: ActorRequest) -> HttpResponse:
    """Every request that came, those that wait first."""
    actor = request.actor
    require_part(actor)
    state = request.GET.get("state", "")
    known = queries.requests(actor.agency)
    if state in {one.value for one in RequestState}:
        known = known.filter(state=state)
    page = Paginator(known, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": state,
        "states": list(RequestState),
        "rules": actor.profile.releases,
        "deciders": [actor.profile.position_name(one) for one in rules.deciders(actor.profile)],
        "is_silent": not rules.deciders(actor.profile),
        "may_record": actor.may(RECORD),
        "tab": "requests",
    }
    return render(request, "releases/requests.html", context)


@access(capability=RECORD)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Record a written request that came in."""
    actor = request.actor
    form = RequestForm(request.POST or None, request.FILES or None, actor=actor)
    if form.is_valid():
        with errors_in(form):
            asked = form.asked(actor.profile)
            made = request_actions.record_request(asked=asked, by=actor, now=timezone.now())
            messages.success(request, f"The request is on file as {made.number}.")
            return redirect("releases:request", made.pk)
    context = {"form": form, "rules": actor.profile.releases, "tab": "requests"}
    return form_page(request, "releases/new.html", context)


@access(login=True, why=WHY)
@require_GET
def request_page(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One request: what it says, what stands against it, what was decided, and what can be done."""
    found = _known(request, pk)
    require_part(request.actor)
    return render(request, "releases/request.html", _context(request, found))


_FORMS = {"approve": ApprovalForm, "refuse": ReasonForm, "withdraw": ReasonForm}
_DONE = {
    "approve": "Your decision is on record.",
    "refuse": "The request is refused. It stays on file.",
    "withdraw": "The request is withdrawn. It stays on file.",
}


@access(login=True, why="Who decides and who withdraws differ; each act asks for its own capability.")
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, pk: UUID, task: str) -> HttpResponse:
    """Approve, refuse or withdraw a request."""
    if task not in _FORMS:
        raise Http404
    actor, found = request.actor, _known(request, pk)
    actor.require(RECORD if task == "withdraw" else APPROVE)
    rules.may_move(RequestState(found.state), Act[task.upper()]).require()
    if task != "withdraw":
        rules.may_decide(actor.profile, actor.person, found.askers).require()
    context = _context(request, found)
    kind = OverrideForm if task == "approve" and context["is_override"] else _FORMS[task]
    form = kind(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            _do(request, found, task, form)
            messages.success(request, _DONE[task])
            return redirect("releases:request", pk)
    return form_page(request, "releases/act.html", context | {"form": form, "task": task})


def _do(request: ActorRequest, found: ReleaseRequest, task: str, form: ReasonForm) -> None:
    given = {"request": found, "reason": form.cleaned_data["reason"]}
    given |= {"by": request.actor, "now": timezone.now()}
    if task == "approve":
        override = form.override() if isinstance(form, OverrideForm) else Override()
        destroy_by = form.cleaned_data["destroy_by"]
        request_actions.approve_request(override=override, destroy_by=destroy_by, **given)
    elif task == "refuse":
        request_actions.refuse_request(**given)
    else:
        request_actions.withdraw_request(**given)


@access(login=True, why=WHY)
@require_GET
def form_file(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The written request as it came, always as a download."""
    found = get_object_or_404(queries.requests(request.actor.agency).exclude(form_sha256=""), pk=pk)
    require_part(request.actor)
    return download(found.form_path, found.form_sha256, found.form_type, f"request-{found.number}")


def download(path: Any, sha256: str, media_type: str, name: str) -> HttpResponse:
    """A document on file, never run by the browser; 503 with what to do where it is lost."""
    try:
        data = file_store().get(path, sha256)
    except FileLost as error:
        text = f"The document cannot be shown: {error}. Restore it from a backup."
        return HttpResponse(text, status=HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain")
    disposition = f'attachment; filename="{name}{path.suffix}"'
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type=media_type, headers=headers)


def _known(request: ActorRequest, pk: UUID) -> ReleaseRequest:
    return get_object_or_404(queries.requests(request.actor.agency), pk=pk)


def _context(request: ActorRequest, found: ReleaseRequest) -> dict[str, Any]:
    actor = request.actor
    is_open = found.state == RequestState.RECORDED
    stops: list[Stop] = stops_of(found, actor) if is_open else []
    return {
        "found": found,
        "purpose": queries.purpose_name(actor.profile, found.purpose),
        "stops": stops,
        "is_open": is_open,
        "is_override": rules.is_override(stops),
        "is_blocked": bool(rules.firm(stops)),
        "may_decide": may_decide(found, actor),
        "may_approve": may_approve(found, actor, stops),
        "fulfillment": getattr(found, "fulfillment", None),
        "runs_out": _runs_out(found, actor),
        "may_extend": actor.may("releases.fulfill") and _lies_in_portal(found),
        "may_fulfill": _may_fulfill(found, actor),
        "may_withdraw": actor.may(RECORD) and rules.may_move(RequestState(found.state), Act.WITHDRAW),
        "rules": actor.profile.releases,
        "tab": "requests",
    }


def _runs_out(found: ReleaseRequest, actor: Actor) -> date | None:
    """The last day of the partner's review, where that is near and something still depends on it."""
    is_over = found.state in {RequestState.REFUSED, RequestState.WITHDRAWN}
    if found.partner is None or is_over or found.partner.ended_at is not None:
        return None
    day = found.partner.latest.again_date
    is_near = actor.today <= day and step_of(day, actor.today, actor.profile) is not None
    is_done = found.state == RequestState.FULFILLED and not _lies_in_portal(found)
    return day if is_near and not is_done else None


def _lies_in_portal(found: ReleaseRequest) -> bool:
    made = getattr(found, "fulfillment", None)
    return bool(made and made.way == Way.PORTAL and made.package and made.package.state == "BUILT")


def _may_fulfill(found: ReleaseRequest, actor: Actor) -> Decision | None:
    """Whether this person hands it over; None for who has no part in that, or where it is not approved."""
    if found.state != RequestState.APPROVED or not actor.may("releases.fulfill"):
        return None
    approvers = [str(one.decided_by_id) for one in found.decisions.all()]
    return rules.may_fulfill(actor.profile, str(actor.user_id), approvers)
