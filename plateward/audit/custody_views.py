"""Handing the journal to an auditor, and destroying plate details that are past their period."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.audit import actions, ledger, pruning_actions, reading_actions
from plateward.audit.exporting import NothingSealedError
from plateward.audit.forms import ExportForm, PruningForm
from plateward.audit.http import ViewerRequest
from plateward.audit.models import Pruning, PruningState
from plateward.audit.pruning import count_before
from plateward.policy import Profile, prunable_before
from plateward.policy.parameters import Unsettled
from plateward.ui.access import access
from plateward.walls import scope


@access(capability="audit.view", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def export(request: ViewerRequest) -> HttpResponseBase:
    """Send a part of the agency's journal with its proofs and its verifier, while it is made (R125)."""
    viewer = request.actor
    form = ExportForm(
        request.POST if request.method == "POST" else None, time_zone=viewer.profile.agency.time_zone
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            sent = reading_actions.send_journal(
                by=viewer.who,
                agency=viewer.agency,
                part=form.part(),
                profile_version=viewer.profile.version,
                now=now,
            )
        except NothingSealedError:
            form.add_error(None, "Nothing is sealed yet. Come back in a minute.")
        else:
            name = f"journal-{viewer.agency}-{now:%Y%m%d-%H%M%S}.zip"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return StreamingHttpResponse(
                _sent(sent, viewer.agency), content_type="application/zip", headers=headers
            )
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "head": ledger.newest_head()}
    return render(request, "audit/export.html", context, status=status)


async def _sent(chunks: Iterator[bytes], agency: str) -> AsyncIterator[bytes]:
    """Pass chunks on as they are made, after the request's own scope has ended."""
    while (chunk := await sync_to_async(_next)(chunks, agency)) is not None:
        yield chunk


def _next(chunks: Iterator[bytes], agency: str) -> bytes | None:
    with scope.as_agency(agency):
        return next(chunks, None)


@access(capability="audit.view", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def pruning(request: ViewerRequest) -> HttpResponse:
    """Show which accesses are past their period, by which clause, and let a person propose to prune them."""
    viewer, now = request.actor, timezone.now()
    orders = Pruning.objects.filter(agency=viewer.agency)
    form = PruningForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "orders": orders[:20], "username": viewer.who.username}
    try:
        until_at, limit = prunable_before(viewer.profile, now)
    except Unsettled as unsettled:
        return render(request, "audit/pruning.html", context | {"silent": str(unsettled)})
    if request.method == "POST" and form.is_valid():
        try:
            pruning_actions.propose_pruning(
                by=viewer.who,
                agency=viewer.agency,
                until_at=until_at,
                period=f"{limit.period} ({limit.clause})",
                reason=form.cleaned_data["reason"],
                profile_version=viewer.profile.version,
                now=now,
            )
        except actions.NotAllowedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Proposed. Now a second person decides.")
            return redirect("audit:pruning")
    found = {"until_at": until_at, "limit": limit, "count": count_before(viewer.agency, until_at)}
    open_one = next((order for order in orders if order.state == PruningState.PROPOSED), None)
    status = 422 if request.method == "POST" else 200
    return render(request, "audit/pruning.html", context | found | {"waiting": open_one}, status=status)


def _prunable_until(profile: Profile, now: datetime) -> datetime | None:
    try:
        return prunable_before(profile, now)[0]
    except Unsettled:
        return None


@access(capability="governance.adopt", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def decide(request: ViewerRequest) -> HttpResponse:
    """Let a second person approve or refuse the proposed pruning; the worker then does it."""
    if request.method == "GET":
        waiting = Pruning.objects.filter(agency=request.actor.agency, state=PruningState.PROPOSED).first()
        context = {"waiting": waiting, "username": request.actor.who.username}
        return render(request, "audit/pruning_decision.html", context)
    viewer, now = request.actor, timezone.now()
    number, decision = request.POST.get("number", ""), request.POST.get("decision")
    if not number.isascii() or not number.isdigit() or decision not in {"approve", "refuse"}:
        raise Http404
    try:
        pruning_actions.decide_pruning(
            by=viewer.who,
            agency=viewer.agency,
            pruning_id=int(number),
            approve=decision == "approve",
            prunable_until=_prunable_until(viewer.profile, now),
            profile_version=viewer.profile.version,
            now=now,
        )
    except Pruning.DoesNotExist as gone:
        raise Http404 from gone
    except actions.NotAllowedError as refused:
        messages.error(request, str(refused))
    return redirect("audit:decide-pruning")
