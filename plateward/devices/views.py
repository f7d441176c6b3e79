"""The device register's pages."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts.models import Agency
from plateward.devices import actions, queries
from plateward.devices.activity import Activity, activity_of
from plateward.devices.forms import RegisterForm
from plateward.devices.models import Device, DeviceKind
from plateward.governance.http import ActorRequest
from plateward.ui.access import access


@access(capability="devices.view")
@require_GET
def devices(request: ActorRequest) -> HttpResponse:
    """Every device of the agency, with what it did lately."""
    activity = activity_of(request.actor.agency, timezone.now())
    rows = [
        (device, activity.get(device.pk, Activity())) for device in queries.devices_of(request.actor.agency)
    ]
    return render(
        request,
        "devices/list.html",
        {"rows": rows, "may_manage": request.actor.may("devices.manage")},
    )


@access(capability="devices.view")
@require_GET
def geojson(request: ActorRequest) -> HttpResponse:
    """The same for the map."""
    found = queries.as_geojson(request.actor.agency)
    return JsonResponse(found, content_type="application/geo+json")


@access(capability="devices.view")
@require_GET
def device(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """One device."""
    return _device_page(request, _device(request, device_id))


@access(capability="devices.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def register(request: ActorRequest) -> HttpResponse:
    """Enter a device; the answer shows its key, this once."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            registered, key = actions.register(
                **form.cleaned_data | {"kind": DeviceKind(form.cleaned_data["kind"])},
                agency=Agency.objects.get(pk=request.actor.agency),
                by=request.actor.who,
                now=timezone.now(),
            )
        except ValidationError as error:
            for field, problems in error.message_dict.items():
                form.add_error(field if field in form.fields else None, problems)
        else:
            return _device_page(request, registered, new_key=key)
    return render(request, "devices/register.html", {"form": form}, status=422 if form.errors else 200)


@access(capability="devices.manage")
@never_cache
@require_POST
def rotate_key(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Replace a device's key; the answer shows the new one, this once."""
    found = _device(request, device_id)
    key = actions.rotate_key(device=found, by=request.actor.who, now=timezone.now())
    return _device_page(request, _device(request, device_id), new_key=key)


@access(capability="devices.manage")
@require_POST
def set_enabled(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Let a device send, or refuse what it sends."""
    found = _device(request, device_id)
    enabled = request.POST.get("enabled") == "yes"
    actions.set_enabled(device=found, enabled=enabled, by=request.actor.who, now=timezone.now())
    done = "may send again" if enabled else "is refused from now on"
    messages.success(request, f"{found.name} {done}.")
    return redirect("devices:device", device_id=found.pk)


def _device(request: ActorRequest, device_id: UUID) -> Device:
    return get_object_or_404(Device, pk=device_id, agency_id=request.actor.agency)


def _device_page(request: ActorRequest, shown: Device, new_key: str | None = None) -> HttpResponse:
    activity = activity_of(request.actor.agency, timezone.now()).get(shown.pk, Activity())
    page = {
        "device": shown,
        "activity": activity,
        "new_key": new_key,
        "may_manage": request.actor.may("devices.manage"),
    }
    return render(request, "devices/device.html", page)
