"""Reads, pictures and inbox items: the only place where they are looked up."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from plateward.devices.activity import Activity
from plateward.devices.health import HourFacts, whole_hour
from plateward.devices.watch_actions import Lately
from plateward.reads import rules
from plateward.reads.adapters.times import FUTURE_TOLERANCE
from plateward.reads.models import DataKey, InboxItem, InboxState, Picture, Read


def _is_due(now: datetime) -> Q:
    """Items whose turn it is; a clock that was set back makes none wait longer than the longest delay."""
    return Q(retry_at__isnull=True) | Q(retry_at__lte=now) | Q(retry_at__gt=now + rules.LONGEST_DELAY)


MOST_OF_A_PASS = 50


def held_up(now: datetime) -> tuple[int, str]:
    """How many items wait for the intake longer than a minute, and what holds up the oldest, if known."""
    # Each state has an index of its own, which a list of both would not use.
    waiting = InboxItem.objects.filter(
        Q(state=InboxState.RECEIVED) | Q(state=InboxState.STORED),
        received_at__lt=now - timedelta(minutes=1),
    )
    reasons = waiting.exclude(reason="").order_by("received_at").values_list("reason", flat=True)
    return waiting.count(), reasons.first() or ""


def unmatched(agency: str, now: datetime) -> tuple[int, datetime] | None:
    """How many of the agency's payloads wait over a minute to be matched, and since when; None: none."""
    waiting = InboxItem.objects.filter(
        agency_id=agency,
        state__in=[InboxState.RECEIVED, InboxState.STORED],
        received_at__lt=now - timedelta(minutes=1),
    )
    found = waiting.aggregate(count=Count("pk"), oldest_at=Min("received_at"))
    return (found["count"], found["oldest_at"]) if found["count"] else None


def waiting_for_match(limit: int, now: datetime) -> list[InboxItem]:
    """Lock stored items whose turn it is to be matched, oldest first.

    Runs in the caller's transaction, which also says what became of them; skips what others hold.
    """
    return list(
        InboxItem.objects.select_for_update(skip_locked=True)
        .filter(_is_due(now), state=InboxState.STORED)
        .defer("body")
        .order_by("received_at")[:limit]
    )


def reads_by_id(read_ids: Collection[UUID]) -> dict[UUID, Read]:
    """The reads of these ids, whichever agency's; one that was destroyed is missing."""
    if not read_ids:
        return {}
    times = [rules.captured_at_of(read_id) for read_id in read_ids]
    # The range prunes partitions, which a list of keys alone does not.
    found = Read.objects.filter(
        captured_at__range=(min(times), max(times)), captured_at__in=times, id__in=read_ids
    )
    return {read.id: read for read in found}


def read_by_id(agency: str, read_id: UUID) -> Read:
    """One read of an agency. Raises Read.DoesNotExist."""
    try:
        captured_at = rules.captured_at_of(read_id)
    except OverflowError as error:
        raise Read.DoesNotExist("An id that tells of no time that could be was given to no read.") from error
    return Read.objects.get(agency_id=agency, captured_at=captured_at, id=read_id)


def same_pass(read: Read) -> list[Read]:
    """The other reads of the vehicle's same pass, in order: the same camera's of the plate within seconds.

    Also what the sender read the very same event as besides, whatever its plate. They are found and not
    noted with the read, so that it holds whichever came first and whichever was destroyed since.
    """
    near = Read.objects.filter(
        device_id=read.device_id,
        captured_at__range=(read.captured_at - rules.PASS, read.captured_at + rules.PASS),
    )
    same_event = Q(captured_at=read.captured_at, source_event_id=read.source_event_id)
    others = near.filter(Q(plate_key=read.plate_key) | same_event).exclude(id=read.id)
    return list(others.order_by("captured_at", "id")[:MOST_OF_A_PASS])


def pictures_of(read_ids: Collection[UUID]) -> dict[UUID, list[Picture]]:
    """The pictures of each read, by role; an empty list for a read without any."""
    found: dict[UUID, list[Picture]] = {read_id: [] for read_id in read_ids}
    for picture in Picture.objects.filter(read_id__in=list(found)).order_by("read_id", "role", "sha256"):
        found[picture.read_id].append(picture)
    return found


def pictures_destroyed(read: Read) -> str:
    """Since when, and by what, the pictures of a read's device and day are gone; "" where they are not."""
    day = read.captured_at.astimezone(UTC).date()
    of_day = DataKey.objects.filter(agency_id=read.agency_id, device_id=read.device_id, captured_date=day)
    gone = of_day.filter(destroyed_at__isnull=False).order_by("destroyed_at").last()
    if gone is None or gone.destroyed_at is None:
        return ""
    when = gone.destroyed_at.astimezone(ZoneInfo(read.agency.time_zone))
    return (
        f"The pictures that this device took on that day were destroyed on {when:%Y-%m-%d}, {when:%H:%M}: "
        f"{gone.destroyed_because}."
    )


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
            [now - timedelta(hours=24), now + FUTURE_TOLERANCE, agency],
        )
        return {row[0]: Activity(last_read_at=row[1], reads_24h=row[2]) for row in cursor.fetchall()}


_HOURS = """
SELECT device_id, date_trunc('hour', captured_at, 'UTC'), count(*), avg(confidence),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY clock_skew_s) FILTER (WHERE NOT is_late)
FROM reads_read
WHERE agency_id = %s AND captured_at >= %s AND captured_at < %s
GROUP BY 1, 2 ORDER BY 1, 2
"""


def device_hours(agency: str, since: datetime, until: datetime) -> Mapping[UUID, Sequence[HourFacts]]:
    """What an agency's devices captured, hour by hour; hours and devices without reads are missing.

    Of a payload that came after an outage nothing is learnt about the device's clock.
    """
    found: dict[UUID, list[HourFacts]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [agency, whole_hour(since), until])
        for device_id, hour_at, reads, confidence, skew_s in cursor.fetchall():
            found[device_id].append(
                HourFacts(hour_at=hour_at, reads=reads, confidence=confidence, skew_s=skew_s)
            )
    return found


def devices_lately(agency: str, now: datetime) -> Mapping[UUID, Lately]:
    """Each device's last capture, and how many of its payloads of the past 24 hours could not be used."""
    held = quarantined(agency).filter(received_at__gt=now - timedelta(days=1))
    refused = dict(held.order_by().values_list("device_id").annotate(Count("pk")))
    return {
        device_id: Lately(last_read_at=did.last_read_at, refused=refused.get(device_id, 0))
        for device_id, did in device_activity(agency, now).items()
    }


def uploads_of(agency: str, device_id: UUID) -> QuerySet[InboxItem]:
    """The payloads that came from files for a device, newest first, without their bodies."""
    found = InboxItem.objects.filter(
        agency_id=agency, device_id=device_id, idempotency_key__startswith=rules.UPLOADED
    )
    return found.defer("body").order_by("-received_at", "pk")
