"""The public's requests for records: the list with its clock, and one request with its letters and copies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.releases import answer_actions, records_actions
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.answer_rules import frozen_problem, may_send
from plateward.releases.records_forms import (
    DeterminationForm,
    ExtensionForm,
    IntakeForm,
    NoteForm,
    PictureForm,
    TableForm,
)
from plateward.releases.records_models import RecordsRequest
from plateward.releases.records_papers import WORK, is_replaced, papers
from plateward.releases.records_rules import WARNED_BEFORE, Determination, RecordsState, may_become, path_of
from plateward.releases.request_views import download
from plateward.releases.tasks import find_plates_soon
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do with a request; `act` is its name in the table of states, "" for none."""

    label: str
    form: type[forms.Form]
    do: Callable[..., object]
    act: str = ""
    note: str = ""


def _extend(given: dict[str, Any], **more: Any) -> object:
    return records_actions.extend(**given, **more)


def _determine(given: dict[str, Any], **more: Any) -> object:
    return records_actions.determine(made=Determination(**given), **more)


def _with_file(act: Callable[..., object]) -> Callable[..., object]:
    def do(given: dict[str, Any], **more: Any) -> object:
        return act(data=given.pop("file").read(), **given, **more)

    return do


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "determine": Task(
            "Determine", DeterminationForm, _determine, "DETERMINE", "The letter is made from what you enter."
        ),
        "extend": Task(
            "Extend the time",
            ExtensionForm,
            _extend,
            "EXTEND",
            "Once, by 14 days at most, for one of the statute’s reasons. The notice is made as a letter.",
        ),
        "picture": Task(
            "Add a picture",
            PictureForm,
            _with_file(answer_actions.add_picture),
            note="It waits for a decision before the answer leaves: covered, left whole or withheld.",
        ),
        "table": Task("Redact a table", TableForm, _with_file(records_actions.redact_table)),
        "close": Task(
            "Close", NoteForm, lambda given, **more: records_actions.close(**given, **more), "CLOSE"
        ),
        "withdraw": Task(
            "Withdrawn", NoteForm, lambda given, **more: records_actions.withdraw(**given, **more), "WITHDRAW"
        ),
    }
)


@access(capability=WORK)
@require_GET
def records(request: ActorRequest) -> HttpResponse:
    """Every request, those that wait first by their day."""
    actor = request.actor
    known = list(_all(actor.agency))
    waiting = sorted(
        (one for one in known if one.state == RecordsState.RECEIVED), key=lambda one: one.due_date
    )
    context = {
        "waiting": waiting,
        "others": [one for one in known if one.state != RecordsState.RECEIVED],
        "today": actor.today,
        "soon": actor.today + WARNED_BEFORE,
        "path": path_of(actor.profile),
        "tab": "records",
    }
    return render(request, "releases/records.html", context)


@access(capability=WORK)
@require_http_methods(["GET", "POST"])
def receive(request: ActorRequest) -> HttpResponse:
    """Take a request in."""
    form = IntakeForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            made = records_actions.receive(**form.cleaned_data, by=request.actor, now=timezone.now())
            messages.success(
                request, f"{made.number} is on file. Determine it by {made.due_date:%b %-d, %Y}."
            )
            return redirect("releases:records-request", made.pk)
    context = {"form": form, "title": "Take a request in", "submit": "Take in", "tab": "records"}
    return form_page(request, "releases/records_form.html", context)


@access(capability=WORK)
@require_GET
def one(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One request, its letters and copies, and what can be done."""
    actor = request.actor
    found = get_object_or_404(_all(actor.agency), pk=pk)
    context = {
        "found": found,
        "papers": papers(actor.agency).filter(request=found),
        "pictures": found.pictures.select_related("paper", "decided_by"),
        "tasks": [(slug, task) for slug, task in TASKS.items() if _offered(found, slug)],
        "frozen": frozen_problem(RecordsState(found.state)),
        "may_take": actor.may("reads.view") and not frozen_problem(RecordsState(found.state)),
        "today": actor.today,
        "path": path_of(actor.profile),
        "tab": "records",
    }
    return render(request, "releases/records_request.html", context)


@access(capability=WORK)
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, pk: UUID, task: str) -> HttpResponse:
    """Determine, extend, redact, close or withdraw."""
    found = get_object_or_404(_all(request.actor.agency), pk=pk)
    if task not in TASKS:
        raise Http404
    chosen = TASKS[task]
    form = chosen.form(request.POST or None, request.FILES or None)
    if form.is_valid():
        with errors_in(form):
            made = chosen.do(dict(form.cleaned_data), request=found, by=request.actor, now=timezone.now())
            if isinstance(made, AnswerPicture):
                find_plates_soon()
                return redirect("releases:records-picture", made.pk)
            messages.success(request, "It is on file.")
            return redirect("releases:records-request", pk)
    title = f"{chosen.label}: {found.number}"
    context = {"form": form, "title": title, "note": chosen.note, "submit": chosen.label, "found": found}
    return form_page(request, "releases/records_form.html", context | {"tab": "records"})


@access(capability=WORK)
@require_GET
def paper(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A letter or a copy, always as a download; a copy that was replaced is refused."""
    found = get_object_or_404(papers(request.actor.agency), pk=pk)
    may_send(is_replaced=is_replaced(found)).require()
    name = f"{found.request.number}-{found.kind.lower()}"
    return download(found.path, found.sha256, found.media_type, name)


def _all(agency: str) -> QuerySet[RecordsRequest]:
    return RecordsRequest.objects.filter(agency_id=agency).select_related("entered_by")


def _offered(found: RecordsRequest, slug: str) -> bool:
    if slug == "extend" and found.extended_until_date:
        return False
    step = TASKS[slug].act
    state = RecordsState(found.state)
    return may_become(state, step) if step else not frozen_problem(state)
