"""What a person sees on the picture, beside what was read and entered; and why nobody could verify.

Both stand beside the dispatch steps and hold up none (B-466.9(a) is immediate; B-466.4(f), H-426.3(f)).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from plateward.alerts.rules import AlertFacts, closed, when
from plateward.plates import Comparison, ComparisonKind
from plateward.policy import Decision, Profile, Strength, allow, deny, enforces
from plateward.reads.check_rules import Finding


class Sameness(StrEnum):
    """Whether the picture shows what was read and entered; what cannot be told is never guessed."""

    YES = "YES"
    NO = "NO"
    CANNOT_TELL = "CANNOT_TELL"

    @property
    def label(self) -> str:
        """The finding in words."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One person's comparison of one hit's picture: characters, state, make and color."""

    hit_id: UUID
    characters: Sameness
    region: Sameness
    make: Sameness
    color: Sameness
    at: datetime
    by: str

    @property
    def differing(self) -> tuple[str, ...]:
        """What the person saw to differ, in words."""
        seen = {
            "characters": self.characters,
            "state": self.region,
            "make": self.make,
            "color": self.color,
        }
        return tuple(name for name, found in seen.items() if found is Sameness.NO)

    @property
    def is_same(self) -> bool:
        """True when the person saw everything to be the same."""
        return {self.characters, self.region, self.make, self.color} == {Sameness.YES}


@enforces("B-466.4(f)", "H-426.3(f)")
def check_picture(profile: Profile, facts: AlertFacts) -> Decision:
    """Whether a comparison can be recorded: on an open alert at any time, before or after any step."""
    if (over := closed(profile, facts)) is not None:
        return over
    rule = profile.verification.before_enforcement
    return allow(profile, rule, "What the picture shows can be recorded.")


@enforces("B-466.4(f)", "H-426.3(f)")
def check_excuse(profile: Profile, facts: AlertFacts, reason: str) -> Decision:
    """Whether an officer can record, before enforcement action, why verification was not practicable.

    Not where the policy demands verification, nor after CLETS has answered: then it was practicable.
    """
    if (over := closed(profile, facts)) is not None:
        return over
    rule = profile.verification.before_enforcement
    if rule.settled is Strength.SHALL:
        said = "This policy demands verification before enforcement action and knows no exception."
        return deny(profile, rule, said, "Ask for the confirmation and record its answer.")
    if facts.answer is not None:
        last = facts.answer
        said = f"CLETS answered: {last.result.label} ({last.by}, {when(profile, last.at)})."
        return deny(profile, rule, said, "Act by the answer.")
    if not reason.strip():
        return deny(profile, rule, "No reason is given.", "State why verification is not practicable.")
    return allow(profile, rule, reason.strip())


def found_of_read(
    *, characters: Sameness, region: Sameness, comparison: Comparison, read_region: str, entered_region: str
) -> Finding | None:
    """What a comparison with plate and state as entered says of the read; None where it says nothing.

    What was read as it is entered is as right as the person says. Of a look-alike, or of another state, only
    "yes" tells: the picture shows what was not read. A partial plate tells nothing. Make and color are those
    of the entry's description, no part of what a camera reads of a plate.
    """
    shown = _plate_shown(characters, comparison)
    state = _state_shown(region, read_region, entered_region)
    is_wrong_state = state is not None and state != read_region
    if shown is None and not is_wrong_state:
        return None  # a read is put down as right only by who saw its characters
    plate = comparison.read if shown is None else shown
    is_misread = plate != comparison.read
    pairs = (
        tuple(f"{read}/{entered}" for _, read, entered in comparison.differences)
        if shown and is_misread
        else ()
    )
    return Finding(
        plate=plate, region=state or "", is_misread=is_misread, is_wrong_state=is_wrong_state, pairs=pairs
    )


def _plate_shown(characters: Sameness, comparison: Comparison) -> str | None:
    """The plate in the picture, "" for one that was not read and not spelled out, None if it is not said."""
    if characters is Sameness.YES and comparison.kind in {ComparisonKind.EXACT, ComparisonKind.LOOK_ALIKE}:
        return comparison.entry
    if characters is Sameness.NO and comparison.kind is ComparisonKind.EXACT:
        return ""
    return None


def _state_shown(region: Sameness, read: str, entered: str) -> str | None:
    """The state in the picture, "" for another than was read, None where it is not said or was not read."""
    if not read or not entered or region is Sameness.CANNOT_TELL:
        return None
    if region is Sameness.YES:
        return entered
    return "" if read == entered else None
