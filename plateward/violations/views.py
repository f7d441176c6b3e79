"""Reports of errors and violations: making one, one's own, those to decide."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.training.rules import AssignmentState
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.violations import actions, presenters, queries, rules
from plateward.violations.actions import Draft, Judgment
from plateward.violations.forms import AgainForm, DecisionForm, NoteForm, ReportForm
from plateward.violations.models import Report
from plateward.violations.rules import State, Via

EVERYBODY = "Every employee reports errors and violations (B-466.6(e)); the rules say who sees which report."


@access(login=True, why=EVERYBODY)
@never_cache
@require_GET
def reports(request: ActorRequest) -> HttpResponse:
    """List what one reported, what waits for one's decision, and what was found about oneself."""
    actor = request.actor
    heard_by = actor.profile.sanctions.reported_to
    found = {
        "shelf": queries.shelf(actor, timezone.now()),
        "reported_to": heard_by,
        "citation": actor.profile.citation(heard_by),
    }
    return render(request, "violations/reports.html", found)


@access(login=True, why=EVERYBODY)
@never_cache
@require_http_methods(["GET", "POST"])
def make(request: ActorRequest) -> HttpResponse:
    """Report an error or violation; whom it went to is told afterwards."""
    actor = request.actor
    given = request.POST if request.method == "POST" else None
    initial = {"origin": request.GET.get("origin", ""), "about": request.GET.get("about", "")}
    form = ReportForm(given, actor=actor, initial=initial)
    if form.is_valid():
        with errors_in(form):
            made = actions.make_report(draft=Draft(**form.cleaned_data), by=actor, now=timezone.now())
            _say_where(request, made)
            return redirect("violations:report", made.pk)
    return form_page(request, "violations/make.html", {"form": form})


def _say_where(request: ActorRequest, made: Report) -> None:
    names = ", ".join(told.person.full_name for told in made.told.select_related("person"))
    if made.via == Via.NOBODY:
        messages.warning(
            request,
            f"Report {made.name} is kept, but nobody is there to hear it: you have no supervisor on record, "
            "and nobody else oversees the system. Tell your department's head.",
        )
        return
    messages.success(request, f"Report {made.name} went to {names}.")


@access(login=True, why=EVERYBODY)
@never_cache
@require_GET
def report(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Show a report to who made it, who decides, and, once they are told, whom it is about."""
    return _page(request, pk)


@access(login=True, why=EVERYBODY)
@require_POST
def note(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Add a note."""
    form = NoteForm(request.POST)
    if form.is_valid() and _done(request, form, actions.note_report, pk, note=form.cleaned_data["note"]):
        messages.success(request, "The note is with the report.")
        return redirect("violations:report", pk)
    return _page(request, pk, note_form=form)


@access(login=True, why=EVERYBODY)
@require_POST
def decide(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record what was found, with what follows from it."""
    form = DecisionForm(request.POST, actor=request.actor, report=_seen(request, pk))
    if form.is_valid() and _done(
        request, form, actions.decide_report, pk, judgment=Judgment(**form.cleaned_data)
    ):
        messages.success(request, "The finding is on record.")
        return redirect("violations:report", pk)
    return _page(request, pk, decision_form=form)


@access(login=True, why=EVERYBODY)
@require_POST
def retrain(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Assign the retraining again after it was withdrawn."""
    form = AgainForm(request.POST, actor=request.actor, report=_seen(request, pk))
    if form.is_valid() and _done(request, form, actions.assign_again, pk, **form.cleaned_data):
        messages.success(request, "The retraining is assigned again.")
        return redirect("violations:report", pk)
    return _page(request, pk, again_form=form)


def _done(request: ActorRequest, form: forms.Form, act: Any, pk: UUID, **given: Any) -> bool:
    try:
        with errors_in(form):
            act(report_id=pk, by=request.actor, now=timezone.now(), **given)
    except Report.DoesNotExist as error:
        raise Http404 from error
    return not form.errors


def _seen(request: ActorRequest, pk: UUID) -> Report:
    try:
        return actions.open_report(report_id=pk, by=request.actor, now=timezone.now())
    except (Report.DoesNotExist, ValidationError) as error:
        raise Http404 from error


def _page(
    request: ActorRequest,
    pk: UUID,
    *,
    note_form: NoteForm | None = None,
    decision_form: DecisionForm | None = None,
    again_form: AgainForm | None = None,
) -> HttpResponse:
    actor, shown = request.actor, _seen(request, pk)
    managers = {str(one) for one in queries.managers(actor.profile, actor.agency, timezone.now())}
    may = rules.may_decide(actor.profile, str(actor.user_id), queries.facts_of(shown), managers)
    is_open = shown.state == State.OPEN
    words = presenters.sheet(shown, actor, decides=may.allowed)
    is_withdrawn = shown.state == State.RETRAINING and words["retraining"] is AssignmentState.WITHDRAWN
    context: Mapping[str, Any] = {
        **words,
        "note_form": note_form or NoteForm(auto_id="id_added_%s"),
        "decision_form": (decision_form or DecisionForm(actor=actor, report=shown))
        if may and is_open
        else None,
        "again_form": (again_form or AgainForm(actor=actor, report=shown)) if may and is_withdrawn else None,
    }
    failed = any(form is not None and form.errors for form in (note_form, decision_form, again_form))
    return render(request, "violations/report.html", context, status=422 if failed else 200)
