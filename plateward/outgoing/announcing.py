"""What happened to an alert is written into the outbox in the transaction in which it happens."""

from datetime import datetime

from django.db import transaction

from plateward.alerts.models import Alert, Hit
from plateward.alerts.rules import AlertChange
from plateward.outgoing.models import Event
from plateward.outgoing.tasks import send_soon


def put(alert: Alert, change: AlertChange, hit: Hit | None, now: datetime) -> None:
    """Write what happened, in the transaction in which it does; the worker is woken once it is committed.

    A worker that was not woken finds it within the minute.
    """
    Event.objects.create(
        agency_id=alert.agency_id,
        alert=alert,
        hit=hit,
        what=change,
        status=alert.status,
        happened_at=now,
        came_alive=change == AlertChange.HIT and hit is not None and _is_first_live(alert, hit),
    )
    transaction.on_commit(send_soon, robust=True)


def _is_first_live(alert: Alert, hit: Hit) -> bool:
    """Whether a hit is its alert's first that is not late; whoever writes hits has the alert locked."""
    return not hit.is_late and not alert.hits.filter(is_late=False).exclude(pk=hit.pk).exists()
