"""Sessions opened, unlocked, proved, ended and refused; too many refusals lock an account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from plateward.accounts import identities, leaving, rules
from plateward.accounts.factor_rules import Way
from plateward.accounts.models import FailedLogin, LoginSession, User
from plateward.accounts.queries import opens
from plateward.accounts.rules import AccountState
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.live import actions as live
from plateward.policy import Decision


@transaction.atomic
def open_session(
    *,
    user: User,
    session_key: str,
    address: str,
    browser: str,
    now: datetime,
    way: Way = Way.PASSWORD,
    factor: str = "",
) -> LoginSession:
    """Note a session just opened, its banner acknowledged (B-466.6(a), H-426.5(a), CJIS AC-8).

    `way` is how its person said who they are, `factor` the kind of the second factor that they gave.
    """
    user.failures.all().delete()
    opened = LoginSession.objects.create(
        session_id=session_key,
        user=user,
        address=address,
        browser=browser[:200],
        opened_at=now,
        active_at=now,
        proved_at=now,
        way=way,
        factor=factor,
    )
    detail = {"banner": "acknowledged", "way": way.lower(), "factor": factor}
    _journal_session("accounts.session.opened", user, address=address, now=now, detail=detail)
    return opened


@transaction.atomic
def unlock_session(*, session: LoginSession, address: str, now: datetime) -> None:
    """Go on with a session that inactivity locked, both of its person's factors having been checked."""
    _prove(session, now)
    _journal_session("accounts.session.unlocked", session.user, address=address, now=now)


@transaction.atomic
def prove_session(*, session: LoginSession, address: str, now: datetime) -> None:
    """Note that both factors were given again before something privileged (CJIS IA-11)."""
    _prove(session, now)
    _journal_session("accounts.session.proved", session.user, address=address, now=now)


def _prove(session: LoginSession, now: datetime) -> None:
    session.user.failures.all().delete()
    session.active_at = session.proved_at = now
    session.roles = ""  # the next page takes down those of now
    session.save(update_fields=["active_at", "proved_at", "roles"])


@transaction.atomic
def end_sessions(*, user: User, sessions: QuerySet[LoginSession], now: datetime) -> None:
    """End sessions of a person, and with them the live streams of their pages; the act has its own row.

    A stream of a session that goes on is opened again by its page.
    """
    Session.objects.filter(pk__in=sessions.values("session_id")).delete()
    live.end_streams(agency=user.agency_id, person=str(user.pk))
    leaving.left(user, now)


@transaction.atomic
def end_session(*, user: User, session_id: UUID, address: str, now: datetime) -> None:
    """End one of one's own sessions, wherever it is open; raises LoginSession.DoesNotExist."""
    chosen = user.sessions.get(pk=session_id)
    detail = {"opened_at": chosen.opened_at.isoformat(), "from": chosen.address}
    end_sessions(user=user, sessions=user.sessions.filter(pk=chosen.pk), now=now)
    _journal_session("accounts.session.ended", user, address=address, now=now, detail=detail)


@transaction.atomic
def journal_session_closed(*, user: User, address: str, now: datetime) -> None:
    """Record that somebody logged out, and end the live streams of their pages.

    While the journal cannot be written it is recorded locally: nobody must stay logged in for that (R133).
    Raises NothingWritableError.
    """
    live.end_streams(agency=user.agency_id, person=str(user.pk))
    facts = _session_facts("accounts.session.closed", user, address=address, now=now)
    audit.record_or_locally(**facts)


@transaction.atomic
def refuse_session(*, username: str, address: str, now: datetime, wrong: str = rules.WRONG_PASSWORD) -> None:
    """Record a failed log-in, and lock the account after too many (CJIS AC-7); `wrong` says what was.

    A name that is no account is not kept: people type passwords there. It belongs to no agency, so that
    every agency's overseers see it.
    """
    user = User.objects.select_for_update().filter(username__iexact=username).first()
    if user is None:
        _journal_stranger("", address, now, {"why": "unknown username"})
        return
    why = rules.why_refused(AccountState(user.state), user.locked_at, wrong, opens=opens(user, now))
    if why == rules.WRONG_PASSWORD and identities.only_by_provider(user):
        why = "password of somebody who comes in by the agency's provider only"
    _journal_session("accounts.session.refused", user, address=address, now=now, detail={"why": why})
    if why == wrong:
        _count_failure(user, address, now)


@transaction.atomic
def refuse_identity(
    *,
    agency: str,
    user: User | None,
    why: str,
    address: str,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record that what an agency's provider said opens nothing; `user` is whom it is linked to, if anybody.

    It counts towards no lock: nobody can guess a provider's signature.
    """
    told = {"why": why, "way": Way.PROVIDER.lower(), **(detail or {})}
    if user is None:
        _journal_stranger(agency, address, now, told)
    else:
        _journal_session("accounts.session.refused", user, address=address, now=now, detail=told)


def _journal_stranger(agency: str, address: str, now: datetime, detail: Mapping[str, object]) -> None:
    stranger = Who(username="", name="Somebody", title="", organization="", address=address)
    audit.record(
        verb="accounts.session.refused",
        by=stranger,
        agency=agency,
        subject="accounts.User:",
        detail=dict(detail),
        now=now,
    )


@transaction.atomic
def turn_away(*, user: User, why: Decision, address: str, now: datetime) -> None:
    """Record that somebody who proved who they are may not come in now; it is no failed log-in."""
    detail = {"clause": why.clause, "reason": why.reason}
    _journal_session("accounts.session.barred", user, address=address, now=now, detail=detail)


def _count_failure(user: User, address: str, now: datetime) -> None:
    FailedLogin.objects.create(user=user, failed_at=now)
    if rules.locks_account(list(user.failures.values_list("failed_at", flat=True)), now):
        user.locked_at = now
        user.save(update_fields=["locked_at"])
        _journal_session("accounts.user.locked", user, address=address, now=now)


def _journal_session(
    verb: str, user: User, *, address: str, now: datetime, detail: Mapping[str, object] | None = None
) -> None:
    audit.record(**_session_facts(verb, user, address=address, now=now, detail=detail))


def _session_facts(
    verb: str, user: User, *, address: str, now: datetime, detail: Mapping[str, object] | None = None
) -> dict[str, Any]:
    by = Who(
        username=user.username,
        name=user.full_name,
        title=user.title,
        organization=user.agency.name,
        address=address,
    )
    return {
        "verb": verb,
        "by": by,
        "agency": user.agency_id,
        "subject": f"accounts.User:{user.pk}",
        "detail": dict(detail or {}),
        "now": now,
    }
