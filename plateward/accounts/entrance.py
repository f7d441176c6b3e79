"""What stands before every page of a logged-in person: an open session, used lately, and an own password.

Requests that a page makes by itself (event stream, refreshed parts) carry BACKGROUND and are no activity: an
open console does not keep a session alive (CJIS AC-11).
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from plateward.accounts import rules
from plateward.accounts.models import LoginSession, User

BACKGROUND = "X-Plateward-Background"
NOTED_EVERY = timedelta(seconds=30)
"""Activity is written down this often at most: a row is not changed for every picture on a page."""

PASSWORD_PAGE = "accounts:password"  # noqa: S105  the name of an address
NO_ACTIVITY = {"accounts:still-open", "live:stream"}


def session_of(request: HttpRequest) -> LoginSession | None:
    """The record of the request's session; None for one that was not opened by logging in, or has ended."""
    if not isinstance(request.user, User):
        return None
    return LoginSession.objects.filter(session_id=request.session.session_key, user=request.user).first()


def hindrance(request: HttpRequest, now: datetime) -> HttpResponseBase | None:
    """Where the request must go instead: to log in, unlock or choose a password; None lets it through."""
    session = session_of(request)
    if session is None:
        return to_login(request)
    if rules.is_idle(session.active_at, now):
        return _to_lock(request)
    request.login_session = session  # type: ignore[attr-defined]  # requests are open for attributes
    name = request.resolver_match.view_name if request.resolver_match else ""
    if is_activity(request, name) and now - session.active_at >= NOTED_EVERY:
        LoginSession.objects.filter(pk=session.pk).update(active_at=now)
    user = request.user
    assert isinstance(user, User)  # noqa: S101  it has a session
    if user.one_time_until_at is not None and name not in {PASSWORD_PAGE, "accounts:still-open"}:
        return _whole_page(request, resolve_url(PASSWORD_PAGE))
    return None


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
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{page.path}?{page.query}" if page.query else page.path
    else:
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return _whole_page(request, f"{resolve_url('accounts:locked')}?{urlencode({'next': back})}")


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
    """Go on under a new key after a changed password, and end the person's other sessions."""
    kept = LoginSession.objects.get(session_id=request.session.session_key)
    update_session_auth_hash(request, user)  # Django gives a new key and deletes the old one's row
    for other in user.sessions.exclude(pk=kept.pk).select_related("session"):
        other.session.delete()
    kept.session_id = str(request.session.session_key)
    kept.save(force_insert=True)
