"""Logging in and out, one's own access, the roster, and certifying training."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts import actions, queries, rules
from plateward.accounts.forms import CertificationForm, LogInForm
from plateward.accounts.http import PersonRequest
from plateward.accounts.models import User
from plateward.policy import CAPABILITIES, Decision, enforces, may_use_system, positions_held
from plateward.ui.access import access


@enforces("B-466.6(a)", "H-426.5(a)")
class LogIn(LoginView):
    """Opens a session; success and failure are journaled with the address they came from."""

    template_name = "accounts/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            actions.journal_session_opened(
                user=form.get_user(), address=address_of(self.request), now=timezone.now()
            )
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if form.cleaned_data.get("username") and form.cleaned_data.get("password"):
            actions.journal_session_refused(
                username=form.cleaned_data["username"],
                address=address_of(self.request),
                now=timezone.now(),
            )
        return self.render_to_response(self.get_context_data(form=form), status=422)


log_in = access(public=True, why="Nobody is logged in before logging in.")(LogIn.as_view())


def address_of(request: HttpRequest) -> str:
    """The network address a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


@access(public=True, why="Leaving is open to everybody; without a session it does nothing.")
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Close the session."""
    user = request.user
    if isinstance(user, User):
        with transaction.atomic():
            actions.journal_session_closed(user=user, address=address_of(request), now=timezone.now())
            logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@access(login=True, why="Everybody may see their own access, above all those whose training keeps them out.")
@require_GET
def me(request: PersonRequest) -> HttpResponse:
    """What this person may do, why, and what to do where something is missing."""
    actor = request.actor
    profile = actor.profile
    held = positions_held(profile, actor.title, actor.positions)
    context = {
        "user": request.user,
        "title": profile.titles.get(actor.title),
        "title_name": profile.title_name(actor.title),
        "positions": [profile.position_name(position) for position in sorted(held)],
        "training": may_use_system(profile, actor.title, actor.certifications, actor.today),
        "certified": [(_course_name(request, fact.course), fact) for fact in actor.certifications],
        "abilities": _abilities(request),
    }
    return render(request, "accounts/me.html", context)


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
    context = {
        "groups": queries.roster(actor.profile, actor.agency, actor.today),
        "may_certify": actor.decide("training.certify").allowed,
        "me": actor.user_id,
    }
    return render(request, "accounts/people.html", context)


@access(capability="training.certify")
@require_http_methods(["GET", "POST"])
def certify(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Put somebody's completed training on file; nobody their own."""
    actor = request.actor
    person = get_object_or_404(User, pk=pk, agency_id=actor.agency)
    rules.may_certify(actor.profile, actor.person, str(person.pk)).require()
    form = CertificationForm(request.POST or None, profile=actor.profile)
    if form.is_valid():
        try:
            actions.certify_training(user=person, **form.cleaned_data, by=actor, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
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
    return render(request, "accounts/certify.html", context, status=422 if form.errors else 200)
