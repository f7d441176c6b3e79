"""After a restore: what was purged since the backup goes again (R92, CJIS CP-9)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.evidence.holding import held_condition, held_since_condition, lock_holds
from plateward.governance.queries import profile_for
from plateward.retention import destruction, picture_counts, rules
from plateward.retention.models import Purge
from plateward.retention.purge_list import Listed
from plateward.retention.rules import UNDER_WAY, PurgeState


class PurgeInTheWayError(Exception):
    """Another purge is under way; the message says what to do."""


class SparedError(Exception):
    """What is back was held when the purge ran, and no hold here says so; the message says what to do."""


def in_order(listed: Iterable[Listed]) -> list[Listed]:
    """The listed purges as they are to be done again: those that the backup has under way first.

    Each of these would be in the way of all others of its agency.
    """
    found = Purge.objects.filter(state__in=[PurgeState.APPROVED, PurgeState.RUNNING]).values_list(
        "pk", flat=True
    )
    under_way = {str(pk) for pk in found}
    return sorted(listed, key=lambda one: one.purge not in under_way)


@transaction.atomic
def reapply(*, listed: Listed, by: Who, now: datetime) -> Purge | None:
    """Approve a listed purge again for what is back; None where nothing of it is.

    Where the backup was taken while that very purge was approved or under way, it goes on. The approval is
    that of the purge itself; policy, signatures, authority and holds are looked at anew when it runs. Raises
    PurgeInTheWayError, SparedError and PolicyUnavailableError.
    """
    devices = [UUID(one) for one in listed.devices]
    until_at = datetime.fromisoformat(listed.until_at)
    oldest_of = picture_counts.oldest if listed.pictures_only else destruction.oldest
    oldest = oldest_of(listed.agency, devices, f"NOT ({held_condition('read')})")
    if oldest is None or oldest >= until_at:
        return None
    _check_spared(listed)
    under_way = Purge.objects.filter(agency_id=listed.agency, state__in=UNDER_WAY).first()
    if under_way and str(under_way.pk) == listed.purge and under_way.state != PurgeState.PROPOSED:
        return under_way
    if under_way:
        raise PurgeInTheWayError(
            f"A purge of {listed.agency} is under way or waits for a second person. Refuse it or let it end, "
            "then run this again."
        )
    profile = profile_for(listed.agency, now)
    last = Purge.objects.filter(agency_id=listed.agency).aggregate(last=Max("number"))["last"] or 0
    first = oldest_of(listed.agency, devices) or oldest
    classes = rules.PICTURES if listed.pictures_only else rules.CLASSES
    purge = Purge.objects.create(
        agency_id=listed.agency,
        number=max(last, listed.number) + 1,
        source=listed.source,
        devices=devices,
        from_at=rules.day_of(first),
        until_at=until_at,
        ground=rules.ground(profile, listed.source, now, classes),
        pictures_only=listed.pictures_only,
        profile_version=profile.version,
        rules_sha256=rules.rules_digest(profile),
        authority=listed.authority,
        reapplies=UUID(listed.purge),
        state=PurgeState.APPROVED,
        proposed_by=by.username,
        proposed_by_name=by.name,
        proposed_at=now,
        decided_by="purge list",
        decided_by_name=f"{listed.approved_by}, for purge {listed.number}",
        decided_at=now,
    )
    audit.record(
        verb="retention.purge.reapplied",
        by=by,
        agency=listed.agency,
        subject=f"retention.Purge:{purge.pk}",
        detail={"number": purge.number, "again": listed.number, "until": listed.until_at},
        profile_version=profile.version,
        now=now,
    )
    return purge


def _check_spared(listed: Listed) -> None:
    """Refuse while reads that the purge spared are here and nobody entered a hold of them since."""
    lock_holds(listed.agency, alone=True)
    since = datetime.fromisoformat(listed.done_at)
    known = f"{held_condition('read')} OR {held_since_condition('read', since)}"
    unknown = destruction.count_of(listed.agency, [UUID(one) for one in listed.held], f"NOT ({known})")
    if unknown:
        raise SparedError(
            f"{unknown:,} reads that are back were held when purge {listed.number} of {listed.agency} ran on "
            f"{since:%Y-%m-%d}, and this backup knows no hold of them. Nothing of that purge was done again. "
            "Enter the hold anew; if it ended since, have it asked for and released by another person. Then "
            "run this again."
        )
