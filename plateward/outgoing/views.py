"""The pages on which systems are set up, and on which it shows whether messages arrive."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.outgoing import actions, queries, rules, sending
from plateward.outgoing.forms import WHATS, SystemForm, category_choices
from plateward.outgoing.models import Message, System
from plateward.outgoing.rules import SystemKind
from plateward.policy import Profile, TellingWay
from plateward.policy.outgoing import plates_told, systems_told, way_of_telling
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.vault.masters import MasterKeyError


@access(capability="outgoing.manage")
@require_GET
def systems(request: ActorRequest) -> HttpResponse:
    """The systems, whether their messages arrive, and what the policy says of sending alerts on."""
    profile = request.actor.profile
    context = {
        "listed": queries.systems_of(request.actor.agency),
        **_policy(profile),
    }
    return render(request, "outgoing/systems.html", context)


@access(capability="outgoing.manage", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: ActorRequest) -> HttpResponse:
    """Set a system up; the answer shows its secret, this once."""
    systems_told(request.actor.profile).require()
    form = SystemForm(request.POST or None, profile=request.actor.profile)
    if form.is_valid():
        with errors_in(form):
            try:
                made, secret = actions.set_up(**form.cleaned_data, by=request.actor, now=timezone.now())
            except MasterKeyError as error:
                raise ValidationError(f"No secret could be made. {error}") from error
            return _page(request, made, secret)
    return form_page(request, "outgoing/set_up.html", {"form": form})


@access(capability="outgoing.manage")
@require_GET
def system(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One system: where it is, whether messages arrive, and the newest of them."""
    return _page(request, _system_of(request, pk, *SystemKind))


@access(capability="outgoing.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Change where a system is and what it hears of."""
    found = _system_of(request, pk)
    names = ("name", "purpose", "url", "whats", "categories")
    initial = {name: getattr(found, name) for name in names}
    form = SystemForm(request.POST or None, profile=request.actor.profile, initial=initial)
    if form.is_valid():
        with errors_in(form):
            actions.change(system_id=pk, **form.cleaned_data, by=request.actor, now=timezone.now())
            messages.success(request, "Changed.")
            return redirect("outgoing:system", pk=pk)
    return form_page(request, "outgoing/change.html", {"form": form, "system": found})


@access(capability="outgoing.manage", fresh=True)
@require_POST
def switch(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Switch a system on or off."""
    on = request.POST.get("on") == "1"
    _system_of(request, pk, *SystemKind)
    actions.switch(system_id=pk, on=on, by=request.actor, now=timezone.now())
    messages.success(request, "Switched on." if on else "Switched off. What waited for it is not sent.")
    return redirect("outgoing:system", pk=pk)


@access(capability="outgoing.manage", fresh=True)
@never_cache
@require_POST
def rotate(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Give a system a new secret; the answer shows it, this once."""
    _system_of(request, pk)
    try:
        changed, secret = actions.rotate(system_id=pk, by=request.actor, now=timezone.now())
    except MasterKeyError as error:
        messages.error(request, f"No secret could be made. {error}")
        return redirect("outgoing:system", pk=pk)
    return _page(request, changed, secret, is_further=True)


@access(capability="outgoing.manage", fresh=True)
@require_POST
def try_out(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Send a message that tells of no alert."""
    _system_of(request, pk)
    try:
        actions.try_out(system_id=pk, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "A test message is on its way. Look at this page again in a moment.")
    return redirect("outgoing:system", pk=pk)


@access(capability="outgoing.manage", fresh=True)
@require_POST
def replay(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Try a message again that was given up or not sent."""
    found = get_object_or_404(Message, pk=pk, agency_id=request.actor.agency)
    try:
        actions.replay(message_id=pk, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "It is tried again now.")
    return redirect("outgoing:system", pk=found.system_id)


def _system_of(request: ActorRequest, pk: UUID, *kinds: SystemKind) -> System:
    """A system of these kinds; none named: one that somebody set up."""
    known = System.objects.filter(kind__in=kinds or (SystemKind.WEBHOOK,))
    return get_object_or_404(known, pk=pk, agency_id=request.actor.agency)


def _page(
    request: ActorRequest, found: System, secret: str = "", *, is_further: bool = False
) -> HttpResponse:
    profile = request.actor.profile
    names, whats = dict(category_choices(profile)), {key.value: label for key, label in WHATS.items()}
    sent = [
        (one, rules.type_of(one.event.what if one.event else rules.TEST), queries.replayable(one))
        for one in queries.messages_of(found)
    ]
    listed = next(one for one in queries.systems_of(request.actor.agency) if one.system.pk == found.pk)
    context: dict[str, Any] = {
        "system": found,
        "listed": listed,
        "secret": secret,
        "is_further": is_further,
        "hears": [whats[what] for what in found.whats],
        "kinds": [names.get(key, key) for key in found.categories],
        "messages_sent": sent,
        **_policy(profile),
        "may_this": sending.goes_by(profile, SystemKind(found.kind)),
    }
    return render(request, "outgoing/system.html", context)


def _policy(profile: Profile) -> dict[str, Any]:
    """What the policy says of what leaves."""
    return {
        "may_send": systems_told(profile),
        "may_plates": plates_told(profile),
        "may_tell": [way_of_telling(profile, way) for way in TellingWay],
    }
