"""Handing alerts to officers, and taking in what officers did in the field, each act once.

What a device sends is answered for good: done, or refused with its reason, on record either way. Sent again
over a bad line it gets the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from plateward.accounts.models import User
from plateward.alerts import actions as alerts
from plateward.alerts.actions import NotNow
from plateward.alerts.check_actions import excuse_verification
from plateward.alerts.models import Alert
from plateward.alerts.rules import AlertStatus
from plateward.audit import actions as audit
from plateward.field import queries
from plateward.field.models import FieldAct, HandOver
from plateward.field.rules import LONGEST_ANSWER, ActKind, ActOutcome, check_hand_over
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.live import actions as live
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import Decision, Refused

NOTICE = "alert-handed-over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An act as a device sent it. `problem` is what is wrong with what was typed, "" for nothing.

    `given` is what was typed, for the act; `words` the same for people, as pairs of label and words.
    """

    act: UUID
    kind: ActKind
    done_at: datetime
    sent_at: datetime
    given: Mapping[str, Any]
    problem: str = ""
    words: Sequence[tuple[str, str]] = ()

    def acted_at(self, now: datetime) -> datetime:
        """When it was done by our clock, from how long ago it was by the device's; never after `now`."""
        return min(now, now - (self.sent_at - self.done_at))


@transaction.atomic
def hand_over(
    *, alert: Alert, officer: UUID | None, unit: UUID | None, note: str, by: Actor, now: datetime
) -> list[HandOver]:
    """Give an alert to one officer, or to everybody of a unit who may work it and does not have it yet.

    Raises Refused, Alert.DoesNotExist, and NotNow when nobody can be handed it.
    """
    by.require("alerts.dispatch")
    locked = Alert.objects.select_for_update().get(pk=alert.pk, agency_id=by.agency)
    if unit is not None:
        people = list(queries.within(by.agency, unit, now))
    else:
        people = list(queries.officers(by.agency, by.profile).filter(pk__in=[officer]))
    verdicts = [(user, _may_be_handed(locked, user, by, now)) for user in people]
    able = [user for user, verdict in verdicts if verdict]
    if not able:
        raise NotNow(verdicts[0][1] if verdicts else _nobody())
    return [_handed(locked, user, unit, note, by, now) for user in able]


def _nobody() -> Decision:
    return Decision(False, "", "Nobody with an active account is there now.", "Choose somebody else.")


def _may_be_handed(alert: Alert, officer: User, by: Actor, now: datetime) -> Decision:
    actor = actor_for(officer, at=now, address="")
    return check_hand_over(
        by.profile,
        is_closed=alert.status == AlertStatus.CLOSED,
        to=officer.full_name,
        may_act=actor.may("alerts.view") and actor.may("alerts.dispose"),
        has_it=HandOver.objects.filter(alert=alert, officer=officer).exists(),
    )


def _handed(alert: Alert, officer: User, unit: UUID | None, note: str, by: Actor, now: datetime) -> HandOver:
    made = HandOver.objects.create(
        agency_id=by.agency,
        alert=alert,
        officer=officer,
        unit_id=unit,
        note=note.strip(),
        sent_by_id=by.user_id,
        sent_at=now,
    )
    notices.raise_notice(
        agency=by.agency,
        key=_key(made),
        kind=NOTICE,
        to=to_person(officer.pk, officer.full_name),
        text=f"{by.name} handed you an alert. Open it and acknowledge it.",
        link=reverse("field:alert", args=[alert.pk]),
        subject=f"alerts.Alert:{alert.pk}",
        by=by.who,
        now=now,
    )
    detail = {"officer": officer.username, "unit": made.unit.name if made.unit else "", "note": made.note}
    _journal("field.alert.handed", alert, by, detail, now)
    return made


def _key(handed: HandOver) -> str:
    return f"{NOTICE}:{handed.pk}"


