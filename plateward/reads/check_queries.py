"""Checks of reads against their pictures, looked up. Of several checks of a read the last one counts."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from plateward.devices.accuracy import Checked
from plateward.reads.check_models import ReadCheck


def checks_of(read_id: UUID) -> QuerySet[ReadCheck]:
    """Every check of a read, the last first."""
    return (
        ReadCheck.objects.filter(read_id=read_id).select_related("checked_by").order_by("-checked_at", "id")
    )


def last_checks(read_ids: Collection[UUID]) -> Mapping[UUID, ReadCheck]:
    """The last check of each of these reads; a read that nobody checked is missing."""
    found = ReadCheck.objects.filter(read_id__in=list(read_ids)).select_related("checked_by")
    return {one.read_id: one for one in found.order_by("checked_at", "id")}


def device_checks(device_id: UUID) -> Sequence[Checked]:
    """The device's checked reads, each by its last check, for its accuracy record."""
    last = (
        ReadCheck.objects.filter(device_id=device_id)
        .order_by("read_id", "-checked_at", "id")
        .distinct("read_id")
    )
    return [
        Checked(
            captured_at=one.captured_at,
            is_misread=one.is_misread,
            is_wrong_state=one.is_wrong_state,
            pairs=tuple(one.pairs),
        )
        for one in last
    ]
