"""The statements that count and destroy reads, and everything of `reads` that goes with them.

Part of `purge_actions`, which decides what goes, holds back what is held, and journals it. Each
function here runs in the caller's transaction and sees what the caller may see.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Final
from uuid import UUID

from django.db import OperationalError, connection, transaction

from plateward.evidence.holding_unread import may_be_held_condition
from plateward.reads.models import DataKey, Picture
from plateward.reads.partitions import Partition, existing
from plateward.reads.store import key_folder

LOCK_TIMEOUT_MS: Final = 5_000
"""So long a purge waits for the table; then it lets others go first, and is tried again."""

_AT_ONCE_MS: Final = 200
"""Less than the second after which PostgreSQL looks for a deadlock, and might end somebody else's work."""

PAUSES: Final = (0.2, 0.5, 1.0)
"""Seconds before a partition is tried again that somebody sees by an old snapshot: a search is soon over."""


class OldSnapshotError(OperationalError):
    """A backup or long transaction would find a partition empty: nothing was changed, a later try may do."""


_TICK: Final = timedelta(microseconds=1)
# Begun with what lives on, which is little; a purge's days are many where ceilings are short.
_LEFT_OVER: Final = """
    SELECT lives.device_id, lives.captured_date FROM (
        SELECT key.device_id, key.captured_date FROM reads_datakey AS key
        WHERE key.agency_id = %(agency)s AND key.device_id = ANY(%(devices)s)
          AND key.captured_date < %(before)s AND key.wrapped IS NOT NULL
        UNION
        SELECT root.device_id, root.captured_date FROM retention_dayroot AS root
        WHERE root.agency_id = %(agency)s AND root.device_id = ANY(%(devices)s)
          AND root.captured_date < %(before)s AND root.salt_key IS NOT NULL
    ) AS lives
    WHERE NOT EXISTS (SELECT FROM reads_read AS read
                      WHERE read.agency_id = %(agency)s AND read.device_id = lives.device_id
                        AND read.captured_at >= lives.captured_date::timestamp AT TIME ZONE 'UTC'
                        AND read.captured_at < (lives.captured_date + 1)::timestamp AT TIME ZONE 'UTC')
      AND EXISTS (SELECT FROM retention_purgeday AS day
                  WHERE day.agency_id = %(agency)s AND day.device_id = lives.device_id
                    AND day.captured_date = lives.captured_date AND day.purged > 0)
"""
_COUNT: Final = """
    SELECT read.device_id, (read.captured_at AT TIME ZONE 'UTC')::date, count(*)
    FROM reads_read AS read
    WHERE read.agency_id = %s AND read.device_id = ANY(%s)
      AND read.captured_at >= %s AND read.captured_at < %s {more}
    GROUP BY 1, 2
"""
_HOLD_BACK: Final = """
    INSERT INTO retention_heldread (agency_id, purge_id, plate_key, captured_at, read_id)
    SELECT read.agency_id, %s, read.plate_key, read.captured_at, read.id
    FROM reads_read AS read
    WHERE read.agency_id = %s AND read.device_id = ANY(%s)
      AND read.captured_at >= %s AND read.captured_at < %s AND {held}
"""
_OLDEST: Final = """
    SELECT min(found.at) FROM unnest(%s::uuid[]) AS wanted (device)
    CROSS JOIN LATERAL (
        SELECT read.captured_at AS at FROM reads_read AS read
        WHERE read.device_id = wanted.device AND read.agency_id = %s AND {held}
        ORDER BY read.captured_at LIMIT 1
    ) AS found
"""


@dataclass(frozen=True, slots=True)
class Span:
    """An agency's devices' reads captured from an instant to before another."""

    agency: str
    devices: tuple[UUID, ...]
    from_at: datetime
    until_at: datetime

    def within(self, part: Partition) -> "Span":
        """What of it lies in a partition."""
        return Span(
            self.agency, self.devices, max(self.from_at, part.from_at), min(self.until_at, part.until_at)
        )

    @property
    def whole_days(self) -> "Span":
        """The UTC days that it touches, from beginning to end."""
        first, last = self.from_at.astimezone(UTC), self.until_at.astimezone(UTC) - _TICK
        begin, end = (datetime.combine(one.date(), clock_time(), UTC) for one in (first, last))
        return Span(self.agency, self.devices, begin, end + timedelta(days=1))

    @property
    def values(self) -> list[Any]:
        """Agency, devices, from and until, as the statements take them."""
        return [self.agency, list(self.devices), self.from_at, self.until_at]


