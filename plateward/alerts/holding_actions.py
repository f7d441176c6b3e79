"""Who works which alert, who has heard of it, and what units did about it.

Holding an alert never stops a colleague: it says who is at it. Each act writes rows, journal and live event
in one transaction. What does not fit the alert as it is raises NotNow; what a person may not do, Refused.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from plateward.accounts.models import LoginSession, User
from plateward.alerts import holding
from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, Holding, UnitNote
from plateward.alerts.rules import AlertStatus, HoldingEnd
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.live import actions as live
from plateward.policy import Decision

CLOCK = Who.system("clock")


@transaction.atomic
def acknowledge(*, alerts: Iterable[UUID], by: Actor, now: datetime) -> int:
    """Say that somebody has heard of these alerts, which ends their tone on every console; returns how many.

    Alerts that were acknowledged before, or are another agency's, are passed over. Raises Refused.
    """
    by.require("alerts.dispatch")
    unheard = Alert.objects.select_for_update().filter(
        pk__in=list(alerts), agency_id=by.agency, acknowledged_at__isnull=True
    )
    found = list(unheard.exclude(status=AlertStatus.CLOSED).order_by("pk"))
    for alert in found:
        _acknowledged(alert, by, now)
    return len(found)


def _acknowledged(alert: Alert, by: Actor, now: datetime) -> None:
    alert.acknowledged_at, alert.acknowledged_by_id = now, by.user_id
    alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
    _journal(alert, "alerts.alert.acknowledged", by.who, now, profile_version=by.profile.version)


@transaction.atomic
def take(*, alert: Alert, by: Actor, now: datetime, reason: str = "") -> Holding:
    """Say that one works the alert; taking it from somebody else asks for a reason.

    Who holds it already goes on holding it. Raises Refused and NotNow.
    """
    by.require("alerts.dispatch")
    locked = _open(alert, by)
    current = holding.current(locked)
    if current is not None and current.holder_id == by.user_id:
        return current
    if current is not None and not reason.strip():
        said = f"{current.holder.full_name} holds this alert."
        raise NotNow(
            Decision(False, "", said, "Say why you take it over, or work a step without holding it.")
        )
    if locked.acknowledged_at is None:
        _acknowledged(locked, by, now)
    if current is None:
        return _taken(locked, by, now, "alerts.holding.taken")
    _end(current, HoldingEnd.TAKEN_OVER, now)
    detail = {"of": current.holder.username, "reason": reason.strip()}
    return _taken(locked, by, now, "alerts.holding.overtaken", reason=reason.strip(), detail=detail)


@transaction.atomic
def take_if_free(*, alert: Alert, by: Actor, now: datetime) -> Holding | None:
    """Who works an alert that nobody holds, holds it; None where somebody does, or nobody can any more."""
    by.require("alerts.dispatch")
    locked = _locked(alert, by)
    if locked.status == AlertStatus.CLOSED or holding.current(locked) is not None:
        return None
    return take(alert=locked, by=by, now=now)


@transaction.atomic
def hand_over(*, alert: Alert, to: Actor, by: Actor, now: datetime) -> Holding:
    """Pass the alert, which one holds, to a colleague who may work it. Raises Refused and NotNow."""
    by.require("alerts.dispatch")
    locked = _open(alert, by)
    current = _of_mine(locked, by)
    if to.agency != by.agency or not to.may("alerts.dispatch") or to.user_id == by.user_id:
        said = f"{to.name} cannot work this alert."
        raise NotNow(Decision(False, "", said, "Choose a colleague who works the dispatch."))
    _end(current, HoldingEnd.HANDED_OVER, now)
    made = Holding.objects.create(alert=locked, holder_id=to.user_id, taken_at=now)
    _journal(
        locked,
        "alerts.holding.handed",
        by.who,
        now,
        detail={"to": to.username},
        profile_version=by.profile.version,
    )
    return made


@transaction.atomic
def release(*, alert: Alert, by: Actor, now: datetime) -> None:
    """Stop working the alert, which one holds; it waits for somebody again. Raises Refused and NotNow."""
    by.require("alerts.dispatch")
    locked = _locked(alert, by)
    _end(_of_mine(locked, by), HoldingEnd.RELEASED, now)
    _journal(locked, "alerts.holding.released", by.who, now, profile_version=by.profile.version)


def release_all(user: User, now: datetime) -> int:
    """End what a person holds who has no session left, and say so; returns how many alerts wait again.

    Where the journal cannot be written it is recorded locally: leaving must not fail (R133).
    """
    with transaction.atomic():
        held = Holding.objects.select_for_update(of=("self",)).select_related("alert", "holder")
        return _end_all(held.filter(holder=user, ended_at__isnull=True), now)


@transaction.atomic
def end_absent(*, now: datetime) -> int:
    """End the holdings of everybody whose sessions have all run out; returns how many."""
    here = LoginSession.objects.filter(user=OuterRef("holder"), session__expire_date__gt=now)
    held = Holding.objects.select_for_update(of=("self",), skip_locked=True)
    return _end_all(held.select_related("alert", "holder").filter(~Exists(here), ended_at__isnull=True), now)


@transaction.atomic
def note_unit(
    *, alert: Alert, unit: str, text: str, by: Actor, now: datetime, act: UUID | None = None
) -> UnitNote:
    """Take down what a unit did or said. `act` is the note's id, made by the screen.

    The same note sent again is the one that is there. Raises Refused and NotNow.
    """
    by.require("alerts.dispatch")
    locked = _locked(alert, by)
    known = UnitNote.objects.filter(pk=act, alert=locked, noted_by_id=by.user_id).first() if act else None
    if known is not None:
        return known
    _require_open(locked)
    given = {"id": act} if act else {}
    note = UnitNote.objects.create(
        alert=locked,
        unit=unit.strip().upper(),
        text=text.strip(),
        noted_by_id=by.user_id,
        noted_at=now,
        **given,
    )
    detail = {"unit": note.unit, "text": note.text}
    _journal(locked, "alerts.unit.noted", by.who, now, detail=detail, profile_version=by.profile.version)
    return note


def _end_all(held: Iterable[Holding], now: datetime) -> int:
    count = 0
    for one in held:
        _end(one, HoldingEnd.LEFT, now)
        audit.record_or_locally(
            verb="alerts.holding.ended",
            by=CLOCK,
            agency=one.alert.agency_id,
            subject=f"alerts.Alert:{one.alert_id}",
            detail={"of": one.holder.username},
            profile_version=one.alert.profile_version,
            now=now,
        )
        live.publish(agency=one.alert.agency_id, topic="alerts", id=str(one.alert_id))
        count += 1
    return count


def _taken(
    alert: Alert,
    by: Actor,
    now: datetime,
    verb: str,
    *,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> Holding:
    made = Holding.objects.create(alert=alert, holder_id=by.user_id, taken_at=now, reason=reason)
    _journal(alert, verb, by.who, now, detail=detail, profile_version=by.profile.version)
    return made


def _end(one: Holding, how: HoldingEnd, now: datetime) -> None:
    one.ended_at, one.ended_as = now, how
    one.save(update_fields=["ended_at", "ended_as"])


def _of_mine(alert: Alert, by: Actor) -> Holding:
    current = holding.current(alert)
    if current is None or current.holder_id != by.user_id:
        said = f"{current.holder.full_name} holds this alert." if current else "Nobody holds this alert."
        raise NotNow(Decision(False, "", said, "Only who holds an alert hands it over or releases it."))
    return current


def _locked(alert: Alert, by: Actor) -> Alert:
    """The alert under a lock; raises Alert.DoesNotExist for another agency's."""
    return Alert.objects.select_for_update().get(pk=alert.pk, agency_id=by.agency)


def _open(alert: Alert, by: Actor) -> Alert:
    locked = _locked(alert, by)
    _require_open(locked)
    return locked


def _require_open(alert: Alert) -> None:
    if alert.status == AlertStatus.CLOSED:
        raise NotNow(Decision(False, "", "This alert is closed.", "The next hit raises a new alert."))


def _journal(
    alert: Alert,
    verb: str,
    by: Who,
    now: datetime,
    *,
    profile_version: str,
    detail: dict[str, Any] | None = None,
) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=alert.agency_id,
        subject=f"alerts.Alert:{alert.pk}",
        detail=detail or {},
        profile_version=profile_version,
        now=now,
    )
    live.publish(agency=alert.agency_id, topic="alerts", id=str(alert.pk))
