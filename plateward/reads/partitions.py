"""The partitions of the reads: how much time each spans, which there are, and making them ahead.

The application may not make tables; the owner's function makes this one kind (ADR 0015). A partition never
overlaps another: where one of the wanted length would, the function makes the longest that fits, down to a
day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from plateward.accounts.models import Agency
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.policy import reads_kept_since
from plateward.reads.rules import AHEAD, Grain, grain_for

_EXISTING: Final = """
    SELECT from_at, until_at, pg_total_relation_size(part) FROM plateward_reads_partitions() ORDER BY from_at
"""
_MISSING: Final = """
    SELECT wanted FROM unnest(%s::timestamptz[]) AS wanted
    WHERE NOT EXISTS (
        SELECT FROM plateward_reads_partitions() WHERE wanted >= from_at AND wanted < until_at
    ) ORDER BY wanted
"""


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its stretch of time, the end not included, and its size with indexes in bytes."""

    from_at: datetime
    until_at: datetime
    size: int


def existing() -> Iterator[Partition]:
    """All partitions, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING)
        yield from (Partition(*row) for row in cursor.fetchall())


def wanted_grain(now: datetime) -> Grain:
    """The length of partitions that fits how long the installation's agencies keep reads at `now`.

    An agency whose policy sets no end, or that has none in force, may keep reads for long.
    """
    since: list[datetime | None] = []
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            since.append(reads_kept_since(profile_for(agency), now))
        except PolicyUnavailableError:
            since.append(None)
    known = [moment for moment in since if moment]
    return grain_for(now - min(known) if known and len(known) == len(since) else None)


def make_ahead(now: datetime) -> None:
    """Have every partition that `rules.AHEAD` wants from `now` on; asked again it does nothing."""
    grain = wanted_grain(now)
    ensure((now + timedelta(days=day) for day in range(AHEAD[grain].days + 1)), now, grain)


def ensure(instants: Iterable[datetime], now: datetime, grain: Grain | None = None) -> None:
    """Have a partition for each instant; a missing one gets this length, or what `wanted_grain` says."""
    days = {instant.astimezone(UTC).date() for instant in instants}  # partitions are of whole days
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, [[datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]])
        missing = [instant for (instant,) in cursor.fetchall()]
        if missing:
            unit = (grain or wanted_grain(now)).value.lower()
            for instant in missing:
                cursor.execute("SELECT plateward_add_reads_partition(%s, %s)", [instant, unit])
