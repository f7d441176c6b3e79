"""A person signs in on a unit from a screen where they are logged in (RFC 8628; B-466.6(a), H-426.5(a))."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from plateward.accounts.models import User
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.policy import enforces
from plateward.units import keys, queries, rules
from plateward.units.actions import note_wrong_try, record
from plateward.units.models import SignIn, Unit
from plateward.units.rules import SignInState
from plateward.units.telling_actions import heading
from plateward.unitwire import codes
from plateward.unitwire.calls import SignInError
from plateward.unitwire.documents import Grant, Signed

UNIT = Who.system("unit")


class NoSignInError(ValueError):
    """No unit waits under this code; the message says what to do."""


class NotGrantedError(Exception):
    """The unit gets no grant, or not yet: `error` as RFC 8628 names it."""

    def __init__(self, error: SignInError, description: str) -> None:
        super().__init__(description)
        self.error: SignInError = error


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for its person; the codes are told this once."""

    device_code: str
    user_code: str
    expires_in_s: int
    interval_s: int


@transaction.atomic
def begin(*, unit: Unit, now: datetime) -> Begun:
    """Let a unit wait for a person; what it waited for before is over."""
    waiting = SignIn.objects.filter(device_id=unit.device_id, state=SignInState.WAITING)
    waiting.update(state=SignInState.EXPIRED)
    over = SignIn.objects.filter(agency_id=unit.agency_id, state=SignInState.WAITING, expires_at__lte=now)
    over.update(state=SignInState.EXPIRED)
    past = now - rules.EXPIRED_KEPT
    SignIn.objects.filter(device_id=unit.device_id, state=SignInState.EXPIRED, begun_at__lt=past).delete()
    device_code, user_code = secrets.token_urlsafe(32), codes.new_sign_in_code()
    SignIn.objects.create(
        agency_id=unit.agency_id,
        device_id=unit.device_id,
        device_code_sha256=_digest(device_code),
        user_code_sha256=codes.digest(user_code),
        begun_at=now,
        expires_at=now + rules.SIGN_IN_LASTS,
        interval_s=rules.INTERVAL_S,
    )
    lasts = int(rules.SIGN_IN_LASTS.total_seconds())
    return Begun(device_code, codes.in_groups(user_code), lasts, rules.INTERVAL_S)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


@transaction.atomic
def find(*, typed: str, by: Actor, now: datetime) -> SignIn:
    """The sign-in of the person's agency that waits under a code. Raises NoSignInError."""
    if not rules.may_try(queries.wrong_tries(f"person:{by.user_id}", now)):
        raise NoSignInError("Five codes were wrong. Wait 15 minutes, then have the unit show a fresh code.")
    found = SignIn.objects.select_related("device").filter(
        agency_id=by.agency,
        user_code_sha256=codes.digest(codes.sign_in_code(typed)),
        state=SignInState.WAITING,
        expires_at__gt=now,
        device__is_enabled=True,
    )
    if (waiting := found.first()) is None:
        raise NoSignInError(
            "No unit waits under this code. Compare it with the unit's screen, or start anew there."
        )
    return waiting


@transaction.atomic
def note_wrong_code(*, by: Actor, now: datetime) -> None:
    """Count a wrong code against its person."""
    note_wrong_try(f"person:{by.user_id}", now)


@enforces("B-466.6(a)", "H-426.5(a)", "B-466.4(d)", "H-426.3(d)")
@transaction.atomic
def decide(*, sign_in: SignIn, is_confirmed: bool, by: Actor, now: datetime) -> SignIn:
    """The person says whether it is they who sit at that unit.

    Raises Refused for who may not use the system or a unit, NoSignInError where it waits no more.
    """
    if is_confirmed:
        by.admission.require()
        rules.check_sign_in(by.profile, capabilities_of(by), now).require()
    kept = SignIn.objects.select_for_update(of=("self",)).get(pk=sign_in.pk, agency_id=by.agency)
    if kept.state != SignInState.WAITING or kept.expires_at <= now:
        raise NoSignInError("The unit does not wait any more. Start anew on its screen.")
    kept.state = SignInState.CONFIRMED if is_confirmed else SignInState.DENIED
    kept.user, kept.decided_at = User(pk=by.user_id), now
    kept.save(update_fields=["state", "user", "decided_at"])
    verb = "units.sign_in.confirmed" if is_confirmed else "units.sign_in.denied"
    record(kept.device, verb, by.who, now, name=kept.device.name, session=str(kept.pk))
    return kept


