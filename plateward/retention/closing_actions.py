"""Committing to each camera's day once it is over, and again to what comes late (R91)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.retention import closing
from plateward.retention.destruction import Counts, Span, counts
from plateward.retention.models import DayRoot, KeptLeaf, PurgeDay

LOOKED_BACK: Final = timedelta(days=35)
"""Each night so many days are looked at for what came late; a purge looks at all of its own."""
_LOCK: Final = 1886151031


@transaction.atomic
def close_days(*, agency: str, span: Span, now: datetime, all_stored: bool = False) -> int:
    """Commit to the span's days that are over and hold reads that no root covers; returns how many roots.

    What was stored within the last ten minutes, and today, waits for the next time, unless the caller lets
    nobody store (`all_stored`): then whole days are committed to, also where the span ends within one. Each
    day's roots are one row of the journal, whose place in the ledger proves when they were known.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    today = now.astimezone(UTC).date()
    whole = span.whole_days if all_stored else span
    there = {at: number for at, number in counts(whole).items() if all_stored or at[1] < today}
    known = _known(agency, there)
    stays = _staying(agency, there, known)
    made: dict[date, list[DayRoot]] = defaultdict(list)
    for (device, day), number in sorted(there.items(), key=lambda one: (one[0][1], one[0][0])):
        if number > stays.get((device, day), 0):
            row = closing.closed(
                agency=agency,
                device=device,
                day=day,
                known=known.get((device, day), ()),
                until_at=None if all_stored else now - closing.SETTLED,
                now=now,
            )
            if row is not None:
                made[day].append(row)
    for day, rows in made.items():
        DayRoot.objects.bulk_create(rows)
        _journal(agency, day, rows, now)
    return sum(map(len, made.values()))


def _known(agency: str, days: Iterable[tuple[UUID, date]]) -> dict[tuple[UUID, date], list[DayRoot]]:
    wanted = list(days)
    rows = DayRoot.objects.filter(agency_id=agency, captured_date__in={day for _, day in wanted})
    found: dict[tuple[UUID, date], list[DayRoot]] = defaultdict(list)
    for row in rows.order_by("number"):
        found[row.device_id, row.captured_date].append(row)
    return found


def _staying(agency: str, days: Counts, known: dict[tuple[UUID, date], list[DayRoot]]) -> Counts:
    """How many reads of each day are covered by a root and were not purged."""
    gone = (
        PurgeDay.objects.filter(agency_id=agency, captured_date__in={day for _, day in days}, purged__gt=0)
        .order_by()
        .values_list("device_id", "captured_date")
        .annotate(Sum("purged"))
    )
    purged = {(device, day): number for device, day, number in gone}
    return {at: sum(row.reads for row in known.get(at, ())) - purged.get(at, 0) for at in days}


def _journal(agency: str, day: date, rows: list[DayRoot], now: datetime) -> None:
    audit.record(
        verb="retention.day.committed",
        by=CLOCK,
        agency=agency,
        subject=f"retention.DayRoot:{rows[0].pk}",
        detail={
            "day": day.isoformat(),
            "count": sum(row.reads for row in rows),
            "roots": [
                {"device": str(row.device_id), "number": row.number, "reads": row.reads, "root": row.root}
                for row in rows
            ],
        },
        now=now,
    )


def keep_proofs(*, row: DayRoot, kept: set[UUID]) -> bool:
    """Write down salts and proofs of held reads in the caller's transaction; False where the root changed."""
    known = set(row.kept.values_list("read_id", flat=True))
    try:
        KeptLeaf.objects.bulk_create(closing.proofs(row, kept - known))
    except closing.RootChanged:
        return False
    return True
