"""Which reads were captured inside the area that a search is limited to.

A read counts by its own position; one without by where its device stands. The index of devices and times
finds them, so the devices are settled first whose reads may be inside: those that stand there, those that
move or send files, and fixed ones that were given another place since the time began.
A box of degrees narrows in the database; `areas` decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from plateward.devices.models import Device
from plateward.devices.rules import DeviceKind
from plateward.reads.models import SearchedRead
from plateward.search.areas import Area
from plateward.search.prepared import any_of
from plateward.search.rules import SearchQuery

Key = tuple[datetime, UUID, str]
"""A match by captured_at, id and plate_key, so that keys sort as results do."""


@dataclass(frozen=True, slots=True)
class Ground:
    """An area, and the agency's devices that stand inside it by the register."""

    area: Area
    standing: frozenset[UUID]

    def narrowed(self, reads: QuerySet[SearchedRead]) -> QuerySet[SearchedRead]:
        """Of some reads those in the box around the area, and those of devices that stand inside."""
        return reads.filter(self.in_box | Q(any_of("device_id", self.standing), latitude=None))

    @property
    def in_box(self) -> Q:
        """A read's own position lies in the box around the area."""
        box = self.area.bounds
        return Q(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))

    def holds(self, device_id: UUID, latitude: float | None, longitude: float | None) -> bool:
        """Whether a read was captured inside."""
        if latitude is None or longitude is None:
            return device_id in self.standing
        return self.area.contains(latitude, longitude)


def ground_of(agency: str, query: SearchQuery) -> Ground | None:
    """Where a search looks; None where it is not limited to an area."""
    if query.area is None:
        return None
    box, devices = query.area.bounds, Device.objects.filter(agency_id=agency)
    near = devices.filter(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))
    inside = (device.pk for device in near if stands_inside(device, query.area))
    return Ground(query.area, frozenset(inside))


def stands_inside(device: Device, area: Area) -> bool:
    """Whether a device's place in the register lies inside an area."""
    if device.latitude is None or device.longitude is None:
        return False
    return area.contains(device.latitude, device.longitude)


def devices_asked(agency: str, query: SearchQuery, ground: Ground | None) -> list[UUID]:
    """The devices whose reads a canvass looks through."""
    if ground is None:
        return list(query.device_ids)
    devices = Device.objects.filter(agency_id=agency)
    if query.device_ids:
        devices = devices.filter(pk__in=query.device_ids)
    stood = Q(pk__in=ground.standing) | Q(moved_at__gt=query.from_at)
    roving = ~Q(kind=DeviceKind.FIXED) | Q(latitude=None)
    return list(devices.filter(stood | roving).order_by().values_list("pk", flat=True))


def keys_of(reads: QuerySet[SearchedRead], ground: Ground | None) -> Iterator[Key]:
    """The keys of reads, without those that lie outside the area, in the order of the reads."""
    if ground is None:
        yield from reads.values_list("captured_at", "id", "plate_key")
        return
    facts = reads.values_list("captured_at", "id", "plate_key", "device_id", "latitude", "longitude")
    for captured_at, read_id, plate_key, device_id, latitude, longitude in facts:
        if ground.holds(device_id, latitude, longitude):
            yield captured_at, read_id, plate_key
