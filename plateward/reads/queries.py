"""Reads, pictures and inbox items: the only place where they are looked up."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from plateward.devices.activity import Activity
from plateward.reads import rules
from plateward.reads.models import InboxItem, InboxState, Picture, Read


def claim_waiting(limit: int, now: datetime) -> list[InboxItem]:
    """Lock received items whose turn it is, oldest first, without their bodies; skips what others hold."""
    turn = Q(attempts=0)
    for attempts in range(1, rules.MAX_ATTEMPTS):
        turn |= Q(attempts=attempts, processed_at__lte=now - rules.retry_delay(attempts))
    return list(
        InboxItem.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(turn, state=InboxState.RECEIVED)
        .select_related("device")
        .defer("body")
        .order_by("received_at")[:limit]
    )


def waiting_for_match(limit: int) -> list[tuple[InboxItem, Read]]:
    """Lock stored items that were not matched yet, oldest first, each with its read.

    Runs in the caller's transaction, which also marks them matched; skips what others hold.
    """
    items = list(
        InboxItem.objects.select_for_update(skip_locked=True)
        .filter(state=InboxState.STORED)
        .defer("body")
        .order_by("received_at")[:limit]
    )
    keys = [(item.plate_key, item.captured_at, item.read_id) for item in items]
    if not keys:
        return []
    times = [item.captured_at for item in items if item.captured_at]
    reads = {
        read.id: read
        # The range prunes partitions, which a list of keys alone may not.
        for read in Read.objects.filter(pk__in=keys, captured_at__range=(min(times), max(times)))
    }
    return [(item, reads[item.read_id]) for item in items if item.read_id in reads]


def read_by_id(agency: str, read_id: UUID) -> Read:
    """One read of an agency. Raises Read.DoesNotExist."""
    return Read.objects.get(agency_id=agency, captured_at=rules.captured_at_of(read_id), id=read_id)


def pictures_of(read_ids: Collection[UUID]) -> dict[UUID, list[Picture]]:
    """The pictures of each read, by role; an empty list for a read without any."""
    found: dict[UUID, list[Picture]] = {read_id: [] for read_id in read_ids}
    for picture in Picture.objects.filter(read_id__in=list(found)).order_by("read_id", "role", "sha256"):
        found[picture.read_id].append(picture)
    return found


def quarantined(agency: str) -> QuerySet[InboxItem]:
    """An agency's payloads in quarantine, newest first, without their bodies."""
    return (
        InboxItem.objects.filter(agency_id=agency, state=InboxState.QUARANTINED)
        .select_related("device")
        .defer("body")
        .order_by("-received_at", "id")
    )


def locked_item(agency: str, item_id: UUID) -> InboxItem:
    """Lock one inbox item of an agency until the transaction ends. Raises InboxItem.DoesNotExist."""
    items = InboxItem.objects.select_for_update(of=("self",)).select_related("device").defer("body")
    return items.get(agency_id=agency, pk=item_id)


def device_activity(agency: str, now: datetime) -> Mapping[UUID, Activity]:
    """When each of an agency's devices captured last, and how many reads in the 24 hours before `now`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT device.id,
                   (SELECT max(captured_at) FROM reads_read WHERE device_id = device.id),
                   (SELECT count(*) FROM reads_read
                    WHERE device_id = device.id AND captured_at > %s AND captured_at <= %s)
            FROM devices_device AS device WHERE device.agency_id = %s
            """,
            [now - timedelta(hours=24), now + rules.FUTURE_TOLERANCE, agency],
        )
        return {row[0]: Activity(last_read_at=row[1], reads_24h=row[2]) for row in cursor.fetchall()}
