"""Wanted plates and the alerts they raise, made through the product's own actions."""

from datetime import datetime
from uuid import uuid4

from plateward.alerts import actions
from plateward.alerts.models import Alert
from plateward.alerts.rules import ConfirmationResult
from plateward.devices.models import Device
from plateward.hotlists import actions as hotlists
from plateward.hotlists.filters import VehicleFilter
from plateward.hotlists.models import Entry
from plateward.hotlists.rules import is_partial
from plateward.hotlists.watching import ANY_VEHICLE, Watch
from plateward.reads.models import InboxItem, InboxState, Read
from tests.personas import Town
from tests.sightings import seen

PEOPLE = {"barstow-pd": ("ortiz", "lane"), "huntington-park-pd": ("hart", "hayes")}
"""Who requests and who approves, by agency."""

BEFORE_CONFIRMATION = ("confirm", "advise-pending", "describe")


def wanted(
    town: Town, plate: str, now: datetime, *, region: str = "US-CA", vehicle: VehicleFilter = ANY_VEHICLE
) -> Entry:
    """An approved entry: Officer Ortiz asked and Lieutenant Lane approved, or their like elsewhere.

    A partial plate is watched for on a `vehicle` after a shooting.
    """
    requester, approver = PEOPLE[town.agency.pk]
    entry = hotlists.request_entry(
        plate=plate,
        region=region,
        vehicle_description="blue Honda Civic",
        purpose="stolen-or-wanted-vehicle",
        reason="Taken in the robbery at 1st and Main",
        case_number="26-01234",
        watch=Watch("Shooting", vehicle) if is_partial(plate) else None,
        by=town.actor(requester, now),
        now=now,
    )
    return hotlists.approve(entry=entry, by=town.actor(approver, now), now=now)


def arrives(
    device: Device, plate: str, captured_at: datetime, *, region: str = "US-CA", **vehicle: str
) -> Read:
    """A read stored by intake and waiting to be matched."""
    read = seen(device, plate, captured_at, region=region, **vehicle)
    InboxItem.objects.create(
        id=uuid4(),
        agency_id=device.agency_id,
        device=device,
        received_at=captured_at,
        source_address="127.0.0.1",
        content_type="application/json",
        idempotency_key=str(read.id),
        body_sha256="",
        content_sha256="",
        size=1,
        state=InboxState.STORED,
        read_ids=[read.id],
        plate_keys=[read.plate_key],
    )
    return read


def alerted(town: Town, now: datetime, plate: str = "8ABC123") -> Alert:
    """An open, UNVERIFIED alert: the plate is wanted and was just read."""
    entry = wanted(town, plate, now)
    arrives(town.camera, plate, now)
    actions.match_waiting(limit=10, now=now)
    return Alert.objects.get(entry=entry)


def worked(alert: Alert, town: Town, now: datetime, *steps: str, confirmed: bool = False) -> Alert:
    """The alert after Dispatcher Dunn worked these steps, and recorded the confirmation if asked to."""
    dunn = town.actor("dunn", now)
    for step in steps:
        actions.work_step(alert=alert, step=step, by=dunn, now=now)
    if confirmed:
        actions.record_confirmation(
            alert=alert, channel="clets-terminal", result=ConfirmationResult.CONFIRMED, by=dunn, now=now
        )
    alert.refresh_from_db()
    return alert
