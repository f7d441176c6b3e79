"""Systems set up, changed, tried, switched and given new secrets; messages tried again."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.outgoing import rules, sealing, sending
from plateward.outgoing.models import Message, System
from plateward.outgoing.rules import MessageState, SystemKind, SystemState
from plateward.outgoing.tasks import send_soon
from plateward.policy.outgoing import systems_told

MANAGE = "outgoing.manage"


@transaction.atomic
def set_up(
    *,
    name: str,
    purpose: str,
    url: str,
    whats: Collection[str],
    categories: Collection[str],
    by: Actor,
    now: datetime,
) -> tuple[System, str]:
    """Set a system up that alerts are sent to; it is returned with its secret, shown this once.

    Raises Refused: without the capability, and where the agency has not decided that alerts are sent on.
    Raises ValidationError for facts that are wrong, and MasterKeyError.
    """
    _allowed(by)
    system = System(
        agency_id=by.agency,
        name=name.strip(),
        purpose=purpose.strip(),
        url=_address(url),
        whats=sorted(whats),
        categories=sorted(categories),
        made_at=now,
        made_by=by.name,
    )
    system.full_clean()
    system.save(force_insert=True)
    text = sealing.issue(system, now)
    _journal("outgoing.system.added", system, by, now, _facts(system))
    return system, text


@transaction.atomic
def change(
    *,
    system_id: UUID,
    name: str,
    purpose: str,
    url: str,
    whats: Collection[str],
    categories: Collection[str],
    by: Actor,
    now: datetime,
) -> System:
    """Change what a system hears of and where it is. Raises as `set_up`, and System.DoesNotExist."""
    _allowed(by)
    system = _locked(system_id, by)
    before = _facts(system)
    system.name, system.purpose, system.url = name.strip(), purpose.strip(), _address(url)
    system.whats, system.categories = sorted(whats), sorted(categories)
    system.full_clean()
    system.save(update_fields=["name", "purpose", "url", "whats", "categories"])
    _journal("outgoing.system.changed", system, by, now, {"from": before, "to": _facts(system)})
    return system


@transaction.atomic
def switch(*, system_id: UUID, on: bool, by: Actor, now: datetime) -> System:
    """Switch a system on, or off and end what waits for it. Raises as `change`."""
    by.require(MANAGE)
    system = _locked(system_id, by, *SystemKind)
    if on:
        sending.goes_by(by.profile, SystemKind(system.kind)).require()
    system.state = SystemState.ON if on else SystemState.OFF
    system.rests_until_at = None
    system.save(update_fields=["state", "rests_until_at"])
    _journal("outgoing.system.switched", system, by, now, {"name": system.name, "to": "on" if on else "off"})
    if not on:
        sending.drop_waiting(system, by=by.acting(MANAGE), now=now, why=sending.SWITCHED_OFF)
    return system


@transaction.atomic
def rotate(*, system_id: UUID, by: Actor, now: datetime) -> tuple[System, str]:
    """Give a system a new secret, shown this once; the earlier one signs too for a day. Raises as `change`.

    MasterKeyError too.
    """
    _allowed(by)
    system = _locked(system_id, by)
    text = sealing.issue(system, now)
    _journal("outgoing.secret.rotated", system, by, now, {"name": system.name})
    return system, text


@transaction.atomic
def try_out(*, system_id: UUID, by: Actor, now: datetime) -> Message:
    """Send a message that tells of no alert, to see whether it arrives. Raises as `change`.

    Raises ValidationError for a system that is off.
    """
    _allowed(by)
    system = _locked(system_id, by)
    if system.state != SystemState.ON:
        raise ValidationError("Switch the system on first.")
    System.objects.filter(pk=system.pk).update(rests_until_at=None)
    message = Message.objects.create(agency_id=by.agency, system=system, made_at=now, next_at=now)
    _journal("outgoing.message.tested", system, by, now, {"name": system.name, "message": message.number})
    transaction.on_commit(send_soon, robust=True)
    return message


@transaction.atomic
def replay(*, message_id: UUID, by: Actor, now: datetime) -> Message:
    """Try a message again that was given up or not sent, from the first try on and with the same id.

    Raises Refused, Message.DoesNotExist, and ValidationError for one that waits or arrived.
    """
    by.require(MANAGE)
    messages = Message.objects.select_for_update(of=("self",)).select_related("system")
    message = messages.get(pk=message_id, agency_id=by.agency)
    sending.goes_by(by.profile, SystemKind(message.system.kind)).require()
    if not rules.may_be_replayed(MessageState(message.state)):
        raise ValidationError("This message waits or has arrived already.")
    if message.system.state != SystemState.ON:
        raise ValidationError("Switch the system on first.")
    message.state, message.ended_at, message.next_at, message.tries = MessageState.WAITING, None, now, 0
    message.save(update_fields=["state", "ended_at", "next_at", "tries"])
    System.objects.filter(pk=message.system_id).update(rests_until_at=None)
    detail = {"name": message.system.name, "message": message.number}
    _journal("outgoing.message.replayed", message.system, by, now, detail)
    transaction.on_commit(send_soon, robust=True)
    return message


def _allowed(by: Actor) -> None:
    by.require(MANAGE)
    systems_told(by.profile).require()


def _locked(system_id: UUID, by: Actor, *kinds: SystemKind) -> System:
    """A system of these kinds; none named: one that somebody set up."""
    known = System.objects.select_for_update().filter(kind__in=kinds or (SystemKind.WEBHOOK,))
    return known.get(pk=system_id, agency_id=by.agency)


def _address(url: str) -> str:
    try:
        return rules.checked_address(url)
    except ValueError as error:
        raise ValidationError({"url": str(error)}) from error


def _facts(system: System) -> dict[str, object]:
    return {
        "name": system.name,
        "purpose": system.purpose,
        "url": system.url,
        "whats": system.whats,
        "categories": system.categories,
    }


def _journal(verb: str, system: System, by: Actor, now: datetime, detail: Mapping[str, object]) -> None:
    audit.record(
        verb=verb,
        by=by.acting(MANAGE),
        agency=system.agency_id,
        subject=f"outgoing.System:{system.pk}",
        detail=dict(detail),
        profile_version=by.profile.version,
        now=now,
    )
