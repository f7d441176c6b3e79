"""Files of reads that a person uploads: into the same inbox as what devices send, and onto the journal."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.devices.models import Device
from plateward.governance.actor import Actor
from plateward.reads import csv_file, framing, inbox_keys, rules
from plateward.reads.csv_file import Checked
from plateward.reads.models import InboxItem, InboxState

CAPABILITY = "devices.manage"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of a file: nothing while it has problems, else its payloads in the inbox."""

    checked: Checked
    items: tuple[InboxItem, ...] = ()
    repeated: int = 0
    """How many of the payloads were in the inbox before."""


@transaction.atomic
def upload(*, by: Actor, device: Device, name: str, data: bytes, now: datetime) -> Uploaded:
    """Put a CSV file's reads into the inbox for a device, all of them or, while a line is wrong, none.

    The same lines uploaded again are the payloads of before. Raises Refused; UnusableFile; ValidationError
    for a disabled device.
    """
    by.require(CAPABILITY)
    if not device.is_enabled:
        raise ValidationError(f"{device.name} is disabled: enable it on its page first.")
    checked = csv_file.check(data, zone=by.profile.agency.time_zone, now=now)
    if checked.problems:
        return Uploaded(checked)
    stored = [_stored(device, chunk, by.address, now) for chunk in checked.chunks]
    items = tuple(item for item, _ in stored)
    repeated = sum(not is_new for _, is_new in stored)
    audit.record(
        verb="reads.file.uploaded",
        by=by.acting(CAPABILITY),
        agency=by.agency,
        subject=f"devices.Device:{device.pk}",
        detail={
            "name": device.name,
            "file": name[:200],
            "sha256": hashlib.sha256(data).hexdigest(),
            "reads": len(checked.documents),
            "receipts": [str(item.pk) for item in items],
        },
        now=now,
    )
    return Uploaded(checked, items, repeated)


def _stored(device: Device, body: bytes, address: str, now: datetime) -> tuple[InboxItem, bool]:
    """The inbox's row of one payload, and whether it is new."""
    digest, receipt = hashlib.sha256(body).hexdigest(), uuid4()
    sealed, key_id = inbox_keys.sealed(body, agency=device.agency_id, receipt=receipt, sha256=digest)
    return InboxItem.objects.get_or_create(
        device=device,
        idempotency_key=rules.UPLOADED + digest,
        defaults={
            "id": receipt,
            "agency_id": device.agency_id,
            "received_at": now,
            "source_address": address,
            "content_type": framing.NDJSON,
            "body": sealed,
            "body_key_id": key_id,
            "body_sha256": digest,
            "content_sha256": digest,
            "size": len(body),
            "state": InboxState.RECEIVED,
        },
    )
