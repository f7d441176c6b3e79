"""The outbox: what happened to an alert is written with it; the worker makes messages of it."""

from datetime import datetime

from django.db import transaction

from plateward.alerts.models import Alert, Hit
from plateward.alerts.rules import AlertChange
from plateward.governance.queries import profile_for
from plateward.outgoing import persons, rules
from plateward.outgoing.models import Event, Message, System
from plateward.outgoing.rules import SystemKind, SystemState
from plateward.policy.outgoing import detail_may_leave, systems_told

AT_ONCE = 100


def put(alert: Alert, change: AlertChange, hit: Hit | None, now: datetime) -> None:
    """Write what happened, in the transaction in which it does; the worker is woken once it is committed.

    A worker that was not woken finds it within the minute.
    """
    from plateward.outgoing.tasks import send_soon  # noqa: PLC0415  tasks lie above what they call

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


@transaction.atomic
def spread(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Make the messages of up to `limit` events, each once for each that hears of it; how many events.

    Systems that were set up only afterwards do not hear of it.
    """
    waiting = Event.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "alert__entry", "hit"
    )
    events = list(waiting.filter(spread_at__isnull=True).order_by("pk")[:limit])
    systems = {agency: _systems(agency) for agency in {event.agency_id for event in events}}
    made = [
        Message(agency_id=event.agency_id, system=system, event=event, made_at=now, next_at=now)
        for event in events
        for system in systems[event.agency_id]
        if _hears(system, event) and may_hear(system, event, now)
    ]
    Message.objects.bulk_create([*made, *persons.messages_of(events, now)], ignore_conflicts=True)
    Event.objects.filter(pk__in=[event.pk for event in events]).update(spread_at=now)
    return len(events)


def _systems(agency: str) -> list[System]:
    if not systems_told(profile_for(agency)):
        return []
    found = System.objects.filter(agency_id=agency, state=SystemState.ON, kind=SystemKind.WEBHOOK)
    return list(found)


def _hears(system: System, event: Event) -> bool:
    return (
        event.what in system.whats
        and system.made_at <= event.happened_at
        and rules.wants(system.categories, event.alert.entry.category)
    )


def may_hear(system: System, event: Event, now: datetime) -> bool:
    """Whether hearing of an event tells a system nothing that must stay here (B-466.4(e)).

    To one that chose kinds of entries, a message says of which kind the entry is, whatever the message holds.
    """
    entry = event.alert.entry
    if not system.categories:
        return True
    return bool(detail_may_leave(profile_for(event.agency_id), entry.origin, entry.category, now.date()))
