"""The pages on which a device's way in, and the log-in for its pictures, are set."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from plateward.devices import login_actions, way_actions
from plateward.devices.actions import ChangedMeanwhileError
from plateward.devices.forms import PictureLoginForm, WayForm
from plateward.devices.views import CHANGED_MEANWHILE, device_of, device_page, show_problems
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.vault.masters import MasterKeyError


@access(capability="devices.manage", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def way_in(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Choose a device's format, how it proves who it is, and from where it may send.

    Where it is to prove itself in another way, the answer shows what it needs for that, this once.
    """
    found = device_of(request, device_id)
    form = WayForm(request.POST or None, device=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed, given = way_actions.set_way_in(
                device=found,
                revision=form.cleaned_data["revision"],
                way_in=form.way_in(),
                by=request.actor.acting("devices.manage"),
                now=timezone.now(),
            )
        except ChangedMeanwhileError:
            messages.error(request, CHANGED_MEANWHILE)
            return redirect("devices:way", device_id=found.pk)
        except ValidationError as error:
            show_problems(form, error)
        except MasterKeyError as error:
            form.add_error("way", f"No secret could be issued. {error}")
        else:
            messages.success(request, "How it gets in is changed.")
            if given is not None:
                return device_page(request, changed, given)
            return redirect("devices:device", device_id=found.pk)
    page = {"form": form, "device": found}
    return render(request, "devices/way.html", page, status=422 if form.errors else 200)


@access(capability="devices.manage", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def picture_login(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Set what the camera asks for before it gives a picture."""
    found = device_of(request, device_id)
    form = PictureLoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            login_actions.set_picture_login(
                device=found,
                **form.cleaned_data,
                by=request.actor.acting("devices.manage"),
                now=timezone.now(),
            )
        except ValidationError as error:
            show_problems(form, error)
        except MasterKeyError as error:
            form.add_error("password", f"It could not be sealed, and is not kept. {error}")
        else:
            messages.success(request, "The log-in for its pictures is set.")
            return redirect("devices:device", device_id=found.pk)
    page = {"form": form, "device": found}
    return render(request, "devices/picture_login.html", page, status=422 if form.errors else 200)


@access(capability="devices.manage", fresh=True)
@require_POST
def remove_picture_login(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Take away the log-in for a device's pictures."""
    found = device_of(request, device_id)
    try:
        login_actions.remove_picture_login(
            device=found, by=request.actor.acting("devices.manage"), now=timezone.now()
        )
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "The log-in for its pictures is gone.")
    return redirect("devices:device", device_id=found.pk)
