"""Standing shares with their dated log, what a vendor's list says otherwise, and agreements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.policy import Decision
from plateward.releases import queries, rules, share_actions
from plateward.releases.partner_actions import REGISTER
from plateward.releases.request_views import download
from plateward.releases.requesting import APPROVE
from plateward.releases.seeing import WHY, require_part
from plateward.releases.share_forms import (
    AgreementForm,
    AnswerForm,
    ListForm,
    NoteForm,
    RenewalForm,
    ShareForm,
)
from plateward.releases.share_models import StandingShare
from plateward.releases.share_rules import DriftKind, ShareState, may_become
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do with a share: its form and act, and the capability it asks for."""

    label: str
    form: type[forms.Form]
    act: Callable[..., object]
    capability: str


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "approve": Task("Approve", NoteForm, share_actions.approve_share, APPROVE),
        "refuse": Task("Refuse", NoteForm, share_actions.refuse_share, APPROVE),
        "renew": Task("Approve anew", RenewalForm, share_actions.renew_share, APPROVE),
        "end": Task("End", NoteForm, share_actions.end_share, REGISTER),
    }
)


@access(login=True, why=WHY)
@require_GET
def shares(request: ActorRequest) -> HttpResponse:
    """Every standing share, the vendors' lists imported, and the agreements."""
    actor = request.actor
    require_part(actor)
    context = {
        "shares": queries.shares(actor.agency),
        "lists": queries.share_lists(actor.agency),
        "agreements": queries.agreements(actor.agency),
        "today": actor.today,
        "may_enter": actor.may(REGISTER),
        "rules": actor.profile.releases,
        "tab": "shares",
    }
    return render(request, "releases/shares.html", context)


@access(login=True, why=WHY)
@require_GET
def share(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One share with its log."""
    actor, found = request.actor, _known(request, pk)
    require_part(actor)
    context = {
        "share": found,
        "stops": rules.recipient_stops(actor.profile, found.partner.fact, actor.today),
        "tasks": [(slug, task) for slug, task in TASKS.items() if _may(request, found, slug)],
        "today": actor.today,
        "tab": "shares",
    }
    return render(request, "releases/share.html", context)


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def propose(request: ActorRequest) -> HttpResponse:
    """Put a standing share on record, for another to approve."""
    form = ShareForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        with errors_in(form):
            made = share_actions.propose_share(**form.cleaned_data, by=request.actor, now=timezone.now())
            messages.success(request, "The share is on record. It counts once another approves it.")
            return redirect("releases:share", made.pk)
    return _form_page(request, form, "Propose a standing share", "Propose")


@access(login=True, why="Who approves and who ends differ; each act asks for its own capability.")
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, pk: UUID, task: str) -> HttpResponse:
    """Approve, refuse, renew or end a share."""
    if task not in TASKS:
        raise Http404
    found, chosen = _known(request, pk), TASKS[task]
    request.actor.require(chosen.capability)
    form = chosen.form(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            chosen.act(share=found, **form.cleaned_data, by=request.actor, now=timezone.now())
            messages.success(request, "It is in the share’s log.")
            return redirect("releases:share", pk)
    return _form_page(request, form, f"{chosen.label}: {found.partner.name}", chosen.label)


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def import_list(request: ActorRequest) -> HttpResponse:
    """Hold a vendor's list of shares against those on record."""
    form = ListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with errors_in(form):
            made = share_actions.import_list(
                vendor=form.cleaned_data["vendor"],
                column=form.cleaned_data["column"],
                data=form.cleaned_data["file"].read(),
                by=request.actor,
                now=timezone.now(),
            )
            return redirect("releases:share-list", made.pk)
    return _form_page(request, form, "Compare a vendor’s list", "Compare")


@access(login=True, why=WHY)
@require_GET
def share_list(request: ActorRequest, pk: UUID) -> HttpResponse:
    """How a vendor's list differed from the shares on record."""
    found = get_object_or_404(queries.share_lists(request.actor.agency), pk=pk)
    require_part(request.actor)
    answers = {one.number: one for one in found.answers.all()}
    rows = [
        (number, DriftKind(kind), name, detail, answers.get(number))
        for number, (kind, name, detail) in enumerate(found.drift)
    ]
    context = {"found": found, "rows": rows, "unanswered": len(rows) - len(answers), "tab": "shares"}
    return render(request, "releases/share_list.html", context | {"may_answer": request.actor.may(REGISTER)})


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def answer(request: ActorRequest, pk: UUID, number: int) -> HttpResponse:
    """Say what was done about one difference."""
    found = get_object_or_404(queries.share_lists(request.actor.agency), pk=pk)
    if number >= len(found.drift):
        raise Http404
    kind, name, _ = found.drift[number]
    form = AnswerForm(request.POST or None, kind=DriftKind(kind))
    if form.is_valid():
        with errors_in(form):
            share_actions.answer_difference(
                share_list=found, number=number, **form.cleaned_data, by=request.actor, now=timezone.now()
            )
            messages.success(request, f"What was done about {name} is on record.")
            return redirect("releases:share-list", pk)
    return _form_page(request, form, f"Answer: {name}", "Answer")


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def enter_agreement(request: ActorRequest) -> HttpResponse:
    """Put an agreement to exchange information on file."""
    form = AgreementForm(request.POST or None, request.FILES or None, actor=request.actor)
    if form.is_valid():
        with errors_in(form):
            given = {**form.cleaned_data, "document": form.cleaned_data["document"].read()}
            share_actions.enter_agreement(**given, by=request.actor, now=timezone.now())
            messages.success(request, "The agreement is on file.")
            return redirect("releases:shares")
    return _form_page(request, form, "Enter an agreement", "Enter")


@access(login=True, why=WHY)
@require_GET
def agreement(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The agreement itself, always as a download."""
    found = get_object_or_404(queries.agreements(request.actor.agency), pk=pk)
    require_part(request.actor)
    return download(found.document_path, found.document_sha256, found.document_type, f"agreement-{found.pk}")


def _known(request: ActorRequest, pk: UUID) -> StandingShare:
    return get_object_or_404(queries.shares(request.actor.agency), pk=pk)


def _may(request: ActorRequest, found: StandingShare, slug: str) -> Decision | bool:
    actor, task = request.actor, TASKS[slug]
    if not actor.may(task.capability) or not may_become(ShareState(found.state), slug.upper()):
        return False
    own = {str(found.proposed_by_id)}
    return task.capability == REGISTER or rules.may_decide(actor.profile, actor.person, own)


def _form_page(request: ActorRequest, form: forms.Form, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "tab": "shares"}
    return form_page(request, "releases/share_form.html", context)
