"""The device register's pages."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts.models import Agency
from plateward.devices import actions, queries, way_actions
from plateward.devices.accuracy import accuracy_of, checked_of
from plateward.devices.activity import Activity, activity_of
from plateward.devices.forms import ChangeForm, RegisterForm, ServiceForm
from plateward.devices.health import WEEK
from plateward.devices.models import Device
from plateward.devices.panels import panels_of
from plateward.devices.presenters import past_week
from plateward.devices.way_presenters import way_facts
from plateward.devices.ways import Credentials, Way
from plateward.governance.http import ActorRequest
from plateward.governance.queries import missing_comment
from plateward.ui.access import access
from plateward.vault.masters import MasterKeyError

PAST_SHOWN = 10
CHANGED_MEANWHILE = (
    "Somebody else changed this entry meanwhile: it is shown as it is now. Make your change again."
)


@access(capability="devices.view")
@require_GET
def devices(request: ActorRequest) -> HttpResponse:
    """Every device of the agency, with what it did lately."""
    activity = activity_of(request.actor.agency, timezone.now())
    troubled = queries.open_problems(request.actor.agency)
    rows = [
        (device, activity.get(device.pk, Activity()), troubled.get(device.pk, ()))
        for device in queries.devices_of(request.actor.agency)
    ]
    return render(
        request,
        "devices/list.html",
        {
            "rows": rows,
            "troubled": len(troubled),
            "may_manage": request.actor.may("devices.manage"),
        },
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
    return device_page(request, device_of(request, device_id))


@access(capability="devices.manage", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def register(request: ActorRequest) -> HttpResponse:
    """Enter a device; the answer shows its key, this once. Sent again, it shows no key."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if known := Device.objects.filter(pk=form.new_id(), agency_id=request.actor.agency).first():
            messages.info(
                request, f"{known.name} is registered already. Its key was shown once; replace it if lost."
            )
            return redirect("devices:device", device_id=known.pk)
        try:
            registered, key = actions.register(
                agency=Agency.objects.get(pk=request.actor.agency),
                facts=form.facts(),
                device_id=form.new_id(),
                by=request.actor.acting("devices.manage"),
                now=timezone.now(),
            )
        except ValidationError as error:
            show_problems(form, error)
        else:
            if said := missing_comment(request.actor.profile, request.actor.agency, registered.kind):
                messages.warning(request, said)
            return device_page(request, registered, Credentials(way=Way.KEY, secret=key))
    return render(request, "devices/register.html", {"form": form}, status=422 if form.errors else 200)


@access(capability="devices.manage")
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Correct or move a device."""
    found = device_of(request, device_id)
    opened = {name: getattr(found, name) for name in ChangeForm.base_fields}
    form = ChangeForm(request.POST or None, initial=opened)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                device=found,
                revision=form.cleaned_data["revision"],
                facts=form.facts(),
                by=request.actor.acting("devices.manage"),
                now=timezone.now(),
            )
        except actions.ChangedMeanwhileError:
            messages.error(request, CHANGED_MEANWHILE)
            return redirect("devices:change", device_id=found.pk)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(
                request, "The register is changed. Reads taken before keep the facts of their time."
            )
            return redirect("devices:device", device_id=found.pk)
    page = {"form": form, "device": found}
    return render(request, "devices/change.html", page, status=422 if form.errors else 200)


@access(capability="devices.manage")
@require_http_methods(["GET", "POST"])
def service(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Put an installation, maintenance or repair on file."""
    found = device_of(request, device_id)
    now = timezone.now()
    form = ServiceForm(request.POST or None, initial={"done_date": timezone.localdate(now)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_service(
                device=found, **form.given(), by=request.actor.acting("devices.manage"), now=now
            )
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, f"On file for {found.name}.")
            return redirect("devices:device", device_id=found.pk)
    page = {"form": form, "device": found}
    return render(request, "devices/service.html", page, status=422 if form.errors else 200)


@access(capability="devices.manage", fresh=True)
@never_cache
@require_POST
def rotate_key(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Replace a device's key; the answer shows the new one, this once. Sent again, it replaces nothing."""
    found = device_of(request, device_id)
    if request.POST.get("issued") != issue_mark(found.key_issued_at):
        messages.info(
            request, "The key was replaced already and is shown once only. Replace it again if it is lost."
        )
        return redirect("devices:device", device_id=found.pk)
    try:
        given = way_actions.issue_anew(
            device=found, by=request.actor.acting("devices.manage"), now=timezone.now()
        )
    except MasterKeyError as error:
        messages.error(request, f"Nothing was replaced. {error}")
        return redirect("devices:device", device_id=found.pk)
    return device_page(request, device_of(request, device_id), given)


@access(capability="devices.manage", fresh=True)
@require_POST
def set_enabled(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Let a device send, or refuse what it sends."""
    found = device_of(request, device_id)
    enabled = request.POST.get("enabled") == "yes"
    actions.set_enabled(
        device=found, enabled=enabled, by=request.actor.acting("devices.manage"), now=timezone.now()
    )
    done = "may send again" if enabled else "is refused from now on"
    messages.success(request, f"{found.name} {done}.")
    return redirect("devices:device", device_id=found.pk)


def issue_mark(issued_at: datetime) -> str:
    """Names one issue of a key, so that a form sent twice replaces it once."""
    return issued_at.isoformat()


def show_problems(form: Form, error: ValidationError) -> None:
    """Each problem at its field."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, problems in error.message_dict.items():
        form.add_error(field if field in form.fields else None, problems)


def device_of(request: ActorRequest, device_id: UUID) -> Device:
    """The agency's own device. Raises Http404."""
    return get_object_or_404(Device, pk=device_id, agency_id=request.actor.agency)


def device_page(request: ActorRequest, shown: Device, given: Credentials | None = None) -> HttpResponse:
    """A device's page, once with the key or secret it was just given."""
    now = timezone.now()
    zone = timezone.get_current_timezone()
    problems = shown.problems.all()
    measure = request.actor.profile.accuracy.measure
    page = {
        "device": shown,
        "activity": activity_of(request.actor.agency, now).get(shown.pk, Activity()),
        "problems": [one for one in problems if one.ended_at is None] if shown.is_enabled else [],
        "past_problems": [one for one in problems if one.ended_at is not None][:PAST_SHOWN],
        "week": past_week(queries.hours_of_device(shown, now - WEEK), now),
        "accuracy": accuracy_of(checked_of(shown.pk), queries.reads_by_month(shown, zone), zone),
        "measure": measure.settled or "",
        "measure_clause": request.actor.profile.citation(measure),
        "sees_quarantine": request.actor.may("reads.quarantine"),
        "services": shown.services.all(),
        "given": given,
        "issued": issue_mark(shown.key_issued_at),
        "may_manage": request.actor.may("devices.manage"),
        "panels": panels_of(shown, request.actor, now),
    }
    return render(request, "devices/device.html", page | way_facts(shown, given, now))
