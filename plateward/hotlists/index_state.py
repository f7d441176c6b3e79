"""How the index of wanted plates stands on each machine, as worker and matchers note it for screens."""

import socket
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Case, DateTimeField, F, Q, Value, When

from plateward.hotlists.models import IndexKeeper

KEPT_EVERY: Final = timedelta(minutes=5)
"""The worker looks after the index each minute; after so long without it something is wrong."""
ASKED_LATELY: Final = timedelta(minutes=2)
"""Asking the database goes on while no longer pause is in it; so long it takes until it is worth a word."""
NOTED_EVERY: Final = timedelta(seconds=30)
_AT: Final = DateTimeField()
GONE_AFTER: Final = timedelta(days=1)
"""A machine that noted nothing for a day was taken away; nobody is to be told of it for ever."""


def here() -> str:
    """What this machine and its data folder are called in the notes."""
    return f"{socket.gethostname()}:{settings.ENVIRONMENT.hotlists}"[:200]


def note_asked(now: datetime) -> None:
    """Note that matching had to ask the database, at most twice a minute; nobody waits for another's note."""
    began = Case(
        When(asked_at__gte=now - ASKED_LATELY, then=F("asking_since_at")),
        default=Value(now),
        output_field=_AT,
    )
    not_noted = Q(asked_at__isnull=True) | Q(asked_at__lt=now - NOTED_EVERY)
    first = {"asked_at": now, "asking_since_at": now}
    if not IndexKeeper.objects.filter(not_noted, place=here()).update(asked_at=now, asking_since_at=began):
        IndexKeeper.objects.get_or_create(place=here(), defaults=first)


def trouble(now: datetime) -> tuple[datetime, str] | None:
    """Since when and how the index falls short on any machine, for a sentence; None when all is well.

    Matching misses nothing meanwhile: it asks the database.
    """
    found = [said for keeper in IndexKeeper.objects.all() if (said := _trouble_of(keeper, now))]
    return min(found, default=None)


def _trouble_of(keeper: IndexKeeper, now: datetime) -> tuple[datetime, str] | None:
    latest = max(filter(None, (keeper.kept_at, keeper.asked_at)), default=None)
    if latest is None or now - latest > GONE_AFTER:
        return None
    if keeper.troubled_at:
        return keeper.troubled_at, f"cannot be written ({keeper.trouble})"
    if keeper.kept_at and now - keeper.kept_at > KEPT_EVERY:
        return keeper.kept_at, "has had no worker look after it"
    since_at = keeper.asking_since_at
    if keeper.asked_at and since_at and now - keeper.asked_at < ASKED_LATELY < now - since_at:
        return since_at, "is missing or left behind by what changed"
    return None
