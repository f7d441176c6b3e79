"""What officers do in the field, and how long what they were given stays readable without network."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from plateward.policy import Decision, Profile, allow, deny

LONGEST_NOTE = 300
LONGEST_ANSWER = 600


class ActKind(StrEnum):
    """What an officer does about an alert; each may be done without network and sent later."""

    ACKNOWLEDGE = "ACKNOWLEDGE"
    VERIFY = "VERIFY"
    EXCUSE = "EXCUSE"
    DISPOSE = "DISPOSE"

    @property
    def label(self) -> str:
        """The act in words, as it stands in the journal and in the list of what is not sent yet."""
        return _LABELS[self]


_LABELS: Mapping[ActKind, str] = {
    ActKind.ACKNOWLEDGE: "acknowledging a hand-over",
    ActKind.VERIFY: "the answer to a verification",
    ActKind.EXCUSE: "why verification is not practicable",
    ActKind.DISPOSE: "how an alert ended",
}


class ActOutcome(StrEnum):
    """What became of an act that was sent."""

    DONE = "DONE"
    REFUSED = "REFUSED"


def readable_for(profile: Profile) -> timedelta:
    """How long a device without network shows what it was given; no time where that is not settled."""
    period = profile.field.offline_for.settled
    if period is None:
        return timedelta(0)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return period.after(start) - start


def check_hand_over(profile: Profile, *, is_closed: bool, to: str, may_act: bool, has_it: bool) -> Decision:
    """Whether an alert can be handed to the officer named `to`, who `has_it` already or not."""
    rule = profile.dispatch.procedure
    if is_closed:
        return deny(profile, rule, "This alert is closed.", "Nothing more can be done on it.")
    if has_it:
        said = f"{to} was handed this alert before."
        return deny(profile, rule, said, "Their acknowledgment shows here once they give it.")
    if not may_act:
        said = f"{to} may not work alerts: title or training is missing."
        return deny(profile, rule, said, "Hand it to somebody else, or tell them by radio.")
    return allow(profile, rule, f"{to} can be handed this alert.")
