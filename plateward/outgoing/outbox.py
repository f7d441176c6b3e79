"""The outbox: of what happened to alerts (`announcing`) the worker makes messages to whoever hears of it."""

from datetime import datetime

from django.db import transaction

from plateward.governance.queries import profile_for
from plateward.outgoing import persons, rules
from plateward.outgoing.models import Event, Message, System
from plateward.outgoing.rules import SystemKind, SystemState
from plateward.policy.outgoing import detail_may_leave, systems_told

AT_ONCE = 100


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
    profile = profile_for(event.agency_id)
    return bool(detail_may_leave(profile, entry.origin, entry.category, profile.agency.day(now)))
