"""What a camera asks for before it gives a picture: set, taken away, and how it was answered."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from plateward.audit.who import Who
from plateward.devices.actions import record
from plateward.devices.models import Device, PictureLogin
from plateward.devices.sealing import masters_that_wrap
from plateward.devices.ways import login_context, reach_of


@transaction.atomic
def set_picture_login(*, device: Device, username: str, password: str, by: Who, now: datetime) -> None:
    """Keep what a camera asks for, sealed for the hosts and networks that are set now; never shown again.

    Raises MasterKeyError, and ValidationError where no host or no network is set.
    """
    current = Device.objects.select_for_update().get(pk=device.pk)
    if not (current.picture_hosts and current.allowed_sources):
        raise ValidationError(
            "Set first from where its pictures may be fetched and from where it may send: the log-in goes "
            "nowhere else."
        )
    reach = reach_of(current.way_in)
    wrapped = masters_that_wrap().wrap(password.encode(), login_context(current.pk, reach))
    PictureLogin.objects.update_or_create(
        device=current,
        defaults={
            "agency_id": current.agency_id,
            "username": username,
            "reach": reach,
            "master": wrapped.master,
            "wrapped": wrapped.key,
            "set_at": now,
            "taken_at": None,
            "refused_at": None,
            "refusal": "",
        },
    )
    record(current, "devices.picture_login.set", by, now, name=current.name, username=username)


@transaction.atomic
def remove_picture_login(*, device: Device, by: Who, now: datetime) -> None:
    """Destroy it. Raises ValidationError where there is none."""
    if not forget(device, by, now):
        raise ValidationError("No log-in for its pictures is set any more.")


def forget(device: Device, by: Who, now: datetime) -> bool:
    """Destroy a device's log-in, if there is one, in the caller's transaction; whether there was."""
    removed, _ = PictureLogin.objects.filter(device=device).delete()
    if removed:
        record(device, "devices.picture_login.removed", by, now, name=device.name)
    return bool(removed)


def note_answer(*, device: Device, refusal: str, set_at: datetime, now: datetime) -> None:
    """Note that the camera refused the log-in set at `set_at`, and how, or with "" that it took it."""
    kept = PictureLogin.objects.filter(device=device, set_at=set_at)
    if refusal:
        kept.update(refused_at=now, refusal=refusal[:300])
    else:
        kept.filter(Q(taken_at=None) | Q(refused_at__isnull=False)).update(
            taken_at=now, refused_at=None, refusal=""
        )
