"""What a booking into evidence states: which item, where, when, by whom, on what (B-466.5¶2, H-426.4¶2)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plateward.evidence.hold_rules import HoldError


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBooking:
    """A booking as it is to be recorded."""

    package: UUID
    item_number: str
    place: str
    booked_at: datetime
    booked_by: str
    medium: str
    note: str = ""


def check_booking(wanted: WantedBooking, now: datetime) -> None:
    """Each of the four is stated, and it happened already. Raises HoldError."""
    needed = {
        "item_number": (wanted.item_number, "Give the number of the evidence item."),
        "place": (wanted.place, "Say where it is kept, such as the property room and its shelf."),
        "booked_by": (wanted.booked_by, "Name who booked it."),
        "medium": (wanted.medium, "Say on what it is, such as a DVD and its number."),
    }
    for field, (text, otherwise) in needed.items():
        if not text.strip():
            raise HoldError(otherwise, field)
    if wanted.booked_at > now:
        raise HoldError("It cannot have been booked in the future. Give when it was.", "booked_at")


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
