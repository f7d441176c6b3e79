"""The partners' portal: one's own requests and what became of them, and nothing else of the agency."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.policy import Decision
from plateward.releases import portal_actions, queries
from plateward.releases.forms import InvitationForm, PortalForm, ReasonForm
from plateward.releases.fulfilling_models import Fulfillment, Way
from plateward.releases.last_day_rules import may_collect
from plateward.releases.partner_actions import REGISTER
from plateward.releases.portal import account_of, own_accesses, own_requests
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.request_models import ReleaseDecision, ReleaseRequest, Verdict
from plateward.releases.rules import Act, RequestState, may_move, recipient_stops
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

WHY = "Partners submit requests and collect what was approved; they see their own alone."
PAGE = 50


@access(partner=True, why=WHY)
@require_GET
def home(request: ActorRequest) -> HttpResponse:
    """One's own requests."""
    actor = request.actor
    account = account_of(actor)
    page = Paginator(own_requests(actor), PAGE).get_page(request.GET.get("page"))
    stops = recipient_stops(actor.profile, account.partner.fact, actor.today)
    return render(request, "releases/portal.html", {"page": page, "partner": account.partner, "stops": stops})


@access(partner=True, why=WHY)
@require_http_methods(["GET", "POST"])
def submit(request: ActorRequest) -> HttpResponse:
    """Submit a request for data."""
    actor = request.actor
    account = account_of(actor)
    form = PortalForm(request.POST or None, request.FILES or None, actor=actor)
    if form.is_valid():
        with errors_in(form):
            asked = form.asked(actor.profile, actor.today)
            made = portal_actions.submit(asked=asked, by=actor, now=timezone.now())
            messages.success(request, f"Your request is on file as {made.number}.")
            return redirect("releases:portal-request", made.pk)
    return form_page(request, "releases/portal_new.html", {"form": form, "partner": account.partner})


@access(partner=True, why=WHY)
@require_GET
def one(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One of one's own requests, and what became of it."""
    return render(request, "releases/portal_request.html", _context(request, _known(request, pk)))


@access(partner=True, why=WHY)
@require_http_methods(["GET", "POST"])
def withdraw(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Withdraw one of one's own requests."""
    account_of(request.actor)
    found = get_object_or_404(own_requests(request.actor).filter(asked_by=request.user), pk=pk)
    may_move(RequestState(found.state), Act.WITHDRAW).require()
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            portal_actions.withdraw_own(
                request=found, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now()
            )
            messages.success(request, "The request is withdrawn. It stays on file.")
            return redirect("releases:portal-request", pk)
    return form_page(request, "releases/portal_withdraw.html", {"form": form, "found": found})


@access(partner=True, why=WHY)
@require_GET
def accesses(request: ActorRequest) -> HttpResponse:
    """The access records that one left here oneself (Civil Code § 1798.90.52)."""
    account_of(request.actor)
    page = Paginator(own_accesses(request.actor), PAGE).get_page(request.GET.get("page"))
    rows = [(row, queries.purpose_name(request.actor.profile, row.purpose)) for row in page.object_list]
    return render(request, "releases/portal_accesses.html", {"page": page, "rows": rows})


@access(capability=REGISTER, fresh=True)
@require_http_methods(["GET", "POST"])
def invite(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Give somebody of a partner an account; the one-time password is shown in the answer, once."""
    actor = request.actor
    partner = get_object_or_404(queries.partners(actor.agency), pk=pk)
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            account, password = portal_actions.invite(
                partner=partner, **form.cleaned_data, by=actor, now=timezone.now()
            )
            shown = {"account": account, "password": password, "partner": partner}
            return render(request, "releases/invited.html", shown)
    title = f"Invite somebody of {partner.name}"
    context = {"form": form, "title": title, "submit": "Invite", "partner": partner}
    return form_page(request, "releases/partner_form.html", context)


@access(capability=REGISTER, fresh=True)
@require_http_methods(["GET", "POST"])
def reopen(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Open a suspended or closed account again; the one-time password is shown in the answer, once."""
    actor = request.actor
    known = PartnerAccount.objects.filter(agency_id=actor.agency).select_related("partner", "user")
    account = get_object_or_404(known, pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            password = portal_actions.reopen_account(
                account=account, reason=form.cleaned_data["reason"], by=actor, now=timezone.now()
            )
            shown = {"account": account, "password": password, "partner": account.partner}
            return render(request, "releases/invited.html", shown)
    title = f"Open the account of {account.user.full_name} again"
    context = {"form": form, "title": title, "submit": "Open it again", "partner": account.partner}
    return form_page(request, "releases/partner_form.html", context)


def _known(request: ActorRequest, pk: UUID) -> ReleaseRequest:
    account_of(request.actor)
    return get_object_or_404(own_requests(request.actor), pk=pk)


def _to_collect(request: ActorRequest, found: ReleaseRequest) -> Fulfillment | None:
    mine = Fulfillment.objects.filter(request=found, collector=request.user, way=Way.PORTAL)
    return mine.select_related("package").first()


def _context(request: ActorRequest, found: ReleaseRequest) -> dict[str, Any]:
    to_collect = _to_collect(request, found)
    return {
        "found": found,
        "portal": True,
        "purpose": queries.purpose_name(request.actor.profile, found.purpose),
        "may_withdraw": found.asked_by_id == request.actor.user_id
        and may_move(RequestState(found.state), Act.WITHDRAW).allowed,
        "to_collect": to_collect,
        "may_collect": _may_collect(request, to_collect),
        "told": _told(found),
    }


def _may_collect(request: ActorRequest, left: Fulfillment | None) -> Decision | None:
    day = left.collect_by_date if left else None
    return may_collect(day, request.actor.today) if day else None


def _told(found: ReleaseRequest) -> list[ReleaseDecision]:
    """The decisions that count: approvals that came into force, none that a refusal undid."""
    decisions = list(found.decisions.all())
    refused = [one for one in decisions if one.verdict == Verdict.REFUSED]
    return refused or (decisions if found.approved_at else [])
