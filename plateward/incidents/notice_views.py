"""Pages of an incident's notice: who is affected, the letter, its sending and its delay."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.incidents import affected_actions, notice_actions, queries
from plateward.incidents.actions import open_incident
from plateward.incidents.affected_actions import Wanted
from plateward.incidents.letters import HEADINGS
from plateward.incidents.models import Affected, Incident, Letter
from plateward.incidents.notice_actions import Dispatch, Text
from plateward.incidents.notice_forms import AffectedForm, DelayForm, LetterForm, SentForm
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

WORKERS = "The rules say who works which incident: who manages the system's use, never one about them."


@access(capability="audit.view")
@never_cache
@require_http_methods(["GET", "POST"])
def affected(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Draw who is affected from the access records."""
    form = AffectedForm(request.POST if request.method == "POST" else None, actor=request.actor)

    def act(given: dict[str, Any]) -> None:
        wanted = Wanted(**given | {"people": list(given["people"])})
        affected_actions.freeze_affected(incident_id=pk, wanted=wanted, by=request.actor, now=timezone.now())

    return _page(request, pk, form, act, "Draw who is affected")


@access(capability="audit.view")
@require_POST
def affected_file(request: ActorRequest, pk: UUID, list_id: UUID) -> HttpResponse:
    """The list as a CSV file; itself an access."""
    try:
        text = affected_actions.take_affected(
            incident_id=pk, list_id=list_id, by=request.actor, now=timezone.now()
        )
    except (Affected.DoesNotExist, Incident.DoesNotExist) as error:
        raise Http404 from error
    headers = {"Content-Disposition": f'attachment; filename="affected-{list_id}.csv"'}
    return HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8", headers=headers)


@access(login=True, why=WORKERS)
@never_cache
@require_http_methods(["GET", "POST"])
def letter(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Write the letter."""
    form = LetterForm(request.POST if request.method == "POST" else None, incident=_worked(request, pk))

    def act(given: dict[str, Any]) -> None:
        parts = {name: given[name] for name in HEADINGS}
        rest = {name: value for name, value in given.items() if name not in parts}
        text = Text(parts=parts, **rest)
        notice_actions.write_letter(incident_id=pk, text=text, by=request.actor, now=timezone.now())

    return _page(request, pk, form, act, "Write the letter")


@access(login=True, why=WORKERS)
@require_POST
def letter_file(request: ActorRequest, pk: UUID, letter_id: UUID) -> HttpResponse:
    """The letter as PDF."""
    try:
        pdf = notice_actions.take_letter(
            incident_id=pk, letter_id=letter_id, by=request.actor, now=timezone.now()
        )
    except (Letter.DoesNotExist, Incident.DoesNotExist) as error:
        raise Http404 from error
    headers = {"Content-Disposition": f'attachment; filename="notice-{letter_id}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@access(login=True, why=WORKERS)
@never_cache
@require_http_methods(["GET", "POST"])
def sent(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record that the letter was sent."""
    form = SentForm(request.POST if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> None:
        notice_actions.record_sent(
            incident_id=pk, dispatch=Dispatch(**given), by=request.actor, now=timezone.now()
        )

    return _page(request, pk, form, act, "Record the sending")


@access(login=True, why=WORKERS)
@never_cache
@require_http_methods(["GET", "POST"])
def delay(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record that a law enforcement agency asked that the notice wait."""
    form = DelayForm(request.POST if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> None:
        notice_actions.record_delay(incident_id=pk, by=request.actor, now=timezone.now(), **given)

    return _page(request, pk, form, act, "Record the delay")


def _worked(request: ActorRequest, pk: UUID) -> Incident:
    """The incident for who works it; whoever only reported it finds nothing here."""
    now = timezone.now()
    try:
        shown = open_incident(incident_id=pk, by=request.actor, now=now)
    except Incident.DoesNotExist as error:
        raise Http404 from error
    queries.standing(shown, request.actor, now).require()
    return shown


def _page(
    request: ActorRequest, pk: UUID, form: forms.Form, act: Callable[[dict[str, Any]], None], title: str
) -> HttpResponse:
    shown = _worked(request, pk)
    if form.is_valid():
        with errors_in(form):
            act(form.cleaned_data)
            messages.success(request, "It is on record.")
            return redirect("incidents:incident", pk)
    return form_page(request, "incidents/act.html", {"form": form, "incident": shown, "title": title})
