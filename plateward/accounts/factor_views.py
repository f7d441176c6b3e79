"""The second factor: given at log-in, set up, named and removed; recovery codes."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts import codes, factor_actions, security_keys, session_actions, steps
from plateward.accounts.factor_forms import (
    WRONG_CODE,
    WRONG_KEY,
    WRONG_RECOVERY,
    AnswerForm,
    AppForm,
    CodeForm,
    KeyForm,
    RecoveryForm,
)
from plateward.accounts.factor_rules import FactorKind, Purpose
from plateward.accounts.http import PersonRequest, address_of
from plateward.accounts.models import Factor, User
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.ui.qr import qr_code
from plateward.walls import scope

SECRET, QUESTION = "new-app", "asked-key"
OWN = "Everybody sets up and removes their own second factors."


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to give the second factor: its name, form, words for a wrong one, and how it is taken."""

    label: str
    form: type[forms.Form]
    wrong: str
    said: str
    take: Callable[[HttpRequest, User, str], bool]


def _take_code(request: HttpRequest, user: User, given: str) -> bool:
    del request
    return factor_actions.take_code(user=user, code=given, now=timezone.now())


def _take_answer(request: HttpRequest, user: User, given: str) -> bool:
    asked = request.session.pop(QUESTION, None)
    return asked is not None and factor_actions.take_answer(
        user=user, state=asked, answer=given, now=timezone.now()
    )


def _take_recovery(request: HttpRequest, user: User, given: str) -> bool:
    by = factor_actions.who(user, address_of(request))
    return factor_actions.take_recovery_code(user=user, code=given, by=by, now=timezone.now())


WAYS = MappingProxyType(
    {
        FactorKind.KEY.value: Way(
            label="Use a security key",
            form=AnswerForm,
            wrong=WRONG_KEY,
            said="wrong security key",
            take=_take_answer,
        ),
        FactorKind.APP.value: Way(
            label="Use an authenticator app",
            form=CodeForm,
            wrong=WRONG_CODE,
            said="wrong code",
            take=_take_code,
        ),
        "RECOVERY": Way(
            label="Use a recovery code",
            form=RecoveryForm,
            wrong=WRONG_RECOVERY,
            said="wrong recovery code",
            take=_take_recovery,
        ),
    }
)


@access(public=True, why="Step two of logging in: the session opens only with the second factor.")
@require_http_methods(["GET", "POST"])
@scope.as_system("Nobody is logged in between the two steps: the person is looked up among all.")
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """Take the second factor of somebody whose password was right; then open what they asked for."""
    known = steps.awaited(request, timezone.now())
    if known is None:
        return redirect("home")
    offered = _offered(known.user)
    chosen = request.GET.get("with", "")
    chosen = chosen if chosen in offered else offered[0]
    form = WAYS[chosen].form(request.POST or None)
    if form.is_valid() and _is_right(request, known.user, WAYS[chosen], form):
        return steps.enter(request, known, factor=chosen, now=timezone.now())
    context = {
        "form": form,
        "person": known.user,
        "chosen": chosen,
        "others": [(slug, WAYS[slug].label) for slug in offered if slug != chosen],
        "question": _asked(request, known.user) if chosen == FactorKind.KEY else "",
        "is_log_in": known.purpose is Purpose.LOG_IN,
    }
    return form_page(request, "accounts/second_factor.html", context)


def _offered(user: User) -> list[str]:
    """The ways this person has, the kind used last first."""
    lately = sorted(user.factors.all(), key=lambda factor: factor.used_at or factor.added_at, reverse=True)
    kinds = [*dict.fromkeys(factor.kind for factor in lately)]
    return [*kinds, "RECOVERY"] if user.recovery_codes.filter(used_at__isnull=True).exists() else kinds


@transaction.atomic
def _is_right(request: HttpRequest, known: User, way: Way, form: forms.Form) -> bool:
    """Check what was given like a password: failures are journaled and counted, one by one."""
    user = User.objects.select_for_update(of=("self",)).select_related("agency").get(pk=known.pk)
    (field,) = form.fields
    if user.locked_at is None and way.take(request, user, form.cleaned_data[field]):
        return True
    session_actions.refuse_session(
        username=user.username, address=address_of(request), wrong=way.said, now=timezone.now()
    )
    form.add_error(None if form.fields[field].widget.is_hidden else field, way.wrong)
    return False


def _asked(request: HttpRequest, user: User) -> str:
    """A new question to the person's keys, for the page; what checks the answer stays in the session."""
    keys = user.factors.filter(kind=FactorKind.KEY)
    return _question(request, security_keys.ask([bytes(key.secret) for key in keys]))


