"""Logging in and out, locked sessions, passwords, one's own access, the roster, and certifying training."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts import (
    actions,
    entrance,
    factor_actions,
    identities,
    leaving,
    queries,
    rules,
    session_actions,
    steps,
)
from plateward.accounts.factor_rules import Purpose, Way
from plateward.accounts.forms import CertificationForm, LogInForm, PasswordForm, UnlockForm
from plateward.accounts.http import PersonRequest, SessionRequest, address_of
from plateward.accounts.models import LoginSession, User
from plateward.accounts.steps import Awaited
from plateward.policy import CAPABILITIES, Decision, enforces, may_use_system, positions_held
from plateward.policy.clearance import cleared
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.walls import scope


@enforces("B-466.6(a)", "H-426.5(a)")
class LogIn(LoginView):
    """Step one, who is it, by password: failures are journaled with the address they came from."""

    template_name = "accounts/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True
    extra_context = {"providers": identities.log_in_names}

    @scope.as_system("Which agency a username belongs to is known only when it is found.")
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the person and note what happened, whatever agency they are of."""
        return super().dispatch(request, *args, **kwargs)

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Compare and count in one transaction: the next guess at this account waits for its end."""
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponseBase:  # type: ignore[override]  # any answer will do
        user, now = form.get_user(), timezone.now()
        by = factor_actions.who(user, address_of(self.request))
        factor_actions.compare_password(user=user, password=form.cleaned_data["password"], by=by, now=now)
        known = Awaited(user=user, purpose=Purpose.LOG_IN, way=Way.PASSWORD, back=self.get_success_url())
        return steps.identified(self.request, known, now)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if all(form.cleaned_data.get(name) for name in ("username", "password", "acknowledged")):
            session_actions.refuse_session(
                username=form.cleaned_data["username"],
                address=address_of(self.request),
                now=timezone.now(),
            )
        return self.render_to_response(self.get_context_data(form=form), status=422)


log_in = access(public=True, why="Nobody is logged in before logging in.")(LogIn.as_view())


@access(
    public=True, why="A locked session shows nothing but this page, and leaves it by its person's factors."
)
@require_http_methods(["GET", "POST"])
@scope.as_system("A locked session's person is found before their agency is known.")
def locked(request: SessionRequest) -> HttpResponseBase:
    """Ask who it is again after inactivity, then go back to where the person was.

    A lock ends by the established procedure (CJIS AC-11), which has two factors (IA-2(1)).
    """
    session = entrance.session_of(request)
    if session is None:
        return redirect("accounts:login")
    request.login_session = session
    back = entrance.way_back(request)
    if not rules.is_idle(session.active_at, timezone.now()):
        return redirect(back)
    return _prove(request, Purpose.UNLOCK, back, "accounts/locked.html")


@access(
    login=True, partner=True, why="Everybody gives both factors again before a privileged act (CJIS IA-11)."
)
@require_http_methods(["GET", "POST"])
def prove(request: PersonRequest) -> HttpResponseBase:
    """Ask who it is before something privileged, then go back to its page."""
    return _prove(request, Purpose.PRIVILEGED, entrance.way_back(request), "accounts/prove.html")


def _prove(
    request: SessionRequest | PersonRequest, purpose: Purpose, back: str, template: str
) -> HttpResponseBase:
    by_password = identities.may_use_password(request.user, request.login_session)
    form = UnlockForm(request.POST or None) if by_password else None
    if form is not None and form.is_valid() and _knows_password(request, form, "password"):
        known = Awaited(user=request.user, purpose=purpose, way=Way.PASSWORD, back=back)
        return steps.identified(request, known, timezone.now())
    context = {
        "form": form,
        "person": request.user,
        "back": back,
        "provider": identities.provider_for(request.user),
    }
    return render(request, template, context, status=422 if form and form.errors else 200)


@transaction.atomic
def _knows_password(request: SessionRequest | PersonRequest, form: forms.Form, field: str) -> bool:
    """Check the person's present password like a log-in: failures are journaled and counted, one by one."""
    user = User.objects.select_for_update(of=("self",)).get(pk=request.user.pk)
    if user.locked_at is None and user.check_password(form.cleaned_data[field]):
        return True
    session_actions.refuse_session(username=user.username, address=address_of(request), now=timezone.now())
    form.add_error(field, "This is not your password, or your account is locked.")
    return False


@access(login=True, partner=True, why="Everybody changes their own password, above all a one-time one.")
@require_http_methods(["GET", "POST"])
def password(request: PersonRequest) -> HttpResponse:
    """Choose a new password; ends the person's other sessions."""
    form = PasswordForm(request.POST or None)
    if form.is_valid() and _knows_password(request, form, "old_password"):
        with errors_in(form):
            _change_password(request, form.cleaned_data["new_password"])
            messages.success(request, "Your password is changed.")
            return redirect("home")
    why = request.user.must_change_password(timezone.now())
    context = {"form": form, "why": why or "Your other sessions end when it is changed."}
    return form_page(request, "accounts/password.html", context)


