"""Images of discs, and the chain of custody of what was burned from them (B-466.5¶2, H-426.4¶2, R95–R98)."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.evidence import package_store
from plateward.evidence.disc_image import write_images
from plateward.evidence.disc_models import Disc, DiscLink
from plateward.evidence.disc_rules import Link, Medium, image_name
from plateward.evidence.package_actions import CAPABILITY
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.governance.actor import Actor
from plateward.policy import enforces
from plateward.vault.streams import SealedReader


@enforces("B-466.5", "H-426.4")
def make_discs(*, package: Package, medium: Medium, by: Actor, now: datetime) -> list[Disc]:
    """Make an image of each disc that a built package needs, read each back, and keep them sealed.

    Raises Refused, ValidationError where there is no package or discs were made already, DoesNotFitError,
    UnsoundPackageError, OSError for a full disc, UnopenableError, MasterKeyError: then no disc is there.
    """
    by.require(CAPABILITY)
    with transaction.atomic():
        locked = Package.objects.select_for_update().get(pk=package.pk, agency_id=by.agency)
        if locked.state != PackageState.BUILT:
            raise ValidationError("There is nothing to be put on discs: the package is not built.")
        if locked.discs.exists():
            raise ValidationError("Its discs are made already: burn further copies of their images.")
        images = write_images(locked, medium)
        made = [
            Disc(
                agency_id=by.agency,
                package=locked,
                medium=medium.value,
                number=number,
                total=len(images),
                sha256=sha256,
                size=size,
                made_by_id=by.user_id,
                made_at=now,
            )
            for number, (sha256, size) in enumerate(images, 1)
        ]
        Disc.objects.bulk_create(made)
        facts = [{"disc": one.number, "sha256": one.sha256, "size": one.size} for one in made]
        detail = {"medium": medium.value, "count": len(made), "discs": facts}
        _journal("evidence.discs.made", locked, by, now, detail)
    return made


def take_image(*, disc: Disc, by: Actor, now: datetime) -> SealedReader:
    """Give a disc's image out to be burned, on record first; whoever sends it closes it.

    Raises Refused, OSError, UnopenableError, PackageKey.DoesNotExist once our copy was destroyed.
    """
    by.require(CAPABILITY)
    package = disc.package
    reader = package_store.opened(package, image_name(disc.number))
    try:
        with transaction.atomic(durable=True):
            audit.record_access(
                by=by.acting(CAPABILITY),
                agency=by.agency,
                elements={"package": package.name, "disc": disc.number, "taken": "the image of a disc"},
                purpose=package.purpose,
                reason=package.reason,
                reference=package.reference,
                result_count=package.read_count,
                subject=package.subject,
                profile_version=by.profile.version,
                now=now,
            )
    except BaseException:
        reader.close()
        raise
    return reader


@transaction.atomic
def record_link(
    *,
    disc: Disc,
    kind: Link,
    serial: str,
    told: str,
    is_verified: bool,
    happened_at: datetime,
    by: Actor,
    now: datetime,
) -> DiscLink:
    """Record a link of a burned disc's chain of custody; nothing of it is changed afterward.

    Raises Refused, ValidationError without serial number or words, for a time to come, and for a disc that
    was destroyed.
    """
    by.require(CAPABILITY)
    if not serial.strip() or not told.strip():
        raise ValidationError("Say which copy it is, by its serial number, and what happened.")
    if happened_at > now:
        raise ValidationError({"happened_at": "This time is still to come."})
    if disc.links.filter(serial=serial.strip(), kind=Link.DESTROYED).exists():
        raise ValidationError({"serial": "This copy was destroyed: nothing more can happen to it."})
    link = DiscLink.objects.create(
        agency_id=by.agency,
        disc=disc,
        kind=kind.value,
        serial=serial.strip(),
        told=told.strip(),
        is_verified=is_verified,
        happened_at=happened_at,
        recorded_by_id=by.user_id,
        recorded_at=now,
    )
    detail = {
        "disc": disc.number,
        "serial": link.serial,
        "what": kind.label,
        "told": link.told,
        "is_verified": is_verified,
        "happened_at": happened_at.isoformat(),
    }
    _journal("evidence.disc.recorded", disc.package, by, now, detail)
    return link


def _journal(verb: str, package: Package, by: Actor, now: datetime, detail: Mapping[str, object]) -> None:
    audit.record(
        verb=verb,
        by=by.acting(CAPABILITY),
        agency=by.agency,
        subject=package.subject,
        detail={"number": package.name, **detail},
        profile_version=by.profile.version,
        now=now,
    )
