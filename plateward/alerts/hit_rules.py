"""Hit confirmation with the agency that entered the record: asked, due, answered, overdue (R73).

The times are NCIC's, for messages over Nlets; no agency's policy names them. An inquiry in CLETS asks whether
the record is active, this asks its owner whether it holds for this vehicle. Plateward sends neither (R78).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from plateward.alerts.rules import AlertFacts, closed, when
from plateward.policy import Decision, Period, Profile, Unit
from plateward.policy.standards import Standard

SOURCE = "NCIC hit confirmation (Nlets)"


class Urgency(StrEnum):
    """How soon the entering agency is to answer."""

    URGENT = "URGENT"
    ROUTINE = "ROUTINE"

    @property
    def label(self) -> str:
        """The urgency in words."""
        return self.value.capitalize()


ANSWERED_WITHIN: Mapping[Urgency, Standard] = MappingProxyType(
    {
        Urgency.URGENT: Standard("An urgent request is answered within", SOURCE, Period(10, Unit.MINUTES)),
        Urgency.ROUTINE: Standard("A routine request is answered within", SOURCE, Period(1, Unit.HOURS)),
    }
)


class HitResult(StrEnum):
    """What the entering agency answered."""

    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    WILL_ANSWER = "WILL_ANSWER"

    @property
    def label(self) -> str:
        """The answer in words."""
        return {
            HitResult.CONFIRMED: "Confirmed: the record holds",
            HitResult.NOT_CONFIRMED: "Not confirmed: the record does not hold",
            HitResult.WILL_ANSWER: "Will answer by a time it names",
        }[self]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the entering agency; `promised_at` is until when it will answer."""

    result: HitResult
    at: datetime
    by: str
    promised_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to the entering agency with its answers, in the order they came."""

    id: UUID
    number: int
    entering_agency: str
    urgency: Urgency
    at: datetime
    by: str
    due_at: datetime
    replies: tuple[Reply, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether the agency said yes or no; the promise of an answer is none."""
        return bool(self.replies) and self.replies[-1].result is not HitResult.WILL_ANSWER

    @property
    def ends_at(self) -> datetime:
        """By when the answer is due: the time promised last, else NCIC's."""
        promised = self.replies[-1].promised_at if self.replies else None
        return promised or self.due_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether no answer came in time."""
        return not self.is_answered and now >= self.ends_at


def due_at(urgency: Urgency, asked_at: datetime) -> datetime:
    """By when NCIC wants a request asked then to be answered."""
    return ANSWERED_WITHIN[urgency].period.after(asked_at)


def check_request(
    profile: Profile,
    facts: AlertFacts,
    requests: Sequence[Request],
    urgency: Urgency,
    *,
    own_entry: bool,
    now: datetime,
) -> Decision:
    """Whether the entering agency can be asked now.

    Not for the department's own entry, and not a second time while its time still runs, except that a
    routine request may become an urgent one.
    """
    if (over := closed(profile, facts)) is not None:
        return over
    if own_entry:
        said = "The department itself entered this plate, so no other agency confirms the hit."
        return Decision(False, SOURCE, said, "Ask whoever requested the entry.")
    last = requests[-1] if requests else None
    if last is None or last.is_overdue(now) or (last.is_answered and last.replies[-1].at < now):
        return Decision(True, SOURCE, ANSWERED_WITHIN[urgency].name)
    if urgency is Urgency.URGENT and last.urgency is Urgency.ROUTINE:
        return Decision(True, SOURCE, "A routine request is made urgent.")
    said = f"{last.by} asked {last.entering_agency} {when(profile, last.at)}; the answer is due "
    remedy = "Record the answer when it comes, or ask again once its time is over."
    return Decision(False, SOURCE, f"{said}{when(profile, last.ends_at)}.", remedy)


def check_reply(
    profile: Profile, request: Request, result: HitResult, promised_at: datetime | None, now: datetime
) -> Decision:
    """Whether this answer can be recorded on the request: once for good, promises as often as they come.

    It can be on a closed alert too, since the answer was asked for.
    """
    if request.is_answered:
        last = request.replies[-1]
        said = f"Already recorded {when(profile, last.at)} by {last.by}: {last.result.label}."
        return Decision(False, SOURCE, said, "Ask again where it has to be asked anew.")
    if (result is HitResult.WILL_ANSWER) != (promised_at is not None):
        said = "A promise to answer names its time, and no other answer does."
        return Decision(False, SOURCE, said, "Give the time by which it will answer, or leave it empty.")
    if promised_at is not None and promised_at <= now:
        said = f"The time by which it will answer, {when(profile, promised_at)}, is over."
        return Decision(False, SOURCE, said, "Give a time to come.")
    return Decision(True, SOURCE, result.label)
