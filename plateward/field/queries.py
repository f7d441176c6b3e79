"""Alerts handed to an officer, to whom an alert can be handed, and whom it was handed to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.accounts.queries import people_of
from plateward.accounts.rules import AccountState
from plateward.alerts import queries as alerts
from plateward.alerts.models import Alert
from plateward.field.models import FieldAct, HandOver
from plateward.governance.actor import Actor
from plateward.governance.models import Unit
from plateward.governance.organization.queries import members_within, units_of
from plateward.policy import Profile


def mine(actor: Actor) -> QuerySet[Alert]:
    """Open alerts that were handed to this officer, the one hit last first."""
    return alerts.open_alerts(actor.agency, actor.profile).filter(hand_overs__officer=actor.user_id)


def others(actor: Actor) -> QuerySet[Alert]:
    """The agency's other open alerts: no area or beat says which are an officer's."""
    return alerts.open_alerts(actor.agency, actor.profile).exclude(hand_overs__officer=actor.user_id)


def hand_overs_of(officer: UUID, shown: Iterable[Alert]) -> Mapping[UUID, HandOver]:
    """The officer's hand-overs of these alerts, by alert."""
    found = HandOver.objects.filter(officer=officer, alert__in=[one.pk for one in shown])
    return {one.alert_id: one for one in found.select_related("sent_by", "unit")}


def handed(alert: Alert) -> list[HandOver]:
    """Everybody whom the alert was handed to, in order."""
    found = HandOver.objects.filter(alert=alert).select_related("officer", "sent_by", "unit")
    return list(found.order_by("sent_at", "id"))


def refused_acts(alert: Alert, officer: UUID) -> QuerySet[FieldAct]:
    """What this officer's device sent about the alert and was refused, newest first."""
    return FieldAct.objects.filter(alert=alert, officer=officer, outcome="REFUSED").order_by("-received_at")


def acts_of(alert: Alert) -> list[FieldAct]:
    """What was done about the alert in the field, in the order it was received."""
    return list(FieldAct.objects.filter(alert=alert).select_related("officer").order_by("received_at", "id"))


def officers(agency: str, profile: Profile) -> QuerySet[User]:
    """People with an active account whose title works alerts and does not dispatch them, by name."""
    titles = [key for key, title in profile.titles.items() if _works(title.capabilities.settled or ())]
    return people_of(agency).filter(state=AccountState.ACTIVE, title__in=titles)


def _works(capabilities: Iterable[str]) -> bool:
    able = set(capabilities)
    return "alerts.dispose" in able and "alerts.dispatch" not in able


def units(agency: str) -> QuerySet[Unit]:
    """The agency's units by name."""
    return units_of(agency)


def within(agency: str, unit: UUID, at: datetime) -> QuerySet[User]:
    """The officers who are in the unit now, or in a part of it, by name."""
    inside = members_within(agency, str(unit), at)
    return people_of(agency).filter(state=AccountState.ACTIVE, pk__in=inside)