@transaction.atomic
def _change_password(request: PersonRequest, chosen: str) -> None:
    user = User.objects.select_for_update().get(pk=request.user.pk)
    actions.change_password(user=user, password=chosen, by=request.actor.who, now=timezone.now())
    entrance.renew(request, user)


@access(login=True, partner=True, why="Everybody may end their own sessions.")
@require_POST
def end_session(request: PersonRequest) -> HttpResponse:
    """End one of one's own sessions."""
    try:
        chosen = UUID(request.POST.get("session", ""))
        session_actions.end_session(
            user=request.user, session_id=chosen, address=address_of(request), now=timezone.now()
        )
    except (ValueError, LoginSession.DoesNotExist):
        messages.warning(request, "This session has ended already.")
    else:
        messages.success(request, "The session is ended.")
    return redirect("accounts:me")


@access(
    login=True, partner=True, why="A page asks whether its own session is still open; it says nothing else."
)
@require_GET
def still_open(request: PersonRequest) -> HttpResponse:
    """Seconds until inactivity locks the session, as text; asking is no activity."""
    left = request.login_session.active_at + rules.LOCK_SESSION_AFTER - timezone.now()
    return HttpResponse(str(max(0, int(left.total_seconds()))), content_type="text/plain")


@access(public=True, why="Leaving is open to everybody; without a session it does nothing.")
@require_POST
@scope.as_system("Who leaves is found before their agency is known.")
def log_out(request: HttpRequest) -> HttpResponse:
    """Close the session."""
    user = request.user
    if isinstance(user, User):
        with transaction.atomic():
            now = timezone.now()
            session_actions.journal_session_closed(user=user, address=address_of(request), now=now)
            logout(request)
            leaving.left(user, now)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@access(
    login=True,
    partner=True,
    why="Everybody may see their own access, above all those whose training keeps them out.",
)
@require_GET
def me(request: PersonRequest) -> HttpResponse:
    """What this person may do, why, and what to do where something is missing."""
    actor = request.actor
    if request.user.is_partner:
        return render(request, "accounts/partner.html", _own_sessions(request))
    profile = actor.profile
    held = positions_held(profile, actor.title, actor.positions)
    context = {
        "user": request.user,
        "title": profile.titles.get(actor.title),
        "title_name": profile.title_name(actor.title),
        "positions": [profile.position_name(position) for position in sorted(held)],
        "training": may_use_system(profile, actor.title, actor.certifications, actor.today),
        "clearance": cleared(profile, queries.clearance_fact(request.user), actor.today),
        "admission": actor.admission,
        **_own_sessions(request),
        "certified": [(_course_name(request, fact.course), fact) for fact in actor.certifications],
        "abilities": _abilities(request),
        "may_see_alerts": actor.decide("alerts.view").allowed,
        "may_see_organization": actor.decide("governance.view").allowed,
    }
    return render(request, "accounts/me.html", context)


def _own_sessions(request: PersonRequest) -> dict[str, Any]:
    return {
        "sessions": request.user.sessions.filter(opened_at__gt=timezone.now() - rules.SESSION_LASTS),
        "this_session": request.login_session.pk,
        "factors": request.user.factors.all(),
    }


def _abilities(request: PersonRequest) -> list[tuple[str, Decision]]:
    """Each capability in words with the decision on it, what is allowed first."""
    decided = [(c.does[0].upper() + c.does[1:], request.actor.decide(c.id)) for c in CAPABILITIES.values()]
    return sorted(decided, key=lambda pair: not pair[1].allowed)


def _course_name(request: PersonRequest, course: str) -> str:
    known = request.actor.profile.training.courses.get(course)
    return known.name if known else course


@access(capability="governance.view")
@require_GET
def people(request: PersonRequest) -> HttpResponse:
    """The roster by title: who may use the system, and whose training keeps them out."""
    actor = request.actor
    manages = actor.decide("accounts.manage").allowed
    context = {
        "groups": queries.roster(actor.profile, actor.agency, actor.today),
        "may_certify": actor.decide("training.certify").allowed,
        "may_manage": manages,
        "may_create": manages and rules.may_create(actor.profile, actor.person).allowed,
        "me": actor.user_id,
    }
    return render(request, "accounts/people.html", context)


@access(capability="training.certify", fresh=True)
@require_http_methods(["GET", "POST"])
def certify(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Put somebody's completed training on file; nobody their own."""
    actor = request.actor
    person = get_object_or_404(User, pk=pk, agency_id=actor.agency)
    rules.may_certify(actor.profile, actor.person, str(person.pk)).require()
    form = CertificationForm(request.POST or None, profile=actor.profile, title=person.title)
    if form.is_valid():
        with errors_in(form):
            actions.certify_training(user=person, **form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, f"The training of {person.full_name} is on file.")
            return redirect("accounts:people")
    context: dict[str, Any] = {
        "form": form,
        "person": person,
        "title_name": actor.profile.title_name(person.title),
        "training": may_use_system(
            actor.profile, person.title, queries.certification_facts(person), actor.today
        ),
        "certifier": actor.profile.training.certifier,
    }
    return form_page(request, "accounts/certify.html", context)
