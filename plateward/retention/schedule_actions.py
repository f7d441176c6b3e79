"""Acts on what a purge stands on: the schedule's signatures, authorities, sources, the vendor's word."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from plateward.audit import actions as audit
from plateward.devices.models import Device
from plateward.governance.actor import Actor
from plateward.policy import deny, enforces
from plateward.retention import rules, standing
from plateward.retention.models import (
    DestructionAuthority,
    DeviceSource,
    ScheduleSignature,
    VendorAttestation,
    VendorSample,
)


@enforces("B-466.3.1(f)", "H-426.2.1(f)")
@transaction.atomic
def sign_schedule(*, digest: str, by: Actor, now: datetime) -> ScheduleSignature:
    """Sign the retention rules in force for the first position still missing that the person holds.

    `digest` is that of the rules which the person read. Raises Refused and ValidationError.
    """
    by.require("retention.agree")
    stands = standing.schedule(by.agency, by.profile)
    agreed_by = by.profile.retention.agreed_by
    if stands.agreed_by is None:
        deny(
            by.profile,
            agreed_by,
            "The policy does not say who agrees to the retention schedule.",
            "Record in the profile who signs it (`retention.agreed_by`), with its ground.",
        ).require()
    if digest != stands.digest:
        raise ValidationError("The rules changed since this page was shown. Read them again, then sign.")
    if any(one.signed_by_id == by.user_id for one in stands.signatures):
        raise ValidationError("You signed these rules already; the other position is another person's.")
    position = next((one for one in stands.missing if one in by.positions), None)
    if position is None:
        waiting = ", ".join(by.profile.position_name(one) for one in stands.missing) or "nobody"
        deny(
            by.profile,
            agreed_by,
            f"The signature of {waiting} is missing, and you hold no such position.",
            "Have them sign, or have the Chief appoint you on the organization's page.",
        ).require()
        raise AssertionError  # what is denied was raised
    signed = ScheduleSignature.objects.create(
        agency_id=by.agency,
        rules_sha256=digest,
        profile_version=by.profile.version,
        position=position,
        signed_by_id=by.user_id,
        signed_at=now,
    )
    detail = {"position": position, "rules_sha256": digest}
    _journal("retention.schedule.signed", signed, by, now, detail)
    return signed


@transaction.atomic
def withdraw_signature(*, signature: ScheduleSignature, by: Actor, now: datetime) -> None:
    """Take back one's own signature; from then on the schedule is not in effect.

    Raises Refused and ValidationError.
    """
    by.require("retention.agree")
    mine = ScheduleSignature.objects.select_for_update().filter(
        pk=signature.pk, agency_id=by.agency, withdrawn_at__isnull=True
    )
    known = mine.first()
    if known is None or known.signed_by_id != by.user_id:
        raise ValidationError("Only who gave a signature takes it back, once.")
    known.withdrawn_at, known.withdrawn_by = now, by.name
    known.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _journal("retention.schedule.unsigned", known, by, now, {"position": known.position})


@transaction.atomic
def record_authority(
    *,
    sources: Sequence[str],
    resolution: str,
    resolution_date: date,
    consent_by: str,
    consent_date: date,
    document_name: str,
    document_sha256: str,
    by: Actor,
    now: datetime,
) -> DestructionAuthority:
    """Put the council's resolution and the attorney's written consent on file (Gov. Code 34090, R89).

    Raises Refused and ValidationError.
    """
    by.require("retention.agree")
    unknown = sorted(set(sources) - set(rules.sources(by.profile)))
    if unknown or not sources:
        raise ValidationError({"sources": "Choose sources that the retention rules know."})
    if max(resolution_date, consent_date) > by.today:
        raise ValidationError({"resolution_date": "A resolution or consent of a later day is none yet."})
    row = DestructionAuthority(
        agency_id=by.agency,
        sources=sorted(sources),
        resolution=resolution,
        resolution_date=resolution_date,
        consent_by=consent_by,
        consent_date=consent_date,
        document_name=document_name,
        document_sha256=document_sha256,
        recorded_by_id=by.user_id,
        recorded_at=now,
    )
    row.full_clean(validate_constraints=False)
    row.save(force_insert=True)
    detail = {
        "resolution": resolution,
        "resolution_date": resolution_date.isoformat(),
        "consent_by": consent_by,
        "consent_date": consent_date.isoformat(),
        "sources": ", ".join(row.sources),
        "document_sha256": document_sha256,
    }
    _journal("retention.authority.recorded", row, by, now, detail)
    return row


@transaction.atomic
def withdraw_authority(*, authority: DestructionAuthority, because: str, by: Actor, now: datetime) -> None:
    """Let an authority count no more, saying why. Raises Refused and ValidationError."""
    by.require("retention.agree")
    on_file = DestructionAuthority.objects.select_for_update().filter(
        pk=authority.pk, agency_id=by.agency, withdrawn_at__isnull=True
    )
    known = on_file.first()
    if known is None:
        raise ValidationError("This authority is withdrawn already.")
    if not because.strip():
        raise ValidationError({"because": "Say why it counts no more."})
    known.withdrawn_at, known.withdrawn_by, known.withdrawn_because = now, by.name, because.strip()
    known.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    detail = {"resolution": known.resolution, "reason": because.strip()}
    _journal("retention.authority.withdrawn", known, by, now, detail)


@transaction.atomic
def assign_source(*, device: Device, source: str, reason: str, by: Actor, now: datetime) -> DeviceSource:
    """Say to which source, by the retention rules, a device's data belong.

    Raises Refused and ValidationError.
    """
    by.require("retention.agree")
    if source not in rules.sources(by.profile):
        raise ValidationError({"source": "Choose a source that the retention rules know."})
    if device.agency_id != by.agency:
        raise ValidationError({"device": "This device is another agency's."})
    if not reason.strip():
        raise ValidationError({"reason": "Say how this is known, such as the contract it is under."})
    row = DeviceSource.objects.create(
        agency_id=by.agency,
        device=device,
        source=source,
        reason=reason.strip(),
        assigned_by_id=by.user_id,
        assigned_at=now,
    )
    detail = {"device": str(device.pk), "name": device.name, "source": source, "reason": row.reason}
    _journal("retention.source.assigned", row, by, now, detail)
    return row


@enforces("B-466.5¶2-purge")
@transaction.atomic
def record_attestation(
    *,
    source: str,
    until_date: date,
    attested_by: str,
    attested_date: date,
    document_name: str,
    document_sha256: str,
    by: Actor,
    now: datetime,
) -> VendorAttestation:
    """Put on file the vendor's word that it purged what is older than a day (R93).

    Raises Refused and ValidationError.
    """
    by.require("retention.purge")
    rule = rules.sources(by.profile).get(source)
    if rule is None or rule.purged_by.settled is None:
        raise ValidationError({"source": "The retention rules name no vendor who purges this source."})
    if attested_date > by.today or until_date > attested_date:
        raise ValidationError({"until_date": "Nobody can attest a purge of days that were still to come."})
    row = VendorAttestation.objects.create(
        agency_id=by.agency,
        source=source,
        until_date=until_date,
        attested_by=attested_by,
        attested_date=attested_date,
        document_name=document_name,
        document_sha256=document_sha256,
        recorded_by_id=by.user_id,
        recorded_at=now,
    )
    detail = {
        "source": source,
        "until": until_date.isoformat(),
        "attested_by": attested_by,
        "document_sha256": document_sha256,
    }
    _journal("retention.attestation.recorded", row, by, now, detail)
    return row


@transaction.atomic
def record_sample(
    *, attestation: VendorAttestation, tried: int, found: int, note: str, by: Actor, now: datetime
) -> VendorSample:
    """Record how many old reads a person tried to get from the vendor, and how many still came (R93).

    Raises Refused and ValidationError.
    """
    by.require("retention.purge")
    if attestation.agency_id != by.agency:
        raise ValidationError("This attestation is another agency's.")
    if tried < 1 or not 0 <= found <= tried:
        raise ValidationError({"found": "Of those tried, at most all can be found; try at least one."})
    row = VendorSample.objects.create(
        agency_id=by.agency,
        attestation=attestation,
        tried=tried,
        found=found,
        note=note,
        checked_by_id=by.user_id,
        checked_at=now,
    )
    _journal("retention.sample.recorded", row, by, now, {"tried": tried, "found": found, "note": note})
    return row


def _journal(verb: str, row: Model, by: Actor, now: datetime, detail: Mapping[str, Any]) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=by.agency,
        subject=f"retention.{type(row).__name__}:{row.pk}",
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
