"""Pictures of which only the address came: noted with their reads. Part of `actions`."""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from plateward.reads.adapters import OutsidePicture
from plateward.reads.fresh import FreshRead
from plateward.reads.models import AwaitedPicture, AwaitedState, PictureRole

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))
"""After each failed attempt; after the one that follows the last pause the picture is given up."""


def expect(outside: Collection[tuple[FreshRead, OutsidePicture]]) -> None:
    """Have these pictures fetched by the worker, each once; in the transaction that stores their reads."""
    AwaitedPicture.objects.bulk_create(
        AwaitedPicture(
            id=uuid.uuid4(),
            agency_id=read.agency_id,
            device_id=read.device_id,
            read_id=read.id,
            captured_at=read.captured_at,
            role=PictureRole[picture.role.upper()],
            url=picture.url,
            next_at=read.stored_at,
        )
        for read, picture in {(read.id, picture): (read, picture) for read, picture in outside}.values()
    )


def missing_of(read_id: UUID) -> Sequence[AwaitedPicture]:
    """A read's pictures that were not fetched, yet or for good."""
    return list(AwaitedPicture.objects.filter(read_id=read_id).exclude(state=AwaitedState.FETCHED))