def take_act(*, alert: Alert, sent: Sent, by: Actor, now: datetime) -> FieldAct:
    """Do what an officer did in the field, once; what cannot be done is refused and kept with its reason.

    Raises Refused for who may not see alerts, and Alert.DoesNotExist.
    """
    by.require("alerts.view")
    try:
        return _taken(alert, sent, by, now)
    except IntegrityError:
        # The same act, sent twice at once: the other one is there now.
        known = FieldAct.objects.filter(officer_id=by.user_id, act=sent.act).first()
        if known is None:
            raise
        return known


@transaction.atomic
def _taken(alert: Alert, sent: Sent, by: Actor, now: datetime) -> FieldAct:
    found = Alert.objects.get(pk=alert.pk, agency_id=by.agency)
    if (known := FieldAct.objects.filter(officer_id=by.user_id, act=sent.act).first()) is not None:
        return known
    told = sent.problem or _tried(found, sent, by, now)
    outcome = ActOutcome.REFUSED if told else ActOutcome.DONE
    made = FieldAct.objects.create(
        agency_id=by.agency,
        alert=found,
        officer_id=by.user_id,
        act=sent.act,
        kind=sent.kind,
        done_at=sent.done_at,
        sent_at=sent.sent_at,
        received_at=now,
        outcome=outcome,
        told=told[:LONGEST_ANSWER],
        given=list(sent.words) if told else [],
    )
    detail = {
        "act": sent.kind.label,
        "done": sent.done_at.isoformat(),
        "id": str(sent.act),
        "told": made.told,
    }
    _journal("field.act.refused" if told else "field.act.done", found, by, detail, now)
    return made


def _tried(alert: Alert, sent: Sent, by: Actor, now: datetime) -> str:
    """Do it; why not and what to do instead, "" when it was done."""
    try:
        with transaction.atomic():
            _do(alert, sent, by, now)
    except (NotNow, Refused) as refusal:
        decision = refusal.decision
        cited = f" ({decision.clause})" if decision.clause else ""
        return f"{decision.reason}{cited} {decision.remedy}".strip()
    return ""


def _do(alert: Alert, sent: Sent, by: Actor, now: datetime) -> None:
    match sent.kind:
        case ActKind.ACKNOWLEDGE:
            _acknowledge(alert, sent, by, now)
        case ActKind.VERIFY:
            alerts.record_confirmation(alert=alert, by=by, now=now, **_with_own(alert, sent.given, by))
        case ActKind.EXCUSE:
            excuse_verification(alert=alert, by=by, now=now, **sent.given)
        case ActKind.DISPOSE:
            alerts.dispose(alert=alert, by=by, now=now, done_at=sent.acted_at(now), **sent.given)


def _with_own(alert: Alert, given: Mapping[str, Any], by: Actor) -> Mapping[str, Any]:
    """What was given, its `seen` raised by the officer's own answers since.

    It guards against an answer of somebody else, which the officer has not seen. Without network the page
    does not show the officer's own either, and they know of those.
    """
    seen = given.get("seen")
    if seen is None:
        return given
    people = list(alert.confirmations.order_by("recorded_at", "id").values_list("recorded_by_id", flat=True))
    is_own = all(one == by.user_id for one in people[seen:])
    return {**given, "seen": len(people)} if is_own else given


def _acknowledge(alert: Alert, sent: Sent, by: Actor, now: datetime) -> None:
    mine = HandOver.objects.select_for_update().filter(alert=alert, officer_id=by.user_id).first()
    if mine is None:
        said = "This alert was not handed to you."
        raise NotNow(Decision(False, "", said, "Tell dispatch by radio that you take it."))
    if mine.acknowledged_at is not None:
        return
    mine.acknowledged_at, mine.device_at = now, sent.done_at
    mine.save(update_fields=["acknowledged_at", "device_at"])
    notices.settle(agency=by.agency, key=_key(mine), by=by.who, now=now)
    _journal("field.alert.acknowledged", alert, by, {"done": sent.done_at.isoformat()}, now)


def _journal(verb: str, alert: Alert, by: Actor, detail: Mapping[str, Any], now: datetime) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=alert.agency_id,
        subject=f"alerts.Alert:{alert.pk}",
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
    live.publish(agency=alert.agency_id, topic="alerts", id=str(alert.pk))
