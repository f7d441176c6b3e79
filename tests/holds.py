"""Holds for tests: asked for by people, rows alone, and every act of theirs (tests/db/test_every_act.py)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from plateward.evidence import booking_actions, hold_actions, hold_clock_actions
from plateward.evidence.booking_rules import WantedBooking
from plateward.evidence.hold_models import Hold, HoldScope
from plateward.evidence.hold_rules import HoldForm, HoldState, Scope, ScopeKind, WantedHold
from plateward.evidence.package_models import Package, PackageRead
from plateward.evidence.package_rules import PackageState
from plateward.plates.text import normalize, plate_key
from plateward.policy import HoldReason
from plateward.reads import actions as reads
from plateward.reads.models import Read
from tests.packages import copied, set_made
from tests.personas import Town
from tests.sightings import seen

Act = Callable[[], object]
PURPOSE = "stolen-or-wanted-vehicle"
CASE = "B26-04711"


class Stage(Protocol):
    """Barstow at an instant."""

    town: Town
    now: datetime

    def by(self, username: str) -> dict[str, Any]: ...


def one_read(read: Read) -> Scope:
    return Scope(kind=ScopeKind.READ, read_id=read.id, captured_at=read.captured_at)


def plate(text: str, **window: datetime) -> Scope:
    return Scope(kind=ScopeKind.PLATE, plate=normalize(text), plate_key=plate_key(text), **window)  # type: ignore[arg-type]  # from_at, until_at


def case(reference: str = CASE) -> Scope:
    return Scope(kind=ScopeKind.CASE, reference=reference)


def camera(town: Town, from_at: datetime, until_at: datetime | None = None) -> Scope:
    return Scope(kind=ScopeKind.CAMERA_WINDOW, device_id=town.camera.pk, from_at=from_at, until_at=until_at)


def wanted(*scopes: Scope, **changes: object) -> WantedHold:
    stated: dict[str, Any] = {
        "reason": HoldReason.EVIDENCE,
        "explanation": "Charged with the theft on Monday",
        "purpose": PURPOSE,
        "scopes": scopes,
    }
    return WantedHold(**(stated | changes))


def asked(town: Town, username: str, now: datetime, *scopes: Scope, **changes: object) -> Hold:
    """A hold that somebody asked for."""
    return hold_actions.request_hold(by=town.actor(username, now), wanted=wanted(*scopes, **changes), now=now)


def approved(town: Town, username: str, now: datetime, *scopes: Scope, **changes: object) -> Hold:
    """A hold that the division commander approved."""
    hold = asked(town, username, now, *scopes, **changes)
    return hold_actions.approve_hold(by=commander(town, now), hold=hold, note="", now=now)


def commander(town: Town, now: datetime) -> Any:
    """Who approves holds in the town."""
    return town.actor("cole" if "cole" in town.users else "hayes", now)


def held(town: Town, *, state: HoldState = HoldState.REQUESTED, text: str = "8ABC123") -> Hold:
    """A hold of a plate as a row alone, without its act."""
    at, asker, *others = town.camera.registered_at, *town.users.values()
    decision = {} if state is HoldState.REQUESTED else {"decided_by": others[0], "decided_at": at}
    hold = Hold.objects.create(
        agency=town.agency,
        number=Hold.objects.filter(agency=town.agency).count() + 1,
        state=state.value,
        reason=HoldReason.EVIDENCE.value,
        explanation="Charged with the theft on Monday",
        purpose=PURPOSE,
        form=HoldForm.PLAIN.value,
        requested_by=asker,
        requested_at=at,
        release_asked_by=asker if state is HoldState.RELEASE_REQUESTED else None,
        release_asked_at=at if state is HoldState.RELEASE_REQUESTED else None,
        **decision,
    )
    HoldScope.of(hold, plate(text)).save()
    return hold


def packed(town: Town, hold: Hold, now: datetime, *packs: Read) -> Package:
    """A built package of the hold with these reads, as rows alone, and the hold told of it."""
    asker = town.users["ortiz" if "ortiz" in town.users else "hart"]
    package = Package.objects.create(
        agency=town.agency,
        year=now.year,
        number=Package.objects.count() + 1,
        state=PackageState.BUILT.value,
        wanted={},
        hold=hold,
        purpose=hold.purpose,
        reason=hold.explanation,
        ordered_by=asker,
        ordered_as=asker.title,
        ordered_at=now,
        access_row=0,
        profile_version="",
        built_at=now,
        fingerprint="0" * 64,
        size=1,
        read_count=len(packs),
    )
    PackageRead.objects.bulk_create(
        PackageRead(agency=town.agency, package=package, read_id=one.id, captured_at=one.captured_at)
        for one in packs
    )
    booking_actions.note_export(by=town.actor(asker.username, now), package=package, now=now)
    return package


def booking_of(package: Package, now: datetime, **changes: Any) -> WantedBooking:
    """The booking of a package as it is to be recorded, on a verified copy of a disc of its own."""
    if "copies" not in changes:
        changes["copies"] = (verified_copy(package, now),)
    stated: dict[str, Any] = {
        "package": package.pk,
        "item_number": "26-1182-3",
        "place": "Property room, shelf 4",
        "booked_at": now,
        "booked_by": "Olivia Ortiz",
    }
    return WantedBooking(**(stated | changes))


def verified_copy(package: Package, now: datetime) -> str:
    """A copy of a disc with the package that was burned and checked, by its key."""
    disc = set_made(package)
    return copied(disc, f"SN-{package.number}-{disc.of_set.number}", now)


def _request(s: Stage) -> Act:
    return lambda: asked(s.town, "ortiz", s.now, plate("8ABC123"))


def _deciding(act: Callable[..., object]) -> Callable[[Stage], Act]:
    def prepared(s: Stage) -> Act:
        hold = asked(s.town, "ortiz", s.now, plate("8ABC123"))
        return lambda: act(hold=hold, note="The clause fits.", **s.by("cole"))

    return prepared


def _confirm(s: Stage) -> Act:
    hold = approved(s.town, "ortiz", s.now, plate("8ABC123"))
    given = {"note": "Trial in spring.", "chosen": s.now + timedelta(days=90)}
    return lambda: hold_actions.confirm_hold(hold=hold, **given, **s.by("cole"))


def _ask_release(s: Stage) -> Act:
    hold = approved(s.town, "ortiz", s.now, plate("8ABC123"))
    return lambda: hold_actions.ask_release(hold=hold, reason="Dismissed.", **s.by("ortiz"))


def _releasing(act: Callable[..., object]) -> Callable[[Stage], Act]:
    def prepared(s: Stage) -> Act:
        hold = approved(s.town, "ortiz", s.now, plate("8ABC123"))
        hold_actions.ask_release(hold=hold, reason="Dismissed.", **s.by("ortiz"))
        return lambda: act(hold=hold, note="Seen.", **s.by("cole"))

    return prepared


def _close_case(s: Stage) -> Act:
    hold = approved(s.town, "ortiz", s.now, case(), reference=CASE)
    return lambda: hold_actions.close_case(hold=hold, **s.by("ortiz"))


def _look(s: Stage) -> Act:
    hold = approved(s.town, "ortiz", s.now, plate("8ABC123"))
    return lambda: hold_actions.look_at_hold(hold=hold, limit=10, **s.by("diaz"))


def _export(s: Stage) -> Act:
    hold = approved(s.town, "ortiz", s.now, plate("8ABC123"))
    package = packed(s.town, hold, s.now)
    Hold.objects.filter(pk=hold.pk).update(state=HoldState.ACTIVE.value)
    return lambda: booking_actions.note_export(package=package, **s.by("ortiz"))


def _book(s: Stage) -> Act:
    hold = approved(s.town, "ortiz", s.now, plate("8ABC123"))
    wanted = booking_of(packed(s.town, hold, s.now), s.now)
    return lambda: booking_actions.book(hold=hold, wanted=wanted, **s.by("ortiz"))


def _remind(s: Stage) -> Act:
    approved(s.town, "ortiz", s.now, plate("8ABC123"), review_at=s.now + timedelta(days=1))
    return lambda: hold_clock_actions.remind_due(now=s.now + timedelta(days=2))


def _gather(s: Stage) -> Act:
    read = seen(s.town.camera, "8ABC123", s.now - timedelta(hours=1))
    approved(s.town, "diaz", s.now, case(), reference=CASE)
    stated = {"purpose": PURPOSE, "reason": "Looking for the stolen car", "reference": CASE}
    reads.open_read(read_id=read.id, **stated, **s.by("ortiz"))
    return lambda: hold_clock_actions.gather_cases(now=s.now)


HOLD_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "evidence.request_hold": _request,
    "evidence.approve_hold": _deciding(hold_actions.approve_hold),
    "evidence.refuse_hold": _deciding(hold_actions.refuse_hold),
    "evidence.confirm_hold": _confirm,
    "evidence.ask_release": _ask_release,
    "evidence.approve_release": _releasing(hold_actions.approve_release),
    "evidence.refuse_release": _releasing(hold_actions.refuse_release),
    "evidence.close_case": _close_case,
    "evidence.look_at_hold": _look,
    "evidence.note_export": _export,
    "evidence.book": _book,
    "evidence.remind_due": _remind,
    "evidence.gather_cases": _gather,
}
