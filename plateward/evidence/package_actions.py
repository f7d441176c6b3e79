"""Ordering evidence packages, building them, giving them out, and destroying our copy (B-466.5, H-426.4)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.evidence import package_store
from plateward.evidence.booking_actions import note_export
from plateward.evidence.copies import lock_custody
from plateward.evidence.holding import lock_holds
from plateward.evidence.our_copy import why_kept
from plateward.evidence.package_building import Built
from plateward.evidence.package_models import Package, PackageKey, PackageRead
from plateward.evidence.package_rules import (
    PackageState,
    Wanted,
    may_become,
)
from plateward.evidence.stamping import Stamp
from plateward.evidence.wishes import Chosen, chosen
from plateward.governance.actor import Actor
from plateward.live import actions as live
from plateward.policy import enforces, purpose_allowed
from plateward.policy.screening import screen_reason
from plateward.vault.streams import SealedReader

CAPABILITY: Final = "evidence.package"
MOST_PLATES: Final = 100
"""So many plates each get an access record of their own, by which who looked at a plate is found; of a
package with more, such as a camera's day, one record tells what it was ordered by."""
_NUMBERS: Final = "evidence package numbers"


@enforces("B-466.5", "H-426.4", "B-466.6(a)", "H-426.5(a)")
def order(*, by: Actor, wanted: Wanted, now: datetime) -> Package:
    """Order a package; its access records are committed before anything is packed. The worker builds it.

    Raises Refused (capability, purpose), UnusableWishError, and what `wishes.chosen` does.
    """
    by.require(CAPABILITY)
    purpose_allowed(by.profile, wanted.purpose).require()
    wanted.check()
    with transaction.atomic(durable=True):
        lock_holds(by.agency, alone=False)  # a purge decides on what is ordered before, or after it
        reads = chosen(by.agency, wanted)
        package = _numbered(by, wanted, now)
        package_store.make_key(package)
        PackageRead.objects.bulk_create(
            [
                PackageRead(
                    agency_id=by.agency, package=package, read_id=read.id, captured_at=read.captured_at
                )
                for read in reads
            ],
            batch_size=1000,
        )
        _order_on_record(package, reads, by, now)
    return package


def build(*, by: Actor, wanted: Wanted, now: datetime) -> Package:
    """Order a package and build it at once; raises what `order` does. A package that failed says why.

    Call it outside of any transaction: the access records are committed before anything is packed.
    """
    from plateward.evidence.package_work import make  # noqa: PLC0415  it works by the acts below

    return make(package=order(by=by, wanted=wanted, now=now), by=by, now=now)


@transaction.atomic
def order_again(*, package: Package, by: Actor, now: datetime) -> Package:
    """Have a package that failed built anew, under a further access record.

    Raises Refused, ValidationError where it did not fail, Read.DoesNotExist where a read is gone.
    """
    by.require(CAPABILITY)
    package = _locked(package, by, PackageState.BUILDING)
    purpose_allowed(by.profile, package.purpose).require()
    reads = chosen(by.agency, wanted_of(package), list(package.packed.values_list("read_id", flat=True)))
    package.state, package.failure, package.attempts = PackageState.BUILDING, "", 0
    package.ordered_by_id, package.ordered_as, package.asked_from = by.user_id, by.title, by.address
    package.save()
    _order_on_record(package, reads, by, now)
    return package


@enforces("B-466.6(a)", "H-426.5(a)")
def take(*, package: Package, by: Actor, now: datetime) -> SealedReader:
    """Give the package's ZIP file out, on record first; whoever sends it closes it.

    Raises Refused, ValidationError where there is no file, OSError, UnopenableError, MasterKeyError.
    """
    by.require(CAPABILITY)
    if package.state != PackageState.BUILT:
        raise ValidationError(f"There is no file to take: {package.get_state_display().lower()}.")
    reader = package_store.opened(package, package_store.BAG)
    try:
        with transaction.atomic(durable=True):
            _record_access(package, by, now, {"taken": "the package as a ZIP file"}, package.read_count)
            journal("evidence.package.taken", package, by, now, {"fingerprint": package.fingerprint})
    except BaseException:
        reader.close()
        raise
    return reader


@transaction.atomic
def discard(*, package: Package, by: Actor, because: str, now: datetime) -> Package:
    """Destroy our copy: its key, so that no backup of it can be read, and its files, disc images too.

    What was booked must be proven good first: by the last check of each booked copy. Raises Refused,
    ValidationError without a reason, while a booked copy is unproven, or in a state that has no such way.
    """
    by.require(CAPABILITY)
    if not because.strip():
        raise ValidationError({"because": "Say why our copy is not needed any more."})
    lock_custody(by.agency)  # before the package's row, as a booking does
    package = _locked(package, by, PackageState.DISCARDED)
    if problem := why_kept(package, by):
        raise ValidationError(problem)
    PackageKey.objects.filter(package=package).delete()
    package.state = PackageState.DISCARDED
    package.discarded_by_id, package.discarded_at = by.user_id, now
    package.discarded_because = because.strip()
    package.save(update_fields=["state", "discarded_by", "discarded_at", "discarded_because"])
    journal("evidence.package.discarded", package, by, now, {"reason": because.strip()})
    transaction.on_commit(lambda: package_store.remove(package))
    return package


def wanted_of(package: Package) -> Wanted:
    """What was ordered."""
    kept = package.wanted
    return Wanted(
        reads=tuple(map(UUID, kept["reads"])),
        alerts=tuple(map(UUID, kept["alerts"])),
        hold=UUID(kept["hold"]) if kept["hold"] else None,
        purpose=package.purpose,
        reason=package.reason,
        reference=package.reference,
        recipient=package.recipient,
        limits=tuple(package.limits),
        for_outside=bool(kept.get("for_outside")),
    )


