"""The device register, looked up."""

from typing import Any

from django.db.models import QuerySet

from plateward.devices.models import Device


def devices_of(agency: str) -> QuerySet[Device]:
    """An agency's devices by name."""
    return Device.objects.filter(agency_id=agency).order_by("name")


def as_geojson(agency: str) -> dict[str, Any]:
    """The agency's devices with a known place, as a GeoJSON FeatureCollection (RFC 7946)."""
    placed = devices_of(agency).filter(latitude__isnull=False, longitude__isnull=False)
    return {"type": "FeatureCollection", "features": [_feature(device) for device in placed]}


def _feature(device: Device) -> dict[str, Any]:
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
        },
    }
