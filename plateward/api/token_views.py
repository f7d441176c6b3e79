"""One's own API tokens, and for account managers those of others."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts import rules as account_rules
from plateward.accounts.models import User
from plateward.api import actions, queries, rules
from plateward.api.forms import TokenForm
from plateward.api.models import Token
from plateward.governance.http import ActorRequest
from plateward.ui.access import access

OWN = "Everybody sees and ends their own tokens."


@access(login=True, why=OWN)
@require_GET
def tokens(request: ActorRequest) -> HttpResponse:
    """One's own tokens."""
    rules.may_hold(request.actor.profile, request.actor.title).require()
    context = {"tokens": queries.tokens_of(request.user, timezone.now()), "person": None}
    return render(request, "api/tokens.html", context)


@access(login=True, fresh=True, why="Everybody makes their own tokens, out of what they may do themselves.")
@require_http_methods(["GET", "POST"])
def make(request: ActorRequest) -> HttpResponse:
    """Make a token; the answer shows it, this once."""
    actor = request.actor
    actor.admission.require()
    rules.may_hold(actor.profile, actor.title).require()
    form = TokenForm(request.POST or None, actor=actor)
    if form.is_valid():
        token, text = actions.make_token(by=actor, **form.cleaned_data, now=timezone.now())
        return render(request, "api/made.html", {"token": token, "text": text})
    context = {"form": form, "nothing": not form.fields["capabilities"].choices}  # type: ignore[attr-defined]  # a choice field
    return render(request, "api/make.html", context, status=422 if form.errors else 200)


@access(capability="accounts.manage")
@require_GET
def of_person(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Somebody's tokens, for whoever manages accounts."""
    person = get_object_or_404(User, pk=pk, agency_id=request.actor.agency)
    may_end = account_rules.may_manage(request.actor.profile, request.actor.person, str(person.pk)).allowed
    context = {
        "tokens": queries.tokens_of(person, timezone.now()),
        "person": person,
        "may_end": may_end,
    }
    return render(request, "api/tokens.html", context)


@access(login=True, why=OWN + " Anybody else's are ended by whoever manages accounts, as the act decides.")
@require_POST
def revoke(request: ActorRequest, pk: UUID) -> HttpResponse:
    """End a token at once; leaving never asks for a second factor."""
    try:
        token = actions.revoke_token(by=request.actor, token_id=pk, now=timezone.now())
    except Token.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return redirect("api:tokens")
    messages.success(request, f"The token “{token.use}” opens nothing any more.")
    if token.user_id == request.actor.user_id:
        return redirect("api:tokens")
    return redirect("api:of-person", pk=token.user_id)
