"""The supervisor's board: open alerts, what they wait for and who holds them, and the last 24 hours."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from plateward.alerts import actions, board, queries
from plateward.alerts.rules import AlertStatus, Place
from plateward.audit.local import NothingWritableError
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.ui.ages import age_text

SHOWN = 250
"""Alerts on the board; with more open, the count says so."""


@access(capability="alerts.oversee")
@never_cache
@require_GET
def show(request: ActorRequest) -> HttpResponse:
    """The board."""
    return render(request, "console/board.html", _board(request))


@access(capability="alerts.oversee")
@never_cache
@require_GET
def body(request: ActorRequest) -> HttpResponse:
    """The board's tables alone, fetched when something changed; emptied where no look can be recorded."""
    try:
        context = _board(request)
    except NothingWritableError:
        return render(request, "console/_nothing.html")
    return render(request, "console/_board.html", context)


def _board(request: ActorRequest) -> dict[str, Any]:
    actor, now = request.actor, timezone.now()
    found = list(queries.open_alerts(actor.agency, actor.profile)[:SHOWN])
    actions.deliver(by=actor, alerts=found, place=Place.BOARD, now=now)
    shown = [queries.shown_to(actor, one) for one in found]
    rows = board.waiting(shown, actor.profile, now)
    counted = queries.open_by_status(actor.agency)
    limits = board.limits(actor.profile)
    day = board.day(actor.agency, actor.profile, now)
    return {
        "rows": [(row, row.is_step_overdue(now), row.is_answer_overdue(now)) for row in rows],
        "total": sum(counted.values()),
        "unverified": counted.get(AlertStatus.UNVERIFIED, 0),
        "unheld": sum(row.alert.holder_id is None and not row.alert.is_late for row in rows),
        "overdue": sum(row.is_answer_overdue(now) for row in rows),
        "steps_overdue": sum(row.is_step_overdue(now) for row in rows),
        "limits": limits,
        "has_limits": any(limit for _, limit in limits),
        "limits_clause": actor.profile.citation(actor.profile.dispatch.step_limits),
        "day": day,
        "spans": [(span, _text(span.median), _text(span.longest)) for span in day.spans],
        "by_status": [(status.label, day.by_status.get(status, 0)) for status in AlertStatus],
    }


def _text(span: timedelta | None) -> str:
    return "–" if span is None else age_text(span.total_seconds())
