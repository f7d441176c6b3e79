"""The chain of custody of what was burned: every link on record, and none that cannot be (R95, R96, R98)."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.evidence.copies import lock_custody
from plateward.evidence.custody_rules import (
    Checked,
    CustodyError,
    EarlierLink,
    Link,
    MadeDisc,
    WantedLink,
    check_link,
    check_report,
    digest_of,
)
from plateward.evidence.disc_models import Disc, DiscLink
from plateward.evidence.disc_rules import SetState
from plateward.evidence.package_actions import CAPABILITY, journal
from plateward.governance.actor import Actor
from plateward.policy import enforces


@enforces("B-466.5", "H-426.4")
@transaction.atomic
def record_link(*, disc: Disc, wanted: WantedLink, by: Actor, now: datetime) -> DiscLink:
    """Record a link of a burned disc's chain of custody; nothing of it is changed afterward.

    A check that failed is a link too: the copy is not handed over until it is verified anew. Raises Refused,
    and ValidationError for what was not stated, cannot have happened to this copy, or was checked on another.
    """
    by.require(CAPABILITY)
    lock_custody(by.agency)
    disc = Disc.objects.select_related("of_set__package").get(pk=disc.pk, agency_id=by.agency)
    if disc.of_set.state != SetState.BUILT:
        raise ValidationError("The set of this disc is not made yet.")
    serial = wanted.serial.strip()
    same = DiscLink.objects.filter(agency_id=by.agency, serial=serial).order_by("recorded_at")
    earlier = [_earlier_link(one, disc) for one in same]
    try:
        check_link(wanted, earlier, made_at=disc.made_at, now=now)
        checked = _checked(wanted, disc, earlier, now)
    except CustodyError as error:
        raise ValidationError({error.field: str(error)}) from error
    link = DiscLink.objects.create(
        agency_id=by.agency,
        disc=disc,
        kind=wanted.kind.value,
        serial=serial,
        told=wanted.told.strip(),
        to_whom=wanted.to_whom.strip(),
        receipt=wanted.receipt.strip(),
        witness=wanted.witness.strip(),
        report=wanted.report,
        unverified_because=wanted.unverified_because.strip(),
        report_sha256=digest_of(wanted.report) if wanted.report is not None else "",
        is_verified=checked is not None and not checked.failure,
        checked_at=checked.at if checked else None,
        failure=checked.failure if checked else "",
        happened_at=wanted.happened_at,
        recorded_by_id=by.user_id,
        recorded_at=now,
    )
    detail = {
        "set": disc.of_set.number,
        "disc": disc.number,
        "serial": link.serial,
        "what": wanted.kind.label,
        "told": link.told,
        "to_whom": link.to_whom,
        "receipt": link.receipt,
        "witness": link.witness,
        "unverified_because": link.unverified_because,
        "is_verified": link.is_verified,
        "failure": link.failure,
        "happened_at": link.happened_at.isoformat(),
    }
    journal("evidence.disc.recorded", disc.package, by, now, detail)
    return link


def _earlier_link(link: DiscLink, disc: Disc) -> EarlierLink:
    """A link on record, as the rules take it for this disc."""
    checked = Checked(link.checked_at, link.failure) if link.checked_at else None
    return EarlierLink(Link(link.kind), link.happened_at, link.disc_id == disc.pk, checked)


def _checked(wanted: WantedLink, disc: Disc, earlier: Sequence[EarlierLink], now: datetime) -> Checked | None:
    if wanted.report is None:
        return None
    burned = [one.happened_at for one in earlier if one.kind is Link.BURNED and one.is_here]
    found = check_report(
        wanted.report, _made_disc(disc), burned_at=max(burned, default=wanted.happened_at), now=now
    )
    if DiscLink.objects.filter(agency_id=disc.agency_id, report_sha256=digest_of(wanted.report)).exists():
        raise CustodyError("This report is on record already: each check has one of its own.", "report")
    return found


def _made_disc(disc: Disc) -> MadeDisc:
    """What a check's report must be of."""
    package = disc.package
    return MadeDisc(
        package=package.name,
        fingerprint=package.fingerprint,
        number=disc.number,
        total=disc.total,
        image=disc.sha256,
        listed=disc.listed_sha256,
    )