Counts = Mapping[tuple[UUID, date], int]
"""Reads of each device on each UTC day; those without any are missing."""


def partitions_of(span: Span) -> Sequence[Partition]:
    """The partitions that a span touches, the oldest first."""
    return [part for part in existing() if part.from_at < span.until_at and part.until_at > span.from_at]


def oldest(agency: str, devices: Collection[UUID], unheld: str = "true") -> datetime | None:
    """When the devices' oldest read was captured, of those that the condition on `read` lets pass."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST.format(held=unheld), [list(devices), agency])
        found: datetime | None = cursor.fetchone()[0]
    return found


def counts(span: Span, condition: str = "") -> Counts:
    """How many reads of a span there are, or those that the condition on `read` holds for."""
    with connection.cursor() as cursor:
        more = f"AND {condition}" if condition else ""
        cursor.execute(_COUNT.format(more=more), span.values)
        return {(device, day): number for device, day, number in cursor.fetchall()}


def left_over(span: Span) -> list[tuple[UUID, date]]:
    """Days before the span whose last read went while they were not over: keys or salts are left of them."""
    with connection.cursor() as cursor:
        before = span.from_at.astimezone(UTC).date()
        cursor.execute(_LEFT_OVER, {"agency": span.agency, "devices": list(span.devices), "before": before})
        found: list[tuple[UUID, date]] = cursor.fetchall()
    return found


def count_of(agency: str, reads: Collection[UUID], condition: str) -> int:
    """How many of these reads are there for which the condition on `read` holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM unnest(%s::uuid[]) AS wanted (id) JOIN reads_read AS read "  # noqa: S608  our own conditions
            "ON read.captured_at = plateward_captured_at(wanted.id) AND read.id = wanted.id "
            f"WHERE read.agency_id = %s AND {condition}",
            [list(reads), agency],
        )
        return int(cursor.fetchone()[0])


def lock() -> None:
    """Let nobody store a read until the transaction ends; whoever searches goes on.

    Raises django.db.OperationalError when others do not let go of the table soon enough.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        cursor.execute("LOCK TABLE ONLY reads_read IN SHARE ROW EXCLUSIVE MODE")


def hold_back(purge: UUID, span: Span, held: str) -> Counts:
    """Note the span's reads that stay, by the condition on `read`, and count them; earlier notes go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM retention_heldread WHERE purge_id = %s AND captured_at >= %s AND captured_at < %s",
            [purge, span.from_at, span.until_at],
        )
        cursor.execute(_HOLD_BACK.format(held=held), [purge, *span.values])
        cursor.execute(
            """
            SELECT read.device_id, (read.captured_at AT TIME ZONE 'UTC')::date, count(*)
            FROM retention_heldread AS kept
            JOIN reads_read AS read ON (read.plate_key, read.captured_at, read.id)
                                     = (kept.plate_key, kept.captured_at, kept.read_id)
            WHERE kept.purge_id = %s AND kept.captured_at >= %s AND kept.captured_at < %s
            GROUP BY 1, 2
            """,
            [purge, span.from_at, span.until_at],
        )
        return {(device, day): number for device, day, number in cursor.fetchall()}


_KEPT: Final = """
    EXISTS (SELECT FROM retention_heldread AS kept
            WHERE kept.purge_id = %s AND kept.captured_at = gone.captured_at AND kept.read_id = gone.{id})
"""


_DELETE_PICTURES: Final = f"""
    WITH gone AS (
        DELETE FROM reads_picture AS gone USING reads_datakey AS key
        WHERE gone.data_key_id = key.id AND key.agency_id = %s AND key.device_id = ANY(%s)
          AND key.captured_date BETWEEN %s AND %s
          AND gone.captured_at >= %s AND gone.captured_at < %s AND NOT {_KEPT.format(id="read_id")}
        RETURNING key.device_id, key.captured_date, key.id AS key_id, gone.id
    )
    SELECT device_id, captured_date, count(*),
           array_agg(key_id || '/' || id) FILTER (WHERE captured_date >= %s) FROM gone GROUP BY 1, 2
"""  # noqa: S608  constants above


