"""Acts of retention, for the test that walks every act (tests/db/test_every_act.py)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from plateward.reads.models import Read
from plateward.reads.store import picture_store
from plateward.retention import (
    closing_actions,
    destruction,
    finishing_actions,
    picture_actions,
    purge_actions,
    purge_list,
    reapply_actions,
    running_actions,
    schedule_actions,
    standing,
    tidying_actions,
)
from plateward.retention.models import Purge, VendorAttestation
from tests.days import day_of
from tests.purges import (
    BY_ITSELF,
    COMMANDER,
    CUSTODIAN,
    OF_THEIR_OWN,
    SHA256,
    THIRTY_DAYS,
    THREE_MINUTES,
    appoint_custodian,
    approved,
    authorize,
    drive,
    long_ago,
    pictured,
    ready,
    sign,
)
from tests.sightings import seen
from tests.stage import Act, Stage
from tests.versions import policy_text, put_on_file


def old(s: Stage) -> list[Read]:
    ready(s.town, s.now)
    reads = drive(s.town.camera, long_ago(s.now), ["8ABC123", "7XYZ789"])
    pictured(reads[0], picture_store(), s.now)
    return reads


def proposed(s: Stage) -> Purge:
    old(s)
    return purge_actions.propose(source="server", until_at=None, **s.by(CUSTODIAN))


def decided(name: str) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        purge = proposed(s)
        return lambda: getattr(purge_actions, name)(purge_id=purge.pk, **s.by(COMMANDER))

    return prepare


def under_way(s: Stage, *, purged: bool = False) -> Purge:
    old(s)
    purge = running_actions.begin(purge_id=approved(s.town, s.now).pk, now=s.now)
    if purged:
        (part,) = destruction.partitions_of(purge_actions.span_of(purge))
        running_actions.purge_part(purge=purge, part=part, now=s.now)
    return purge


def propose(s: Stage) -> Act:
    old(s)
    return lambda: purge_actions.propose(source="server", until_at=None, **s.by(CUSTODIAN))


def propose_due(s: Stage) -> Act:
    old(s)
    profile = s.actor(COMMANDER).profile
    return lambda: purge_actions.propose_due(agency="barstow-pd", profile=profile, source="server", now=s.now)


def begin(s: Stage) -> Act:
    old(s)
    purge = approved(s.town, s.now)
    return lambda: running_actions.begin(purge_id=purge.pk, now=s.now)


def stop(s: Stage) -> Act:
    purge = under_way(s)
    return lambda: running_actions.stop(purge_id=purge.pk, problem="Nobody may say why.", now=s.now)


def end(s: Stage) -> Act:
    purge = under_way(s)
    running_actions.stop(purge_id=purge.pk, problem="Nobody may say why.", now=s.now)
    return lambda: purge_actions.end(purge_id=purge.pk, **s.by(COMMANDER))


def resume(s: Stage) -> Act:
    purge = under_way(s)
    running_actions.stop(purge_id=purge.pk, problem="Nobody may say why.", now=s.now)
    return lambda: purge_actions.resume(purge_id=purge.pk, **s.by(COMMANDER))


def propose_short(s: Stage) -> Act:
    put_on_file(s.town, policy_text("barstow-pd", "2026.9", THREE_MINUTES, BY_ITSELF), s.now)
    ready(s.town, s.now)
    seen(s.town.camera, "8ABC123", s.now - timedelta(seconds=90))
    profile = s.actor(COMMANDER).profile
    return lambda: purge_actions.propose_short(
        agency=s.town.agency.pk, profile=profile, source="server", now=s.now
    )


def purge_pictures(s: Stage) -> Act:
    put_on_file(s.town, policy_text("barstow-pd", "2026.9", OF_THEIR_OWN, THIRTY_DAYS), s.now)
    ready(s.town, s.now)
    pictured(seen(s.town.camera, "8ABC123", long_ago(s.now, 40)), picture_store(), s.now)
    by = s.actor(CUSTODIAN)
    made = purge_actions.propose(source="server", until_at=None, by=by, now=s.now, pictures_only=True)
    purge_actions.approve(purge_id=made.pk, by=s.actor(COMMANDER), now=s.now)
    purge = running_actions.begin(purge_id=made.pk, now=s.now)
    part = destruction.partitions_of(purge_actions.span_of(purge))[0]
    return lambda: picture_actions.purge_pictures(purge=purge, part=part, now=s.now)


def purge_part(s: Stage) -> Act:
    purge = under_way(s)
    (part,) = destruction.partitions_of(purge_actions.span_of(purge))
    return lambda: running_actions.purge_part(purge=purge, part=part, now=s.now)


def remove_files(s: Stage) -> Act:
    purge = under_way(s, purged=True)
    return lambda: tidying_actions.remove_files(purge=purge, now=s.now)


def finish(s: Stage) -> Act:
    purge = under_way(s, purged=True)
    return lambda: finishing_actions.finish(purge_id=purge.pk, now=s.now)


def close_days(s: Stage) -> Act:
    reads = old(s)
    day = long_ago(s.now)
    span = destruction.Span("barstow-pd", (reads[0].device_id,), day, day + timedelta(days=1))
    return lambda: closing_actions.close_days(agency="barstow-pd", span=span, now=s.now)


def sign_schedule(s: Stage) -> Act:
    digest = standing.schedule("barstow-pd", s.actor(COMMANDER).profile).digest
    return lambda: schedule_actions.sign_schedule(digest=digest, **s.by(COMMANDER))


def withdraw_signature(s: Stage) -> Act:
    appoint_custodian(s.town, s.now)
    sign(s.town, s.now)
    signature = standing.schedule("barstow-pd", s.actor(COMMANDER).profile).signatures[0]
    return lambda: schedule_actions.withdraw_signature(signature=signature, **s.by(COMMANDER))


def withdraw_authority(s: Stage) -> Act:
    kept = authorize(s.town, s.now)
    return lambda: schedule_actions.withdraw_authority(authority=kept, because="Repealed", **s.by(COMMANDER))


def assign_source(s: Stage) -> Act:
    camera = s.town.camera
    return lambda: schedule_actions.assign_source(
        device=camera, source="server", reason="The city's", **s.by(COMMANDER)
    )


def attested(s: Stage) -> VendorAttestation:
    day = day_of(s.now) - timedelta(days=2)
    return schedule_actions.record_attestation(
        source="vendor-cloud",
        until_date=day - timedelta(days=30),
        attested_by="Flock Safety",
        attested_date=day,
        document_name="letter.pdf",
        document_sha256=SHA256,
        **s.by(COMMANDER),
    )


def record_sample(s: Stage) -> Act:
    attestation = attested(s)
    return lambda: schedule_actions.record_sample(
        attestation=attestation, tried=5, found=0, note="By the portal's search", **s.by(COMMANDER)
    )


def reapply(s: Stage) -> Act:
    """As after a restore: the list knows of a purge, and what it destroyed is back."""
    (read, _) = old(s)
    listed = purge_list.Listed(
        purge=str(uuid4()),
        agency="barstow-pd",
        number=7,
        source="server",
        devices=(str(read.device_id),),
        from_at=long_ago(s.now).isoformat(),
        until_at=(long_ago(s.now) + timedelta(days=1)).isoformat(),
        authority="Resolution 2026-14",
        proposed_by="Sam Soto",
        approved_by="Carl Cole",
        done_at=s.now.isoformat(),
        certificate_sha256=SHA256,
    )
    return lambda: reapply_actions.reapply(listed=listed, **s.setup)


RETENTION_ACTS: dict[str, Callable[[Stage], Any]] = {
    "retention.approve": decided("approve"),
    "retention.assign_source": assign_source,
    "retention.begin": begin,
    "retention.close_days": close_days,
    "retention.end": end,
    "retention.finish": finish,
    "retention.propose": propose,
    "retention.propose_due": propose_due,
    "retention.propose_short": propose_short,
    "retention.purge_part": purge_part,
    "retention.purge_pictures": purge_pictures,
    "retention.reapply": reapply,
    "retention.record_attestation": lambda s: lambda: attested(s),
    "retention.record_authority": lambda s: lambda: authorize(s.town, s.now),
    "retention.record_sample": record_sample,
    "retention.refuse": decided("refuse"),
    "retention.remove_files": remove_files,
    "retention.resume": resume,
    "retention.sign_schedule": sign_schedule,
    "retention.stop": stop,
    "retention.withdraw_authority": withdraw_authority,
    "retention.withdraw_signature": withdraw_signature,
}
