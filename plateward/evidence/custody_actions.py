"""The chain of custody of what was burned: every link on record, and none that cannot be (R95, R96, R98)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from plateward.evidence.custody_rules import (
    CustodyError,
    EarlierLink,
    Link,
    MadeDisc,
    WantedLink,
    check_link,
    check_report,
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

    Raises Refused, and ValidationError for what was not stated, cannot have happened to this copy, or was
    checked with another outcome than PASS, or on another disc.
    """
    by.require(CAPABILITY)
    with connection.cursor() as cursor:  # two links of one copy at the same instant are judged one by one
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"evidence.custody {by.agency}"]
        )
    disc = Disc.objects.select_related("of_set__package").get(pk=disc.pk, agency_id=by.agency)
    if disc.of_set.state != SetState.BUILT:
        raise ValidationError("The set of this disc is not made yet.")
    serial = wanted.serial.strip()
    same = DiscLink.objects.filter(agency_id=by.agency, serial=serial).order_by("recorded_at")
    earlier = [EarlierLink(Link(one.kind), one.happened_at, one.disc_id == disc.pk) for one in same]
    try:
        check_link(wanted, earlier, made_at=disc.made_at, now=now)
        if wanted.report is not None:
            check_report(wanted.report, _made_disc(disc))
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
        is_verified=wanted.report is not None,
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
        "is_verified": link.is_verified,
        "happened_at": link.happened_at.isoformat(),
    }
    journal("evidence.disc.recorded", disc.package, by, now, detail)
    return link


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
