"""Devices' secrets, wrapped by the master key. In the caller's transaction; part of `way_actions`."""

import secrets
import string
from datetime import datetime

from plateward.devices.models import Device, DeviceSecret
from plateward.devices.sealing import masters_that_wrap
from plateward.devices.ways import Credentials, Way, secret_context
from plateward.vault.masters import Masters, Wrapped

SECRET_LENGTH = 16
"""Some cameras take no longer password; 95 random bits."""
_LETTERS = string.ascii_letters + string.digits
_LOGIN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def issue(device: Device, way: Way, now: datetime) -> Credentials:
    """A fresh user name and secret; the earlier ones stop working with the commit. Raises MasterKeyError."""
    given = Credentials(
        way=way,
        login="cam-" + "".join(secrets.choice(_LOGIN_LETTERS) for _ in range(10)),
        secret="".join(secrets.choice(_LETTERS) for _ in range(SECRET_LENGTH)),
    )
    wrapped = masters_that_wrap().wrap(given.secret.encode(), secret_context(device.pk))
    DeviceSecret.objects.update_or_create(
        device=device,
        defaults={
            "agency_id": device.agency_id,
            "login": given.login,
            "master": wrapped.master,
            "wrapped": wrapped.key,
            "issued_at": now,
        },
    )
    return given


def forget(device: Device) -> None:
    """Destroy a device's secret."""
    DeviceSecret.objects.filter(device=device).delete()


def rewrap_secrets(source: Masters, limit: int) -> int:
    """Wrap up to `limit` secrets by the current master key that another one wrapped; returns how many."""
    current = source.current()
    rows = list(DeviceSecret.objects.exclude(master=current).select_for_update().order_by("pk")[:limit])
    for row in rows:
        context = secret_context(row.device_id)
        wrapped = source.wrap(source.unwrap(Wrapped(row.master, bytes(row.wrapped)), context), context)
        row.master, row.wrapped = wrapped.master, wrapped.key
    DeviceSecret.objects.bulk_update(rows, ["master", "wrapped"])
    return len(rows)
