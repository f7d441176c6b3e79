"""Emergency access: asked for by anybody admitted, reviewed by whom the policy names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from plateward.audit.presenters import journal_row
from plateward.control import emergency_actions, standing
from plateward.control.forms import EmergencyForm, FindingForm
from plateward.control.models import EmergencyAccess
from plateward.control.rules import EmergencyState, emergency_state
from plateward.governance.actor import Actor
from plateward.governance.http import ActorRequest
from plateward.governance.queries import positions_of
from plateward.policy import CAPABILITIES, PersonFact, may_obtain, may_review
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

SHOWN = 100
WHY = "Anybody admitted may ask in an emergency; who may, and what is shown of others', the rules decide."


@access(login=True, why=WHY)
@require_http_methods(["GET", "POST"])
def emergencies(request: ActorRequest) -> HttpResponse:
    """Obtain emergency access, and see one's own and those one reviews.

    Asks for no fresh factors (CJIS IA-11): it gives nothing privileged, and the session rests on both.
    """
    actor, now = request.actor, timezone.now()
    allowed = may_obtain(actor.profile, actor.admission, actor.title, unreviewed=_unreviewed(request))
    form = EmergencyForm(request.POST or None)
    if request.method == "POST":
        allowed.require()
        if form.is_valid():
            emergency_actions.obtain(**form.cleaned_data, by=actor, now=now)
            return redirect("home")
    context = {
        "form": form,
        "allowed": allowed,
        "gives": _given(actor),
        "rules": actor.profile.emergency_access,
        "reviewer": actor.profile.position_name(actor.profile.emergency_access.reviewer.settled or ""),
        "emergencies": _seen(request, now),
    }
    return form_page(request, "control/emergencies.html", context)


@access(login=True, why="Everybody may give their own emergency access back.")
@require_POST
def end(request: ActorRequest) -> HttpResponse:
    """Give one's own emergency access back before its time."""
    try:
        emergency_actions.end(by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "Your emergency access is ended. It will be reviewed.")
    return redirect("control:emergencies")


@access(login=True, why="The rules are asked who may review it; nobody reviews themselves.")
@require_http_methods(["GET", "POST"])
def emergency(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Everything that was done under an emergency access, and its review."""
    actor, now = request.actor, timezone.now()
    found = get_object_or_404(standing.emergencies(actor.agency), pk=pk)
    done = emergency_actions.look_through(emergency=found, by=actor, now=now)
    form = FindingForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            emergency_actions.review(emergency=found, **form.cleaned_data, by=actor, now=now)
            messages.success(request, "The review is on record.")
            return redirect("control:emergencies")
    context = {
        **_shown(found, now),
        "form": form,
        "done": [journal_row(row, actor.profile) for row in done],
        "is_open": found.reviewed_at is None,
    }
    return form_page(request, "control/emergency.html", context)


def _unreviewed(request: ActorRequest) -> int:
    return request.user.emergencies.filter(reviewed_at__isnull=True).count()


def _given(actor: Actor) -> list[str]:
    return [CAPABILITIES[one].does for one in actor.profile.emergency_access.capabilities.settled or ()]


def _seen(request: ActorRequest, now: datetime) -> list[dict[str, Any]]:
    """One's own, and those whose review is this person's."""
    actor = request.actor
    shown = []
    for one in standing.emergencies(actor.agency)[:SHOWN]:
        person = PersonFact(str(one.user_id), one.user.title, positions_of(one.user, now))
        reviews = may_review(actor.profile, actor.person, person).allowed
        if reviews or one.user_id == actor.user_id:
            shown.append(_shown(one, now) | {"may_review": reviews})
    return shown


def _shown(one: EmergencyAccess, now: datetime) -> dict[str, Any]:
    state = emergency_state(one.until_at, one.reviewed_at, now)
    overdue = state is not EmergencyState.REVIEWED and now >= one.review_due_at
    return {"emergency": one, "state": state, "overdue": overdue}
