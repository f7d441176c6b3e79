"""“How I am told”: a person's own page of what they hear of alerts away from the console."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.outgoing import person_actions, person_rules, queries
from plateward.outgoing.models import Browser
from plateward.outgoing.person_forms import AddressForm, BrowserForm, TellingForm
from plateward.policy import CategoryPriority, Decision, TellingWay
from plateward.policy.outgoing import way_of_telling
from plateward.ui.access import access
from plateward.ui.acting import errors_in
from plateward.vault.masters import MasterKeyError

NO_SERVER: Final = "This installation has no mail server: the I.T. manager sets PLATEWARD_MAIL_HOST."


@dataclass(frozen=True, slots=True)
class WayShown:
    """A way, whether the agency decided on it, and what the installation lacks for it."""

    name: str
    decision: Decision
    lacks: str = ""


@access(capability="alerts.view")
@never_cache
@require_GET
def mine(request: ActorRequest) -> HttpResponse:
    """What one is told of, at which address and on which browsers, and what the policy says of it."""
    return _page(request)


@access(capability="alerts.view")
@require_POST
def choose(request: ActorRequest) -> HttpResponse:
    """Choose of which alerts one is told, and when."""
    form = _telling_form(request, bound=True)
    if form.is_valid():
        given = {"mail": [], "push": []} | form.cleaned_data
        try:
            with errors_in(form):
                person_actions.choose(**given, by=request.actor, now=timezone.now())
                messages.success(request, "Saved. It holds from the next alert on.")
                return redirect("told:mine")
        except MasterKeyError as error:
            form.add_error(None, f"No key for browsers could be made. {error}")
    return _page(request, form=form)


@access(capability="alerts.view")
@require_POST
def address(request: ActorRequest) -> HttpResponse:
    """Give one's address, or take it back."""
    form = AddressForm(request.POST)
    if form.is_valid():
        with errors_in(form):
            kept = person_actions.give_address(**form.cleaned_data, by=request.actor, now=timezone.now())
            said = "A link is on its way to it. Open it within a day." if kept.address else "Taken back."
            messages.success(request, said)
            return redirect("told:mine")
    return _page(request, address_form=form)


@access(capability="alerts.view")
@require_http_methods(["GET", "POST"])
def confirm(request: ActorRequest) -> HttpResponse:
    """Where the link in the e-mail leads: one button, since programs that scan mail open links too."""
    if request.method == "GET":
        return render(request, "outgoing/confirm.html", {"token": request.GET.get("token", "")})
    token = request.POST.get("token", "")
    try:
        person_actions.confirm_address(token=token, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "Your address counts now.")
    return redirect("told:mine")


@access(capability="alerts.view")
@require_POST
def add_browser(request: ActorRequest) -> HttpResponse:
    """Have this browser told."""
    form = BrowserForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "This browser did not say where it can be told. Try again, or another one.")
        return redirect("told:mine")
    try:
        person_actions.add_browser(**form.cleaned_data, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    except MasterKeyError as error:
        messages.error(request, f"No key could be made. {error}")
    else:
        messages.success(request, "This browser is told from now on. Send it a test message.")
    return redirect("told:mine")


@access(capability="alerts.view")
@require_POST
def remove_browser(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Have one of one's browsers told no more."""
    try:
        removed = person_actions.remove_browser(browser_id=pk, by=request.actor, now=timezone.now())
    except Browser.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, f"“{removed.name}” is told no more.")
    return redirect("told:mine")


@access(capability="alerts.view")
@require_POST
def try_mail(request: ActorRequest) -> HttpResponse:
    """Send a test message to one's address; to one that is not confirmed, its link again."""
    return _tried(request, None)


@access(capability="alerts.view")
@require_POST
def try_browser(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Send a test message to one of one's browsers."""
    return _tried(request, pk)


def _tried(request: ActorRequest, browser: UUID | None) -> HttpResponse:
    try:
        person_actions.try_telling(browser_id=browser, by=request.actor, now=timezone.now())
    except Browser.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "A message is on its way. If none comes, look at this page again.")
    return redirect("told:mine")


def _ways(request: ActorRequest) -> dict[TellingWay, WayShown]:
    profile, mail = request.actor.profile, settings.ENVIRONMENT.mail
    lacks = "" if mail and mail.domains else person_rules.NO_DOMAINS if mail else NO_SERVER
    return {
        TellingWay.MAIL: WayShown("E-mail", way_of_telling(profile, TellingWay.MAIL), lacks),
        TellingWay.PUSH: WayShown("On this browser", way_of_telling(profile, TellingWay.PUSH)),
    }


def _telling_form(request: ActorRequest, *, bound: bool) -> TellingForm:
    telling = queries.telling_of(request.actor.user_id)
    names = ("mail", "push", "least", "late_too", "quiet_from", "quiet_until")
    initial = {name: getattr(telling, name) for name in names} if telling else {"least": CategoryPriority.LOW}
    ways = [way for way, shown in _ways(request).items() if shown.decision]
    profile = request.actor.profile
    return TellingForm(request.POST if bound else None, profile=profile, ways=ways, initial=initial)


def _page(
    request: ActorRequest, form: TellingForm | None = None, address_form: AddressForm | None = None
) -> HttpResponse:
    ways, telling = _ways(request), queries.telling_of(request.actor.user_id)
    profile = request.actor.profile
    context: dict[str, Any] = {
        "ways": ways.values(),
        "may_any": any(shown.decision for shown in ways.values()),
        "mail": ways[TellingWay.MAIL],
        "push": ways[TellingWay.PUSH],
        "silent": profile.outgoing.told_by.silent,
        "nearest": profile.citation(profile.records.access_documented_by),
        "telling": telling,
        "form": form or _telling_form(request, bound=False),
        "address_form": address_form or AddressForm(initial={"address": telling.address if telling else ""}),
        "browsers": queries.browsers_of(request.actor.user_id),
        "last_mail": queries.last_mail(request.actor.user_id),
        "push_key": queries.push_key(request.actor.agency),
    }
    has_errors = any(one is not None and one.errors for one in (form, address_form))
    return render(request, "outgoing/mine.html", context, status=422 if has_errors else 200)
