"""The partner register: what each body is, on which evidence, until when that counts."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.releases import partner_actions, queries, reminding
from plateward.releases.forms import PartnerForm, ReasonForm, ReopeningForm, ReviewForm
from plateward.releases.last_day_rules import step_of
from plateward.releases.partner_actions import REGISTER
from plateward.releases.partner_models import Partner
from plateward.releases.request_views import download
from plateward.releases.rules import recipient_stops
from plateward.releases.seeing import WHY, require_part
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page


@access(login=True, why=WHY)
@require_GET
def partners(request: ActorRequest) -> HttpResponse:
    """Everybody on the register, and whether data may be released to them now."""
    actor = request.actor
    require_part(actor)
    rows = [
        (partner, recipient_stops(actor.profile, partner.fact, actor.today))
        for partner in queries.partners(actor.agency)
    ]
    context = {
        "rows": rows,
        "rules": actor.profile.releases,
        "may_enter": actor.may(REGISTER),
        "tab": "partners",
    }
    return render(request, "releases/partners.html", context)


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def enter(request: ActorRequest) -> HttpResponse:
    """Put a body on the register with the evidence of what it is."""
    form = PartnerForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with errors_in(form):
            made = partner_actions.enter_partner(
                name=form.cleaned_data["name"],
                ori=form.cleaned_data["ori"],
                finding=form.finding(),
                by=request.actor,
                now=timezone.now(),
            )
            messages.success(request, f"{made.name} is on the register.")
            return redirect("releases:partner", made.pk)
    context = {"form": form, "title": "Enter a partner", "submit": "Enter", "tab": "partners"}
    return form_page(request, "releases/partner_form.html", context)


@access(login=True, why=WHY)
@require_GET
def partner(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One body with every review of it and every request it made."""
    actor, found = request.actor, _known(request, pk)
    require_part(actor)
    context = {
        "partner": found,
        "stops": recipient_stops(actor.profile, found.fact, actor.today),
        "requests": queries.requests(actor.agency).filter(partner=found),
        "open_requests": reminding.open_requests(found),
        "uncollected": reminding.uncollected(found, actor.today),
        "is_due": step_of(found.latest.again_date, actor.today, actor.profile) is not None,
        "may_enter": actor.may(REGISTER),
        "may_manage": actor.may("accounts.manage"),
        "tab": "partners",
    }
    return render(request, "releases/partner.html", context)


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def review(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Review a body anew."""
    found = _known(request, pk)
    latest = found.latest
    initial = {name: getattr(latest, name) for name in ("kind", "state", "is_enforcement", "authority")}
    form = ReviewForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        with errors_in(form):
            partner_actions.review_partner(
                partner=found, finding=form.finding(), by=request.actor, now=timezone.now()
            )
            messages.success(request, "The review is on the register.")
            return redirect("releases:partner", pk)
    title = f"Review {found.name}"
    context = {
        "form": form,
        "title": title,
        "submit": "Enter the review",
        "partner": found,
        "tab": "partners",
    }
    return form_page(request, "releases/partner_form.html", context)


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def reopen(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Put a body on the register again, with a reason and a fresh review."""
    found = _known(request, pk)
    form = ReopeningForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with errors_in(form):
            partner_actions.reopen_partner(
                partner=found,
                reason=form.cleaned_data["reason"],
                finding=form.finding(),
                by=request.actor,
                now=timezone.now(),
            )
            messages.success(request, f"{found.name} is on the register again.")
            return redirect("releases:partner", pk)
    title = f"Put {found.name} on the register again"
    context = {"form": form, "title": title, "submit": "Put on again", "partner": found, "tab": "partners"}
    return form_page(request, "releases/partner_form.html", context)


@access(capability=REGISTER)
@require_http_methods(["GET", "POST"])
def end(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take a body off the register."""
    found = _known(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            partner_actions.end_partner(
                partner=found, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now()
            )
            messages.success(request, f"{found.name} is off the register and receives nothing.")
            return redirect("releases:partner", pk)
    title = f"Take {found.name} off the register"
    context = {"form": form, "title": title, "submit": "Take off", "partner": found, "tab": "partners"}
    return form_page(request, "releases/partner_form.html", context)


@access(login=True, why=WHY)
@require_GET
def document(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The evidence of a review, always as a download."""
    known = queries.reviews(request.actor.agency).exclude(document_sha256="")
    found = get_object_or_404(known, pk=pk)
    require_part(request.actor)
    return download(
        found.document_path, found.document_sha256, found.document_type, f"evidence-{found.partner_id}"
    )


def _known(request: ActorRequest, pk: UUID) -> Partner:
    return get_object_or_404(queries.partners(request.actor.agency), pk=pk)
