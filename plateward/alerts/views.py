"""Working an alert: each view is one act. Screens of the alert itself are the console's."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from plateward.alerts import actions, presenters, queries
from plateward.alerts.forms import ConfirmationForm, DispositionForm, StepForm
from plateward.alerts.models import Alert, Hit
from plateward.alerts.presenters import Part
from plateward.alerts.rules import UnknownStep
from plateward.governance.http import ActorRequest
from plateward.ui.access import access

CHANGED = "alert-changed"
"""Browser event upon which an open screen fetches what changed."""

P = ParamSpec("P")
View = Callable[Concatenate[ActorRequest, P], HttpResponse]


def says_not_now(view: View[P]) -> View[P]:
    """Show a 409 page with clause, reason and remedy where the alert is not in a state for the act."""

    @wraps(view)
    def guarded(request: ActorRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except actions.NotNow as not_now:
            return render(request, "alerts/not_now.html", {"decision": not_now.decision}, status=409)

    return guarded


@access(capability="alerts.dispatch")
@require_POST
@says_not_now
def work_step(request: ActorRequest, pk: UUID, step: str) -> HttpResponse:
    """Record a dispatch step as worked (B-466.9)."""
    form = StepForm(request.POST)
    if not form.is_valid():
        raise BadRequest("The step's form is malformed.")
    outcome, note, seen, hit = form.given()
    try:
        actions.work_step(
            alert=_alert(request, pk),
            step=step,
            outcome=outcome,
            note=note,
            seen=seen,
            hit=hit,
            by=request.actor,
            now=timezone.now(),
        )
    except (UnknownStep, Hit.DoesNotExist) as unknown:
        raise Http404 from unknown
    return _changed(request, pk)


@access(capability="alerts.view")
@require_POST
@says_not_now
def record_confirmation(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record the answer from CLETS."""
    alert, actor = _alert(request, pk), request.actor
    form = ConfirmationForm(request.POST, profile=actor.profile)
    if not form.is_valid():
        return _again(request, pk, presenters.confirmation_part(alert, queries.facts_of(alert), actor, form))
    actions.record_confirmation(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    return _changed(request, pk)


@access(capability="alerts.dispose")
@require_POST
@says_not_now
def dispose(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Close the alert with its outcome."""
    alert, actor = _alert(request, pk), request.actor
    facts = queries.facts_of(alert)
    form = DispositionForm(request.POST, profile=actor.profile, facts=facts)
    if not form.is_valid():
        return _again(request, pk, presenters.disposition_part(alert, facts, actor, form))
    actions.dispose(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    return _changed(request, pk)


def _alert(request: ActorRequest, pk: UUID) -> Alert:
    """The agency's alert; another agency's is a 404."""
    return get_object_or_404(Alert.objects.select_related("entry"), pk=pk, agency_id=request.actor.agency)


def _changed(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The act is done: an open screen fetches what changed, a plain form gets the alert's page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})
    return redirect("console:alert", pk=pk)


def _again(request: ActorRequest, pk: UUID, part: Part) -> HttpResponse:
    """The form with its mistakes, alone or, without JavaScript, as a page of its own."""
    template = "alerts/_part.html" if request.headers.get("HX-Request") else "alerts/again.html"
    return render(request, template, {"part": part, "pk": pk, "form": part.context["form"]}, status=422)
