"""The demonstration's retention: a signed schedule, an authority on file, and reads that may be purged."""

import random
from datetime import date, datetime, timedelta
from hashlib import sha256

from plateward.accounts.models import User
from plateward.audit.who import Who
from plateward.config.demo.cast import BARSTOW
from plateward.config.demo.drives import ZONE, plate_of
from plateward.devices.models import Device
from plateward.governance import actions as governance
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.reads.upload_actions import upload
from plateward.retention import schedule_actions, standing
from plateward.retention.models import ScheduleSignature

COMMANDER, CUSTODIAN, KEEPER = "cole", "soto", "imani"
AGO = (396, 395, 394)
"""Days ago of reads that are older than Barstow's year."""
EACH = 12
"""So many of them a camera and day."""
SCAN = sha256(b"Resolution 2026-14 of the City Council, scanned").hexdigest()


def seed_retention(now: datetime, by: Who) -> None:
    """Appoint a custodian, have both sign, put an authority on file and old reads in; once."""
    if ScheduleSignature.objects.filter(agency_id=BARSTOW.agency).exists():
        return
    version = _actor(COMMANDER, now).profile.version
    custodian = User.objects.get(username=CUSTODIAN)
    governance.appoint(
        user=custodian, position="custodian-of-records", by=by, profile_version=version, now=now
    )
    for username in (COMMANDER, CUSTODIAN):
        actor = _actor(username, now)
        digest = standing.schedule(actor.agency, actor.profile).digest
        schedule_actions.sign_schedule(digest=digest, by=actor, now=now)
    commander = _actor(COMMANDER, now)
    schedule_actions.record_authority(
        sources=["server"],
        resolution="Resolution 2026-14",
        resolution_date=_days_before(now, 40),
        consent_by="Ana Abt, City Attorney",
        consent_date=_days_before(now, 33),
        document_name="resolution-2026-14.pdf",
        document_sha256=SCAN,
        by=commander,
        now=now,
    )
    for device in Device.objects.filter(agency_id=BARSTOW.agency).order_by("name"):
        schedule_actions.assign_source(
            device=device, source="server", reason="Owned and run by the city", by=commander, now=now
        )
    _old_reads(now)


def _old_reads(now: datetime) -> None:
    """Have the IT manager upload what two cameras read more than a year ago."""
    chance = random.Random(90)  # noqa: S311  invented traffic, no secret
    keeper = _actor(KEEPER, now)
    for device in Device.objects.filter(agency_id=BARSTOW.agency, kind="FIXED").order_by("name")[:2]:
        passes = sorted(
            (now - timedelta(days=ago, minutes=chance.randint(0, 600)), plate_of(chance))
            for ago in AGO
            for _ in range(EACH)
        )
        lines = "".join(f"{at.isoformat()},{plate}\n" for at, plate in passes)
        upload(
            by=keeper,
            device=device,
            name="last-year.csv",
            data=f"captured_at,plate\n{lines}".encode(),
            now=now,
        )


def _actor(username: str, now: datetime) -> Actor:
    return actor_for(User.objects.get(username=username), at=now)


def _days_before(now: datetime, days: int) -> date:
    return (now - timedelta(days=days)).astimezone(ZONE).date()
