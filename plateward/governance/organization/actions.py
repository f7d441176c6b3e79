"""Appointing, delegating, authorizing, and placing people in units; each act is asked of the profile's rules.

Whose account it is, and whether they may log in, is the accounts' matter (see `accounts`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.audit import actions as audit
from plateward.governance.actions import appoint
from plateward.governance.actor import Actor
from plateward.governance.models import (
    Contract,
    DataAuthorization,
    Delegation,
    PositionHolding,
    Unit,
    UnitMembership,
)
from plateward.governance.queries import holdings_at
from plateward.policy import (
    PersonFact,
    TitleCategory,
    enforces,
    may_appoint,
    may_authorize,
    may_delegate,
)


@enforces("B-466.3.1(e)", "H-426.2.1(e)")
@transaction.atomic
def appoint_person(
    *, user: User, position: str, from_date: date | None, authority: str, by: Actor, now: datetime
) -> PositionHolding:
    """Give a position to somebody from a day on (None: at once) by an order or another authority.

    Raises Refused (not an appointer, oneself, a contractor) and ValidationError (a day past, a closed
    account, no authority, no such position).
    """
    if position not in by.profile.positions:
        raise ValidationError({"position": "This is no position of the policy in force."})
    known = _member(user, by)
    may_appoint(by.profile, by.person, _person(known), position).require()
    _refuse_closed(known)
    return appoint(
        user=known,
        position=position,
        by=by.who,
        profile_version=by.profile.version,
        now=now,
        from_at=_beginning(from_date, by, now),
        authority=_said(authority, "authority", "Name the order or the authority it rests on."),
    )


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def relieve(
    *, holding: PositionHolding, on_date: date | None, note: str, by: Actor, now: datetime
) -> PositionHolding:
    """Relieve the holder of a position from a day on (None: at once), or call off what has not begun.

    Raises Refused and ValidationError (it has ended already, a day past or after its end, no reason).
    """
    may_appoint(by.profile, by.person, None, holding.position).require()
    locked = PositionHolding.objects.select_for_update().get(pk=holding.pk, agency_id=by.agency)
    if locked.revoked_at or (locked.until_at and locked.until_at <= now):
        raise ValidationError("This has ended already. Open the page again.")
    ends = _beginning(on_date, by, now, "on_date")
    if locked.until_at and ends > locked.until_at:
        raise ValidationError({"on_date": "It ends before that day. Choose an earlier one."})
    if ends <= locked.from_at:
        locked.revoked_at = now
    else:
        locked.until_at = ends
    locked.ended_by = by.name
    locked.ended_note = _said(note, "note", "Give the reason; it goes on record.")
    locked.full_clean()
    locked.save()
    detail = {
        "position": locked.position,
        "username": User.objects.get(pk=locked.user_id).username,
        "until": ends.isoformat(),
        "note": locked.ended_note,
    }
    verb = "governance.appointment.revoked" if locked.revoked_at else "governance.position.relieved"
    _journal(verb, locked, by, now, detail)
    return locked


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def delegate(
    *,
    user: User,
    position: str,
    capabilities: Sequence[str],
    from_date: date | None,
    until_date: date,
    note: str,
    by: Actor,
    now: datetime,
) -> Delegation:
    """Delegate capabilities of one's own position to a member, from a day to the end of another.

    Raises Refused (not the holder, reserved, more than the position has, oneself, a contractor) and
    ValidationError (no capability, impossible days).
    """
    known = _member(user, by)
    if not capabilities:
        raise ValidationError({"capabilities": "Choose what is delegated."})
    for capability in capabilities:
        may_delegate(by.profile, by.person, _person(known), position, capability).require()
    _refuse_closed(known)
    holding = holdings_at(by.agency, now).filter(position=position, user_id=by.user_id).first()
    if holding is None:
        raise ValidationError("Only who was appointed to a position delegates; a rank alone does not.")
    begins = _beginning(from_date, by, now)
    made = Delegation(
        agency_id=by.agency,
        holding=holding,
        user=known,
        capabilities=list(dict.fromkeys(capabilities)),
        from_at=begins,
        until_at=_end_of(until_date, begins, by),
        note=note.strip(),
        delegated_at=now,
    )
    made.full_clean()
    made.save(force_insert=True)
    detail = {
        "position": position,
        "username": known.username,
        "capabilities": made.capabilities,
        "from": begins.isoformat(),
        "until": made.until_at.isoformat(),
        "note": made.note,
    }
    _journal("governance.delegation.given", made, by, now, detail)
    return made


@transaction.atomic
def revoke_delegation(*, delegation: Delegation, note: str, by: Actor, now: datetime) -> Delegation:
    """Take a delegation back at once, as the holder of its position. Raises Refused and ValidationError."""
    position = delegation.holding.position
    capability = delegation.capabilities[0]
    anybody = PersonFact(str(delegation.user_id), delegation.user.title)
    if position not in by.positions:
        may_delegate(by.profile, by.person, anybody, position, capability).require()
    locked = Delegation.objects.select_for_update().get(pk=delegation.pk, agency_id=by.agency)
    if locked.revoked_at or locked.until_at <= now:
        raise ValidationError("This delegation has ended already.")
    locked.revoked_at, locked.revoked_by = now, by.name
    locked.revoked_note = _said(note, "note", "Give the reason; it goes on record.")
    locked.full_clean()
    locked.save()
    detail = {"position": position, "username": delegation.user.username, "note": locked.revoked_note}
    _journal("governance.delegation.revoked", locked, by, now, detail)
    return locked


@enforces("B-466.4(e)", "H-426.3(e)")
@transaction.atomic
def authorize_data(
    *, user: User, origin: str, authority: str, until_date: date, by: Actor, now: datetime
) -> DataAuthorization:
    """Authorize somebody for the data of an origin from today to a day; an earlier grant of it ends.

    Raises Refused and ValidationError (no authority, a day past, a closed account).
    """
    known = _locked(user, by)
    may_authorize(by.profile, by.person, _person(known), origin).require()
    _refuse_closed(known)
    if until_date < by.today:
        raise ValidationError({"until_date": "This day is past. Choose the last day it shall count."})
    for earlier in known.data_authorizations.filter(
        origin=origin, revoked_at__isnull=True, until_date__gte=by.today
    ):
        _end_authorization(earlier, known.username, "Replaced by a later one.", by, now)
    made = DataAuthorization(
        agency_id=by.agency,
        user=known,
        origin=origin,
        authority=_said(authority, "authority", "Name the authority it rests on."),
        from_date=by.today,
        until_date=until_date,
        granted_by=by.name,
        granted_at=now,
    )
    made.full_clean()
    made.save(force_insert=True)
    detail = {
        "username": known.username,
        "origin": origin,
        "until": until_date.isoformat(),
        "authority": made.authority,
    }
    _journal("governance.authorization.granted", made, by, now, detail)
    return made


@transaction.atomic
def revoke_authorization(
    *, authorization: DataAuthorization, note: str, by: Actor, now: datetime
) -> DataAuthorization:
    """Revoke an authorization at once. Raises Refused and ValidationError."""
    may_authorize(by.profile, by.person, None, authorization.origin).require()
    locked = DataAuthorization.objects.select_for_update().get(pk=authorization.pk, agency_id=by.agency)
    if locked.revoked_at:
        raise ValidationError("This authorization has ended already.")
    said = _said(note, "note", "Give the reason; it goes on record.")
    _end_authorization(locked, User.objects.get(pk=locked.user_id).username, said, by, now)
    return locked


def _end_authorization(
    authorization: DataAuthorization, username: str, note: str, by: Actor, now: datetime
) -> None:
    authorization.revoked_at, authorization.revoked_by = now, by.name
    authorization.revoked_note = note
    authorization.full_clean()
    authorization.save()
    detail = {"username": username, "origin": authorization.origin, "note": note}
    _journal("governance.authorization.revoked", authorization, by, now, detail)


@transaction.atomic
def create_unit(*, name: str, part_of: Unit | None, by: Actor, now: datetime) -> Unit:
    """Enter a unit of the department. Raises Refused and ValidationError (a name taken)."""
    by.require("accounts.manage")
    above = Unit.objects.get(pk=part_of.pk, agency_id=by.agency) if part_of else None
    unit = Unit(agency_id=by.agency, name=_said(name, "name", "Give the unit's name."), part_of=above)
    unit.full_clean()
    unit.save(force_insert=True)
    detail = {"name": unit.name, "part_of": above.name if above else ""}
    _journal("governance.unit.created", unit, by, now, detail)
    return unit


@transaction.atomic
def place_in_unit(*, user: User, unit: Unit, is_supervisor: bool, by: Actor, now: datetime) -> UnitMembership:
    """Place somebody in a unit from now on; where they were before ends.

    Raises Refused and ValidationError (a closed account, nothing changes).
    """
    by.require("accounts.manage")
    known, chosen = _member(user, by), Unit.objects.get(pk=unit.pk, agency_id=by.agency)
    _refuse_closed(known)
    present = UnitMembership.objects.filter(user=known, until_at__isnull=True)
    before = present.select_related("unit").first()
    if before and (before.unit_id, before.is_supervisor) == (chosen.pk, is_supervisor):
        raise ValidationError({"unit": f"{known.full_name} is there already."})
    UnitMembership.objects.filter(Q(from_at__lt=now), user=known, until_at__isnull=True).update(until_at=now)
    UnitMembership.objects.filter(user=known, until_at__isnull=True).delete()
    made = UnitMembership.objects.create(
        agency_id=by.agency,
        unit=chosen,
        user=known,
        is_supervisor=is_supervisor,
        from_at=now,
        entered_by=by.name,
    )
    detail = {
        "username": known.username,
        "unit": chosen.name,
        "from": before.unit.name if before else "",
        "as": "supervisor" if is_supervisor else "member",
    }
    _journal("governance.unit.joined", made, by, now, detail)
    return made


@enforces("B-466.3.1(a)", "H-426.2.1(a)")
@transaction.atomic
def record_contract(
    *,
    user: User,
    company: str,
    reference: str,
    from_date: date,
    until_date: date,
    by: Actor,
    now: datetime,
) -> Contract:
    """Put on record under which contract a contractor works.

    Raises Refused and ValidationError (somebody who is no contractor, impossible days).
    """
    by.require("accounts.manage")
    known = _member(user, by)
    title = by.profile.titles.get(known.title)
    if title is None or title.category is not TitleCategory.CONTRACTOR:
        name = by.profile.title_name(known.title)
        raise ValidationError({"user": f"{name} is no contractor's title; only contractors have a contract."})
    if until_date < from_date:
        raise ValidationError({"until_date": "The contract ends before it begins. Correct one of the days."})
    contract = Contract(
        agency_id=by.agency,
        user=known,
        company=company.strip(),
        reference=reference.strip(),
        from_date=from_date,
        until_date=until_date,
        recorded_by=by.name,
        recorded_at=now,
    )
    contract.full_clean()
    contract.save(force_insert=True)
    detail = {
        "username": known.username,
        "company": contract.company,
        "reference": contract.reference,
        "until": until_date.isoformat(),
    }
    _journal("governance.contract.recorded", contract, by, now, detail)
    return contract


def _member(user: User, by: Actor) -> User:
    return User.objects.select_related("agency").get(pk=user.pk, agency_id=by.agency)


def _locked(user: User, by: Actor) -> User:
    """The person's row, locked: of two grants at once, the second replaces the first."""
    return User.objects.select_for_update().get(pk=user.pk, agency_id=by.agency)


