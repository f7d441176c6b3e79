"""Working an alert: each view is one act. Screens of the alert itself are the console's."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.alerts import actions, holding, holding_actions, presenters, queries
from plateward.alerts.forms import (
    ConfirmationForm,
    DispositionForm,
    HandOverForm,
    HoldingForm,
    StepForm,
    UnitNoteForm,
)
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
    alert, now = alert_of(request, pk), timezone.now()
    try:
        actions.work_step(alert=alert, step=step, **form.cleaned_data, by=request.actor, now=now)
    except (UnknownStep, Hit.DoesNotExist) as unknown:
        raise Http404 from unknown
    holding_actions.take_if_free(alert=alert, by=request.actor, now=now)
    return changed(request, pk)


@access(capability="alerts.view")
@require_POST
@says_not_now
def record_confirmation(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record the answer from CLETS."""
    alert, actor = alert_of(request, pk), request.actor
    form = ConfirmationForm(request.POST, profile=actor.profile)
    if not form.is_valid():
        return again(
            request,
            pk,
            presenters.confirmation_part(seen_by(request, pk), queries.facts_of(alert), actor, form),
        )
    actions.record_confirmation(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    return changed(request, pk)


@access(capability="alerts.dispose")
@require_POST
@says_not_now
def dispose(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Close the alert with its outcome."""
    alert, actor = alert_of(request, pk), request.actor
    facts = queries.facts_of(alert)
    form = DispositionForm(request.POST, profile=actor.profile, facts=facts)
    if not form.is_valid():
        return again(request, pk, presenters.disposition_part(seen_by(request, pk), facts, actor, form))
    actions.dispose(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    return changed(request, pk)


@access(capability="alerts.view")
@never_cache
@require_GET
def recorded(request: ActorRequest) -> HttpResponse:
    """Which of the acts that a screen lists as not sent are on record after all, as JSON."""
    try:
        listed = [UUID(act) for act in request.GET.getlist("act")]
    except ValueError as error:
        raise BadRequest("An act's number is malformed.") from error
    found = queries.recorded_acts(request.actor.agency, request.actor.user_id, listed)
    return JsonResponse([str(act) for act in listed if act in found], safe=False)


@access(capability="alerts.dispatch")
@require_POST
def acknowledge(request: ActorRequest) -> HttpResponse:
    """Say that the alerts on one's screen were heard; a plain form gets the console."""
    try:
        heard = [UUID(pk) for pk in request.POST.getlist("alert")]
    except ValueError as error:
        raise BadRequest("An alert's number is malformed.") from error
    holding_actions.acknowledge(alerts=heard, by=request.actor, now=timezone.now())
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})
    return redirect("console:dispatch")


@access(capability="alerts.dispatch")
@require_POST
@says_not_now
def hold(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take the alert, take it over, or release it."""
    asked: dict[str, Any] = {"alert": alert_of(request, pk), "by": request.actor, "now": timezone.now()}
    form = HoldingForm(request.POST)
    if not form.is_valid():
        raise BadRequest("The form about who works the alert is malformed.")
    if form.cleaned_data["do"] == "take":
        holding_actions.take(**asked, reason=form.cleaned_data["reason"])
    else:
        holding_actions.release(**asked)
    return changed(request, pk)


@access(capability="alerts.dispatch")
@require_http_methods(["GET", "POST"])
@says_not_now
def hand_over(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Choose the colleague to whom one's alert is handed over, among those at a console now."""
    alert, now = alert_of(request, pk), timezone.now()
    colleagues = holding.colleagues(request.actor, now)
    form = HandOverForm(request.POST or None, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        to = next(one for one in colleagues if str(one.user_id) == form.cleaned_data["to"])
        holding_actions.hand_over(alert=alert, to=to, by=request.actor, now=now)
        return changed(request, pk)
    context = {"alert": alert, "form": form, "colleagues": colleagues}
    template = "alerts/_hand_over.html" if request.headers.get("HX-Request") else "alerts/hand_over.html"
    return render(request, template, context, status=422 if form.errors else 200)


@access(capability="alerts.dispatch")
@require_POST
@says_not_now
def note_unit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take down what a unit did or said."""
    alert, actor = alert_of(request, pk), request.actor
    form = UnitNoteForm(request.POST)
    if not form.is_valid():
        return again(
            request, pk, presenters.log_parts(seen_by(request, pk), queries.facts_of(alert), actor, form)[1]
        )
    holding_actions.note_unit(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    return changed(request, pk)


def alert_of(request: ActorRequest, pk: UUID) -> Alert:
    """The agency's alert; another agency's is a 404."""
    return get_object_or_404(Alert.objects.select_related("entry"), pk=pk, agency_id=request.actor.agency)


def seen_by(request: ActorRequest, pk: UUID) -> Alert:
    """The alert as this person may see it, for the form that comes back to them."""
    return queries.shown_to(request.actor, queries.with_hits(request.actor.agency).get(pk=pk))


def changed(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The act is done: an open screen fetches what changed, a plain form gets the alert's page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})
    return redirect("console:alert", pk=pk)


def again(request: ActorRequest, pk: UUID, part: Part, form: Form | None = None) -> HttpResponse:
    """The form with its mistakes, alone or, without JavaScript, as a page of its own."""
    template = "alerts/_part.html" if request.headers.get("HX-Request") else "alerts/again.html"
    return render(
        request, template, {"part": part, "pk": pk, "form": form or part.context["form"]}, status=422
    )
