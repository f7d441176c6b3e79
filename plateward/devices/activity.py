"""What devices did lately. Reads lie above devices in the order of imports, so they register the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A device's last capture and its number of reads in 24 hours."""

    last_read_at: datetime | None = None
    reads_24h: int = 0


Source = Callable[[str, datetime], Mapping[UUID, Activity]]
"""From an agency's slug and the present to its devices' activity."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Name who knows what devices did; called once, when the apps are ready."""
    _sources[:] = [source]


def activity_of(agency: str, now: datetime) -> Mapping[UUID, Activity]:
    """Activity by device; a device without any may be missing."""
    return _sources[0](agency, now) if _sources else {}
