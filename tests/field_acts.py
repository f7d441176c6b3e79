"""Alerts handed to officers, and acts sent in from the field."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from plateward.alerts.models import Alert
from plateward.field import actions
from plateward.field.actions import Sent
from plateward.field.models import FieldAct, HandOver
from plateward.field.rules import ActKind
from tests.alarms import alerted
from tests.personas import Town
from tests.stage import Act, Stage


def handed(alert: Alert, town: Town, now: datetime, to: str = "ortiz", by: str = "dunn") -> HandOver:
    """Dispatcher Dunn hands the alert to Officer Ortiz, or others to others."""
    officer = town.users[to].pk
    (made,) = actions.hand_over(
        alert=alert, officer=officer, unit=None, note="", by=town.actor(by, now), now=now
    )
    return made


def sent(
    alert: Alert,
    town: Town,
    now: datetime,
    kind: ActKind = ActKind.ACKNOWLEDGE,
    *,
    by: str = "ortiz",
    act: UUID | None = None,
    given: Mapping[str, Any] | None = None,
) -> FieldAct:
    """An act done five minutes before it could be sent."""
    told = Sent(
        act=act or uuid4(), kind=kind, done_at=now - timedelta(minutes=5), sent_at=now, given=given or {}
    )
    return actions.take_act(alert=alert, sent=told, by=town.actor(by, now), now=now)


def hand_over(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    return lambda: handed(alert, s.town, s.now)


def take_act(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    handed(alert, s.town, s.now)
    return lambda: sent(alert, s.town, s.now)


FIELD_ACTS = {"field.hand_over": hand_over, "field.take_act": take_act}
