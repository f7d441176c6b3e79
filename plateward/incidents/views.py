"""Security incidents: reporting one, the checklist, the way to its end."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.incidents import actions, presenters, queries, rules
from plateward.incidents.actions import Draft
from plateward.incidents.forms import IncidentForm, MoveForm, StepForm
from plateward.incidents.models import Incident
from plateward.incidents.rules import Act, State, Step
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

EVERYBODY = "Everybody reports security incidents (CJIS IR-6); the rules say who sees and works which."


@access(login=True, why=EVERYBODY)
@never_cache
@require_GET
def incidents(request: ActorRequest) -> HttpResponse:
    """List the incidents that one works, or reported."""
    found = queries.seen_by(request.actor, timezone.now())
    return render(request, "incidents/incidents.html", {"incidents": found})


@access(login=True, why=EVERYBODY)
@never_cache
@require_http_methods(["GET", "POST"])
def make(request: ActorRequest) -> HttpResponse:
    """Report an incident."""
    given = request.POST if request.method == "POST" else None
    form = IncidentForm(given, actor=request.actor)
    if form.is_valid():
        with errors_in(form):
            made = actions.make_incident(
                draft=Draft(**form.cleaned_data), by=request.actor, now=timezone.now()
            )
            messages.success(request, f"Incident {made.name} is with those who manage the system’s use.")
            return redirect("incidents:incident", made.pk)
    return form_page(request, "incidents/make.html", {"form": form})


@access(login=True, why=EVERYBODY)
@never_cache
@require_GET
def incident(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Show an incident to who works it, and to who reported it."""
    return _page(request, _seen(request, pk))


@access(login=True, why=EVERYBODY)
@require_POST
def step(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record a step of the checklist as done."""
    shown = _seen(request, pk)
    form = StepForm(request.POST, steps=_steps_left(shown))
    if form.is_valid() and _done(form, actions.record_step, request, pk):
        messages.success(request, "The step is on record.")
        return redirect("incidents:incident", pk)
    return _page(request, shown, step_form=form)


@access(login=True, why=EVERYBODY)
@require_POST
def move(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take an incident on: contained, assessed, notified, closed, or not a breach."""
    shown = _seen(request, pk)
    form = MoveForm(request.POST, acts=rules.acts_in(State(shown.state)))
    if form.is_valid() and _done(form, actions.move_incident, request, pk):
        messages.success(request, "It is on record.")
        return redirect("incidents:incident", pk)
    return _page(request, shown, move_form=form)


def _seen(request: ActorRequest, pk: UUID) -> Incident:
    try:
        return actions.open_incident(incident_id=pk, by=request.actor, now=timezone.now())
    except Incident.DoesNotExist as error:
        raise Http404 from error


def _done(form: forms.Form, act: Any, request: ActorRequest, pk: UUID) -> bool:
    with errors_in(form):
        act(incident_id=pk, by=request.actor, now=timezone.now(), **form.cleaned_data)
    return not form.errors


def _steps_left(shown: Incident) -> tuple[Step, ...]:
    return rules.missing(Act.CLOSE, queries.steps_done(shown), shown.californians)


def _page(
    request: ActorRequest,
    shown: Incident,
    *,
    step_form: StepForm | None = None,
    move_form: MoveForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    works = queries.standing(shown, request.actor, now).allowed
    acts, left = rules.acts_in(State(shown.state)), _steps_left(shown)
    context = presenters.sheet(shown, now, works=works)
    if works and acts:
        context["move_form"] = move_form or MoveForm(acts=acts, auto_id="id_move_%s")
        if left:
            context["step_form"] = step_form or StepForm(steps=left)
    failed = any(form is not None and form.errors for form in (step_form, move_form))
    return render(request, "incidents/incident.html", context, status=422 if failed else 200)
