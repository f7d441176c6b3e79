"""Second factors set up, given and removed; recovery codes; passwords compared with the banned ones."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import banned, codes, factor_rules, security_keys
from plateward.accounts.factor_rules import FactorKind
from plateward.accounts.models import Factor, LoginSession, RecoveryCode, User
from plateward.accounts.session_actions import end_sessions
from plateward.audit import actions as audit
from plateward.audit.who import Who


@transaction.atomic
def give_app(*, user: User, secret: bytes, name: str, by: Who, now: datetime) -> Factor:
    """Enter an authenticator app whose secret is known; for setting a system up. People use `add_app`."""
    return _add(user, FactorKind.APP, name, codes.seal(secret, str(user.pk)), 0, by, now)


@transaction.atomic
def add_app(
    *, session: LoginSession, sealed: bytes, code: str, name: str, by: Who, now: datetime
) -> list[str]:
    """Set up an authenticator app once it shows the right code; ends the person's other sessions.

    Returns the recovery codes that come with somebody's first factor, else none. Raises ValidationError.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=session.user_id)
    secret = codes.unseal(sealed, str(user.pk))
    step = factor_rules.accepted_step(code, lambda at: codes.code_at(secret, at), now, 0)
    if step is None:
        raise ValidationError(
            {"code": "The app shows another code. Wait for the next one; check the phone's clock."}
        )
    return _enrolled(session, _add(user, FactorKind.APP, name, sealed, step, by, now), by, now)


@transaction.atomic
def add_key(
    *, session: LoginSession, state: Mapping[str, Any], answer: str, name: str, by: Who, now: datetime
) -> list[str]:
    """Set up a security key that answered; otherwise as `add_app`. Raises ValidationError."""
    user = User.objects.select_for_update(of=("self",)).get(pk=session.user_id)
    try:
        credential = security_keys.check_new(state, answer)
    except security_keys.KeyRefusedError as error:
        raise ValidationError("The key gave no valid answer. Plug it in again and repeat.") from error
    return _enrolled(session, _add(user, FactorKind.KEY, name, credential, 0, by, now), by, now)


def _add(
    user: User, kind: FactorKind, name: str, secret: bytes, counter: int, by: Who, now: datetime
) -> Factor:
    if problem := factor_rules.name_problem(name, list(user.factors.values_list("name", flat=True))):
        raise ValidationError({"name": problem})
    made = Factor.objects.create(
        user=user, kind=kind, name=name, secret=secret, counter=counter, added_at=now, used_at=None
    )
    _journal("accounts.factor.added", user, by, now, {"kind": kind.label, "name": name})
    return made


def _enrolled(session: LoginSession, made: Factor, by: Who, now: datetime) -> list[str]:
    """The code or answer just given counts as this session's second factor."""
    session.factor, session.proved_at = made.kind, now
    session.save(update_fields=["factor", "proved_at"])
    _end_others(session, now)
    return [] if made.user.recovery_codes.exists() else _new_codes(made.user, by, now)


@transaction.atomic
def remove_factor(*, session: LoginSession, factor_id: UUID, by: Who, now: datetime) -> Factor:
    """Take one of one's own factors away, never the last; ends the person's other sessions.

    Raises ValidationError and Factor.DoesNotExist.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=session.user_id)
    chosen = user.factors.get(pk=factor_id)
    if user.factors.count() == 1:
        raise ValidationError(
            "This is your only second factor; no account works without one (CJIS IA-2). Set up another first."
        )
    user.factors.filter(pk=chosen.pk).delete()
    _end_others(session, now)
    _journal(
        "accounts.factor.removed", user, by, now, {"kind": chosen.get_kind_display(), "name": chosen.name}
    )
    return chosen


@transaction.atomic
def renew_recovery_codes(*, session: LoginSession, by: Who, now: datetime) -> list[str]:
    """A new set of recovery codes, shown once; all of the old ones stop counting."""
    user = User.objects.select_for_update(of=("self",)).get(pk=session.user_id)
    _end_others(session, now)
    return _new_codes(user, by, now)


def _new_codes(user: User, by: Who, now: datetime) -> list[str]:
    made = codes.new_recovery_codes()
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=digest, made_at=now) for digest in codes.digests(made)
    )
    _journal("accounts.recovery.renewed", user, by, now, {"count": len(made)})
    return made


def _end_others(session: LoginSession, now: datetime) -> None:
    """A changed authenticator ends what was opened without it (CJIS IA-11)."""
    end_sessions(user=session.user, sessions=session.user.sessions.exclude(pk=session.pk), now=now)


@transaction.atomic
def take_code(*, user: User, code: str, now: datetime) -> bool:
    """Whether one of the person's apps shows this code now; it opens nothing a second time."""
    for factor in _held(user, FactorKind.APP):
        step = _step_of(factor, code, now)
        if step is not None:
            return _used(factor, step, now)
    return False


