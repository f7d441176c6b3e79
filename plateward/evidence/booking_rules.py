"""What a booking into evidence states: which item, where, when, by whom, on what (B-466.5¶2, H-426.4¶2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plateward.evidence.custody_rules import Checked
from plateward.evidence.hold_rules import HoldError
from plateward.policy import Profile, booking_allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A burned copy of a disc that was not destroyed; `checked` is the check that counts, None without.

    `total` is how many discs its set has, `set_id` the set's, `medium` what it was burned on, in words.
    """

    disc_id: UUID
    set_id: UUID
    set_number: int
    number: int
    total: int
    medium: str
    serial: str
    burned_at: datetime
    checked: Checked | None = None

    @property
    def is_verified(self) -> bool:
        """Whether the last check of it, by a report of its own, passed."""
        return self.checked is not None and not self.checked.failure

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.disc_id}:{self.serial}"

    def __str__(self) -> str:
        return f"Set {self.set_number}, disc {self.number} of {self.total}, copy {self.serial}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBooking:
    """A booking as it is to be recorded; `copies` are the keys of the burned copies that it is on.

    `medium` is in words, and left out where copies are named.
    """

    package: UUID
    item_number: str
    place: str
    booked_at: datetime
    booked_by: str
    medium: str = ""
    copies: tuple[str, ...] = ()
    note: str = ""


def check_booking(wanted: WantedBooking, now: datetime) -> None:
    """Each of them is stated, and it happened already. Raises HoldError."""
    needed = {
        "item_number": (wanted.item_number, "Give the number of the evidence item."),
        "place": (wanted.place, "Say where it is kept, such as the property room and its shelf."),
        "booked_by": (wanted.booked_by, "Name who booked it."),
        "medium": (wanted.medium, "Say on what it is, such as a DVD and its number."),
    }
    if wanted.copies:
        del needed["medium"]
    for field, (text, otherwise) in needed.items():
        if not text.strip():
            raise HoldError(otherwise, field)
    if wanted.booked_at > now:
        raise HoldError("It cannot have been booked in the future. Give when it was.", "booked_at")


def booked_copies(profile: Profile, wanted: WantedBooking, known: Sequence[Copy]) -> list[Copy]:
    """The copies that a booking names, of those that its package has: a verified one of each disc of one set.

    None where it names none and the policy wants no disc. Raises HoldError, and Refused where it does.
    """
    if not wanted.copies:
        booking_allowed(profile, on_verified_disc=False).require()
        return []
    chosen = [one for one in known if one.key in wanted.copies]
    if len(chosen) < len(set(wanted.copies)):
        raise HoldError("Choose copies of this package's discs that were burned and not destroyed.", "copies")
    for one in chosen:
        _check_copy(one, wanted)
    if len({one.set_id for one in chosen}) > 1:
        raise HoldError("Choose copies of one set of discs: book another set as another item.", "copies")
    if missing := [number for number in range(1, chosen[0].total + 1) if number not in _numbers(chosen)]:
        discs = " and ".join(map(str, missing))
        raise HoldError(f"The package is on {chosen[0].total} discs: add a copy of disc {discs}.", "copies")
    return chosen


def _check_copy(one: Copy, wanted: WantedBooking) -> None:
    if one.checked is None:
        raise HoldError(
            f"No check of copy {one.serial} is on record. Check it, and record the report first.", "copies"
        )
    if one.checked.failure:
        raise HoldError(
            f"The last check of copy {one.serial} failed: {one.checked.failure}. "
            "Burn another, check it, and book that one.",
            "copies",
        )
    if wanted.booked_at < one.burned_at.replace(second=0, microsecond=0):
        raise HoldError(f"Copy {one.serial} was not burned yet at this time.", "booked_at")


def _numbers(copies: Iterable[Copy]) -> set[int]:
    return {one.number for one in copies}


def bookable(copies: Sequence[Copy]) -> list[Copy]:
    """The verified copies of the sets of which each disc has one."""
    good = [one for one in copies if one.is_verified]
    whole = {
        one.set_id for one in good if len(_numbers(it for it in good if it.set_id == one.set_id)) == one.total
    }
    return [one for one in good if one.set_id in whole]


def medium_words(copies: Sequence[Copy]) -> str:
    """On what a booking is, in words: the kind of disc and the copies' serial numbers."""
    return f"{copies[0].medium}: {', '.join(one.serial for one in copies)}"


def discard_problem(profile: Profile, booked: Iterable[Sequence[str]], known: Sequence[Copy]) -> str:
    """Why our copy must stay while what was booked is not proven good, "" for nothing.

    `booked` are the keys of the copies of each booking of the package; those of one without copies are any
    whole verified set's, where the policy wants discs.
    """
    standing = {one.key: one for one in known}
    for keys in booked:
        for key in keys:
            serial = key.partition(":")[2]
            one = standing.get(key)
            if one is None:
                return f"The booked copy {serial} was destroyed: our copy may be the last one."
            if not one.is_verified:
                return (
                    f"The last check of the booked copy {serial} failed, or none is on record. "
                    "Check it anew before our copy goes."
                )
        if not keys and not bookable(known) and not booking_allowed(profile, on_verified_disc=False):
            return (
                "What was booked names no disc that was verified. "
                "Burn one, record its check with the report, and add it to the evidence first."
            )
    return ""


def left_words(reads: int, pictures: int, *, is_open: bool) -> str:
    """What a booking leaves held, in words for whoever decides on its release; "" for nothing."""
    parts = []
    if reads:
        parts.append("1 held read is" if reads == 1 else f"{reads} held reads are")
    if pictures:
        parts.append("1 picture that came later is" if pictures == 1 else f"{pictures} later pictures are")
    words = [f"{' and '.join(parts)} in no booked package."] if parts else []
    if is_open:
        words.append("More may come under the hold.")
    return " ".join(words)
