"""Where a request with a token gets in: the same person, rules and record as in the browser, no session."""

import logging
from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from plateward.accounts.http import address_of
from plateward.api import actions, problems, queries, rates, rules
from plateward.api.models import Token
from plateward.api.problems import Problem
from plateward.audit.local import JournalUnwritableError, NothingWritableError
from plateward.governance import hiding
from plateward.governance.actions import journal_refusal
from plateward.governance.actor import Actor
from plateward.governance.middleware import note_unrecorded
from plateward.governance.queries import PolicyUnavailableError, actor_for
from plateward.policy import Refused
from plateward.ui.access import AccessRule
from plateward.walls import scope

log = logging.getLogger(__name__)


class TokenDoor:
    """Decides about requests by token; governance's gate asks it."""

    def let_in(self, request: HttpRequest, rule: AccessRule) -> HttpResponse | None:
        """Put the token's person behind the request, or answer why not."""
        try:
            token = _token_of(request)
            scope.enter(token.agency_id)
            _enter(request, token, rule.capability or "")
        except (Problem, Refused, JournalUnwritableError, PolicyUnavailableError) as error:
            return self.refuse(request, error)
        return None

    def refuse(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Answer what stands against a request as a problem document; a policy's refusal is journaled."""
        actor: Actor | None = getattr(request, "actor", None)
        try:
            if isinstance(error, Refused) and actor is not None:
                attempted = f"{request.method} {request.path}"
                journal_refusal(actor=actor, decision=error.decision, attempted=attempted, now=timezone.now())
        except NothingWritableError as unwritable:
            error = unwritable
        if isinstance(error, JournalUnwritableError):
            note_unrecorded(request, actor, error)
        return _problem(error).response()


def _problem(error: Exception) -> Problem:
    """What an exception is to whoever asked."""
    match error:
        case Problem():
            return error
        case Refused():
            return problems.refusal(error.decision)
        case Http404():
            return Problem(problems.NOT_FOUND)
        case JournalUnwritableError():
            return Problem(problems.UNRECORDED)
        case PolicyUnavailableError():
            return Problem(problems.NO_POLICY, str(error))
    log.error("A request to the API failed", exc_info=error)
    return Problem(problems.FAULT)


def _token_of(request: HttpRequest) -> Token:
    """The token that was sent, whatever became of it. Raises Problem."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Problem(problems.TOKEN_MISSING)
    with scope.as_system("Which agency a token's person is of is known only when it is found."):
        token = queries.token_with(text.strip())
        if token is None:
            why = "it is not known"
            actions.refuse_token(token=None, why=why, address=address_of(request), now=timezone.now())
            raise Problem(problems.TOKEN_INVALID)
    return token


def _enter(request: HttpRequest, token: Token, capability: str) -> None:
    """Let the token's person do what the address is for. Raises Problem, Refused, PolicyUnavailableError."""
    now, address = timezone.now(), address_of(request)
    rates.spend_token(token, now)
    actor = replace(actor_for(token.user, at=now, address=address), token=str(token.pk))
    owner = queries.owner_facts(token.user, actor.roles)
    if why := rules.why_ended(token.facts, owner, now):
        actions.refuse_token(token=token, why=why, address=address, now=now)
        raise Problem(problems.TOKEN_INVALID, why)
    rates.spend_person(token, now)
    hiding.hide(actor.agency, actor.profile, now)
    request.actor, request.token = actor, token  # type: ignore[attr-defined]  # requests are open for attributes
    request.user = token.user
    timezone.activate(actor.profile.agency.time_zone)
    rules.may_hold(actor.profile, actor.title).require()
    rules.opens(token.facts, capability).require()
    actor.require(capability)
    if token.used_at is None or now - token.used_at >= rules.NOTED_EVERY:
        queries.note_use(token.pk, now, address)
