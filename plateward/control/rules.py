"""When accounts end by the clock (CJIS AC-2(2), AC-2(3), AC-2h, PS-4, PS-5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plateward.policy import Decision, Param, Period, PersonFact, Profile, account_limit, allow, deny

MANAGERS_TOLD_WITHIN = timedelta(days=1)
"""Account managers act on a changed need within a day of it (CJIS AC-2h)."""


class EndKind(StrEnum):
    SEPARATION = "SEPARATION"
    EXPIRY = "EXPIRY"
    TEMPORARY = "TEMPORARY"

    @property
    def label(self) -> str:
        """The kind in words."""
        return _END_WORDS[self]


_END_WORDS = {
    EndKind.SEPARATION: "Leaves the department",
    EndKind.EXPIRY: "Needed until a certain day",
    EndKind.TEMPORARY: "Temporary or emergency account",
}


class EndState(StrEnum):
    PLANNED = "PLANNED"
    EXECUTED = "EXECUTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class EndTransition:
    """An act takes an account's planned end from `source` (none: it is not planned yet) to `target`."""

    act: str
    source: EndState | None
    target: EndState
    by: str


END_TRANSITIONS = (
    EndTransition("PLAN", None, EndState.PLANNED, "account manager"),
    EndTransition("EXECUTE", EndState.PLANNED, EndState.EXECUTED, "the clock; an account manager at once"),
    EndTransition("WITHDRAW", EndState.PLANNED, EndState.WITHDRAWN, "account manager"),
)


class Disuse(StrEnum):
    """How near an account is to being disabled for disuse."""

    USED = "USED"
    FIRST_WARNING = "FIRST_WARNING"
    LAST_WARNING = "LAST_WARNING"
    DISABLED = "DISABLED"


def end_state(executed_at: datetime | None, withdrawn_at: datetime | None) -> EndState:
    """The state that the moments on record amount to."""
    if executed_at is not None:
        return EndState.EXECUTED
    return EndState.PLANNED if withdrawn_at is None else EndState.WITHDRAWN


def end_problem(profile: Profile, kind: EndKind, ends_at: datetime, now: datetime) -> str:
    """What is wrong with the time of a planned end, "" for nothing.

    A separation may lie in the past: it is recorded late, and executed at once.
    """
    if kind is EndKind.SEPARATION:
        return ""
    if ends_at <= now:
        return "This time is over. Enter when the account is to end."
    limit = account_limit(profile, "temporary_for")
    if kind is EndKind.TEMPORARY and ends_at > limit.period.after(now):
        return f"A temporary account lasts {limit.words} at most. Choose an earlier time."
    return ""


def disabled_at(profile: Profile, last_used_at: datetime) -> datetime:
    """When disuse disables an account last used then."""
    return account_limit(profile, "inactive_after").period.after(last_used_at)


def disuse(profile: Profile, last_used_at: datetime, now: datetime) -> Disuse:
    """How near an account last used then is to being disabled; silence on warnings leaves them out."""
    at, accounts = disabled_at(profile, last_used_at), profile.accounts
    if now >= at:
        return Disuse.DISABLED
    if _is_within(accounts.last_warning, now, at):
        return Disuse.LAST_WARNING
    return Disuse.FIRST_WARNING if _is_within(accounts.first_warning, now, at) else Disuse.USED


def _is_within(before: Param[Period], now: datetime, at: datetime) -> bool:
    """Whether `at` is no further off than the period; never where the policy is silent."""
    return before.settled is not None and before.settled.after(now) >= at


class WindowPurpose(StrEnum):
    """What vendor staff come in for, and nothing else (B-466.10)."""

    INSTALLATION = "INSTALLATION"
    MAINTENANCE = "MAINTENANCE"

    @property
    def label(self) -> str:
        """The purpose in words."""
        return self.value.capitalize()


class WindowState(StrEnum):
    PLANNED = "PLANNED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class EmergencyState(StrEnum):
    ACTIVE = "ACTIVE"
    UNREVIEWED = "UNREVIEWED"
    REVIEWED = "REVIEWED"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Waits for review" if self is EmergencyState.UNREVIEWED else self.value.capitalize()


