"""Retention for tests: a schedule that is in effect, an authority on file, and reads that are old enough."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from plateward.audit.models import AuditRecord
from plateward.devices.models import Device
from plateward.governance import actions as governance
from plateward.governance.queries import profile_for
from plateward.reads import keys
from plateward.reads.models import Picture, PictureRole, Read
from plateward.reads.rules import picture_id
from plateward.reads.store import Filed, PictureStore
from plateward.retention import finishing_actions, purge_actions, schedule_actions, standing
from plateward.retention.models import (
    Certificate,
    DestructionAuthority,
    Purge,
    ScheduleSignature,
    VendorAttestation,
)
from tests.days import day_of
from tests.payloads import picture
from tests.personas import SETUP, Town
from tests.sightings import seen

CUSTODIAN = "soto"
"""Sergeant Soto keeps Barstow's records."""
COMMANDER = "cole"
SHA256 = "ab" * 32
OF_THEIR_OWN = (
    "      source: server\n      data_classes: [READS, IMAGES]\n",
    "      source: server\n      data_classes: [READS]\n",
)
THIRTY_DAYS = (
    "    vendor-cloud:\n      name: Data in the vendor's cloud\n",
    """    pictures:
      name: Pictures on the department's own server
      source: server
      data_classes: [IMAGES]
      floor: {silent: true}
      ceiling: {clause: B-466.5¶2, value: {amount: 30, unit: DAYS}}
      schedule: {silent: true}
      purged_by: {silent: true}
      prevailing_layer: {silent: true}
      legal_basis: Gov. Code 34090.6
    vendor-cloud:
      name: Data in the vendor's cloud
""",
)
THREE_MINUTES = (
    "      floor: {clause: B-466.5¶2, value: {amount: 1, unit: YEARS}}\n      ceiling: {silent: true}\n",
    "      floor: {silent: true}\n      ceiling: {clause: B-466.5¶2, value: {amount: 3, unit: MINUTES}}\n",
)
BY_ITSELF = (
    "standing_authority: {silent: true}",
    "standing_authority: {clause: B-466.5¶2-purge, value: true}",
)
"""Changes of Barstow's text: pictures with a rule of their own; reads that go after three minutes."""


def appoint_custodian(town: Town, now: datetime) -> None:
    version = profile_for(town.agency.pk).version
    governance.appoint(
        user=town.users[CUSTODIAN],
        position="custodian-of-records",
        by=SETUP,
        profile_version=version,
        now=now,
    )


def sign(town: Town, now: datetime, usernames: Sequence[str] = (COMMANDER, CUSTODIAN)) -> None:
    for username in usernames:
        actor = town.actor(username, now)
        digest = standing.schedule(actor.agency, actor.profile).digest
        schedule_actions.sign_schedule(digest=digest, by=actor, now=now)


def authorize(town: Town, now: datetime) -> DestructionAuthority:
    actor = town.actor(COMMANDER, now)
    return schedule_actions.record_authority(
        sources=["server"],
        resolution="Resolution 2026-14",
        resolution_date=day_of(now) - timedelta(days=20),
        consent_by="Ana Abt, City Attorney",
        consent_date=day_of(now) - timedelta(days=15),
        document_name="resolution-2026-14.pdf",
        document_sha256=SHA256,
        by=actor,
        now=now,
    )


def ready(town: Town, now: datetime) -> None:
    """Everything that Barstow's own data may be purged on."""
    appoint_custodian(town, now)
    sign(town, now)
    authorize(town, now)
    actor = town.actor(COMMANDER, now)
    schedule_actions.assign_source(
        device=town.camera, source="server", reason="Owned by the city", by=actor, now=now
    )


def long_ago(now: datetime, days: int = 400) -> datetime:
    """Noon UTC of a day that is more than a year over."""
    return (now.astimezone(UTC) - timedelta(days=days)).replace(hour=12, minute=0, second=0)


