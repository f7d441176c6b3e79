"""The device register: enrolling a device and issuing its key (B-466.3, H-426.2 ¶2)."""

import hashlib
import secrets
from datetime import date, datetime

from django.db import transaction

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.devices.models import Device, DeviceKind


def _new_key() -> tuple[str, str]:
    """A fresh 256-bit key and the SHA-256 under which it is kept."""
    key = "pwd_" + secrets.token_urlsafe(32)
    return key, hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def register(
    *,
    agency: Agency,
    name: str,
    kind: DeviceKind,
    location: str,
    owner: str,
    latitude: float | None,
    longitude: float | None,
    heading_deg: int | None,
    installed_date: date | None,
    by: Who,
    now: datetime,
) -> tuple[Device, str]:
    """Enter a device in the register; returns it with its key, which is shown this once and never kept.

    Raises ValidationError for a name already taken or a place not on Earth.
    """
    key, digest = _new_key()
    device = Device(
        agency=agency,
        name=name,
        kind=kind,
        location=location,
        owner=owner,
        latitude=latitude,
        longitude=longitude,
        heading_deg=heading_deg,
        installed_date=installed_date,
        key_sha256=digest,
        key_issued_at=now,
        registered_at=now,
    )
    device.full_clean()
    device.save(force_insert=True)
    audit.record(
        verb="devices.device.registered",
        by=by,
        agency=agency.pk,
        subject=f"devices.Device:{device.pk}",
        detail={"name": name, "location": location},
        now=now,
    )
    return device, key


@transaction.atomic
def rotate_key(*, device: Device, by: Who, now: datetime) -> str:
    """Replace the device's key; the old one stops working at once. Returns the new key, shown this once."""
    key, digest = _new_key()
    Device.objects.filter(pk=device.pk).update(key_sha256=digest, key_issued_at=now)
    audit.record(
        verb="devices.key.rotated",
        by=by,
        agency=device.agency_id,
        subject=f"devices.Device:{device.pk}",
        now=now,
    )
    return key


@transaction.atomic
def set_enabled(*, device: Device, enabled: bool, by: Who, now: datetime) -> None:
    """Let a device send, or refuse what it sends from now on."""
    Device.objects.filter(pk=device.pk).update(is_enabled=enabled)
    audit.record(
        verb="devices.device.enabled" if enabled else "devices.device.disabled",
        by=by,
        agency=device.agency_id,
        subject=f"devices.Device:{device.pk}",
        now=now,
    )