def journal(verb: str, package: Package, by: Actor, now: datetime, detail: Mapping[str, Any]) -> None:
    """Write an act on a package into the journal, and tell the pages that show it."""
    audit.record(
        verb=verb,
        by=by.acting(CAPABILITY),
        agency=by.agency,
        subject=package.subject,
        detail={"number": package.name, **detail},
        profile_version=by.profile.version,
        now=now,
    )
    live.publish(agency=by.agency, topic="packages", id=str(package.pk))


def _numbered(by: Actor, wanted: Wanted, now: datetime) -> Package:
    """The package's row under the agency's next number of the year, by its own calendar."""
    year = now.astimezone(ZoneInfo(by.profile.agency.time_zone)).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{_NUMBERS} {by.agency}"])
    last = Package.objects.filter(agency_id=by.agency, year=year).aggregate(last=Max("number"))["last"]
    return Package(
        agency_id=by.agency,
        year=year,
        number=(last or 0) + 1,
        wanted=wanted.kept(),
        hold_id=wanted.hold,
        purpose=wanted.purpose,
        reason=wanted.reason.strip()[:500],
        reference=wanted.reference.strip()[:80],
        recipient=wanted.recipient.strip()[:200],
        limits=list(wanted.limits),
        ordered_by_id=by.user_id,
        ordered_as=by.title,
        ordered_at=now,
        asked_from=by.address,
        access_row=0,
        profile_version=by.profile.version,
    )


def _order_on_record(package: Package, reads: list[Chosen], by: Actor, now: datetime) -> None:
    """Write the access records and the order's own row, and put their numbers into the package."""
    plates = Counter(read.plate for read in reads)
    elements: Iterator[tuple[dict[str, Any], int]] = (
        iter([({"plates": len(plates)}, len(reads))])
        if len(plates) > MOST_PLATES
        else (({"plate": plate}, count) for plate, count in plates.items())
    )
    rows = [_record_access(package, by, now, told, count) for told, count in elements]
    package.access_row = rows[0]
    package.oldest_at = min(read.captured_at for read in reads)
    package.newest_at = max(read.captured_at for read in reads)
    package.save()
    detail = {"reads": len(reads), "recipient": package.recipient, **package.wanted}
    journal("evidence.package.ordered", package, by, now, detail)


def _record_access(
    package: Package, by: Actor, now: datetime, elements: Mapping[str, Any], count: int
) -> int:
    access = audit.record_access(
        by=by.acting(CAPABILITY),
        agency=by.agency,
        elements={**elements, "package": package.name, "recipient": package.recipient},
        purpose=package.purpose,
        reason=package.reason,
        reference=package.reference,
        result_count=count,
        flags=[f"{flag.name}: {flag.matched}" for flag in screen_reason(by.profile, package.reason)],
        subject=package.subject,
        profile_version=by.profile.version,
        now=now,
    )
    return int(access.audit_id)


@transaction.atomic
def package_built(*, package: Package, built: Built, by: Actor, now: datetime) -> Package:
    """Say that its file is there and was read back. Raises ValidationError where nobody builds it."""
    package = _locked(package, by, PackageState.BUILT)
    package.state, package.built_at, package.failure = PackageState.BUILT, now, ""
    package.fingerprint, package.size, package.file_count = built.fingerprint, built.size, built.files
    package.read_count, package.picture_count, package.missing = built.reads, built.pictures, built.missing
    stamp = built.stamp
    package.stamped_at, package.stamped_by, package.unstamped_because = stamp.at, stamp.by, stamp.failure
    package.save()
    journal(
        "evidence.package.built",
        package,
        by,
        now,
        {
            "fingerprint": built.fingerprint,
            "size": built.size,
            "files": built.files,
            "reads": built.reads,
            "pictures": built.pictures,
            "missing": built.missing,
            **_told_of(built.stamp),
        },
    )
    note_export(by=by, package=package, now=now)
    return package


def _told_of(stamp: Stamp) -> dict[str, str]:
    """What the journal says of a time stamp; nothing where none was asked for."""
    if stamp.at:
        return {"stamped_at": stamp.at.isoformat(), "stamped_by": stamp.by}
    return {"unstamped_because": stamp.failure} if stamp.failure else {}


@transaction.atomic
def package_failed(*, package: Package, why: str, by: Actor, now: datetime) -> Package:
    """Say why the package could not be built. Raises ValidationError where nobody builds it."""
    package = _locked(package, by, PackageState.FAILED)
    package.state, package.failure = PackageState.FAILED, why[:500]
    package.save(update_fields=["state", "failure"])
    journal("evidence.package.failed", package, by, now, {"why": package.failure})
    return package


@transaction.atomic
def package_given_up(*, package: Package, why: str, now: datetime) -> Package:
    """Say that a build could not be begun, such as where no policy is in force; done by the clock."""
    locked = Package.objects.select_for_update().get(pk=package.pk)
    if locked.state == PackageState.BUILDING:
        locked.state, locked.failure = PackageState.FAILED, why[:500]
        locked.save(update_fields=["state", "failure"])
        audit.record(
            verb="evidence.package.failed",
            by=CLOCK,
            agency=locked.agency_id,
            subject=locked.subject,
            detail={"number": locked.name, "why": locked.failure},
            now=now,
        )
    return locked


def _locked(package: Package, by: Actor, target: PackageState) -> Package:
    locked = Package.objects.select_for_update().get(pk=package.pk, agency_id=by.agency)
    if not may_become(PackageState(locked.state), target):
        raise ValidationError(
            f"That cannot be done now: package {locked.name} is {locked.get_state_display().lower()}."
        )
    return locked
