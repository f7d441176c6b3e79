"""What people did on a unit that changes something here: each once, done or refused for good, on record."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.alerts import actions as alerts
from plateward.alerts import check_actions as alert_checks
from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, Hit
from plateward.alerts.picture_rules import Sameness
from plateward.alerts.rules import ConfirmationResult
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.policy import Refused, enforces
from plateward.reads import check_actions as read_checks
from plateward.reads import queries as reads
from plateward.reads.models import InboxItem, InboxState, Read
from plateward.search import canvass_actions, canvass_queries
from plateward.search.canvass_models import CanvassAssignment
from plateward.search.canvass_rules import CanvassError
from plateward.units import queries, rules
from plateward.units.actions import record
from plateward.units.models import SignIn, Unit, UnitAnswer
from plateward.units.rules import AnswerOutcome
from plateward.unitwire.calls import Acknowledged, Done, Outcome, PictureCompared, RecordTold

Answer = Done
COMPARED: Final = "Compared with its picture on the unit"
LONGEST: Final = 600
UNIT: Final = Who.system("unit")


class LaterError(Exception):
    """It cannot be done yet; the unit sends it again."""


class CannotError(ValueError):
    """It can never be done; the message says why."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """Who did it, and when: by our clock as far as that is known, else when it came in."""

    unit: Unit
    by: Actor
    at: datetime


@enforces("B-466.4(c)", "H-426.3(c)")
def take_answer(*, unit: Unit, answer: Answer, now: datetime) -> Outcome:
    """Do what a person did on the unit, as that person may now; sent again it gets the same answer."""
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=unit.pk)
        known = UnitAnswer.objects.filter(device_id=unit.device_id, act=answer.id).first()
        if known is not None:
            return _outcome(answer.id, known.outcome, known.told)
        try:
            told = _tried(unit, answer, now)
        except LaterError as later:
            return Outcome(id=answer.id, outcome="LATER", told=str(later))
        return _kept(unit, answer, told, now)


def _outcome(act: UUID, outcome: str, told: str) -> Outcome:
    return Outcome(id=act, outcome="DONE" if outcome == AnswerOutcome.DONE else "REFUSED", told=told)


def _kept(unit: Unit, answer: Answer, told: str, now: datetime) -> Outcome:
    kept = UnitAnswer.objects.create(
        agency_id=unit.agency_id,
        device_id=unit.device_id,
        act=answer.id,
        kind=str(answer.__struct_config__.tag),
        done_at=answer.at,
        received_at=now,
        outcome=AnswerOutcome.REFUSED if told else AnswerOutcome.DONE,
        told=told[:LONGEST],
    )
    verb = "units.answer.refused" if told else "units.answer.taken"
    detail = {
        "name": unit.device.name,
        "act": kept.kind,
        "told": kept.told,
        "device_time": answer.at.isoformat(),
    }
    person = SignIn.objects.select_related("user").filter(pk=answer.session, device_id=unit.device_id).first()
    actor = actor_for(person.user, at=now) if person and person.user else None
    record(unit.device, verb, actor.who if actor else UNIT, now, **detail)
    return _outcome(answer.id, kept.outcome, kept.told)


def _tried(unit: Unit, answer: Answer, now: datetime) -> str:
    """Do it; why not, "" when it was done. Raises LaterError."""
    try:
        with transaction.atomic():
            deed = _deed(unit, answer, now)
            match answer:
                case Acknowledged():
                    _acknowledge(deed, answer)
                case PictureCompared():
                    _compare(deed, answer)
                case RecordTold():
                    _confirm(deed, answer)
    except (NotNow, Refused) as refusal:
        decision = refusal.decision
        return f"{decision.reason} {decision.remedy} ({decision.clause})".replace(" ()", "")
    except (CanvassError, CannotError) as error:
        return str(error)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _deed(unit: Unit, answer: Answer, now: datetime) -> _Deed:
    """By the person of the sign-in that the answer was given under, as they may act now."""
    # A unit that had not heard our time yet when somebody acted has heard it since.
    offset_s = unit.clock_offset_s if answer.clock_offset_s is None else answer.clock_offset_s
    at, is_doubtful = rules.acted_at(answer.at, offset_s, unit.device.registered_at, now)
    user = queries.signed_in_at(unit.device_id, answer.session, at)
    if user is None:
        raise CannotError("Nobody was signed in on this unit by this sign-in then.")
    by = replace(actor_for(user, at=now), unit=unit.device.name)
    return _Deed(unit, by, now if is_doubtful else at)


def _acknowledge(deed: _Deed, answer: Acknowledged) -> None:
    try:
        assignment = canvass_queries.assignment_of(deed.by.agency, answer.assignment)
    except CanvassAssignment.DoesNotExist as error:
        raise CannotError("There is no such assignment.") from error
    canvass_actions.acknowledge(by=deed.by, assignment=assignment, now=deed.at)


def _compare(deed: _Deed, answer: PictureCompared) -> None:
    """Let the alert that the read raised know, else the camera's record of accuracy alone."""
    deed.by.require("alerts.view")
    read = _read(deed.unit, answer)
    hit = _hit(deed, read, answer.entry)
    if hit is None:
        _check(deed, answer, read)
        return
    try:
        alert_checks.compare_picture(
            alert=hit.alert,
            hit=hit.pk,
            characters=Sameness(answer.characters),
            region=Sameness(answer.region),
            make=Sameness.CANNOT_TELL,
            color=Sameness.CANNOT_TELL,
            by=deed.by,
            now=deed.at,
            act=answer.id,
        )
    except (Hit.DoesNotExist, Alert.DoesNotExist) as error:
        raise CannotError("The hit is not kept any more.") from error


