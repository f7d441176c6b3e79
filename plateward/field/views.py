"""The officers' page: small screen first. Everything shown of an alert is on record before it is shown."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from plateward.alerts import actions as alert_actions
from plateward.alerts import presenters as alert_presenters
from plateward.alerts import queries as alert_queries
from plateward.alerts.forms import ConfirmationForm, DispositionForm, ExcuseForm
from plateward.alerts.models import Alert
from plateward.alerts.pictures import picture_urls
from plateward.alerts.rules import Place
from plateward.alerts.views import CHANGED, says_not_now
from plateward.field import actions, presenters, queries
from plateward.field.actions import Sent
from plateward.field.forms import SentForm, in_words
from plateward.field.models import FieldAct
from plateward.field.presenters import Card
from plateward.field.rules import ActKind, ActOutcome, readable_for
from plateward.governance.http import ActorRequest
from plateward.ui.access import access

OTHERS_SHOWN = 50
"""Open alerts of the agency that were not handed to the officer; with more open, the page says so."""


@access(capability="alerts.view")
@never_cache
@require_GET
def mine(request: ActorRequest) -> HttpResponse:
    """What was handed to this officer, whole, and the agency's other open alerts."""
    return render(request, "field/mine.html", _listed(request) | _page(request))


@access(capability="alerts.view")
@never_cache
@require_GET
def changes(request: ActorRequest) -> HttpResponse:
    """What differs from what the page shows: new cards, parts that changed, alerts that are gone."""
    have = frozenset(request.GET.getlist("have"))
    listed = _listed(request)
    cards: Sequence[Card] = listed["cards"]
    shown = set(request.GET.getlist("card"))
    here = {str(card.alert.pk) for card in cards}
    parts = [part for card in cards if str(card.alert.pk) in shown for part in (card.facts, card.acts)]
    context = listed | {
        "parts": presenters.changed(parts, have),
        "arrived": [card for card in cards if str(card.alert.pk) not in shown],
        "gone": sorted(shown - here),
        "oob": True,
    }
    return render(request, "field/_changes.html", context)


