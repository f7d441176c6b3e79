"""The start page and the dispatch console. Everything shown of an alert is on record before it is shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from plateward.alerts import actions, presenters, queries
from plateward.alerts.actions import OpenedAlert
from plateward.alerts.models import Alert
from plateward.alerts.pictures import picture_urls
from plateward.alerts.presenters import Part
from plateward.alerts.priority import priorities
from plateward.alerts.rules import AlertStatus, Place, StepState
from plateward.audit import local
from plateward.audit.local import NothingWritableError
from plateward.console import home as start
from plateward.console.matching import matching_state
from plateward.control.standing import open_windows
from plateward.field.presenters import sent_part
from plateward.governance.http import ActorRequest
from plateward.notices import queries as notices
from plateward.notices.rules import is_overdue
from plateward.policy import dispatch_steps
from plateward.ui.access import access

NOTICES_SHOWN = 3
"""Notices on the start page, the most urgent; all are on their own page."""
SHOWN = 250
"""Alerts in the queue; with more open, the count says so."""


@access(login=True, why="Shows each person only what their capabilities give.")
@require_GET
def home(request: ActorRequest) -> HttpResponse:
    """What this person can do, and what waits for them."""
    actor, now = request.actor, timezone.now()
    context = {
        "notices": [(one, is_overdue(one.due_at, now)) for one in notices.waiting_for(actor)[:NOTICES_SHOWN]],
        "windows": list(open_windows(actor.agency, now)) if actor.may("governance.view") else [],
        "title": actor.profile.title_name(actor.title),
        "cards": start.cards_for(actor, now),
        "removals": start.removals_for(actor),
        # Without any card, either training or the title is missing; this says which.
        "why": actor.decide("reads.view"),
    }
    return render(request, "console/home.html", context)


@access(capability="alerts.view")
@never_cache
@require_GET
def dispatch(request: ActorRequest) -> HttpResponse:
    """The console with no alert opened."""
    return _console(request, _queue(request))


@access(capability="alerts.view")
@never_cache
@require_GET
def matching(request: ActorRequest) -> HttpResponse:
    """How matching stands; empty while it does as always. Shows nothing of anybody."""
    state = matching_state(request.actor.agency, timezone.now())
    return render(request, "console/_matching.html", {"state": state})


@access(capability="alerts.view")
@never_cache
@require_GET
def queue(request: ActorRequest) -> HttpResponse:
    """The queue alone, fetched on every live event; emptied, saying why, where no look can be recorded."""
    try:
        context = _queue(request)
    except NothingWritableError:
        return render(request, "console/_nothing.html")
    return render(request, "console/_queue.html", context)


@access(capability="alerts.view")
@never_cache
@vary_on_headers("HX-Request")
@require_GET
def alert(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One alert opened: beside the queue, or alone for a console that has it already."""
    found = _alert_or_404(request, pk)
    others = _delivered(request, found)
    context = _opened(request, found, others)
    if request.headers.get("HX-Request"):
        response = render(request, "console/_opened.html", context)
        response["HX-Trigger-After-Swap"] = "alert-opened"
        return response
    return _console(request, _queue(request, open_pk=pk) | context)


