"""Positions, delegations, authorizations for data, units, and what one person may do and why."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.accounts.models import User
from plateward.governance.http import ActorRequest
from plateward.governance.models import DataAuthorization, Delegation, PositionHolding, Unit
from plateward.governance.organization import actions, presenters, queries
from plateward.governance.organization.forms import (
    AppointForm,
    AuthorizeForm,
    ContractForm,
    DelegateForm,
    NoteForm,
    PlaceForm,
    RelieveForm,
    UnitForm,
)
from plateward.governance.presenters import shown
from plateward.governance.queries import actor_for
from plateward.policy import (
    Decision,
    PersonFact,
    delegable,
    may_appoint,
    may_authorize,
    may_delegate,
    separation,
)
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page


@access(capability="governance.view")
@require_GET
def positions(request: ActorRequest) -> HttpResponse:
    """Who holds which position since when, who will and who did; what a vacancy stops."""
    profile, now = request.actor.profile, timezone.now()
    rows = presenters.positions(profile, now)
    words, holding = presenters.designee(profile, rows)
    context = {
        "tab": "positions",
        "rows": rows,
        "has_history": any(row.history for row in rows),
        "designee": words,
        "designee_holding": holding,
        "designee_ground": shown(profile, "Published", profile.public.designee_named),
        "may_appoint": may_appoint(profile, request.actor.person, None, ""),
        "findings": presenters.both_duties(profile, now),
    }
    return render(request, "organization/positions.html", context)


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def appoint(request: ActorRequest, position: str) -> HttpResponse:
    """Appoint somebody to a position; who may, the policy's rule decides."""
    actor = request.actor
    if position not in actor.profile.positions:
        raise Http404
    may_appoint(actor.profile, actor.person, None, position).require()
    name = actor.profile.position_name(position)
    form = AppointForm(request.POST or None, people=queries.members_of(actor.agency), profile=actor.profile)
    return _act(
        request,
        form,
        lambda given: actions.appoint_person(position=position, **given, by=actor, now=timezone.now()),
        title=f"Appoint the {name}",
        lead="Whoever holds the position until then is relieved at the same instant.",
        done=f"The {name} is appointed.",
        back="organization:positions",
    )


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def relieve(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Relieve the holder of a position, or call an appointment off before it begins."""
    actor = request.actor
    holding = get_object_or_404(PositionHolding, pk=pk, agency_id=actor.agency)
    may_appoint(actor.profile, actor.person, None, holding.position).require()
    name = actor.profile.position_name(holding.position)
    return _act(
        request,
        RelieveForm(request.POST or None),
        lambda given: actions.relieve(holding=holding, **given, by=actor, now=timezone.now()),
        title=f"Relieve {holding.user.full_name} as {name}",
        lead="The position is vacant from then on, and delegations given by its holder end.",
        done=f"{holding.user.full_name} is relieved.",
        back="organization:positions",
    )


@access(capability="governance.view")
@require_GET
def delegations(request: ActorRequest) -> HttpResponse:
    """What is delegated to whom, until when."""
    actor, now = request.actor, timezone.now()
    rules = actor.profile.organization
    context = {
        "tab": "delegations",
        "rows": presenters.delegations(actor.profile, list(queries.delegations_of_agency(actor.agency)), now),
        "own": presenters.delegators(actor),
        "delegators": shown(
            actor.profile,
            "Who delegates",
            rules.delegators,
            ", ".join(map(actor.profile.position_name, rules.delegators.settled or ())),
        ),
        "positions": actor.positions,
    }
    return render(request, "organization/delegations.html", context)


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def delegate(request: ActorRequest, position: str) -> HttpResponse:
    """Delegate capabilities of one's own position to a member."""
    actor = request.actor
    if position not in actor.profile.positions:
        raise Http404
    offered = delegable(actor.profile, position)
    _may_delegate(request, position).require()
    form = DelegateForm(
        request.POST or None,
        people=queries.members_of(actor.agency),
        profile=actor.profile,
        capabilities=offered,
    )
    name = actor.profile.position_name(position)
    return _act(
        request,
        form,
        lambda given: actions.delegate(position=position, **given, by=actor, now=timezone.now()),
        title=f"Delegate for the {name}",
        lead=f"What the member does by it is recorded as done for the {name}. It ends with your holding.",
        done="It is delegated.",
        back="organization:delegations",
    )


def _may_delegate(request: ActorRequest, position: str) -> Decision:
    """Whether this person may delegate anything of the position; to whom and what, the act decides."""
    actor = request.actor
    offered = delegable(actor.profile, position) or ("devices.view",)
    return may_delegate(actor.profile, actor.person, PersonFact("", actor.title), position, offered[0])


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def revoke_delegation(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take a delegation back."""
    actor = request.actor
    found = get_object_or_404(
        Delegation.objects.select_related("holding", "user"), pk=pk, agency_id=actor.agency
    )
    if found.holding.position not in actor.positions:
        _may_delegate(request, found.holding.position).require()
    return _act(
        request,
        NoteForm(request.POST or None),
        lambda given: actions.revoke_delegation(delegation=found, **given, by=actor, now=timezone.now()),
        title=f"Revoke the delegation to {found.user.full_name}",
        lead="It ends at once.",
        done="The delegation is revoked.",
        back="organization:delegations",
    )


@access(capability="governance.view")
@require_GET
def data(request: ActorRequest) -> HttpResponse:
    """Who is authorized for which data, by which authority, until when."""
    actor = request.actor
    profile, rules = actor.profile, actor.profile.organization
    context = {
        "tab": "data",
        "rows": presenters.authorizations(actor, list(queries.authorizations_of_agency(actor.agency))),
        "origins": [
            (origin, shown(profile, "Takes an authorization", origin.own_authorization))
            for origin in rules.data_origins.values()
        ],
        "may_authorize": _may_authorize(request),
    }
    return render(request, "organization/data.html", context)


def _granted_origins(request: ActorRequest) -> list[tuple[str, str]]:
    origins = request.actor.profile.organization.data_origins
    return [(key, one.name) for key, one in origins.items() if one.own_authorization.settled]


def _may_authorize(request: ActorRequest) -> Decision:
    origin = next((key for key, _ in _granted_origins(request)), "")
    return may_authorize(request.actor.profile, request.actor.person, None, origin)


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def authorize(request: ActorRequest) -> HttpResponse:
    """Authorize somebody for state or federal data."""
    actor = request.actor
    _may_authorize(request).require()
    form = AuthorizeForm(
        request.POST or None,
        people=queries.members_of(actor.agency),
        profile=actor.profile,
        origins=_granted_origins(request),
    )
    return _act(
        request,
        form,
        lambda given: actions.authorize_data(**given, by=actor, now=timezone.now()),
        title="Authorize access to data",
        lead="Without it, an entry of this data shows its plate and nothing else.",
        done="The authorization counts from now on.",
        back="organization:data",
    )


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def revoke_authorization(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Revoke an authorization for data."""
    actor = request.actor
    found = get_object_or_404(DataAuthorization, pk=pk, agency_id=actor.agency)
    may_authorize(actor.profile, actor.person, None, found.origin).require()
    return _act(
        request,
        NoteForm(request.POST or None),
        lambda given: actions.revoke_authorization(
            authorization=found, **given, by=actor, now=timezone.now()
        ),
        title=f"Revoke an authorization of {found.user.full_name}",
        lead=f"{presenters.origin_name(actor.profile, found.origin)}, until {found.until_date:%b %d, %Y}.",
        done="The authorization is revoked.",
        back="organization:data",
    )


@access(capability="governance.view")
@require_GET
def units(request: ActorRequest) -> HttpResponse:
    """The units with their supervisors and members, and the people in none."""
    rows, outside = presenters.units(request.actor.agency, timezone.now())
    context = {
        "tab": "units",
        "rows": rows,
        "outside": [(user, request.actor.profile.title_name(user.title)) for user in outside],
        "may_manage": request.actor.may("accounts.manage"),
    }
    return render(request, "organization/units.html", context)


@access(capability="accounts.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def create_unit(request: ActorRequest) -> HttpResponse:
    """Enter a unit of the department."""
    actor = request.actor
    return _act(
        request,
        UnitForm(request.POST or None, units=queries.units_of(actor.agency)),
        lambda given: actions.create_unit(**given, by=actor, now=timezone.now()),
        title="Enter a unit",
        lead="Where a unit has no supervisor, the one it is part of supervises its members.",
        done="The unit is entered.",
        back="organization:units",
    )


@access(capability="accounts.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def place(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Place somebody in a unit."""
    actor = request.actor
    unit = get_object_or_404(Unit, pk=pk, agency_id=actor.agency)
    form = PlaceForm(request.POST or None, people=queries.members_of(actor.agency), profile=actor.profile)
    return _act(
        request,
        form,
        lambda given: actions.place_in_unit(unit=unit, **given, by=actor, now=timezone.now()),
        title=f"Place somebody in {unit.name}",
        lead="They leave the unit they are in.",
        done=f"Placed in {unit.name}.",
        back="organization:units",
    )


@access(capability="governance.view")
@require_GET
def person(request: ActorRequest, pk: UUID) -> HttpResponse:
    """What one person may do, and why: by title, position or delegation, each with its clause."""
    found = get_object_or_404(User, pk=pk, agency_id=request.actor.agency)
    now = timezone.now()
    about = actor_for(found, at=now)
    context = {
        "person": found,
        "about": about,
        "abilities": presenters.abilities(about),
        "limit": presenters.limit_of(about),
        "data": presenters.data_access(about),
        "finding": separation(about.profile, about.person),
        "supervisors": queries.supervisor_of(found, now),
        "membership": queries.memberships_at(found.agency_id, now).filter(user=found).first(),
        "positions": [about.profile.position_name(each) for each in sorted(about.positions)],
        "is_contractor": presenters.is_contractor(about),
        "contract": queries.contracts_of(found).first(),
        "may_manage": request.actor.may("accounts.manage"),
    }
    return render(request, "organization/person.html", context)


@access(capability="accounts.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def contract(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record the contract that a contractor works under."""
    actor = request.actor
    found = get_object_or_404(User, pk=pk, agency_id=actor.agency)
    return _act(
        request,
        ContractForm(request.POST or None),
        lambda given: actions.record_contract(user=found, **given, by=actor, now=timezone.now()),
        title=f"Contract of {found.full_name}",
        lead="Independent contractors are named with the company and the contract they work under.",
        done="The contract is on record.",
        back=reverse("organization:person", args=[pk]),
    )


def _act(
    request: ActorRequest,
    form: forms.Form,
    do: Callable[[dict[str, Any]], object],
    *,
    title: str,
    lead: str,
    done: str,
    back: str,
) -> HttpResponse:
    """Show the form, or do the act and go back; mistakes come back with the form."""
    if form.is_valid():
        with errors_in(form):
            do(form.cleaned_data)
            messages.success(request, done)
            return redirect(back)
    context = {"form": form, "act_title": title, "lead": lead, "back_url": resolve_url(back)}
    return form_page(request, "organization/act.html", context)