def held_pictures(purge: UUID, span: Span) -> list[UUID]:
    """Pictures of the reads that stay and were not sealed anew for this purge yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT picture.id FROM retention_heldread AS kept
            JOIN reads_picture AS picture ON picture.read_id = kept.read_id
            WHERE kept.purge_id = %s AND kept.captured_at >= %s AND kept.captured_at < %s
            """,
            [purge, span.from_at, span.until_at],
        )
        return [found for (found,) in cursor.fetchall()]


def is_any_plain(span: Span) -> bool:
    """Whether pictures of these days lie unencrypted, so that no key's end would destroy them."""
    return Picture.objects.filter(
        agency_id=span.agency, data_key=None, captured_at__gte=span.from_at, captured_at__lt=span.until_at
    ).exists()


def delete_pictures(purge: UUID, span: Span) -> tuple[Counts, list[str]]:
    """Delete the rows of pictures whose reads go; returns how many of each device and day.

    And the files, without their kinds, of a day that is not over by the span's end: its key lives on.
    """
    days = [span.from_at.astimezone(UTC).date(), span.until_at.astimezone(UTC).date()]
    with connection.cursor() as cursor:
        whose: list[Any] = [span.agency, list(span.devices)]
        values = [*whose, *days, span.from_at, span.until_at, purge, days[1]]
        cursor.execute(_DELETE_PICTURES, values)
        rows = cursor.fetchall()
    files = [f"{span.agency}/{day.isoformat()}/{one}" for _, day, _, names in rows for one in names or ()]
    return {(device, day): number for device, day, number, _ in rows}, files


_WHOSE: Final = "gone.agency_id = %s AND gone.device_id = ANY(%s) AND gone.{at} >= %s AND gone.{at} < %s"
_OF_READS: Final = f"WHERE {_WHOSE.format(at='captured_at')} AND NOT {_KEPT.format(id='read_id')}"
_BESIDE: Final = {
    "awaited": f"DELETE FROM reads_awaitedpicture AS gone {_OF_READS}",  # noqa: S608  constants above
    "checks": f"DELETE FROM reads_readcheck AS gone {_OF_READS}",  # noqa: S608  the same
    "passages": (
        f"DELETE FROM reads_passage AS gone WHERE {_WHOSE.format(at='last_at')} "  # noqa: S608  the same
        "AND gone.closes_at IS NULL AND NOT EXISTS (SELECT FROM retention_heldread AS kept "
        "WHERE kept.purge_id = %s AND kept.read_id = gone.read_id)"
    ),
}


_UNREAD: Final = f"""
    reads_inboxitem AS item
    WHERE item.state = 'QUARANTINED' AND item.agency_id = %s AND item.device_id = ANY(%s)
      AND item.received_at < %s AND NOT ({may_be_held_condition("item")})
"""


def delete_unread(span: Span) -> int:
    """Delete payloads in quarantine received before the span's end that no hold may cover; how many.

    What they tell of was captured before, so it is as old; also what came before the oldest read of the span.
    """
    with connection.cursor() as cursor:
        values: list[Any] = [span.agency, list(span.devices), span.until_at]
        cursor.execute(f"DELETE FROM {_UNREAD}", values)  # noqa: S608  constants above
        return int(cursor.rowcount)


def count_unread(span: Span) -> int:
    """How many payloads in quarantine a purge of the span would delete now."""
    with connection.cursor() as cursor:
        values: list[Any] = [span.agency, list(span.devices), span.until_at]
        cursor.execute(f"SELECT count(*) FROM {_UNREAD}", values)  # noqa: S608  constants above
        return int(cursor.fetchone()[0])


def delete_beside(purge: UUID, span: Span) -> Mapping[str, int]:
    """Delete what else tells of the reads that go: pictures awaited, checks, passages; how many of each."""
    done = {}
    with connection.cursor() as cursor:
        for name, statement in _BESIDE.items():
            cursor.execute(statement, [*span.values, purge])
            done[name] = int(cursor.rowcount)
    return done


