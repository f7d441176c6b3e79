"""The burned copies of a package's discs, and how the last check of each went."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from plateward.evidence.booking_rules import Copy
from plateward.evidence.custody_rules import Checked, EarlierLink, Link, standing
from plateward.evidence.disc_models import DiscLink
from plateward.evidence.hold_models import Booking
from plateward.evidence.package_models import Package


def lock_custody(agency: str) -> None:
    """Have what is recorded of the agency's copies wait, so that links of one copy are judged one by one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"evidence.custody {agency}"]
        )


def copies_of(*packages: Package) -> dict[UUID, list[Copy]]:
    """The copies that were burned and not destroyed, by package; a check counts by a report of its own."""
    links = DiscLink.objects.filter(disc__of_set__package__in=packages).select_related("disc__of_set")
    by_copy: dict[tuple[UUID, str], list[DiscLink]] = {}
    for one in links.order_by("disc__of_set__number", "disc__number", "recorded_at"):
        by_copy.setdefault((one.disc_id, one.serial), []).append(one)
    found: dict[UUID, list[Copy]] = {one.pk: [] for one in packages}
    for same in by_copy.values():
        burned = next((one for one in same if one.kind == Link.BURNED), None)
        if burned is not None and not any(one.kind == Link.DESTROYED for one in same):
            found[burned.disc.of_set.package_id].append(_copy(burned, same))
    return found


def booked_keys(package: Package) -> list[list[str]]:
    """The keys of the copies that each booking of the package named."""
    bookings = package.bookings.prefetch_related("copies")
    return [[f"{one.disc_id}:{one.serial}" for one in booking.copies.all()] for booking in bookings]


def book_copies(booking: Booking, copies: Iterable[Copy]) -> None:
    """Write the booking into the chain of custody of each of its copies."""
    DiscLink.objects.bulk_create(
        DiscLink(
            agency_id=booking.agency_id,
            disc_id=one.disc_id,
            kind=Link.BOOKED.value,
            serial=one.serial,
            told=f"Item {booking.item_number}, {booking.place}",
            booking=booking,
            happened_at=booking.booked_at,
            recorded_by=booking.recorded_by,
            recorded_at=booking.recorded_at,
        )
        for one in copies
    )


def _copy(burned: DiscLink, same: Iterable[DiscLink]) -> Copy:
    checks = [
        EarlierLink(Link(one.kind), one.happened_at, checked=Checked(one.checked_at, one.failure))
        for one in same
        if one.checked_at is not None and one.report_sha256
    ]
    discs = burned.disc.of_set
    return Copy(
        disc_id=burned.disc_id,
        set_id=discs.pk,
        set_number=discs.number,
        number=burned.disc.number,
        total=burned.disc.total,
        medium=discs.get_medium_display(),
        serial=burned.serial,
        burned_at=burned.happened_at,
        checked=standing(checks),
    )
