"""What a hold held goes into a package, and the package into evidence: there the hold ends (B-466.5¶2)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.evidence import hold_queries, holding
from plateward.evidence.booking_rules import (
    WantedBooking,
    booked_copies,
    check_booking,
    left_words,
    medium_words,
)
from plateward.evidence.copies import book_copies, copies_of, lock_custody
from plateward.evidence.hold_actions import RELEASE, TASKS
from plateward.evidence.hold_models import Booking, Hold
from plateward.evidence.hold_rules import (
    LONGEST_MEDIUM,
    LONGEST_TEXT,
    Act,
    HoldError,
    HoldState,
    decide,
    transition_of,
)
from plateward.evidence.hold_telling import ask_approvers
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.policy import enforces


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
@transaction.atomic
def note_export(*, by: Actor, package: Package, now: datetime) -> Hold | None:
    """Have the hold of a package that was built wait for its booking; None where it is no hold's.

    A hold that nobody approved yet, or that ended meanwhile, stays as it is: None too.
    """
    if package.hold_id is None:
        return None
    hold = hold_queries.locked(by.agency, package.hold_id)
    move = transition_of(Act.EXPORT)
    if hold.state not in move.sources:
        return None
    hold.state = move.target.value
    hold.save(update_fields=["state"])
    _journal(move.verb, hold, by, now, {"package": package.name})
    return hold


@enforces("B-466.5¶2-purge", "B-466.5¶2-evidence", "H-426.4¶2-purge", "H-426.4¶2-evidence")
@transaction.atomic
def book(*, by: Actor, hold: Hold, wanted: WantedBooking, now: datetime) -> Booking:
    """Record that a package was booked into evidence: as which item, where, when, by whom, on which copies.

    Where the policy wants portable media, a verified copy of each disc of one set is named; a booking is a
    link of their chains of custody.
    The hold ends where all it covers was booked and nothing more can come under it. Otherwise what is left
    stays held: the booking asks for its release, which another person grants or refuses.

    Raises Refused, and HoldError for what was not stated, for a package that is not there or not this hold's,
    and for a copy that was not verified, failed its check or was destroyed.
    """
    by.require("evidence.hold")
    check_booking(wanted, now)
    holding.lock_holds(by.agency, alone=False)
    kept = hold_queries.locked(by.agency, hold.pk)
    decide(Act.BOOK, by.profile, kept.facts_for_rules, by.person).require()
    package = Package.objects.filter(hold=kept, pk=wanted.package, state=PackageState.BUILT.value).first()
    if package is None:
        raise HoldError("Choose a package of this hold that was built and is still here.", "package")
    lock_custody(by.agency)
    copies = booked_copies(by.profile, wanted, copies_of(package)[package.pk])
    booking = Booking.objects.create(
        agency_id=by.agency,
        hold=kept,
        package=package,
        item_number=wanted.item_number.strip(),
        place=wanted.place.strip(),
        booked_at=wanted.booked_at,
        booked_by=wanted.booked_by.strip(),
        medium=medium_words(copies)[:LONGEST_MEDIUM] if copies else wanted.medium.strip(),
        disc_set_id=copies[0].set_id if copies else None,
        note=wanted.note.strip(),
        recorded_by=User(pk=by.user_id),
        recorded_at=now,
    )
    book_copies(booking, copies)
    told = {"item": booking.item_number, "place": booking.place, "package": package.name}
    told["medium"] = booking.medium
    left = _left(kept, now)
    if not left:
        _end(kept, by, told, now)
        return booking
    _ask_release(kept, by, booking, left, now)
    move = transition_of(Act.BOOK, target=HoldState.RELEASE_REQUESTED)
    _journal(move.verb, kept, by, now, told | {"left": left})
    return booking


def _left(hold: Hold, now: datetime) -> str:
    """What stays held when everything booked so far is set aside, in words; "" for nothing."""
    is_open = any(scope.as_rule.is_open_at(now) for scope in hold.scopes.all())
    return left_words(holding.unbooked(hold), holding.later_pictures(hold), is_open=is_open)


def _end(hold: Hold, by: Actor, told: dict[str, Any], now: datetime) -> None:
    move = transition_of(Act.BOOK, target=HoldState.BOOKED)
    hold.state, hold.ended_at = move.target.value, now
    hold.save(update_fields=["state", "ended_at"])
    _journal(move.verb, hold, by, now, told)
    for kind in TASKS:
        notices.settle_about(
            agency=by.agency, subject=f"evidence.Hold:{hold.pk}", kind=kind, by=by.who, now=now
        )


def _ask_release(hold: Hold, by: Actor, booking: Booking, left: str, now: datetime) -> None:
    """Leave what is not booked to another person's decision."""
    hold.state = HoldState.RELEASE_REQUESTED.value
    hold.release_asked_by, hold.release_asked_at = User(pk=by.user_id), now
    hold.release_reason = f"Booked as item {booking.item_number}. {left}"[:LONGEST_TEXT]
    hold.release_decided_by, hold.release_note = None, ""
    hold.save()
    text = f"Hold {hold.number} was booked as evidence. Decide whether what is left may go."
    ask_approvers(hold, RELEASE, text, by, now)


def _journal(verb: str, hold: Hold, by: Actor, now: datetime, detail: dict[str, Any]) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=hold.agency_id,
        subject=f"evidence.Hold:{hold.pk}",
        detail={"number": hold.number} | detail,
        now=now,
        profile_version=by.profile.version,
    )
