"""Audits in the browser: the plan, one audit with its checks and sample, and a record drawn."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.audits import actions, presenters, queries
from plateward.audits.forms import AnswerForm, BeginForm, MarkForm, SignForm
from plateward.audits.models import Audit, ComputedCheck, SampleItem
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

KINDS = {"report": ("application/pdf", "pdf"), "data": ("application/json", "json")}


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET", "POST"])
def audits(request: ActorRequest) -> HttpResponse:
    """Show the plan and the audits made; posting begins one."""
    form = BeginForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with errors_in(form):
            made = actions.begin_audit(by=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, f"Audit {made.name} is begun. Its sample is drawn within two minutes.")
            return redirect("audits:audit", made.pk)
    return form_page(
        request, "audits/audits.html", presenters.overview(request.actor, timezone.now()) | {"form": form}
    )


@access(capability="audit.review")
@never_cache
@require_GET
def audit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Show one audit: what is drawn, what the checks say, what was found."""
    return _page(request, pk)


def _page(
    request: ActorRequest, pk: UUID, *, sign_form: SignForm | None = None, answered: AnswerForm | None = None
) -> HttpResponse:
    found = get_object_or_404(queries.audits(request.actor.agency), pk=pk)
    context = presenters.sheet(found, request.actor)
    if context["may_sign"] and not context["left"]:
        context["sign_form"] = sign_form or SignForm()
    context["failed"] = answered or sign_form
    return render(request, "audits/audit.html", context, status=422 if answered or sign_form else 200)


@access(capability="audit.review")
@require_POST
def draw(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Draw the sample now, where the journal is sealed by now."""
    found = get_object_or_404(queries.audits(request.actor.agency), pk=pk)
    actions.require_auditor(request.actor)
    try:
        actions.draw_sample(audit_id=found.pk, now=timezone.now(), who=request.actor.who)
    except actions.NotSealedYetError:
        messages.warning(request, "The journal is not sealed past the period yet. Try again in a minute.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("audits:audit", pk)


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET", "POST"])
def item(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Show a search drawn with query, reason, case and result; posting judges it."""
    form = MarkForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            with errors_in(form):
                marked = actions.mark_item(
                    item_id=pk, by=request.actor, now=timezone.now(), **form.cleaned_data
                )
                messages.success(request, f"{marked.get_verdict_display()}.")
                return redirect(presenters.after(marked, request.actor))
        shown, records = actions.open_item(item_id=pk, by=request.actor, now=timezone.now())
    except SampleItem.DoesNotExist as error:
        raise Http404 from error
    return form_page(
        request, "audits/item.html", presenters.item_sheet(shown, records, request.actor) | {"form": form}
    )


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: ActorRequest, pk: UUID, kind: str) -> HttpResponse:
    """Say why a check that asks for attention needs no finding."""
    found = get_object_or_404(queries.audits(request.actor.agency), pk=pk)
    one = get_object_or_404(ComputedCheck, audit=found, kind=kind)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with errors_in(form):
            actions.answer_check(
                audit_id=pk, kind=kind, by=request.actor, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, "Your word stands beside the check.")
            return redirect("audits:audit", pk)
    context = {
        "audit": found,
        "form": form,
        "title": one.about.label,
        "submit": "Record it",
        "facts": one.facts,
    }
    return form_page(request, "audits/act.html", context)


@access(capability="audit.review")
@require_POST
def sign(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Sign the audit off."""
    form = SignForm(request.POST)
    try:
        if form.is_valid():
            with errors_in(form):
                made = actions.sign_off(
                    audit_id=pk, by=request.actor, now=timezone.now(), **form.cleaned_data
                )
                messages.success(request, f"Audit {made.name} is signed off.")
                return redirect("audits:audit", pk)
    except Audit.DoesNotExist as error:
        raise Http404 from error
    return _page(request, pk, sign_form=form)


@access(capability="audit.review")
@require_POST
def paper(request: ActorRequest, pk: UUID, what: str) -> HttpResponse:
    """Send the report, its data, or the file of the draw."""
    if what not in {"report", "data", "draw"}:
        raise Http404
    try:
        made, body = actions.take_paper(audit_id=pk, what=what, by=request.actor, now=timezone.now())
    except Audit.DoesNotExist as error:
        raise Http404 from error
    kind, ending = KINDS["report" if what == "report" else "data"]
    name = made.name if what == "report" else f"{made.name}-{what}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return HttpResponse(body, content_type=kind, headers=headers)


@access(capability="audit.review")
@require_GET
def redraw(request: ActorRequest) -> HttpResponse:
    """Send the program that draws a sample again."""
    del request
    body = presenters.program()
    headers = {"Content-Disposition": 'attachment; filename="redraw.py"'}
    return HttpResponse(body, content_type="text/x-python; charset=utf-8", headers=headers)