def _question(request: HttpRequest, question: security_keys.Question) -> str:
    request.session[QUESTION] = dict(question.state)
    return question.options


@access(login=True, partner=True, fresh=True, why=OWN)
@require_GET
def factors(request: PersonRequest) -> HttpResponse:
    """One's own second factors, and how many recovery codes are left."""
    held = list(request.user.factors.all())
    codes_made = request.user.recovery_codes.all()
    context = {
        "factors": held,
        "codes": len(codes_made),
        "codes_left": sum(code.used_at is None for code in codes_made),
    }
    return render(request, "accounts/factors.html", context)


@access(login=True, partner=True, fresh=True, why=OWN)
@require_http_methods(["GET", "POST"])
def add_app(request: PersonRequest) -> HttpResponse:
    """Set up an authenticator app: show its secret, and take the first code it makes of it."""
    sealed = _kept_secret(request)
    form = AppForm(request.POST or None, initial={"name": "Authenticator app"})
    if form.is_valid():
        with errors_in(form):
            made = factor_actions.add_app(
                session=request.login_session,
                sealed=sealed,
                **form.cleaned_data,
                by=request.actor.who,
                now=timezone.now(),
            )
            del request.session[SECRET]
            return _added(request, made, "The authenticator app is set up.")
    secret = codes.unseal(sealed, str(request.user.pk))
    account = f"{request.user.username} ({request.user.agency.short_name})"
    context = {
        "form": form,
        "qr": qr_code(codes.app_address(secret, account=account, issuer="Plateward")),
        "secret": codes.typed(secret),
        "account": account,
        "is_first": not request.user.factors.exists(),
    }
    return form_page(request, "accounts/add_app.html", context)


def _kept_secret(request: PersonRequest) -> bytes:
    """The sealed secret being set up; the same while it lasts, so that reloading the page spoils nothing."""
    if SECRET not in request.session:
        request.session[SECRET] = codes.seal(codes.new_secret(), str(request.user.pk)).hex()
    return bytes.fromhex(request.session[SECRET])


@access(login=True, partner=True, fresh=True, why=OWN)
@require_http_methods(["GET", "POST"])
def add_key(request: PersonRequest) -> HttpResponse:
    """Set up a security key or passkey."""
    form = KeyForm(request.POST or None, initial={"name": "Security key"})
    if form.is_valid():
        with errors_in(form):
            made = factor_actions.add_key(
                session=request.login_session,
                state=request.session.pop(QUESTION, {}),
                **form.cleaned_data,
                by=request.actor.who,
                now=timezone.now(),
            )
            return _added(request, made, "The security key is set up.")
    user = request.user
    question = security_keys.ask_new(
        user_id=user.pk.bytes,
        username=user.username,
        name=user.full_name,
        known=[bytes(key.secret) for key in user.factors.filter(kind=FactorKind.KEY)],
    )
    context = {
        "form": form,
        "question": _question(request, question),
        "is_first": not user.factors.exists(),
    }
    return form_page(request, "accounts/add_key.html", context)


def _added(request: PersonRequest, recovery: list[str], done: str) -> HttpResponse:
    if recovery:  # shown in the answer itself: nothing keeps them, nothing shows them again
        return _show_codes(request, recovery, done)
    messages.success(request, f"{done} Your other sessions ended.")
    return redirect("accounts:factors")


def _show_codes(request: PersonRequest, recovery: list[str], done: str) -> HttpResponse:
    context: dict[str, Any] = {"codes": recovery, "done": done, "person": request.user, "now": timezone.now()}
    return render(request, "accounts/recovery_codes.html", context)


@access(login=True, partner=True, fresh=True, why=OWN)
@require_POST
def remove_factor(request: PersonRequest) -> HttpResponse:
    """Take one of one's own second factors away."""
    try:
        gone = factor_actions.remove_factor(
            session=request.login_session,
            factor_id=UUID(request.POST.get("factor", "")),
            by=request.actor.who,
            now=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (ValueError, Factor.DoesNotExist):
        messages.warning(request, "This one is removed already.")
    else:
        messages.success(request, f"{gone.name} opens nothing any more. Your other sessions ended.")
    return redirect("accounts:factors")


@access(login=True, partner=True, fresh=True, why=OWN)
@require_POST
def renew_codes(request: PersonRequest) -> HttpResponse:
    """Make and show a new set of recovery codes."""
    made = factor_actions.renew_recovery_codes(
        session=request.login_session, by=request.actor.who, now=timezone.now()
    )
    return _show_codes(request, made, "The old recovery codes open nothing any more.")