def _person(user: User) -> PersonFact:
    return PersonFact(str(user.pk), user.title)


def _refuse_closed(user: User) -> None:
    if user.state == AccountState.DEACTIVATED:
        raise ValidationError({"user": f"The account of {user.full_name} is closed. Choose another person."})


def _beginning(day: date | None, by: Actor, now: datetime, field: str = "from_date") -> datetime:
    """`now` for today, the first instant of a day to come; ValidationError for a day past."""
    if day is None or day == by.today:
        return now
    if day < by.today:
        problem = "This day is past; what was done then cannot be changed. Choose today or a later day."
        raise ValidationError({field: problem})
    return datetime.combine(day, time.min, ZoneInfo(by.profile.agency.time_zone))


def _end_of(day: date, begins: datetime, by: Actor) -> datetime:
    zone = ZoneInfo(by.profile.agency.time_zone)
    ends = datetime.combine(day, time.max, zone)
    if ends <= begins:
        raise ValidationError({"until_date": "It would end before it begins. Choose a later day."})
    return ends


def _said(text: str, field: str, problem: str) -> str:
    if not text.strip():
        raise ValidationError({field: problem})
    return text.strip()


def _journal(verb: str, subject: Any, by: Actor, now: datetime, detail: Mapping[str, Any]) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=by.agency,
        subject=f"governance.{type(subject).__name__}:{subject.pk}",
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
