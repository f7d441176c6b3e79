"""The page of what waits for a person, and the count of it in the header."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from plateward.notices import actions, queries
from plateward.notices.actions import NotDoneBySeeingError
from plateward.notices.models import Notice
from plateward.notices.queries import Recipient
from plateward.notices.rules import is_overdue
from plateward.ui.access import access

WHY = "Shows each person only what waits for them."


class RecipientRequest(HttpRequest):
    """A request that passed the gate."""

    actor: Recipient


@access(login=True, why=WHY)
@require_GET
def for_you(request: RecipientRequest) -> HttpResponse:
    """What waits for this person, the most urgent first, and what was done lately."""
    part = request.headers.get("HX-Target") == "notices"
    return render(request, "notices/_list.html" if part else "notices/list.html", _context(request))


@access(login=True, why=WHY)
@require_GET
def badge(request: RecipientRequest) -> HttpResponse:
    """The count in the header, fetched again on every live event."""
    return render(request, "notices/_badge.html")


@access(login=True, why="A notice that is not this person's is not found.")
@require_POST
def note(request: RecipientRequest) -> HttpResponse:
    """End a notice that only had to be seen."""
    try:
        chosen = UUID(request.POST.get("notice", ""))
        actions.note(notice_id=chosen, by=request.actor, now=timezone.now())
    except (ValueError, Notice.DoesNotExist) as error:
        words = "This notice has ended already."
        messages.warning(request, str(error) if isinstance(error, NotDoneBySeeingError) else words)
    else:
        messages.success(request, "Noted.")
    return redirect("notices:for-you")


def _context(request: RecipientRequest) -> dict[str, Any]:
    now = timezone.now()
    waiting = [(one, is_overdue(one.due_at, now)) for one in queries.waiting_for(request.actor)]
    return {"waiting": waiting, "lately": queries.lately_done(request.actor)}
