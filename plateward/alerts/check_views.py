"""Checking a hit beside the steps: each view is one act."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from plateward.alerts import check_actions, presenters, queries
from plateward.alerts.forms import ExcuseForm, HitAnswerForm, HitRequestForm, PictureForm
from plateward.alerts.models import Alert, Hit, HitConfirmation
from plateward.alerts.presenters import Part
from plateward.alerts.views import again, alert_of, changed, says_not_now, seen_by
from plateward.governance.http import ActorRequest
from plateward.ui.access import access


@access(capability="alerts.view")
@require_POST
@says_not_now
def compare_picture(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record what the picture of a hit shows."""
    alert, actor, form = alert_of(request, pk), request.actor, PictureForm(request.POST)
    if not form.is_valid():
        seen = queries.sighting_of(alert, None)
        return again(
            request,
            pk,
            presenters.picture_part(seen_by(request, pk), queries.facts_of(alert), seen, actor, form),
        )
    try:
        check_actions.compare_picture(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    except Hit.DoesNotExist as unknown:
        raise Http404 from unknown
    return changed(request, pk)


@access(capability="alerts.dispose")
@require_POST
@says_not_now
def excuse(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record why verification is not practicable, before enforcement action."""
    alert, actor, form = alert_of(request, pk), request.actor, ExcuseForm(request.POST)
    if not form.is_valid():
        return again(
            request, pk, presenters.excuse_part(seen_by(request, pk), queries.facts_of(alert), actor, form)
        )
    check_actions.excuse_verification(alert=alert, **form.cleaned_data, by=actor, now=timezone.now())
    return changed(request, pk)


@access(capability="alerts.view")
@require_POST
@says_not_now
def ask_entering_agency(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record that the entering agency was asked to confirm the hit."""
    alert, form = alert_of(request, pk), HitRequestForm(request.POST)
    if not form.is_valid():
        return again(request, pk, _hit_part(request, alert, asking=form), form)
    check_actions.ask_entering_agency(alert=alert, **form.cleaned_data, by=request.actor, now=timezone.now())
    return changed(request, pk)


@access(capability="alerts.view")
@require_POST
@says_not_now
def record_hit_answer(request: ActorRequest, pk: UUID, request_pk: UUID) -> HttpResponse:
    """Record what the entering agency answered."""
    alert, form = alert_of(request, pk), HitAnswerForm(request.POST)
    asked = get_object_or_404(HitConfirmation, pk=request_pk, alert=alert)
    if not form.is_valid():
        return again(request, pk, _hit_part(request, alert, answering=form), form)
    check_actions.record_hit_answer(request=asked, **form.cleaned_data, by=request.actor, now=timezone.now())
    return changed(request, pk)


def _hit_part(
    request: ActorRequest,
    alert: Alert,
    asking: HitRequestForm | None = None,
    answering: HitAnswerForm | None = None,
) -> Part:
    facts, now, seen = queries.facts_of(alert), timezone.now(), seen_by(request, alert.pk)
    return presenters.hit_confirmation_part(seen, facts, request.actor, now, asking, answering)