@access(capability="alerts.view")
@never_cache
@require_GET
def alert(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One alert with its pictures, and what the officer can do."""
    found = _alert_or_404(request, pk)
    now, actor = timezone.now(), request.actor
    alert_actions.deliver(by=actor, alerts=[found], place=Place.FIELD, now=now)
    opened = alert_actions.open_alert(by=actor, alert=found, now=now)
    shown = alert_queries.shown_to(actor, found)
    scene = alert_presenters.scene_part(shown, opened.seen, picture_urls(opened, actor.user_id))
    handed = queries.hand_overs_of(actor.user_id, [found]).get(pk)
    context = {"card": presenters.card(shown, handed, actor, now), "scene": scene, "alert": shown}
    return render(request, "field/alert.html", context | _page(request))


@access(capability="alerts.view")
@never_cache
@require_GET
def alert_changes(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The parts of the opened alert that differ from those the page shows; 204 when none does."""
    found, now = _alert_or_404(request, pk), timezone.now()
    have = frozenset(request.GET.getlist("have"))
    alert_actions.deliver(by=request.actor, alerts=[found], place=Place.FIELD, now=now)
    shown = alert_queries.shown_to(request.actor, found)
    handed = queries.hand_overs_of(request.actor.user_id, [found]).get(pk)
    card = presenters.card(shown, handed, request.actor, now)
    parts = presenters.changed([card.facts, card.acts], have)
    if not parts:
        return HttpResponse(status=204)
    return render(request, "field/_changes.html", {"parts": parts, "oob": True})


@access(capability="alerts.view")
@never_cache
@require_POST
def act(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take in what an officer did, now or without network: once, with an answer either way."""
    found = get_object_or_404(Alert.objects.select_related("entry"), pk=pk, agency_id=request.actor.agency)
    cover, now = SentForm(request.POST), timezone.now()
    if not cover.is_valid():
        raise BadRequest("The act's form is malformed.")
    kind: ActKind = cover.cleaned_data["kind"]
    given, problem, words = _given(request, found, kind)
    done_at, sent_at = cover.times(now)
    sent = Sent(
        act=cover.cleaned_data["act"],
        kind=kind,
        done_at=done_at,
        sent_at=sent_at,
        given=given,
        problem=problem,
        words=words,
    )
    made = actions.take_act(alert=found, sent=sent, by=request.actor, now=now)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"act": str(made.act), "outcome": made.outcome, "told": made.told})
    return _answered(request, pk, made)


def _answered(request: ActorRequest, pk: UUID, made: FieldAct) -> HttpResponse:
    if made.outcome == ActOutcome.DONE:
        messages.success(request, f"On record: {ActKind(made.kind).label}.")
    else:
        messages.error(request, made.told)
    return redirect("field:alert", pk=pk)


def _given(
    request: ActorRequest, found: Alert, kind: ActKind
) -> tuple[dict[str, Any], str, list[tuple[str, str]]]:
    """What was typed, for the act; else what is wrong with it. And in words either way."""
    profile = request.actor.profile
    form: Form
    match kind:
        case ActKind.ACKNOWLEDGE:
            return {}, "", []
        case ActKind.VERIFY:
            form = ConfirmationForm(request.POST, profile=profile)
        case ActKind.EXCUSE:
            form = ExcuseForm(request.POST)
        case ActKind.DISPOSE:
            form = DispositionForm(request.POST, profile=profile, facts=alert_queries.facts_of(found))
    # The act's id is that of the cover; of the form's own record the server makes one.
    form.fields.pop("act", None)
    if form.is_valid():
        return form.cleaned_data, "", in_words(form)
    problems = " ".join(str(problem) for field in form.errors.values() for problem in field)
    return {}, problems, in_words(form)


@access(capability="alerts.dispatch")
@never_cache
@require_POST
@says_not_now
def hand_over(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Hand an alert to an officer or a unit."""
    found = _alert_or_404(request, pk)
    form = presenters.hand_over_form(request.actor, request.POST)
    if not form.is_valid():
        shown = alert_queries.shown_to(request.actor, found)
        part = presenters.sent_part(shown, alert_queries.facts_of(found), request.actor, form)
        template = "alerts/_part.html" if request.headers.get("HX-Request") else "alerts/again.html"
        return render(request, template, {"part": part, "pk": pk, "form": form}, status=422)
    actions.hand_over(alert=found, by=request.actor, now=timezone.now(), **form.chosen())
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})
    return redirect("console:alert", pk=pk)


def _alert_or_404(request: ActorRequest, pk: UUID) -> Alert:
    """The agency's alert with its hits; another agency's is a 404."""
    return get_object_or_404(alert_queries.with_hits(request.actor.agency), pk=pk)


def _listed(request: ActorRequest) -> dict[str, Any]:
    """The officer's own alerts as cards, the others as rows; all of them delivered, on record."""
    actor, now = request.actor, timezone.now()
    own = list(queries.mine(actor))
    others = list(queries.others(actor)[:OTHERS_SHOWN])
    alert_actions.deliver(by=actor, alerts=[*own, *others], place=Place.FIELD, now=now)
    handed = queries.hand_overs_of(actor.user_id, own)
    return {
        "cards": [
            presenters.card(alert_queries.shown_to(actor, one), handed.get(one.pk), actor, now) for one in own
        ],
        "others": alert_presenters.queue(others, actor),
        "is_cut": len(others) == OTHERS_SHOWN,
    }


def _page(request: ActorRequest) -> dict[str, Any]:
    """What the page's program needs: whose it is, and how long it goes on showing this without network."""
    kept = readable_for(request.actor.profile)
    return {
        "person": str(request.actor.user_id),
        "readable_s": int(kept.total_seconds()),
        "readable": request.actor.profile.field.offline_for.settled,
        "clause": request.actor.profile.citation(request.actor.profile.field.offline_for),
    }