@access(capability="alerts.view")
@never_cache
@require_GET
def changes(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The parts of an opened alert that differ from those the screen has; 204 when none does.

    `?mine=1` follows an act of the person's own: the focus, whose button is gone, goes to what comes next,
    which is sent again even where the live stream was quicker.
    """
    found = _alert_or_404(request, pk)
    have = frozenset(request.GET.getlist("have"))
    others, now = _delivered(request, found), timezone.now()
    shown = queries.shown_to(request.actor, found)
    facts, seen = queries.facts_of(found), queries.last_seen(shown, shown.newest_hits)
    parts = [
        *presenters.parts(shown, facts, seen, request.actor, now, others),
        sent_part(shown, facts, request.actor),
    ]
    focus_id = _comes_next(parts) if "mine" in request.GET else ""
    changed = [part for part in parts if part.mark not in have or part.id == focus_id]
    if f"scene:{presenters.scene_version(seen)}" not in have:
        changed.append(_scene(request, found, actions.open_alert(by=request.actor, alert=found, now=now)))
    if not changed:
        return HttpResponse(status=204)
    return render(request, "console/_changes.html", {"parts": changed, "oob": True, "focus_id": focus_id})


def _comes_next(parts: Sequence[Part]) -> str:
    """The part with the step to work now; without one, the status."""
    steps = (part for part in parts if "shown" in part.context)
    return next(
        (step.id for step in steps if step.context["shown"].view.state == StepState.CURRENT), "status"
    )


def _alert_or_404(request: ActorRequest, pk: UUID) -> Alert:
    """The agency's alert with its hits; another agency's is a 404."""
    return get_object_or_404(queries.with_hits(request.actor.agency), pk=pk)


def _delivered(request: ActorRequest, found: Alert) -> list[Alert]:
    """Put on record that the alert is shown, and those named beside it: the queue may not reach to them."""
    others = queries.beside(found)
    actions.deliver(by=request.actor, alerts=[found, *others], place=Place.CONSOLE, now=timezone.now())
    return others


def _console(request: ActorRequest, context: Mapping[str, Any]) -> HttpResponse:
    """The whole screen, with how matching stands; later the screen asks for that itself."""
    state = matching_state(request.actor.agency, timezone.now())
    return render(request, "console/dispatch.html", {**context, "state": state})


def _queue(request: ActorRequest, open_pk: UUID | None = None) -> dict[str, Any]:
    shown = list(queries.open_alerts(request.actor.agency, request.actor.profile)[:SHOWN])
    actions.deliver(by=request.actor, alerts=shown, place=Place.CONSOLE, now=timezone.now())
    is_cut = len(shown) == SHOWN
    counted = queries.open_by_status(request.actor.agency) if is_cut else Counter(one.status for one in shown)
    rows = presenters.queue(shown, request.actor)
    return {
        "rows": [row for row in rows if not row.alert.is_late],
        "late": [row for row in rows if row.alert.is_late],
        "shown": len(rows),
        "has_priorities": bool(priorities(request.actor.profile)),
        "unheard": [row.alert.pk for row in rows if row.is_unheard],
        "may_work": request.actor.may("alerts.dispatch"),
        "total": sum(counted.values()),
        "unverified": counted.get(AlertStatus.UNVERIFIED, 0),
        "journal_down": local.since(),
        "open_id": str(open_pk or request.GET.get("open", "")),
    }


def _opened(request: ActorRequest, found: Alert, others: Sequence[Alert]) -> dict[str, Any]:
    now, actor = timezone.now(), request.actor
    opened = actions.open_alert(by=actor, alert=found, now=now)
    shown = queries.shown_to(actor, found)
    facts = queries.facts_of(found)
    parts = presenters.parts(shown, facts, opened.seen, actor, now, others)
    return {
        "alert": shown,
        "status": next(part for part in parts if part.id == "status"),
        "scene": _scene(request, found, opened),
        "entry": next(part for part in parts if part.id == "entry"),
        "where": next(part for part in parts if part.id == "where"),
        "steps": [part for part in parts if part.id.startswith("step-")],
        "confirmation": next(part for part in parts if part.id == "confirmation"),
        "disposition": next(part for part in parts if part.id == "disposition"),
        "holding": next(part for part in parts if part.id == "holding"),
        "log": next(part for part in parts if part.id == "log"),
        "note": next(part for part in parts if part.id == "note"),
        "sent": sent_part(shown, facts, actor),
        "movement": next(part for part in parts if part.id == "movement"),
        "beside": next(part for part in parts if part.id == "beside"),
        "picture_match": next(part for part in parts if part.id == "picture-match"),
        "hit_confirmation": next(part for part in parts if part.id == "hit-confirmation"),
        "excuse": next(part for part in parts if part.id == "excuse"),
        "has_limits": bool(actor.profile.dispatch.step_limits.settled),
        "has_procedure": bool(dispatch_steps(actor.profile)),
        "procedure": actor.profile.citation(actor.profile.dispatch.procedure),
    }


def _scene(request: ActorRequest, found: Alert, opened: OpenedAlert) -> Part:
    shown = queries.shown_to(request.actor, found)
    return presenters.scene_part(shown, opened.seen, picture_urls(opened, request.actor.user_id))