class Finding(StrEnum):
    """What the review of an emergency access came to."""

    JUSTIFIED = "JUSTIFIED"
    NOT_JUSTIFIED = "NOT_JUSTIFIED"

    @property
    def label(self) -> str:
        """The finding in words."""
        return "A real emergency, used within policy" if self is Finding.JUSTIFIED else "Not justified"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes something from `source` ("": it does not exist yet) to `target`."""

    act: str
    source: str
    target: str
    by: str


WINDOW_TRANSITIONS = (
    Transition("OPEN", "", WindowState.PLANNED, "whom the policy names"),
    Transition("BEGIN", WindowState.PLANNED, WindowState.OPEN, "the clock"),
    Transition("CLOSE", WindowState.PLANNED, WindowState.CLOSED, "whom the policy names"),
    Transition("CLOSE", WindowState.OPEN, WindowState.CLOSED, "the clock; whom the policy names, at once"),
)
EMERGENCY_TRANSITIONS = (
    Transition("OBTAIN", "", EmergencyState.ACTIVE, "a person in a real emergency"),
    Transition("END", EmergencyState.ACTIVE, EmergencyState.UNREVIEWED, "the clock; the person, earlier"),
    Transition("REVIEW", EmergencyState.UNREVIEWED, EmergencyState.REVIEWED, "the reviewer"),
)

SHORTEST_REASON = 20
"""So many characters at least say what the emergency is."""


def window_state(
    from_at: datetime, until_at: datetime, closed_at: datetime | None, now: datetime
) -> WindowState:
    """Whether a window is open now."""
    if closed_at is not None or now >= until_at:
        return WindowState.CLOSED
    return WindowState.OPEN if now >= from_at else WindowState.PLANNED


def emergency_state(until_at: datetime, reviewed_at: datetime | None, now: datetime) -> EmergencyState:
    """Whether an emergency access is still used, and whether it was looked through."""
    if reviewed_at is not None:
        return EmergencyState.REVIEWED
    return EmergencyState.ACTIVE if now < until_at else EmergencyState.UNREVIEWED


def emergency_reason_problem(reason: str) -> str:
    """What is wrong with the stated reason, "" for nothing."""
    if len(reason.strip()) >= SHORTEST_REASON:
        return ""
    return f"Say what the emergency is, in {SHORTEST_REASON} characters at least."


class ReviewDecision(StrEnum):
    """What a reviewer decides about an account (CJIS AC-2j)."""

    CONFIRMED = "CONFIRMED"
    CHANGED = "CHANGED"
    DEACTIVATED = "DEACTIVATED"

    @property
    def label(self) -> str:
        """The decision in words."""
        return _DECISION_WORDS[self]


_DECISION_WORDS = {
    ReviewDecision.CONFIRMED: "Confirm: still needed, as it is",
    ReviewDecision.CHANGED: "Change the title",
    ReviewDecision.DEACTIVATED: "Deactivate: no longer needed",
}

REVIEW_TRANSITIONS = (
    Transition("OPEN", "", "OPEN", "the reviewer; the clock, when one is due"),
    Transition("DECIDE", "OPEN", "OPEN", "the reviewer; about the reviewer, the position above"),
    Transition("FINISH", "OPEN", "FINISHED", "the last decision"),
)


def reviewer_of(profile: Profile) -> str:
    """The position that reviews accounts, "" where the policy names none: then nobody does."""
    return profile.accounts.reviewer.settled or ""


def review_finished_by(profile: Profile, opened_at: datetime) -> datetime | None:
    """When every account of a review must be decided, None where the policy is silent."""
    takes = profile.accounts.review_takes.settled
    return takes.after(opened_at) if takes else None


def may_decide(profile: Profile, reviewer: PersonFact, person_id: str, position: str) -> Decision:
    """Whether this person may decide about the account of `person_id`, which waits for `position`."""
    rule, above = profile.accounts.reviewer, profile.accounts.escalates_to.settled or ""
    named = profile.position_name(position) or "agency’s ALPR administrator"
    if reviewer.id == person_id:
        return deny(profile, rule, "Nobody reviews their own account.", f"It waits for the {named}.")
    if reviewer.positions & ({position, above} - {""}):
        return allow(profile, rule, f"The {named} reviews this account.")
    return deny(profile, rule, f"This account waits for the {named}.", f"Ask the {named}.")


def review_due(profile: Profile, last_at: datetime) -> datetime:
    """When the accounts are reviewed again."""
    return account_limit(profile, "reviewed_every").period.after(last_at)
