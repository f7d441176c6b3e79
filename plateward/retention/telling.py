"""What was purged of a time, for who places a hold over it: it cannot be brought back."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max, Min, Q

from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState


def purged(agency: str, from_at: datetime | None, until_at: datetime | None) -> Iterator[str]:
    """A sentence for each purge that touched the time (None: open), also one under way or ended in part."""
    did = Q(state=PurgeState.VERIFIED) | Q(days__rows_at__isnull=False)
    done = Purge.objects.filter(did, agency_id=agency)
    if from_at is not None:
        done = done.filter(until_at__gt=from_at)
    if until_at is not None:
        done = done.filter(from_at__lt=until_at)
    for purge in done.distinct().order_by("until_at", "pk"):
        yield _told(purge)


def _told(purge: Purge) -> str:
    if purge.state == PurgeState.VERIFIED:
        return (
            f"Purge {purge.number} destroyed, on {purge.done_at:%Y-%m-%d}, what {purge.source} held from "
            f"{purge.from_at:%Y-%m-%d} to before {purge.until_at:%Y-%m-%d} and nobody held then."
        )
    gone = purge.days.filter(rows_at__isnull=False)
    edges = gone.aggregate(first=Min("captured_date"), last=Max("captured_date"))
    return (
        f"Purge {purge.number} began on {purge.begun_at:%Y-%m-%d} and has destroyed so far what "
        f"{purge.source} held from {edges['first']:%Y-%m-%d} to {edges['last']:%Y-%m-%d} and nobody held "
        "then."
    )