def _step_of(factor: Factor, code: str, now: datetime) -> int | None:
    try:
        secret = codes.unseal(bytes(factor.secret), str(factor.user_id))
    except (
        codes.UnreadableSecretError
    ):  # the installation's key was replaced: this app opens nothing any more
        return None
    return factor_rules.accepted_step(code, lambda at: codes.code_at(secret, at), now, factor.counter)


@transaction.atomic
def take_answer(*, user: User, state: Mapping[str, Any], answer: str, now: datetime) -> bool:
    """Whether one of the person's keys gave this answer, and its counter does not betray a copy."""
    held = _held(user, FactorKind.KEY)
    try:
        given = security_keys.check(state, [bytes(factor.secret) for factor in held], answer)
    except security_keys.KeyRefusedError:
        return False
    factor = next(factor for factor in held if bytes(factor.secret) == given.credential)
    return factor_rules.counted_on(factor.counter, given.counter) and _used(factor, given.counter, now)


@transaction.atomic
def take_recovery_code(*, user: User, code: str, by: Who, now: datetime) -> bool:
    """Whether this is an unused recovery code of the person; it is used up by that."""
    left = list(user.recovery_codes.select_for_update().filter(used_at__isnull=True))
    if not left:
        return False
    digest = codes.digest_like(code, left[0].digest)
    found = next((kept for kept in left if hmac.compare_digest(kept.digest, digest)), None)
    if found is None:
        return False
    found.used_at = now
    found.save(update_fields=["used_at"])
    _journal("accounts.recovery.used", user, by, now, {"left": len(left) - 1})
    return True


def _held(user: User, kind: FactorKind) -> Sequence[Factor]:
    """The person's factors of a kind, locked: of two answers, the second finds the first one's counter."""
    return list(user.factors.select_for_update().filter(kind=kind))


def _used(factor: Factor, counter: int, now: datetime) -> bool:
    factor.counter, factor.used_at = counter, now
    factor.save(update_fields=["counter", "used_at"])
    return True


@transaction.atomic
def compare_password(*, user: User, password: str, by: Who, now: datetime) -> None:
    """Compare the right password of somebody who logs in with the banned ones, where due (CJIS IA-5(1)(a)).

    Only a hash is kept, so that nothing else could compare it. One that is found must be changed at once.
    """
    due = factor_rules.must_compare(user.password_compared_at, user.password_list, banned.VERSION, now)
    if user.one_time_until_at is not None or not due:
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        user.password_fault = " ".join(error.messages)[:300]
    else:
        user.password_fault = ""
    user.password_compared_at, user.password_list = now, banned.VERSION
    user.save(update_fields=["password_compared_at", "password_list", "password_fault"])
    outcome = "must be changed" if user.password_fault else "may stay"
    _journal("accounts.password.compared", user, by, now, {"list": banned.VERSION, "outcome": outcome})


def who(user: User, address: str = "") -> Who:
    """Somebody as the journal names them who is not let in yet."""
    return Who(
        username=user.username,
        name=user.full_name,
        title=user.title,
        organization=user.agency.name,
        address=address,
    )


def _journal(verb: str, user: User, by: Who, now: datetime, detail: Mapping[str, object]) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={"username": user.username, **detail},
        now=now,
    )
