"""The page on which an entry is requested, whole or by a part of its plate."""

from collections.abc import Mapping
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from plateward.governance.http import ActorRequest
from plateward.hotlists import actions, lists, presenters, queries, rules
from plateward.hotlists.entry_forms import RequestForm
from plateward.hotlists.models import Entry
from plateward.ui.acting import errors_in


def requested(request: ActorRequest, form: RequestForm, template: str) -> HttpResponse:
    """Send a valid request, or show its form with what there is to say about it."""
    actor, now, same = request.actor, timezone.now(), list[Entry]()
    if form.is_valid():
        _, key = lists.spelled(form.cleaned_data["plate"])
        same = form.untold(queries.of_same_vehicle(actor.agency, key, now))
    if form.is_valid() and not same:
        with errors_in(form):
            made = actions.request_entry(
                **form.asked(), despite=form.cleaned_data["despite"].split(), by=actor, now=now
            )
            waits_for = presenters.deciders(actor.profile, actor.title)
            messages.success(
                request, f"Requested. It matches nothing before approval; it waits for: {waits_for}."
            )
            return redirect("hotlists:entry", pk=made.pk)
    form.ask_again(actor.profile)
    return request_page(request, form, template, {"same": presenters.rows(same, actor, now)})


def request_page(
    request: ActorRequest, form: RequestForm, template: str, more: Mapping[str, object]
) -> HttpResponse:
    """The page of a request: its form, who decides, and what else there is to say before it is sent."""
    profile, title = request.actor.profile, request.actor.title
    context = {
        "form": form,
        "decision": rules.may_request(profile, request.actor.person),
        "chain": presenters.chain_in_words(profile, title),
        "entering": presenters.entering_in_words(profile, title),
        "has_alternatives": presenters.has_alternatives(profile, title),
        "title": profile.title_name(title),
        "period": presenters.stays_for(profile),
        "may_watch": rules.may_be_partial(profile),
        "mandatory": presenters.mandatory_in_words(profile),
        **more,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or more.get("same") else HTTPStatus.OK
    return render(request, template, context, status=status)
