"""A hold ends where its package was booked into evidence, and at nothing less."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from plateward.audit.models import AuditRecord
from plateward.evidence import booking_actions, hold_actions, holding
from plateward.evidence.hold_models import Booking, Hold
from plateward.evidence.hold_rules import HoldError, HoldState
from plateward.evidence.package_models import Package
from plateward.policy import Refused
from plateward.reads.models import Picture
from tests.holds import approved, asked, booking_of, commander, one_read, packed, plate
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
        ({"medium": ""}, "medium"),
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
