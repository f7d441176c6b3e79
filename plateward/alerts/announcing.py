"""Who is told, in the same transaction, that an alert was raised or changed: what lies above says so."""

from collections.abc import Callable
from datetime import datetime

from plateward.alerts.models import Alert, Hit
from plateward.alerts.rules import AlertChange

Listener = Callable[[Alert, AlertChange, Hit | None, datetime], object]
"""The alert, what happened to it, the hit where it was one, and the instant."""

_listeners: list[Listener] = []


def on_change(listener: Listener) -> None:
    """Have `listener` called in the transaction of every change; what it raises voids the change."""
    _listeners.append(listener)


def announce(alert: Alert, change: AlertChange, now: datetime, hit: Hit | None = None) -> None:
    """Tell whoever asked to be told."""
    for listener in _listeners:
        listener(alert, change, hit, now)
