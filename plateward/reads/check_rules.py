"""What comparing a read with its picture finds, and who may say so (CC 1798.90.51(b)(2)(F))."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import zip_longest

from plateward.plates import normalize
from plateward.policy import Decision, Profile, allow, deny, may

LONGEST_REASON = 300


class CheckError(ValueError):
    """What was entered cannot be recorded; `field` names where, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the picture shows, and how the read differs from it.

    `plate` is "" where it cannot be made out, `region` where the state cannot; `pairs` are characters as read
    and as shown, only where both have the same length.
    """

    plate: str
    region: str
    is_misread: bool
    is_wrong_state: bool
    pairs: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """True when nothing was found wrong."""
        return not (self.is_misread or self.is_wrong_state)


def find(*, read: str, read_region: str, shows: str, shows_region: str, reason: str) -> Finding:
    """Compare a read with what a person sees in its picture.

    `shows` is "" where the plate cannot be made out but is not the one read; `shows_region` is "" where the
    state cannot be told, which says nothing against the state as read. One that was not read is not wrong.

    Raises CheckError: `shows` is no plate, or something is wrong and `reason` does not say how that is known.
    """
    plate = normalize(shows)
    if shows.strip() and not plate:
        raise CheckError(
            "plate", "Type the letters and digits of the plate, or say that it cannot be made out."
        )
    is_misread = plate != normalize(read)
    is_wrong_state = bool(read_region and shows_region and shows_region != read_region)
    if (is_misread or is_wrong_state) and not reason.strip():
        raise CheckError("reason", "Say how you know: what in the picture shows it.")
    return Finding(
        plate=plate,
        region=shows_region,
        is_misread=is_misread,
        is_wrong_state=is_wrong_state,
        pairs=_pairs(normalize(read), plate) if is_misread else (),
    )


def _pairs(read: str, shows: str) -> tuple[str, ...]:
    if len(read) != len(shows):
        return ()
    return tuple(f"{left}/{right}" for left, right in zip_longest(read, shows) if left != right)


def may_check(profile: Profile, title: str, positions: Collection[str]) -> Decision:
    """Whether a person may say what a picture shows: those the policy names, among who may look at reads."""
    able, rule = may(profile, title, "reads.view", positions), profile.accuracy.corrected_by
    if not able or not rule.settled:
        return able
    if title in rule.settled:
        return allow(profile, rule, "The policy lets this title correct reads.")
    names = ", ".join(profile.title_name(one) for one in rule.settled)
    said = f"A {profile.title_name(title)} does not correct reads in this agency."
    return deny(profile, rule, said, f"Tell one of these: {names}.")
