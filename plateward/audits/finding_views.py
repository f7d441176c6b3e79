"""Findings in the browser: raising one, resolving it, testing it again."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.audits import finding_actions, presenters, queries
from plateward.audits.finding_actions import Draft
from plateward.audits.forms import FindingForm, ResolveForm, RetestForm
from plateward.audits.models import Finding
from plateward.audits.rules import FindingAct
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

OWNERS = "Whoever owns a finding sees and resolves it; the rules say who tests it again."


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET", "POST"])
def make(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Raise a finding of an audit."""
    found = get_object_or_404(queries.audits(request.actor.agency), pk=pk)
    given = request.POST if request.method == "POST" else None
    form = FindingForm(given, actor=request.actor, initial=request.GET.dict())
    if form.is_valid():
        with errors_in(form):
            draft = Draft(**form.cleaned_data)
            try:
                made = finding_actions.raise_finding(
                    audit_id=pk, draft=draft, by=request.actor, now=timezone.now()
                )
            except ObjectDoesNotExist as error:
                raise Http404 from error
            messages.success(request, f"Finding {made.name} is with {made.owner.full_name}.")
            return redirect("audits:audit", pk)
    context = {"audit": found, "form": form, "title": "Raise a finding", "submit": "Raise the finding"}
    return form_page(request, "audits/act.html", context)


@access(login=True, why=OWNERS)
@never_cache
@require_GET
def finding(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Show a finding to its owner and to who audits."""
    return _page(request, pk)


@access(login=True, why=OWNERS)
@require_POST
def resolve(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Say how it was put right."""
    form = ResolveForm(request.POST)
    if form.is_valid() and _done(form, finding_actions.resolve_finding, request, pk):
        messages.success(request, "It waits for an auditor, who tests it again.")
        return redirect("audits:finding", pk)
    return _page(request, pk, form)


@access(capability="audit.review")
@require_POST
def retest(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Say whether it was put right."""
    form = RetestForm(request.POST)
    if form.is_valid():
        passed = form.cleaned_data.pop("act") == FindingAct.PASSED
        if _done(form, finding_actions.retest_finding, request, pk, passed=passed):
            messages.success(request, "Closed." if passed else "Back to its owner.")
            return redirect("audits:finding", pk)
    return _page(request, pk, form)


def _done(form: forms.Form, act: Any, request: ActorRequest, pk: UUID, **given: Any) -> bool:
    with errors_in(form):
        try:
            act(finding_id=pk, by=request.actor, now=timezone.now(), **form.cleaned_data, **given)
        except Finding.DoesNotExist as error:
            raise Http404 from error
    return not form.errors


def _page(request: ActorRequest, pk: UUID, failed: forms.Form | None = None) -> HttpResponse:
    try:
        found = finding_actions.open_finding(finding_id=pk, by=request.actor, now=timezone.now())
    except Finding.DoesNotExist as error:
        raise Http404 from error
    context = presenters.finding_sheet(found, request.actor, failed)
    return render(request, "audits/finding.html", context, status=422 if failed else 200)
