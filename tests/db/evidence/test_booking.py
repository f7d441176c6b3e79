"""A hold ends where its package was booked into evidence, and at nothing less."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from plateward.audit.models import AuditRecord
from plateward.evidence import booking_actions, hold_actions, holding, package_actions
from plateward.evidence.disc_models import Disc, DiscLink, DiscSet
from plateward.evidence.hold_models import Booking, Hold
from plateward.evidence.hold_rules import HoldError, HoldState
from plateward.evidence.package_models import Package
from plateward.governance.actor import Actor
from plateward.policy import Param, Refused
from plateward.reads.models import Picture
from tests.holds import approved, asked, booking_of, commander, one_read, packed, plate, verified_copy
from tests.packages import checked, copied, set_made
from tests.personas import Town
from tests.sightings import seen


def booked(town: Town, hold: Hold, package: Package, now: datetime, **changes: Any) -> Booking:
    wanted = booking_of(package, now, **changes)
    return booking_actions.book(by=town.actor("ortiz", now), hold=hold, wanted=wanted, now=now)


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_hold_ends_when_its_package_is_booked(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    hold = approved(barstow, "ortiz", now, one_read(read))
    package = packed(barstow, hold, now, read)
    hold.refresh_from_db()
    assert (hold.state, holding.holds_of(read)) == (HoldState.EXPORTED, [hold])
    booking = booked(barstow, hold, package, now)
    hold.refresh_from_db()
    assert (hold.state, hold.ended_at, booking.package) == (HoldState.BOOKED, now, package)
    assert holding.holds_of(read) == []
    row = AuditRecord.objects.get(verb="evidence.hold.booked")
    assert row.detail["item"] == "26-1182-3"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item_number": " "}, "item_number"),
        ({"place": ""}, "place"),
        ({"booked_by": ""}, "booked_by"),
    ],
)
def test_a_booking_says_what_where_when_and_by_whom(
    barstow: Town, now: datetime, changes: dict[str, Any], field: str
) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    with pytest.raises(HoldError) as caught:
        booked(barstow, hold, package, now, **changes)
    assert caught.value.field == field
    with pytest.raises(HoldError, match="in the future"):
        booked(barstow, hold, package, now, booked_at=now + timedelta(minutes=1))


@pytest.mark.clause("B-466.5¶2-purge")
def test_what_the_booked_package_lacks_stays_held_until_another_lets_it_go(
    barstow: Town, now: datetime
) -> None:
    first, late = (seen(barstow.camera, "8ABC123", now - timedelta(hours=hour)) for hour in (2, 1))
    closed = plate("8ABC123", from_at=now - timedelta(hours=3), until_at=now)
    hold = approved(barstow, "ortiz", now, closed)
    booking = booked(barstow, hold, packed(barstow, hold, now, first), now)
    hold.refresh_from_db()
    assert (hold.state, hold.release_asked_by) == (HoldState.RELEASE_REQUESTED, booking.recorded_by)
    assert hold.release_reason == "Booked as item 26-1182-3. 1 held read is in no booked package."
    assert holding.holds_of(late) == [hold]
    with pytest.raises(Refused):
        hold_actions.approve_release(by=barstow.actor("ortiz", now), hold=hold, note="", now=now)
    kept = hold_actions.refuse_release(by=commander(barstow, now), hold=hold, note="Pack it too", now=now)
    booked(barstow, kept, packed(barstow, kept, now, late), now, item_number="26-1182-4")
    hold.refresh_from_db()
    assert (hold.state, hold.bookings.count()) == (HoldState.BOOKED, 2)
    assert holding.holds_of(late) == []


def test_a_hold_that_more_may_come_under_is_not_ended_by_one_person(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    booked(barstow, hold, packed(barstow, hold, now), now)
    hold.refresh_from_db()
    assert hold.state == HoldState.RELEASE_REQUESTED
    assert hold.release_reason.endswith("More may come under the hold.")
    assert holding.holds_of(seen(barstow.camera, "8ABC123", now + timedelta(days=1))) == [hold]


def test_a_picture_that_came_after_the_package_is_not_given_up(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    hold = approved(barstow, "ortiz", now, one_read(read))
    package = packed(barstow, hold, now, read)
    Picture.objects.create(
        agency=barstow.agency,
        read_id=read.id,
        captured_at=read.captured_at,
        role="SCENE",
        sha256="0" * 64,
        media_type="image/jpeg",
        size=1,
        width=1,
        height=1,
    )
    booked(barstow, hold, package, now)
    hold.refresh_from_db()
    assert "1 picture that came later is in no booked package." in hold.release_reason


def test_another_agencys_person_books_nothing(barstow: Town, huntington_park: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    wanted = booking_of(packed(barstow, hold, now), now)
    with pytest.raises(Hold.DoesNotExist):
        booking_actions.book(by=huntington_park.actor("hart", now), hold=hold, wanted=wanted, now=now)


def test_without_a_package_nothing_is_booked(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    other = approved(barstow, "ortiz", now, plate("7XYZ999"))
    package = packed(barstow, other, now)
    with pytest.raises(HoldError, match="Choose a package of this hold"):
        booked(barstow, hold, package, now)
    waiting = asked(barstow, "ortiz", now, plate("6XYZ789"))
    with pytest.raises(Refused, match="Wait for the decision"):
        booked(barstow, waiting, package, now)


def test_a_package_of_a_hold_that_nobody_approved_leaves_it_waiting(barstow: Town, now: datetime) -> None:
    hold = asked(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    hold.refresh_from_db()
    assert hold.state == HoldState.REQUESTED
    approving = hold_actions.approve_hold(by=barstow.actor("cole", now), hold=hold, note="", now=now)
    assert approving.state == HoldState.ACTIVE
    assert booked(barstow, hold, package, now).hold == hold


@pytest.mark.clause("B-466.5¶2-evidence", "H-426.4¶2-evidence")
def test_a_booking_names_a_copy_that_was_checked_and_writes_its_chain_of_custody(
    barstow: Town, now: datetime
) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    with pytest.raises(Refused, match="portable media"):
        booked(barstow, hold, package, now, copies=(), medium="DVD 7")
    disc = set_made(package)
    bad = copied(disc, "SN-BAD", now, failure="reads.json is not what was written")
    with pytest.raises(HoldError, match=r"SN-BAD failed: reads\.json"):
        booked(barstow, hold, package, now, copies=(bad,))
    good = copied(disc, "SN-GOOD", now)
    booking = booked(barstow, hold, package, now, copies=(good,))
    assert (booking.disc_set, booking.medium) == (disc.of_set, "CD-R, 700 MB: SN-GOOD")
    link = DiscLink.objects.get(kind="BOOKED")
    assert (link.serial, link.booking) == ("SN-GOOD", booking)
    assert link.told == "Item 26-1182-3, Property room, shelf 4"


def test_no_booking_names_a_copy_of_another_package_or_one_that_was_destroyed(
    barstow: Town, now: datetime
) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package, other = packed(barstow, hold, now), packed(barstow, hold, now)
    with pytest.raises(HoldError, match="copies of this package's discs"):
        booked(barstow, hold, package, now, copies=(verified_copy(other, now),))
    gone = set_made(package)
    key = copied(gone, "SN-GONE", now)
    made = DiscLink.objects.get(kind="BURNED", serial="SN-GONE")
    made.pk, made.kind, made.witness = uuid4(), "DESTROYED", "Cole"
    made.save(force_insert=True)
    with pytest.raises(HoldError, match="not destroyed"):
        booked(barstow, hold, package, now, copies=(key,))


def test_a_policy_that_names_no_media_takes_a_medium_in_words(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    silent = silent_on_media(barstow.actor("ortiz", now))
    wanted = booking_of(package, now, copies=(), medium="DVD 7")
    booking = booking_actions.book(by=silent, hold=hold, wanted=wanted, now=now)
    assert (booking.disc_set, booking.medium) == (None, "DVD 7")
    other = packed(barstow, hold, now)
    wanted = booking_of(other, now, copies=())
    with pytest.raises(HoldError, match="Say on what it is"):
        booking_actions.book(by=silent, hold=hold, wanted=wanted, now=now)


@pytest.mark.clause("B-466.5¶2-evidence", "H-426.4¶2-evidence")
def test_our_copy_stays_while_a_booked_copy_is_not_verified(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    disc = set_made(package)
    booked(barstow, hold, package, now, copies=(copied(disc, "SN-1", now),))
    later = now + timedelta(hours=1)
    checked(disc, "SN-1", later, failure="reads.json cannot be read")
    given = {"package": package, "by": barstow.actor("diaz", now), "because": "Booked", "now": later}
    with pytest.raises(ValidationError, match="the booked copy SN-1 failed"):
        package_actions.discard(**given)
    with pytest.raises(DatabaseError, match="not verified"), transaction.atomic():
        Package.objects.filter(pk=package.pk).update(state="DISCARDED")
    checked(disc, "SN-1", later + timedelta(minutes=1))
    assert package_actions.discard(**given).state == "DISCARDED"


def test_what_was_booked_in_words_needs_a_verified_disc_before_our_copy_goes(
    barstow: Town, now: datetime
) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    wanted = booking_of(package, now, copies=(), medium="DVD 7")
    silent = silent_on_media(barstow.actor("ortiz", now))
    booking_actions.book(by=silent, hold=hold, wanted=wanted, now=now)
    given = {"package": package, "by": barstow.actor("diaz", now), "because": "Booked", "now": now}
    with pytest.raises(ValidationError, match="names no disc that was verified"):
        package_actions.discard(**given)
    verified_copy(package, now)
    assert package_actions.discard(**given).state == "DISCARDED"


@pytest.mark.clause("B-466.5¶2-evidence", "H-426.4¶2-evidence")
def test_the_database_itself_books_verified_copies_of_whole_sets_alone(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    package = packed(barstow, hold, now)
    disc = set_made(package)
    said = {"item_number": "1", "place": "Room", "booked_at": now, "booked_by": "Ortiz", "medium": "CD"}
    said |= {"agency": barstow.agency, "hold": hold, "package": package, "recorded_at": now}
    said["recorded_by"] = barstow.users["ortiz"]
    with pytest.raises(DatabaseError, match="each disc of a set"):
        booking_row(disc, None, **said)
    bad = copied(disc, "SN-BAD", now, failure="cannot be read").partition(":")[2]
    with pytest.raises(DatabaseError, match="last check passed"):
        booking_row(disc, bad, **said)
    good = copied(disc, "SN-GOOD", now).partition(":")[2]
    booking_row(disc, good, **said)
    with pytest.raises(DatabaseError, match="of the booked set"):
        booking_row(disc, good, of_set=set_made(package).of_set, **said)


def booking_row(disc: Disc, serial: str | None, of_set: DiscSet | None = None, **said: Any) -> None:
    """The rows of a booking with this copy, as a program that knows no rules would write them."""
    with transaction.atomic(), connection.cursor() as cursor:
        booking = Booking.objects.create(disc_set=of_set or disc.of_set, **said)
        if serial is not None:
            link = DiscLink.objects.get(kind="BURNED", serial=serial)
            link.pk, link.kind, link.booking = uuid4(), "BOOKED", booking
            link.save(force_insert=True)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def silent_on_media(by: Actor) -> Actor:
    """The same person under a policy that does not say on what evidence is booked."""
    retention = by.profile.retention
    holds = msgspec.structs.replace(retention.holds, portable_media=Param(silent=True))
    changed = msgspec.structs.replace(retention, holds=holds)
    return replace(by, profile=msgspec.structs.replace(by.profile, retention=changed))
