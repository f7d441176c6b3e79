"""Logging in, unlocking and confirming through an agency's OpenID Connect provider.

A log-in finds the account that somebody linked to the identity beforehand; it never makes or guesses one.
What the provider says opens nothing that a password would not: state, lock and second factor count the same.
"""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts import entrance, identities, oidc, rules, session_actions, steps
from plateward.accounts.factor_rules import PROVIDERS_FACTOR, SECOND_STEP_WITHIN, Purpose, Way
from plateward.accounts.forms import NoticeForm
from plateward.accounts.http import address_of
from plateward.accounts.models import User
from plateward.accounts.oidc import AnswerRefusedError, ProviderDownError, Question, Said
from plateward.accounts.providers import Provider
from plateward.accounts.steps import Awaited
from plateward.ui.access import access
from plateward.ui.acting import form_page
from plateward.walls import scope

KEPT = "asked-provider"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a provider was asked, what for, and where its person wanted to go."""

    question: Question
    purpose: Purpose
    back: str
    at: datetime


@access(public=True, why="Nobody is logged in before logging in.")
@never_cache
@require_http_methods(["GET", "POST"])
@scope.as_system("Nobody is logged in yet; nothing but the browser session is written.")
def begin(request: HttpRequest, agency: str) -> HttpResponse:
    """Show the notice; acknowledged, send the browser to the agency's provider."""
    provider = _configured(agency)
    form = NoticeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _send(request, provider, Purpose.LOG_IN, entrance.way_back(request))
    context = {"form": form, "provider": provider}
    return form_page(request, "accounts/provider.html", context)


@access(public=True, why="A locked session leaves its page by its person's factors; without a session, none.")
@never_cache
@require_POST
@scope.as_system("A locked session's person is found before their agency is known.")
def again(request: HttpRequest) -> HttpResponseBase:
    """Have the provider ask who it is again: after inactivity, or before something privileged."""
    session = entrance.session_of(request)
    provider = identities.provider_for(session.user) if session else None
    if session is None or provider is None:
        return redirect("accounts:login")
    is_locked = rules.is_idle(session.active_at, timezone.now())
    purpose = Purpose.UNLOCK if is_locked else Purpose.PRIVILEGED
    return _send(request, provider, purpose, entrance.way_back(request))


@access(public=True, why="The provider sends the browser back here; the session opens only if all is right.")
@never_cache
@require_GET
@scope.as_system("Whose identity it is is known only when it is found.")
def returned(request: HttpRequest, agency: str) -> HttpResponseBase:
    """Take the provider's answer, find whose identity it is, and go on to the second factor."""
    provider, now = _configured(agency), timezone.now()
    asked = _taken(request, provider, now)
    if asked is None:  # a reloaded page, an old one, or one that nobody asked for: nothing to record
        return _problem(request, provider)
    try:
        said = oidc.said(
            provider,
            asked.question,
            request.GET.dict(),
            back=_return_address(provider),
            asked_at=asked.at,
            now=now,
        )
    except ProviderDownError as error:
        return _down(request, provider, error)
    except AnswerRefusedError as error:
        return _refused(request, provider, str(error))
    return _recognized(request, provider, asked, said, now)


def _recognized(
    request: HttpRequest, provider: Provider, asked: Asked, said: Said, now: datetime
) -> HttpResponseBase:
    """Let in whom the identity is linked to, unless their account or session stands against it."""
    identity = identities.linked_to(provider, said.subject)
    told = {"identity": said.subject, "account": said.account}
    if identity is None:
        return _refused(request, provider, "unlinked identity", told=told)
    user = identity.user
    session = entrance.session_of(request) if asked.purpose is not Purpose.LOG_IN else None
    if asked.purpose is not Purpose.LOG_IN and (session is None or session.user_id != user.pk):
        return _refused(request, provider, "identity of another than the session", user=user)
    gives_factor = provider.gives_factor(said.amr, said.acr)
    has_factor = session is not None and bool(session.factor)
    why = identities.why_not(user, gives_factor=gives_factor, has_session_factor=has_factor, now=now)
    if why:
        return _refused(request, provider, why, user=user)
    known = Awaited(user=user, purpose=asked.purpose, way=Way.PROVIDER, back=asked.back)
    return steps.identified(request, known, now, factor=PROVIDERS_FACTOR if gives_factor else "")


def _configured(agency: str) -> Provider:
    if (provider := identities.provider_of(agency)) is None:
        raise Http404
    return provider


def _return_address(provider: Provider) -> str:
    """Where the provider sends the browser back to, as it is registered there: one for each agency."""
    return f"{settings.ENVIRONMENT.base_url}{reverse('accounts:returned', args=[provider.agency])}"


def _send(request: HttpRequest, provider: Provider, purpose: Purpose, back: str) -> HttpResponse:
    question = Question.new()
    try:
        address = oidc.address_to_ask(provider, question, _return_address(provider))
    except ProviderDownError as error:
        return _down(request, provider, error)
    request.session[KEPT] = {
        "agency": provider.agency,
        "question": asdict(question),
        "purpose": purpose,
        "back": back,
        "at": timezone.now().isoformat(),
    }
    return render(request, "accounts/to_provider.html", {"provider": provider, "address": address})


def _taken(request: HttpRequest, provider: Provider, now: datetime) -> Asked | None:
    """What this browser asked this provider within ten minutes; it is answered once."""
    kept = request.session.pop(KEPT, None)
    if kept is None or kept["agency"] != provider.agency:
        return None
    at = datetime.fromisoformat(kept["at"])
    if not timedelta(0) <= now - at < SECOND_STEP_WITHIN:
        return None
    return Asked(Question(**kept["question"]), Purpose(kept["purpose"]), kept["back"], at)


def _refused(
    request: HttpRequest,
    provider: Provider,
    why: str,
    *,
    user: User | None = None,
    told: dict[str, str] | None = None,
) -> HttpResponse:
    """Journal why, and tell the person nothing of it: whoever is behind the browser may be anybody."""
    session_actions.refuse_identity(
        agency=provider.agency,
        user=user,
        why=why,
        address=address_of(request),
        detail={"provider": provider.name, **(told or {})},
        now=timezone.now(),
    )
    return _problem(request, provider)


def _problem(request: HttpRequest, provider: Provider) -> HttpResponse:
    context = {"provider": provider, "heading": "You were not let in", "back": reverse("accounts:login")}
    return render(request, "accounts/provider_problem.html", context, status=403)


def _down(request: HttpRequest, provider: Provider, error: ProviderDownError) -> HttpResponse:
    _log.warning("provider of %s: %s", provider.agency, error)
    context = {
        "provider": provider,
        "heading": f"{provider.name} does not answer",
        "back": reverse("accounts:login"),
        "is_down": True,
    }
    return render(request, "accounts/provider_problem.html", context, status=503)