def _hit(deed: _Deed, read: Read, entry: UUID) -> Hit | None:
    hits = Hit.objects.filter(agency_id=deed.by.agency, read_id=read.id, alert__entry_id=entry)
    return hits.select_related("alert").first()


@enforces("B-466.4(f)", "H-426.3(f)")
def _confirm(deed: _Deed, answer: RecordTold) -> None:
    """Put on the alert what the officer was told of the record; what came in since goes before it."""
    deed.by.require("alerts.view")
    hit = _hit(deed, _read(deed.unit, answer), answer.entry)
    if hit is None:
        raise CannotError("The read raised no alert here: the entry was off the list when it came.")
    known = hit.alert.confirmations.filter(recorded_at__lte=deed.at).count()
    alerts.record_confirmation(
        alert=hit.alert,
        channel=answer.channel,
        result=ConfirmationResult.CONFIRMED if answer.is_active else ConfirmationResult.NOT_CONFIRMED,
        note=answer.said,
        by=deed.by,
        now=deed.at,
        seen=known,
        act=answer.id,
    )


def _check(deed: _Deed, answer: PictureCompared, read: Read) -> None:
    if answer.characters == "CANNOT_TELL":
        return
    is_right = answer.characters == "YES"
    read_checks.check_read(
        by=deed.by,
        read_id=read.id,
        shows=read.plate if is_right else "",
        shows_region=read.region if answer.region == "YES" else "",
        reason=COMPARED,
        now=deed.at,
    )


def _read(unit: Unit, answer: PictureCompared | RecordTold) -> Read:
    """The read that the unit's own name stands for. Raises LaterError while it is on its way."""
    item = InboxItem.objects.filter(device_id=unit.device_id, idempotency_key=answer.event_id).first()
    if item is None or item.state in {InboxState.RECEIVED, InboxState.HELD, InboxState.STORED}:
        raise LaterError("The read has not arrived yet.")
    if not item.read_ids:
        raise CannotError("The read could not be used here, so there is nothing to compare with.")
    try:
        return reads.read_by_id(unit.agency_id, item.read_ids[0])
    except Read.DoesNotExist as error:
        raise CannotError("The read is not kept any more.") from error
