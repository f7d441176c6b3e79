"""What stands before every page of a logged-in person.

An open session, used lately; an own password; a second factor; and for what is privileged, both given lately.

Requests that a page makes by itself (event stream, refreshed parts) carry BACKGROUND and are no activity: an
open console does not keep a session alive (CJIS AC-11).
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from plateward.accounts import factor_rules, rules
from plateward.accounts.factor_rules import Way
from plateward.accounts.models import LoginSession, User
from plateward.accounts.session_actions import end_sessions

BACKGROUND = "X-Plateward-Background"
NOTED_EVERY = timedelta(seconds=30)
"""Activity is written down this often at most: a row is not changed for every picture on a page."""

NO_ACTIVITY = {"accounts:still-open", "live:stream"}

PASSWORD_PAGES = {"accounts:password", "accounts:still-open"}
"""What is open to somebody whose password must be changed."""

FACTOR_PAGES = {"accounts:factors", "accounts:add-app", "accounts:add-key", "accounts:prove"} | PASSWORD_PAGES
"""What is open to somebody without a second factor, or whose roles changed.

Setting a factor up needs a password given lately, so that the page which asks for it again is open too.
"""

NOT_SENT = (
    "What you sent was not done: it needs your password and second factor given lately, and since your title "
    "and positions changed. Give them now, then do it again."
)


def session_of(request: HttpRequest) -> LoginSession | None:
    """The record of the request's session; None for one that was not opened by logging in, or has ended."""
    if not isinstance(request.user, User):
        return None
    found = LoginSession.objects.filter(session_id=request.session.session_key, user=request.user).first()
    if found is not None:
        found.user = request.user
    return found


def hindrance(request: HttpRequest, now: datetime, *, fresh: bool) -> HttpResponseBase | None:
    """Where the request must go instead: to log in, to unlock, to choose a password, to a second factor.

    None lets it through. `fresh` says that the page is privileged.
    """
    session = session_of(request)
    if session is None or now - session.opened_at >= rules.SESSION_LASTS:
        logout(request)
        return to_login(request)
    if rules.is_idle(session.active_at, now):
        return _to_lock(request)
    request.login_session = session  # type: ignore[attr-defined]  # requests are open for attributes
    name = request.resolver_match.view_name if request.resolver_match else ""
    if is_activity(request, name) and now - session.active_at >= NOTED_EVERY:
        LoginSession.objects.filter(pk=session.pk).update(active_at=now)
    must_change = session.way != Way.PROVIDER and session.user.must_change_password(now)
    # Every link of the menu would lead back to where this person is held.
    request.is_confined = bool(must_change) or not session.factor  # type: ignore[attr-defined]  # as above
    if must_change and name not in PASSWORD_PAGES:
        return _whole_page(request, resolve_url("accounts:password"))
    if not session.factor and name not in FACTOR_PAGES:
        return _whole_page(request, resolve_url("accounts:factors"))
    sent = request.method not in {"GET", "HEAD"}
    if fresh and not factor_rules.is_fresh(session.proved_at, now, is_sent=sent):
        return _to_prove(request, is_sent=sent)
    return None


def is_fresh(request: HttpRequest, now: datetime) -> bool:
    """Whether a privileged page would open: those that lead to one ask, so that nobody types in vain."""
    session: LoginSession = request.login_session  # type: ignore[attr-defined]  # set by hindrance
    return factor_rules.is_fresh(session.proved_at, now)


def changed_roles(request: HttpRequest, roles: str) -> HttpResponseBase | None:
    """Where the request must go because its person's `roles` changed since both factors were given.

    None lets it through (CJIS IA-11: re-authentication when roles change).
    """
    session: LoginSession = request.login_session  # type: ignore[attr-defined]  # set by hindrance
    if not session.roles:
        LoginSession.objects.filter(pk=session.pk).update(roles=roles)
    name = request.resolver_match.view_name if request.resolver_match else ""
    if session.roles in {"", roles} or name in FACTOR_PAGES:
        return None
    return _to_prove(request, is_sent=request.method not in {"GET", "HEAD"})


def is_activity(request: HttpRequest, view_name: str) -> bool:
    """Whether a person did this, and not their page by itself. What changes something always counts."""
    if request.method not in {"GET", "HEAD"}:
        return True
    return view_name not in NO_ACTIVITY and BACKGROUND not in request.headers


def to_login(request: HttpRequest) -> HttpResponseBase:
    """Full pages are sent to the login page; an htmx fragment sends the whole page there."""
    if request.headers.get("HX-Request"):
        return _whole_page(request, resolve_url("accounts:login"))
    if request.method not in {"GET", "HEAD"}:  # what was sent is lost; its address alone shows nothing
        return redirect("accounts:login")
    return redirect_to_login(request.get_full_path())


def _to_lock(request: HttpRequest) -> HttpResponseBase:
    """To the lock page, which leads back to the page that was open; a part's own address is no page."""
    if request.headers.get("HX-Request"):
        back = _page(request)
    else:
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return _whole_page(request, f"{resolve_url('accounts:locked')}?{urlencode({'next': back})}")


def _to_prove(request: HttpRequest, *, is_sent: bool) -> HttpResponseBase:
    """To give both factors again, then back to the page. What was sent is not done; the person is told so."""
    page = _page(request) or request.get_full_path()
    if is_sent:
        messages.warning(request, NOT_SENT)
        page = _page(request) or _path(request.headers.get("Referer", "")) or "/"
    return _whole_page(request, f"{resolve_url('accounts:prove')}?{urlencode({'next': page})}")


def _page(request: HttpRequest) -> str:
    """The page that an htmx request comes from; empty for others."""
    return _path(request.headers.get("HX-Current-URL", "")) if request.headers.get("HX-Request") else ""


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _whole_page(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return redirect(url)


def way_back(request: HttpRequest) -> str:
    """The page of this site that `next` names, else the home page."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if here and back.startswith("/") else resolve_url("home")


@transaction.atomic
def renew(request: HttpRequest, user: User) -> None:
    """Go on under a new key after a changed password, and end the person's other sessions (CJIS IA-11)."""
    kept = LoginSession.objects.get(session_id=request.session.session_key)
    update_session_auth_hash(request, user)  # Django gives a new key and deletes the old one's row
    end_sessions(user=user, sessions=user.sessions.exclude(pk=kept.pk), now=timezone.now())
    kept.session_id = str(request.session.session_key)
    kept.save(force_insert=True)
