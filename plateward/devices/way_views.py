"""The page on which a device's way in is chosen."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.devices import way_actions
from plateward.devices.actions import ChangedMeanwhileError
from plateward.devices.forms import WayForm
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
