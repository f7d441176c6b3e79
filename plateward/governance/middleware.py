"""The gate: every request passes the access rule its view declares, or is refused."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.deprecation import MiddlewareMixin

from plateward.accounts.entrance import changed_roles, hindrance, to_login
from plateward.accounts.models import User
from plateward.audit import local
from plateward.audit.local import JournalUnwritableError, NothingWritableError
from plateward.audit.who import Who
from plateward.governance import doors, hiding, portal
from plateward.governance.actions import journal_refusal
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, actor_for
from plateward.policy import Refused, enforces, is_vendor, window_missing
from plateward.ui.access import AccessRule, rule_of
from plateward.walls import scope

log = logging.getLogger(__name__)


@enforces("B-466.2¶2", "B-466.6", "H-426.5", "H-426.6¶2")
class GateMiddleware(MiddlewareMixin):
    """Enforces access rules, sets `request.actor`, and turns a Refused into a journaled 403 page.

    The database shows a request the rows of its person's agency, and none until that person is known.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer with no agency's rows in sight; `process_view` opens those of the person's."""
        if iscoroutinefunction(self.get_response):
            return self._awaited(request)
        with scope.as_nobody():
            return super().__call__(request)

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        with scope.as_nobody():
            return await cast(Awaitable[HttpResponseBase], super().__call__(request))

    def process_request(self, request: HttpRequest) -> None:
        """Until the rule is known, nobody is behind the request and no agency's clock is shown."""
        timezone.deactivate()
        request.actor = None  # type: ignore[attr-defined]  # Django requests are open for attributes

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Let the request through, ask for login, or raise Refused."""
        del args, kwargs
        rule = rule_of(view)
        if rule is None:
            raise ImproperlyConfigured(
                f"{view.__module__}.{view.__qualname__} declares no access rule: decorate it with @access"
            )
        if rule.public:
            return None
        if rule.token:
            return doors.door().let_in(request, rule)
        with scope.as_system("Which agency a session's person is of is known only when they are found."):
            is_known = request.user.is_authenticated
        if not is_known or not isinstance(request.user, User):
            return to_login(request)
        scope.enter(request.user.agency_id)
        elsewhere = hindrance(request, timezone.now(), fresh=rule.fresh)
        return self._let_in(request, request.user, rule) if elsewhere is None else elsewhere

    def _let_in(self, request: HttpRequest, user: User, rule: AccessRule) -> HttpResponseBase | None:
        """Put the person behind the request, unless roles or capabilities stand against it."""
        try:
            actor = actor_for(user, at=timezone.now(), address=request.META.get("REMOTE_ADDR", ""))
        except PolicyUnavailableError as missing:
            return render(request, "governance/no_policy.html", {"reason": str(missing)}, status=503)
        if (elsewhere := changed_roles(request, actor.roles)) is not None:
            return elsewhere
        hiding.hide(actor.agency, actor.profile, timezone.now())
        request.actor = actor  # type: ignore[attr-defined]  # see process_request
        timezone.activate(actor.profile.agency.time_zone)
        return self._barred(request, actor, rule)

    def _barred(self, request: HttpRequest, actor: Actor, rule: AccessRule) -> HttpResponseBase | None:
        if actor.organization and request.path == "/":
            return redirect(portal.home())
        if actor.organization and not rule.partner:
            return refusal_page(request, actor, Refused(portal.partner_barred(actor.organization)))
        if rule.partner and not rule.login and not actor.organization:
            return refusal_page(request, actor, Refused(portal.portal_only(actor.agency_name)))
        if is_vendor(actor.profile, actor.title) and not actor.standing.window:
            return turn_away(request, actor)
        if rule.capability:
            try:
                actor.require(rule.capability)
            except Refused as refused:
                return refusal_page(request, actor, refused)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Keep what a person was shown out of the browser's store: others may use the same screen."""
        if getattr(request, "actor", None) is not None and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A rule refused deeper down, or the journal cannot be written: note it and say why."""
        rule = rule_of(request.resolver_match.func) if request.resolver_match else None
        if rule is not None and rule.token:
            return doors.door().refuse(request, exception)
        actor: Actor | None = getattr(request, "actor", None)
        if isinstance(exception, Refused) and actor is not None:
            return refusal_page(request, actor, exception)
        if isinstance(exception, JournalUnwritableError):
            return unwritable_page(request, actor, exception)
        return None


def turn_away(request: HttpRequest, actor: Actor) -> HttpResponse:
    """End the session of vendor staff outside their maintenance window, saying whom to ask."""
    refused = Refused(window_missing(actor.profile, actor.title))
    request.actor = None  # type: ignore[attr-defined]  # see process_request
    answer = refusal_page(request, actor, refused)
    logout(request)
    return answer


def unwritable_page(request: HttpRequest, actor: Actor | None, error: JournalUnwritableError) -> HttpResponse:
    """Note the attempt in the local journal; say that nothing was shown or saved, and what to do (R133)."""
    nothing_writable = not note_unrecorded(request, actor, error)
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    context = {
        "is_sent": request.method not in {"GET", "HEAD"},
        "is_alert": namespace in {"alerts", "console"},
        "is_entry": namespace == "accounts",
        "clause": actor.profile.citation(actor.profile.records.access_documented_by) if actor else "",
        "nothing_writable": nothing_writable,
    }
    page = render(request, "ui/journal_unwritable.html", context, status=503)
    page["Retry-After"] = "60"
    add_never_cache_headers(page)
    return page


def note_unrecorded(request: HttpRequest, actor: Actor | None, error: JournalUnwritableError) -> bool:
    """Note in the local journal what was attempted; False when nothing can be written at all."""
    try:
        local.record(
            verb="governance.access.unrecorded",
            by=actor.who if actor else Who.system("web"),
            agency=actor.agency if actor else "",
            subject=f"accounts.User:{actor.user_id}" if actor else "",
            detail={"attempted": f"{request.method} {request.path}", "cause": str(error)[:200]},
            profile_version=actor.profile.version if actor else "",
            now=timezone.now(),
        )
    except NothingWritableError as neither:
        log.critical("Neither journal can be written: %s", neither)
        return False
    return not isinstance(error, NothingWritableError)


def refusal_page(request: HttpRequest, actor: Actor, refused: Refused) -> HttpResponse:
    """Journal the refusal in a transaction of its own, then show clause, reason and what to do."""
    attempted = f"{request.method} {request.path}"
    try:
        journal_refusal(actor=actor, decision=refused.decision, attempted=attempted, now=timezone.now())
    except NothingWritableError as error:
        return unwritable_page(request, actor, error)
    clause = actor.profile.clauses.get(refused.decision.clause)
    context = {"decision": refused.decision, "clause_title": clause.title if clause else ""}
    return render(request, "ui/refused.html", context, status=403)
