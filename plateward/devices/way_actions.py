"""How a device gets in: setting it, and journaling attempts in its name that were refused."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit.who import Who
from plateward.devices import login_actions, secret_keeping
from plateward.devices.actions import ChangedMeanwhileError, new_key, record
from plateward.devices.formats import format_of
from plateward.devices.models import Device, Refusal
from plateward.devices.ways import Credentials, Way, WayIn

REFUSALS_KEPT = timedelta(days=90)
MOST_NOTES = 100
RECEIVER = Who.system("receiver")


@transaction.atomic
def set_way_in(
    *, device: Device, revision: int, way_in: WayIn, by: Who, now: datetime
) -> tuple[Device, Credentials | None]:
    """Set how a device gets in; the journal keeps each setting before and after.

    Where it is to prove itself in another way it is given what it needs for that, to be shown this once; what
    it had stops working. Its log-in for pictures goes with the hosts and networks that it was given for.
    Raises MasterKeyError, ChangedMeanwhileError, and ValidationError for a way its maker's devices do not
    know, topics of a format that is not said, or nothing to change.
    """
    current = Device.objects.select_for_update().get(pk=device.pk)
    if current.revision != revision:
        raise ChangedMeanwhileError
    before, after = asdict(current.way_in), asdict(way_in)
    differences = [name for name in after if before[name] != after[name]]
    if not differences:
        raise ValidationError("Nothing was changed: change a field, or go back.")
    form = format_of(way_in.format)
    if way_in.format and form is None:
        raise ValidationError({"format": "This format is not known."})
    if way_in.way not in (form.ways if form else (Way.KEY,)):
        maker = form.maker if form else "A device of a format that is not said"
        raise ValidationError({"way": f"{maker} cannot do this here. Choose another way, or another format."})
    if way_in.topics and form is None:
        raise ValidationError({"format": "Say whose format the messages on its topics have."})
    current.format, current.way = way_in.format, way_in.way.value
    current.allowed_sources = list(way_in.sources)
    current.picture_hosts = list(way_in.picture_hosts)
    current.topics, current.topic_camera = list(way_in.topics), way_in.topic_camera
    current.revision += 1
    current.save()
    changes = {name: {"from": _text(before[name]), "to": _text(after[name])} for name in differences}
    given = _given(current, way_in.way, now) if "way" in differences else None
    said = ", ".join(name.replace("_", " ") for name in differences)
    if {"sources", "picture_hosts"} & set(differences):
        login_actions.forget(current, by, now)
    record(current, "devices.way.changed", by, now, name=current.name, of=said, changes=changes)
    return current, given


@transaction.atomic
def issue_anew(*, device: Device, by: Who, now: datetime) -> Credentials:
    """Replace what a device proves itself by; the old stops working at once. Shown this once.

    Raises MasterKeyError.
    """
    current = Device.objects.select_for_update().get(pk=device.pk)
    given = _given(current, Way(current.way), now)
    record(current, "devices.key.rotated", by, now)
    return given


def _given(device: Device, way: Way, now: datetime) -> Credentials:
    """New credentials. One that is shown no key gets one that nobody knows, so that the earlier is void."""
    key, digest = new_key()
    Device.objects.filter(pk=device.pk).update(key_sha256=digest, key_issued_at=now)
    device.key_issued_at = now
    if way is Way.KEY:
        secret_keeping.forget(device)
        return Credentials(way=way, secret=key)
    return secret_keeping.issue(device, way, now)


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@transaction.atomic
def journal_refusals(*, now: datetime) -> int:
    """Journal what the receiver refused since the last time, and forget old notes; returns how many."""
    waiting = Refusal.objects.select_for_update(of=("self",), skip_locked=True).filter(journaled_at=None)
    found = list(waiting.select_related("device").order_by("last_at")[:MOST_NOTES])
    for refusal in found:
        record(
            refusal.device,
            "devices.sender.refused",
            RECEIVER,
            now,
            name=refusal.device.name,
            count=refusal.count,
            reason=refusal.get_reason_display(),
            addresses=refusal.addresses,
            first_at=refusal.first_at.isoformat(),
            last_at=refusal.last_at.isoformat(),
        )
        refusal.journaled_at = now
    Refusal.objects.bulk_update(found, ["journaled_at"])
    Refusal.objects.filter(journaled_at__isnull=False, last_at__lt=now - REFUSALS_KEPT).delete()
    return len(found)
