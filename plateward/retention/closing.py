"""The leaves of a camera's day out of the database, its root, and proofs for what stays."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Max, QuerySet

from plateward.reads.models import Read
from plateward.reads.rules import captured_at_of
from plateward.retention import commitments
from plateward.retention.commitments import Tree
from plateward.retention.models import DayRoot, KeptLeaf

SETTLED: Final = timedelta(minutes=10)
"""What was stored longer ago is committed by now, so that a closing misses none of it."""
_AT_ONCE: Final = 5_000


class RootChanged(Exception):
    """The reads that a root covers are no longer those that were committed to."""


def day_span(day: date) -> tuple[datetime, datetime]:
    """A UTC day's beginning and end."""
    begin = datetime.combine(day, time(), UTC)
    return begin, begin + timedelta(days=1)


def day_reads(agency: str, device: UUID, day: date) -> QuerySet[Read]:
    """A device's reads of a UTC day."""
    from_at, until_at = day_span(day)
    return Read.objects.filter(
        agency_id=agency, device_id=device, captured_at__gte=from_at, captured_at__lt=until_at
    )


def leaves(row: DayRoot, key: bytes) -> Iterator[tuple[UUID, bytes]]:
    """The covered reads' ids with their leaves' hashes, in the order of the ids."""
    found = day_reads(row.agency_id, row.device_id, row.captured_date)
    found = found.filter(stored_at__lt=row.stored_until_at)
    if row.stored_from_at is not None:
        found = found.filter(stored_at__gte=row.stored_from_at)
    columns = ("id", "captured_at", "received_at", "plate_raw", "plate", "region", "source_event_id")
    whose = {"agency": row.agency_id, "device": str(row.device_id)}
    for read_id, *facts in found.order_by("id").values_list(*columns).iterator(_AT_ONCE):
        read = whose | {"id": str(read_id)} | dict(zip(columns[1:], map(_plain, facts), strict=True))
        yield read_id, commitments.hash_of(commitments.salt_of(key, read_id), read)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)


def closed(
    *,
    agency: str,
    device: UUID,
    day: date,
    known: Sequence[DayRoot],
    until_at: datetime | None,
    now: datetime,
) -> DayRoot | None:
    """A root over the day's reads that none of the `known` roots covers, not saved; None when there are none.

    It covers what was stored before `until_at`, or all, for who let nobody store a read meanwhile.
    """
    if until_at is None:
        last = day_reads(agency, device, day).aggregate(last=Max("stored_at"))["last"]
        until_at = (last or now) + timedelta(microseconds=1)
    key = commitments.new_key()
    row = DayRoot(
        agency_id=agency,
        device_id=device,
        captured_date=day,
        number=len(known),
        stored_from_at=max((one.stored_until_at for one in known), default=None),
        stored_until_at=until_at,
        salt_key=key,
        closed_at=now,
    )
    tree = Tree([made for _, made in leaves(row, key)])
    row.reads, row.root = tree.size, tree.root.hex()
    return row if tree.size else None


def proofs(row: DayRoot, kept: Collection[UUID]) -> list[KeptLeaf]:
    """The salts and proofs of those covered reads that stay, not saved. Raises RootChanged."""
    if row.salt_key is None or not kept:
        return []
    key, wanted = bytes(row.salt_key), set(kept)
    found = list(leaves(row, key))
    tree = Tree([made for _, made in found])
    if (tree.size, tree.root.hex()) != (row.reads, row.root):
        raise RootChanged
    return [
        KeptLeaf(
            agency_id=row.agency_id,
            day_root=row,
            read_id=read_id,
            captured_at=captured_at_of(read_id),
            leaf=made.hex(),
            salt=commitments.salt_of(key, read_id),
            index=index,
            hashes=[one.hex() for one in tree.proof(index)],
        )
        for index, (read_id, made) in enumerate(found)
        if read_id in wanted
    ]
