"""Enrolling units by one-time codes, and hearing from them how they are (B-466.5, H-426.4)."""

from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.devices.actions import new_key
from plateward.devices.models import Device
from plateward.devices.rules import DeviceKind
from plateward.devices.ways import Way
from plateward.governance.actor import Actor
from plateward.policy import enforces
from plateward.units import queries, rules
from plateward.units.models import EnrollmentCode, Unit, WrongTry
from plateward.unitwire import codes
from plateward.unitwire.calls import Enroll, HealthReport

FORMAT = "plateward-unit"
"""The part of the receiver's address at which units send."""
TRIES_KEPT = timedelta(days=1)


class NoUnitError(ValueError):
    """The device cannot be a unit; the message says why and what to do."""


class CodeRefusedError(ValueError):
    """A code enrolls nothing; the message says why and what to do."""


class TooManyTriesError(CodeRefusedError):
    """Too many wrong codes came from one place."""


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def make_code(*, device: Device, by: Actor, now: datetime) -> str:
    """A code that enrolls the device once within fifteen minutes; an earlier one stops. Shown this once.

    Raises Refused for who may not manage devices, NoUnitError for a device that is no car and no camera, is
    disabled, or proves itself in another way than by a key.
    """
    by.require("devices.manage")
    current = Device.objects.select_for_update().get(pk=device.pk, agency_id=by.agency)
    _check_can_be_unit(current)
    EnrollmentCode.objects.filter(device=current, used_at=None, replaced_at=None).update(replaced_at=now)
    code = codes.new_enrollment_code()
    EnrollmentCode.objects.create(
        agency_id=by.agency,
        device=current,
        sha256=codes.digest(code),
        made_by=by.username,
        made_at=now,
        expires_at=now + rules.CODE_LASTS,
    )
    record(current, "units.code.made", by.acting("devices.manage"), now, name=current.name)
    return codes.in_groups(code)


def _check_can_be_unit(device: Device) -> None:
    if device.kind == DeviceKind.FILE:
        raise NoUnitError(
            "Uploaded files have no unit. Register the car or the camera as a device of its own."
        )
    if not device.is_enabled:
        raise NoUnitError(f"{device.name} is disabled. Enable it first.")
    if not rules.is_sealed_way(settings.ENVIRONMENT.base_url, settings.ENVIRONMENT.receiver_url):
        raise NoUnitError(
            f"Units would send keys, plates and pictures unencrypted to {settings.ENVIRONMENT.receiver_url}. "
            "Have PLATEWARD_RECEIVER_URL name the receiver's https:// address, then restart."
        )
    if device.way != Way.KEY or device.format not in {"", FORMAT}:
        raise NoUnitError(
            f"{device.name} sends in another maker's format. Register the unit as a device of its own, or "
            "change how this one gets in."
        )


@transaction.atomic
def enroll(*, sent: Enroll, address: str, now: datetime) -> tuple[Device, str]:
    """Make the device of a code a unit, with a new key, which is returned this once; the earlier key stops.

    Raises CodeRefusedError for a code that does not hold; `refuse_code` is for the caller then to record.
    """
    if not rules.may_try(queries.wrong_tries(rules.tried_from(address), now)):
        raise TooManyTriesError(
            f"Five wrong codes came from {address or 'this address'}. Wait 15 minutes, then use a fresh code."
        )
    code = queries.locked_code(codes.enrollment_code(sent.code))
    if code is None:
        raise CodeRefusedError("No device waits for this code. Check each letter, or make a fresh code.")
    if code.used_at is not None or code.replaced_at is not None:
        raise CodeRefusedError("This code was used or replaced. Make a fresh one on the device's page.")
    if now >= code.expires_at:
        raise CodeRefusedError("This code is over: it holds for 15 minutes. Make a fresh one.")
    device = Device.objects.select_for_update().get(pk=code.device_id)
    if not device.is_enabled:
        raise CodeRefusedError(f"{device.name} is disabled. Have it enabled on its page first.")
    key = _enrolled(device, sent, now)
    code.used_at = now
    code.save(update_fields=["used_at"])
    who = Who.system("unit")
    record(device, "units.unit.enrolled", who, now, name=device.name, host=sent.name, address=address)
    return device, key


def _enrolled(device: Device, sent: Enroll, now: datetime) -> str:
    key, digest = new_key()
    Device.objects.filter(pk=device.pk).update(
        key_sha256=digest, key_issued_at=now, format=FORMAT, revision=device.revision + 1
    )
    unit, is_new = Unit.objects.get_or_create(
        device=device,
        defaults={
            "agency_id": device.agency_id,
            "enrolled_at": now,
            "host": sent.name,
            "version": sent.version,
        },
    )
    if not is_new:
        unit.enrolled_at, unit.host, unit.version = now, sent.name, sent.version
        unit.configuration_sha256, unit.told, unit.told_at, unit.clock_offset_s = "", {}, None, None
        told = ["enrolled_at", "host", "version", "configuration_sha256", "told", "told_at", "clock_offset_s"]
        unit.save(update_fields=told)
        queries.signed_in(device.pk, now).update(state=rules.SignInState.ENDED, ended_at=now)
    return key


@transaction.atomic
def refuse_code(*, address: str, why: str, now: datetime) -> None:
    """Record that a code enrolled nothing; of no agency, it is seen by every agency's overseers."""
    note_wrong_try(rules.tried_from(address), now)
    by = Who(username="", name="Somebody", title="", organization="", address=address)
    audit.record(
        verb="units.code.refused",
        by=by,
        agency="",
        subject="units.EnrollmentCode:",
        detail={"why": why},
        now=now,
    )


def note_wrong_try(key: str, now: datetime) -> None:
    """Count a wrong code against where it came from."""
    WrongTry.objects.filter(tried_at__lt=now - TRIES_KEPT).delete()
    WrongTry.objects.create(key=key, tried_at=now)


@transaction.atomic
def limit_upload(*, unit: Unit, kilobytes_per_s: int | None, by: Actor, now: datetime) -> None:
    """Let a unit send at most so fast; None as fast as it can. Raises Refused."""
    by.require("devices.manage")
    kept = Unit.objects.select_for_update().get(pk=unit.pk, agency_id=by.agency)
    before, kept.upload_kb_per_s = kept.upload_kb_per_s, kilobytes_per_s
    kept.save(update_fields=["upload_kb_per_s"])
    detail = {"name": unit.device.name, "from": before or "no limit", "to": kilobytes_per_s or "no limit"}
    record(unit.device, "units.unit.limited", by.acting("devices.manage"), now, **detail)


@transaction.atomic
def take_health(*, unit: Unit, report: HealthReport, now: datetime) -> None:
    """Keep a unit's last report of itself, and how far its clock is from ours."""
    unit.told, unit.told_at = msgspec.to_builtins(report), now
    unit.version = report.version
    unit.clock_offset_s = (now - report.at).total_seconds()
    unit.save(update_fields=["told", "told_at", "version", "clock_offset_s"])


def record(device: Device, verb: str, by: Who, now: datetime, **detail: object) -> None:
    """Journal an act on a unit."""
    audit.record(
        verb=verb,
        by=by,
        agency=device.agency_id,
        subject=f"devices.Device:{device.pk}",
        detail=detail,
        now=now,
    )
