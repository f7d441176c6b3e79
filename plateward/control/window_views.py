"""Maintenance windows of the vendor's staff: opened, watched and closed by the department."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.control import standing, window_actions
from plateward.control.forms import WindowForm
from plateward.control.models import MaintenanceWindow
from plateward.control.rules import WindowState, window_state
from plateward.governance.http import ActorRequest
from plateward.policy import may_open_window
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

SHOWN = 100


@access(capability="governance.view")
@require_GET
def windows(request: ActorRequest) -> HttpResponse:
    """The windows, open and planned ones first."""
    actor, now = request.actor, timezone.now()
    shown = [_shown(window, now) for window in standing.windows(actor.agency)[:SHOWN]]
    context = {
        "windows": sorted(shown, key=lambda one: one["state"] is WindowState.CLOSED),
        "may_open": may_open_window(actor.profile, actor.person),
        "rules": actor.profile.vendor_access,
    }
    return render(request, "control/windows.html", context)


@access(capability="governance.view", fresh=True)
@require_http_methods(["GET", "POST"])
def open_window(request: ActorRequest) -> HttpResponse:
    """Let one of the vendor's staff in for a time."""
    actor = request.actor
    may_open_window(actor.profile, actor.person).require()
    form = WindowForm(request.POST or None, actor=actor, initial={"from_at": timezone.localtime()})
    if form.is_valid():
        with errors_in(form):
            opened = window_actions.open_window(**form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, "The window is on record. It closes by itself.")
            return redirect("control:window", opened.pk)
    context = {"form": form, "rules": actor.profile.vendor_access}
    return form_page(request, "control/open_window.html", context)


@access(capability="governance.view")
@require_GET
def window(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One window with every request that was made through it."""
    actor = request.actor
    found = _window(request, pk)
    context = {
        **_shown(found, timezone.now()),
        "requests": standing.requests_in(found),
        "may_close": may_open_window(actor.profile, actor.person),
    }
    return render(request, "control/window.html", context)


@access(capability="governance.view")
@require_POST
def close(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Close a window at once; the session in it ends. Shutting out waits for no second factor."""
    found = _window(request, pk)
    try:
        window_actions.close_window(window=found, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "The window is closed, and the session in it is ended.")
    return redirect("control:window", pk)


def _window(request: ActorRequest, pk: UUID) -> MaintenanceWindow:
    return get_object_or_404(standing.windows(request.actor.agency), pk=pk)


def _shown(window: MaintenanceWindow, now: datetime) -> dict[str, Any]:
    return {"window": window, "state": window_state(window.from_at, window.until_at, window.closed_at, now)}
