"""The device register: enrolling a device, its key, its facts and its upkeep (B-466.3¶2, H-426.2¶2)."""

import hashlib
import secrets
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.devices import rules
from plateward.devices.models import Device, Service
from plateward.devices.rules import DeviceFacts, ServiceKind
from plateward.policy import enforces


class ChangedMeanwhileError(Exception):
    """Somebody else changed this device's entry since the form was opened."""


def new_key() -> tuple[str, str]:
    """A fresh 256-bit key and the SHA-256 under which it is kept."""
    key = "pwd_" + secrets.token_urlsafe(32)
    return key, hashlib.sha256(key.encode()).hexdigest()


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def register(
    *, agency: Agency, facts: DeviceFacts, by: Who, now: datetime, device_id: UUID | None = None
) -> tuple[Device, str]:
    """Enter a device in the register; returns it with its key, which is shown this once and never kept.

    Raises ValidationError for a name already taken or a place not on Earth.
    """
    key, digest = new_key()
    device = Device(
        id=device_id or uuid4(),
        agency=agency,
        **asdict(facts),
        key_sha256=digest,
        key_issued_at=now,
        registered_at=now,
    )
    device.full_clean()
    device.save(force_insert=True)
    record(device, "devices.device.registered", by, now, name=facts.name, location=facts.location)
    return device, key


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def change(*, device: Device, revision: int, facts: DeviceFacts, by: Who, now: datetime) -> Device:
    """Correct or move a device: the journal keeps each fact before and after; reads keep what was true then.

    `revision` is that of the entry the person saw. Raises ChangedMeanwhileError when it is not the present
    one, ValidationError for a name already taken, a place not on Earth, or nothing to change.
    """
    current = Device.objects.select_for_update().get(pk=device.pk)
    if current.revision != revision:
        raise ChangedMeanwhileError
    differences = rules.changes(current.facts, facts)
    if not differences:
        raise ValidationError("Nothing was changed: change a field, or go back.")
    for name, value in asdict(facts).items():
        setattr(current, name, value)
    current.revision += 1
    if {"latitude", "longitude"} & differences.keys():
        current.moved_at = now
    current.full_clean()
    current.save()
    changed = {name: {"from": before, "to": after} for name, (before, after) in differences.items()}
    record(
        current, "devices.device.changed", by, now, name=facts.name, of=", ".join(changed), changes=changed
    )
    return current


@transaction.atomic
def rotate_key(*, device: Device, by: Who, now: datetime) -> str:
    """Replace the device's key; the old one stops working at once. Returns the new key, shown this once."""
    key, digest = new_key()
    Device.objects.filter(pk=device.pk).update(key_sha256=digest, key_issued_at=now)
    record(device, "devices.key.rotated", by, now)
    return key


@transaction.atomic
def set_enabled(*, device: Device, enabled: bool, by: Who, now: datetime) -> None:
    """Let a device send, or refuse what it sends from now on."""
    Device.objects.filter(pk=device.pk).update(is_enabled=enabled)
    record(device, "devices.device.enabled" if enabled else "devices.device.disabled", by, now)


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def record_service(
    *, device: Device, kind: ServiceKind, done_date: date, done_by: str, note: str, by: Who, now: datetime
) -> Service:
    """Put an installation, maintenance or repair on file. Raises ValidationError for a day still to come."""
    if done_date > device.agency.day(now):
        raise ValidationError({"done_date": "This day is still to come. Record the work once it is done."})
    service = Service.objects.create(
        agency_id=device.agency_id,
        device=device,
        kind=kind,
        done_date=done_date,
        done_by=done_by,
        note=note,
        recorded_by=by.username,
        recorded_at=now,
    )
    detail = {
        "name": device.name,
        "kind": kind.label.lower(),
        "done": done_date.isoformat(),
        "done_by": done_by,
    }
    record(device, "devices.device.serviced", by, now, **detail, note=note)
    return service


def record(device: Device, verb: str, by: Who, now: datetime, **detail: object) -> None:
    """Journal an act on a device."""
    audit.record(
        verb=verb,
        by=by,
        agency=device.agency_id,
        subject=f"devices.Device:{device.pk}",
        detail=detail,
        now=now,
    )
