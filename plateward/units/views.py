"""Pages about units: the code that enrolls one, its transfer log, and signing in on one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.devices.models import Device
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.ui.acting import form_page
from plateward.units import actions, queries, sign_in_actions
from plateward.units.forms import CodeForm, RateForm
from plateward.units.models import SignIn, Unit
from plateward.units.presenters import log_of, report_of
from plateward.units.rules import CODE_LASTS

WHY = "Training, title and policy decide, and say what is missing; who else could confirm who sits there?"


@access(capability="devices.manage", fresh=True)
@never_cache
@require_POST
def code(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """A fresh code that enrolls the device, shown this once."""
    device = get_object_or_404(Device, pk=device_id, agency_id=request.actor.agency)
    now = timezone.now()
    try:
        made = actions.make_code(device=device, by=request.actor, now=now)
    except actions.NoUnitError as error:
        messages.error(request, str(error))
        return redirect("devices:device", device_id=device.pk)
    page = {
        "device": device,
        "code": made,
        "until": now + CODE_LASTS,
        "is_enrolled": queries.unit_of(device) is not None,
        "server": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "units/code.html", page)


@access(capability="devices.view")
@require_GET
def transfers(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """What of a unit's spools arrived, is missing and was thinned (B-466.5, H-426.4)."""
    unit = get_object_or_404(
        Unit.objects.select_related("device"), pk=device_id, agency_id=request.actor.agency
    )
    page = {
        "device": unit.device,
        "unit": unit,
        "report": report_of(unit),
        "logs": [log_of(spool) for spool in queries.spools_of(unit.device)],
    }
    return render(request, "units/transfers.html", page)


@access(login=True, why=WHY)
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: ActorRequest) -> HttpResponse:
    """Type the code that a unit shows; the address that the unit gives brings it along."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")[:20]})
    if request.method == "POST" and form.is_valid():
        try:
            found = sign_in_actions.find(
                typed=form.cleaned_data["code"], by=request.actor, now=timezone.now()
            )
        except sign_in_actions.NoSignInError as error:
            sign_in_actions.note_wrong_code(by=request.actor, now=timezone.now())
            form.add_error("code", str(error))
        else:
            return _ask(request, found)
    return render(request, "units/sign_in.html", {"form": form}, status=422 if form.errors else 200)


def _ask(request: ActorRequest, found: SignIn) -> HttpResponse:
    page = {
        "sign_in": found,
        "device": found.device,
        "others": queries.signed_in(found.device_id, timezone.now()),
        "lasts": request.actor.profile.field.unit_sign_in_for.settled,
        "clause": request.actor.profile.citation(request.actor.profile.field.unit_sign_in_for),
    }
    return render(request, "units/confirm.html", page)


@access(login=True, why=WHY)
@never_cache
@require_POST
def decide(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The person says whether it is they."""
    found = get_object_or_404(SignIn.objects.select_related("device"), pk=pk, agency_id=request.actor.agency)
    is_confirmed = request.POST.get("answer") == "yes"
    try:
        sign_in_actions.decide(sign_in=found, is_confirmed=is_confirmed, by=request.actor, now=timezone.now())
    except sign_in_actions.NoSignInError as error:
        messages.error(request, str(error))
        return redirect("units:sign-in")
    if is_confirmed:
        messages.success(
            request, f"You are signed in on {found.device.name}. Choose a PIN on its screen now."
        )
    else:
        messages.warning(request, f"Nobody is signed in on {found.device.name} by this code.")
    return redirect("units:sign-in")


@access(capability="devices.manage")
@require_http_methods(["GET", "POST"])
def rate(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """How fast a unit may send, such as over a mobile network that others use as well."""
    found = Unit.objects.select_related("device")
    unit = get_object_or_404(found, pk=device_id, agency_id=request.actor.agency)
    form = RateForm(request.POST or None, initial={"kilobytes": unit.upload_kb_per_s})
    if request.method == "POST" and form.is_valid():
        limit = form.cleaned_data["kilobytes"]
        actions.limit_upload(unit=unit, kilobytes_per_s=limit, by=request.actor, now=timezone.now())
        messages.success(request, f"{unit.device.name} is told the next time it asks.")
        return redirect("devices:device", device_id=unit.pk)
    return form_page(request, "units/rate.html", {"form": form, "device": unit.device})