def pictured(read: Read, store: PictureStore, now: datetime) -> Picture:
    """A picture of a read, sealed under its day's key."""
    data = picture()
    of = keys.KeyOf(read.agency_id, read.device_id, read.captured_at.astimezone(UTC).date())
    key = keys.keys_for([of], now)[of]
    row = Picture(
        id=picture_id(read.id, "scene", SHA256),
        agency_id=read.agency_id,
        read_id=read.id,
        captured_at=read.captured_at,
        role=PictureRole.SCENE,
        data_key_id=key.id,
        sha256=_digest(data),
        media_type="image/jpeg",
        size=len(data),
        width=320,
        height=180,
    )
    store.put(Filed(read.agency_id, of.day, row.pk, row.sha256), data, key)
    row.save(force_insert=True)
    return row


def _digest(data: bytes) -> str:

    return hashlib.sha256(data).hexdigest()


def drive(device: Device, begun: datetime, plates: Sequence[str]) -> list[Read]:
    """Reads of these plates, a minute apart."""
    return [seen(device, plate, begun + timedelta(minutes=n)) for n, plate in enumerate(plates)]


def approved(town: Town, now: datetime, until_at: datetime | None = None) -> Purge:
    """A purge that the custodian proposed and the commander approved."""
    purge = purge_actions.propose(source="server", until_at=until_at, by=town.actor(CUSTODIAN, now), now=now)
    return purge_actions.approve(purge_id=purge.pk, by=town.actor(COMMANDER, now), now=now)


def run(purge: Purge, now: datetime, store: PictureStore | None = None) -> Purge:
    """The purge as the worker leaves it."""
    finishing_actions.run(purge_id=purge.pk, clock=lambda: now, store=store)
    purge.refresh_from_db()
    return purge


def purge_row(town: Town, now: datetime) -> Purge:
    """A purge with its certificate, also where the town's policy lets nothing go."""
    at = {"proposed_at": now, "decided_at": now, "done_at": now}
    purge, _ = Purge.objects.get_or_create(
        agency=town.agency,
        number=1,
        defaults={
            "source": "server",
            "devices": [town.camera.pk],
            "from_at": long_ago(now),
            "until_at": long_ago(now) + timedelta(days=1),
            "ground": "1 year",
            "profile_version": "1",
            "rules_sha256": SHA256,
            "authority": "A resolution",
            "proposed_by": "one",
            "proposed_by_name": "One",
            "decided_by": "two",
            "decided_by_name": "Two",
            **at,
        },
    )
    row = AuditRecord.objects.filter(agency=town.agency.pk).latest("pk")
    Certificate.objects.get_or_create(
        purge=purge,
        defaults={
            "agency": town.agency,
            "data": b"{}",
            "data_sha256": SHA256,
            "document": b"%PDF-",
            "document_sha256": SHA256,
            "audit_id": row.pk,
            "issued_at": now,
        },
    )
    return purge


def signature_row(town: Town, now: datetime) -> ScheduleSignature:
    """Somebody's signature."""
    person = next(iter(town.users.values()))
    who = {"signed_by": person, "signed_at": now, "profile_version": "1"}
    return ScheduleSignature.objects.get_or_create(
        agency=town.agency, rules_sha256=SHA256, position="chief-of-police", defaults=who
    )[0]


def authority_row(town: Town, now: datetime) -> DestructionAuthority:
    """An authority on file."""
    day = {"resolution_date": day_of(now), "consent_date": day_of(now), "recorded_at": now}
    facts = {"sources": ["server"], "consent_by": "Attorney", "recorded_by": next(iter(town.users.values()))}
    return DestructionAuthority.objects.get_or_create(
        agency=town.agency, resolution="A resolution", defaults=day | facts
    )[0]


def attestation_row(town: Town, now: datetime) -> VendorAttestation:
    """A vendor's word on file."""
    day = {"until_date": day_of(now), "attested_date": day_of(now), "recorded_at": now}
    who = {"recorded_by": next(iter(town.users.values())), "attested_by": "Flock Safety"}
    return VendorAttestation.objects.get_or_create(agency=town.agency, source="server", defaults=day | who)[0]
