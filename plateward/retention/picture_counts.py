"""Counting pictures for a purge of pictures alone: by device and day, with what holds keep."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from plateward.evidence.holding import held_condition
from plateward.retention.destruction import Counts, Span
from plateward.retention.models import Purge

_OF_SPAN: Final = """
    FROM reads_picture AS picture
    JOIN reads_datakey AS key ON key.id = picture.data_key_id
    LEFT JOIN reads_read AS read ON read.captured_at = picture.captured_at AND read.id = picture.read_id
    WHERE key.agency_id = %s AND key.device_id = ANY(%s) AND {condition}
"""


def counts(span: Span, condition: str = "true") -> Counts:
    """How many pictures of each device and day there are, or those whose `read` the condition holds for."""
    more = f"picture.captured_at >= %s AND picture.captured_at < %s AND {condition}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key.device_id, key.captured_date, count(*) "
            f"{_OF_SPAN.format(condition=more)} GROUP BY 1, 2",
            span.values,
        )
        return {(device, day): number for device, day, number in cursor.fetchall()}


def oldest(agency: str, devices: list[UUID], condition: str = "true") -> datetime | None:
    """When the devices' oldest picture was captured, of those whose `read` the condition holds for."""
    with connection.cursor() as cursor:
        values: list[Any] = [agency, devices]
        cursor.execute(f"SELECT min(picture.captured_at) {_OF_SPAN.format(condition=condition)}", values)
        found: datetime | None = cursor.fetchone()[0]
    return found


def preview(span: Span) -> Mapping[tuple[UUID, date], tuple[int, int]]:
    """How many pictures of each device and day would go, and how many a hold keeps."""
    held = counts(span, held_condition("read"))
    return {at: (number - held.get(at, 0), held.get(at, 0)) for at, number in counts(span).items()}


def total(purge: Purge) -> tuple[int, int]:
    """How many pictures a purge destroyed, and how many it left because their reads are held."""
    sums = purge.days.aggregate(gone=Sum("pictures"), held=Sum("pictures_held"))
    return sums["gone"] or 0, sums["held"] or 0