def delete_awaited(purge: UUID, span: Span) -> int:
    """Delete the notes of pictures that were still to be fetched for reads nobody holds; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE["awaited"], [*span.values, purge])
        return int(cursor.rowcount)


def destroy_keys(span: Span, *, because: str, now: datetime) -> int:
    """Destroy the keys of the span's whole days under which no picture is left; how many.

    Also one made for pictures of a hold that ended since: what is still held has its pictures under its own.
    """
    last = span.until_at.astimezone(UTC).date()
    rows = DataKey.objects.filter(
        agency_id=span.agency,
        device_id__in=span.devices,
        captured_date__gte=span.from_at.astimezone(UTC).date(),
        captured_date__lt=last,
        wrapped__isnull=False,
    )
    empty = rows.exclude(pk__in=Picture.objects.filter(data_key__in=rows).values("data_key"))
    return empty.update(wrapped=None, destroyed_at=now, destroyed_because=because)


def replace_partition(purge: UUID, part: Partition, check: Callable[[], None]) -> None:
    """Have the owner's function empty a partition and put back what stays; `check` looks at that, and raises.

    From then on searches of its time wait until the transaction ends: the last thing to do in it. Who has a
    snapshot from before would see the partition empty, so while anybody has, nothing is done. Raises
    OldSnapshotError when that lasts.
    """
    for pause in (*PAUSES, None):
        try:
            with transaction.atomic():
                _replace(purge, part, check)
        except OperationalError as error:
            diagnosis = getattr(error.__cause__, "diag", None)
            if diagnosis is None or diagnosis.constraint_name != _NO_OLD_SNAPSHOT:
                raise
            if pause is None:
                told = f"{diagnosis.message_primary}. {diagnosis.message_hint}"
                raise OldSnapshotError(told) from error
            time.sleep(pause)
        else:
            return


_NO_OLD_SNAPSHOT: Final = "purge_sees_no_old_snapshot"


def _replace(purge: UUID, part: Partition, check: Callable[[], None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT plateward_purge_partition(%s, %s)", [purge, part.from_at])
        check()
        connection.check_constraints()  # what would else be checked between the last look and the end
        refuse_old_snapshots(part)


def refuse_old_snapshots(part: Partition) -> None:
    """Raise django.db.OperationalError while anybody would see the partition without what stays."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT plateward_refuse_old_snapshots(%s)", [part.from_at])


def drop_empty_partitions(until_at: datetime) -> int:
    """Drop partitions before an instant that have no read left, while nobody is in the way; how many.

    What somebody is in the way of stays, empty, and is tried again with the next purge: nobody waits for it.
    """
    gone = 0
    for part in existing():
        if part.until_at <= until_at:
            with suppress(OperationalError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {_AT_ONCE_MS}")
                cursor.execute("SELECT plateward_drop_empty_reads_partition(%s)", [part.from_at])
                gone += bool(cursor.fetchone()[0])
    return gone


def delete_rows(purge: UUID, span: Span) -> None:
    """Delete reads one by one: for a partition that reads still come into, which cannot be replaced."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM reads_read AS gone
            WHERE gone.agency_id = %s AND gone.device_id = ANY(%s)
              AND gone.captured_at >= %s AND gone.captured_at < %s AND NOT {_KEPT.format(id="id")}
            """,  # noqa: S608  constants above
            [*span.values, purge],
        )


def destroyed_folders(agency: str, day: date, device: UUID) -> list[str]:
    """The folders of files whose key of a device's day was destroyed."""
    keys = DataKey.objects.filter(
        agency_id=agency, device_id=device, captured_date=day, wrapped__isnull=True
    ).values_list("pk", flat=True)
    return [key_folder(agency, day, key) for key in keys]


_INBOX: Final = """
    DELETE FROM reads_inboxitem AS item
    WHERE item.received_at >= %s AND item.received_at < %s
      AND item.agency_id = %s AND item.device_id = ANY(%s)
      AND item.state IN ('MATCHED', 'DISCARDED') AND item.read_ids <> '{}'
      AND NOT EXISTS (
          SELECT FROM unnest(item.read_ids) AS told (read_id)
          WHERE plateward_captured_at(told.read_id) >= %s OR EXISTS (
              SELECT FROM reads_read AS read
              WHERE read.captured_at = plateward_captured_at(told.read_id) AND read.id = told.read_id
          )
      )
"""


def delete_receipts(span: Span, received_from: datetime, received_until: datetime) -> int:
    """Delete inbox rows received in a stretch of time that name only reads of the span that are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INBOX, [received_from, received_until, span.agency, list(span.devices), span.until_at]
        )
        return int(cursor.rowcount)
