"""Putting on record what a read's picture shows. The read stays as it is, and is not matched again."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.policy import ReadFault
from plateward.reads import queries
from plateward.reads.check_models import ReadCheck
from plateward.reads.check_rules import CheckError, Finding, find, may_check
from plateward.reads.models import Read

COMPARED: Final = "Compared with its picture"


@transaction.atomic
def check_read(
    *, by: Actor, read_id: UUID, shows: str, shows_region: str, reason: str, now: datetime
) -> ReadCheck:
    """Record what a person sees in a read's picture (see `check_rules.find`).

    Raises Refused, Read.DoesNotExist (also for another agency's read) and ValidationError.
    """
    by.require("reads.view")
    may_check(by.profile, by.title, by.positions).require()
    read = queries.read_by_id(by.agency, read_id)
    try:
        finding = find(
            read=read.plate, read_region=read.region, shows=shows, shows_region=shows_region, reason=reason
        )
    except CheckError as error:
        raise ValidationError({error.field: str(error)}) from error
    return _record(by, read, finding, reason, None, now)


@transaction.atomic
def note_fault(
    *, by: Actor, read_id: UUID, fault: ReadFault, reason: str, found_in: UUID, now: datetime
) -> ReadCheck | None:
    """Record what an alert's outcome says of the read behind it; what the plate truly is stays open.

    `found_in` is the alert. The caller has asked whether the person may close it. None when the read is no
    longer kept: then there is no picture that could show it.
    """
    try:
        read = queries.read_by_id(by.agency, read_id)
    except Read.DoesNotExist:
        return None
    finding = Finding(
        plate="" if fault is ReadFault.MISREAD else read.plate,
        region="" if fault is ReadFault.WRONG_STATE else read.region,
        is_misread=fault is ReadFault.MISREAD,
        is_wrong_state=fault is ReadFault.WRONG_STATE,
    )
    return _record(by, read, finding, reason, found_in, now)


@transaction.atomic
def note_comparison(
    *, by: Actor, read: Read, finding: Finding, found_in: UUID, now: datetime
) -> ReadCheck | None:
    """Record what somebody who compared an alert's picture found of the read behind it.

    `found_in` is the alert, on which the caller records the comparison itself. The check's words name no
    alert: everybody who searches reads them, also who may see none. None where the policy names other titles
    that correct reads: then only the alert's own record says it.
    """
    if not may_check(by.profile, by.title, by.positions):
        return None
    return _record(by, read, finding, COMPARED, found_in, now)


def _record(
    by: Actor, read: Read, finding: Finding, reason: str, found_in: UUID | None, now: datetime
) -> ReadCheck:
    made = ReadCheck.objects.create(
        agency_id=by.agency,
        device_id=read.device_id,
        read_id=read.id,
        captured_at=read.captured_at,
        plate=read.plate,
        region=read.region,
        shows_plate=finding.plate,
        shows_region=finding.region,
        is_misread=finding.is_misread,
        is_wrong_state=finding.is_wrong_state,
        pairs=list(finding.pairs),
        reason=reason.strip(),
        found_in=found_in,
        checked_by_id=by.user_id,
        checked_at=now,
    )
    audit.record(
        verb="reads.read.checked" if finding.is_right else "reads.read.corrected",
        by=by.acting("reads.view"),
        agency=by.agency,
        subject=f"reads.Read:{read.id}",
        detail={
            "plate": read.plate,
            "region": read.region,
            "found": made.said,
            "reason": made.reason,
            "camera": str(read.device_id),
        },
        profile_version=by.profile.version,
        now=now,
    )
    return made
