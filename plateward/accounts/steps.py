"""The three steps in: who is it, the second factor, and what both of them open.

Every way of saying who one is ends in `identified`, and every second factor in `enter`. In between nothing is
open: what is known so far lies in the browser session, for ten minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare

from plateward.accounts import door, session_actions
from plateward.accounts.entrance import session_of
from plateward.accounts.factor_rules import SECOND_STEP_WITHIN, Purpose, Way
from plateward.accounts.http import address_of
from plateward.accounts.models import LoginSession, User
from plateward.accounts.rules import AccountState

KEPT = "awaited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Somebody who said who they are, in which `way`, for what, and where they wanted to go."""

    user: User
    purpose: Purpose
    way: Way
    back: str


def identified(request: HttpRequest, known: Awaited, now: datetime, *, factor: str = "") -> HttpResponseBase:
    """Step one is done: keep who it is and ask for the second factor, or open what sets one up.

    Somebody who may not come in now is told so before that, with whom to ask. `factor` is the second one if
    it was given together with the first, to an agency's provider.
    """
    if known.purpose is Purpose.LOG_IN and (why := door.turned_away(known.user, now)) is not None:
        session_actions.turn_away(user=known.user, why=why, address=address_of(request), now=now)
        return render(request, "ui/refused.html", {"decision": why}, status=403)
    if factor or not known.user.factors.exists():
        return enter(request, known, factor=factor, now=now)
    if known.purpose is Purpose.LOG_IN:
        request.session.cycle_key()  # nobody who knew the key before has a share in what is known now
    request.session[KEPT] = {
        "user": str(known.user.pk),
        "purpose": known.purpose,
        "way": known.way,
        "back": known.back,
        "at": now.isoformat(),
        "password": known.user.get_session_auth_hash(),
    }
    return redirect("accounts:second-factor")


def awaited(request: HttpRequest, now: datetime) -> Awaited | None:
    """Whose second factor is awaited; None if nobody's, too late, or what was known no longer holds."""
    kept = request.session.get(KEPT)
    if kept is None or not timedelta(0) <= now - datetime.fromisoformat(kept["at"]) < SECOND_STEP_WITHIN:
        return None
    user = User.objects.select_related("agency").filter(pk=kept["user"], state=AccountState.ACTIVE).first()
    if user is None or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return None
    purpose = Purpose(kept["purpose"])
    if purpose is not Purpose.LOG_IN and session_of(request) is None:
        return None
    return Awaited(user=user, purpose=purpose, way=Way(kept["way"]), back=kept["back"])


@transaction.atomic
def enter(request: HttpRequest, known: Awaited, *, factor: str, now: datetime) -> HttpResponseBase:
    """Step three: open a session, unlock the one there is, or make it fresh for something privileged."""
    request.session.pop(KEPT, None)
    if known.purpose is Purpose.LOG_IN:
        _open(request, known, factor, now)
    else:
        session = LoginSession.objects.get(session_id=request.session.session_key, user=known.user)
        act = (
            session_actions.unlock_session
            if known.purpose is Purpose.UNLOCK
            else session_actions.prove_session
        )
        act(session=session, address=address_of(request), now=now)
    return redirect(known.back)


def _open(request: HttpRequest, known: Awaited, factor: str, now: datetime) -> None:
    login(request, known.user)
    session_actions.open_session(
        user=known.user,
        session_key=str(request.session.session_key),
        address=address_of(request),
        browser=request.headers.get("User-Agent", ""),
        way=known.way,
        factor=factor,
        now=now,
    )