def capabilities_of(actor: Actor) -> tuple[str, ...]:
    """What the person may do on a unit."""
    return tuple(one for one in rules.CAPABILITIES if actor.may(one))


def take_up(*, unit: Unit, device_code: str, now: datetime) -> Signed:
    """The grant of a confirmed sign-in, once. Raises NotGrantedError; asking too often slows it down."""
    with transaction.atomic():
        mine = SignIn.objects.select_for_update(of=("self",)).filter(device_id=unit.device_id)
        found = mine.filter(device_code_sha256=_digest(device_code)).first()
        if found is None:
            raise NotGrantedError("invalid_grant", "This unit asked for no such sign-in.")
        refused = _hindrance(found, now)
        if refused is None:
            return _granted(unit, found, now)
    raise refused


def _hindrance(found: SignIn, now: datetime) -> NotGrantedError | None:
    state = SignInState(found.state)
    if state is SignInState.DENIED:
        return NotGrantedError("access_denied", "The person said that it is not they.")
    if state in {SignInState.GRANTED, SignInState.ENDED}:
        return NotGrantedError("invalid_grant", "This grant was given already.")
    if state is SignInState.EXPIRED or found.expires_at <= now:
        return NotGrantedError("expired_token", "Nobody confirmed it in time.")
    if state is SignInState.CONFIRMED:
        return None
    earliest = found.asked_at and found.asked_at + timedelta(seconds=found.interval_s)
    found.asked_at = now
    is_early = earliest is not None and now < earliest
    if is_early:
        found.interval_s = min(found.interval_s + rules.INTERVAL_S, 60)
    found.save(update_fields=["asked_at", "interval_s"])
    if is_early:
        return NotGrantedError("slow_down", f"Ask every {found.interval_s} seconds.")
    return NotGrantedError("authorization_pending", "The person has not confirmed yet.")


def _granted(unit: Unit, found: SignIn, now: datetime) -> Signed:
    """Asked again at this moment: what was confirmed minutes ago must still hold."""
    person = found.user
    assert person is not None  # noqa: S101  confirmed by somebody
    actor = actor_for(person, at=now)
    until = rules.signs_in_until(actor.profile, now)
    able = capabilities_of(actor)
    if until is None or not able or not queries.may_still(person, able, now):
        raise NotGrantedError("access_denied", "The person may not use a unit.")
    found.state, found.valid_until_at, found.capabilities = SignInState.GRANTED, until, list(able)
    found.save(update_fields=["state", "valid_until_at", "capabilities"])
    detail = {"name": unit.device.name, "session": str(found.pk), "until": until.isoformat()}
    record(unit.device, "units.sign_in.granted", actor.who, now, **detail)
    return keys.sign(
        Grant(
            **heading(unit, now),
            session=found.pk,
            user=person.username,
            name=person.full_name,
            title=actor.title_name,
            capabilities=able,
            training_ok_until=_trained_until(actor, until),
            valid_until=until,
        )
    )


def _trained_until(actor: Actor, until: datetime) -> datetime | None:
    """When, within the grant, the person's training lapses; None where it does not."""
    zone = ZoneInfo(actor.profile.agency.time_zone)
    last = until.astimezone(zone).date()
    days = (actor.today + timedelta(days=count) for count in range((last - actor.today).days + 1))
    over = next((day for day in days if not replace(actor, today=day).admission), None)
    return None if over is None else datetime.combine(over, time(), zone)


@transaction.atomic
def end(*, unit: Unit, session: UUID, now: datetime) -> None:
    """A person signed out on the unit, or it ended their sign-in; nothing where it ended before."""
    found = SignIn.objects.select_for_update(of=("self",)).filter(
        pk=session, device_id=unit.device_id, state=SignInState.GRANTED
    )
    if (sign_in := found.select_related("user").first()) is None:
        return
    sign_in.state, sign_in.ended_at = SignInState.ENDED, now
    sign_in.save(update_fields=["state", "ended_at"])
    user = sign_in.user
    assert user is not None  # noqa: S101  granted to somebody
    who = Who(user.username, user.full_name, user.title, unit.agency.name)
    record(unit.device, "units.sign_in.ended", who, now, name=unit.device.name, session=str(session))
