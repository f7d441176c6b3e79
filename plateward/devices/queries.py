"""The device register, looked up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from plateward.devices.health import LOOKED_BACK, HourFacts
from plateward.devices.models import Device, DeviceHour, DeviceProblem


def devices_of(agency: str) -> QuerySet[Device]:
    """An agency's devices by name."""
    return Device.objects.filter(agency_id=agency).order_by("name")


def as_geojson(agency: str) -> dict[str, Any]:
    """The agency's devices with a known place, as a GeoJSON FeatureCollection (RFC 7946)."""
    placed = devices_of(agency).filter(latitude__isnull=False, longitude__isnull=False)
    troubled = open_problems(agency)
    features = [_feature(device, is_troubled=device.pk in troubled) for device in placed]
    return {"type": "FeatureCollection", "features": features}


def open_problems(agency: str) -> Mapping[UUID, Sequence[DeviceProblem]]:
    """What is wrong with an agency's devices now, by device, the longest standing first."""
    found: dict[UUID, list[DeviceProblem]] = defaultdict(list)
    for problem in DeviceProblem.objects.filter(agency_id=agency, ended_at=None).order_by("since_at", "kind"):
        found[problem.device_id].append(problem)
    return found


def hours_of(agency: str, now: datetime) -> Mapping[UUID, Sequence[HourFacts]]:
    """What each device of an agency did hour by hour in the past weeks."""
    found: dict[UUID, list[HourFacts]] = defaultdict(list)
    for hour in DeviceHour.objects.filter(agency_id=agency, hour_at__gt=now - LOOKED_BACK):
        found[hour.device_id].append(hour.facts)
    return found


def hours_of_device(device: Device, since: datetime) -> Sequence[HourFacts]:
    """What a device did hour by hour since then, oldest first; an hour without reads is missing."""
    return [hour.facts for hour in DeviceHour.objects.filter(device=device, hour_at__gte=since)]


def reads_by_month(device: Device, zone: tzinfo) -> Mapping[date, int]:
    """How many reads the device took in each month of the zone, as far as hours were counted."""
    months = DeviceHour.objects.filter(device=device).annotate(month=TruncMonth("hour_at", tzinfo=zone))
    counted = months.order_by().values_list("month").annotate(Sum("reads"))
    return {month.date(): reads for month, reads in counted}


def _feature(device: Device, *, is_troubled: bool) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": str(device.pk),
        "geometry": {"type": "Point", "coordinates": [device.longitude, device.latitude]},
        "properties": {
            "name": device.name,
            "location": device.location,
            "heading": device.heading_deg,
            "kind": device.kind,
            "is_enabled": device.is_enabled,
            "is_troubled": is_troubled,
        },
    }
