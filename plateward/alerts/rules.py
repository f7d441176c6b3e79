"""How an alert is worked: what comes next, what is locked and why (B-466.9, B-466.4(f), H-426.3(f)).

Each `check_…` is asked twice: by the screen, which shows its reason beside the locked button, and by the
action, which refuses with the same words.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from plateward.policy import (
    Decision,
    DispatchStep,
    Disposition,
    Profile,
    StepKind,
    Strength,
    allow,
    deny,
    dispatch_steps,
    enforces,
    stop_permitted,
)


class AlertStatus(StrEnum):
    """An alert is VERIFIED only while its last confirmation says CONFIRMED."""

    UNVERIFIED = "UNVERIFIED"
    VERIFIED = "VERIFIED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        """The status in words."""
        return self.value.replace("_", " ").capitalize()


class AlertChange(StrEnum):
    """What happens to an alert that others may have to hear of."""

    RAISED = "RAISED"
    HIT = "HIT"  # a further one
    CHANGED = "CHANGED"  # its confirmation came
    CLOSED = "CLOSED"


class ConfirmationResult(StrEnum):
    """The answer from CLETS, as a person typed it in."""

    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    NO_ANSWER = "NO_ANSWER"

    @property
    def label(self) -> str:
        """The answer in words."""
        return {
            ConfirmationResult.CONFIRMED: "Confirmed: the record is active",
            ConfirmationResult.NOT_CONFIRMED: "Not confirmed: no active record",
            ConfirmationResult.NO_ANSWER: "No answer came",
        }[self]


class StepOutcome(StrEnum):
    """How a dispatch step ended."""

    DONE = "DONE"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    OVERTAKEN = "OVERTAKEN"

    @property
    def label(self) -> str:
        """The outcome in words."""
        if self is StepOutcome.OVERTAKEN:
            return "Overtaken by the confirmation"
        return self.value.replace("_", " ").capitalize()


class Place(StrEnum):
    """The page that shows an alert to somebody, as the access record names it."""

    CONSOLE = "dispatch console"
    BOARD = "dispatch board"
    FIELD = "officers’ page"


class HoldingEnd(StrEnum):
    """How somebody's holding of an alert ended."""

    RELEASED = "RELEASED"
    HANDED_OVER = "HANDED_OVER"
    TAKEN_OVER = "TAKEN_OVER"
    LEFT = "LEFT"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        """The end in words."""
        return self.value.replace("_", " ").capitalize()


DISPOSED = "DISPOSED"
ENTERING_AGENCY = "entering-agency"
"""The channel of an answer that no inquiry brought but the agency that entered the record."""

TRANSITIONS: Mapping[tuple[AlertStatus, str], AlertStatus] = MappingProxyType(
    {
        (AlertStatus.UNVERIFIED, ConfirmationResult.CONFIRMED): AlertStatus.VERIFIED,
        (AlertStatus.UNVERIFIED, ConfirmationResult.NOT_CONFIRMED): AlertStatus.NOT_CONFIRMED,
        (AlertStatus.NOT_CONFIRMED, ConfirmationResult.CONFIRMED): AlertStatus.VERIFIED,
        (AlertStatus.NOT_CONFIRMED, ConfirmationResult.NOT_CONFIRMED): AlertStatus.NOT_CONFIRMED,
        # That nothing came is a fact of its own; it decides nothing.
        (AlertStatus.UNVERIFIED, ConfirmationResult.NO_ANSWER): AlertStatus.UNVERIFIED,
        (AlertStatus.NOT_CONFIRMED, ConfirmationResult.NO_ANSWER): AlertStatus.NOT_CONFIRMED,
        # A record can be withdrawn after it was confirmed, and a wrong answer must not stand.
        (AlertStatus.VERIFIED, ConfirmationResult.NOT_CONFIRMED): AlertStatus.NOT_CONFIRMED,
        (AlertStatus.UNVERIFIED, DISPOSED): AlertStatus.CLOSED,
        (AlertStatus.NOT_CONFIRMED, DISPOSED): AlertStatus.CLOSED,
        (AlertStatus.VERIFIED, DISPOSED): AlertStatus.CLOSED,
    }
)
"""(status, what happened) → status. What is not here cannot happen."""

WAITS_FOR: Mapping[StepKind, tuple[StepKind, ...]] = MappingProxyType(
    {
        StepKind.ASK_CONFIRMATION: (),
        # "While waiting for the confirmation": somebody must have asked.
        StepKind.ADVISE_PENDING: (StepKind.ASK_CONFIRMATION,),
        StepKind.DESCRIBE: (StepKind.ASK_CONFIRMATION, StepKind.ADVISE_PENDING),
        # "Upon receiving confirmation", whatever the units were told before.
        StepKind.ADVISE_VERIFIED: (),
        StepKind.UPDATE_DIRECTION: (StepKind.DESCRIBE,),
    }
)
"""Which steps a step waits for, where the profile puts them before it (B-466.9).

What units were told and what CLETS answered are facts of their own, joined by `requires_confirmation` alone.
"""


class StepState(StrEnum):
    """Where a step stands: CURRENT is the next one to work, OPEN one that may be worked as well.

    LOCKED waits for something; LEFT was not worked before the alert was closed.
    """

    DONE = "DONE"
    CURRENT = "CURRENT"
    OPEN = "OPEN"
    LOCKED = "LOCKED"
    LEFT = "LEFT"


@dataclass(frozen=True, slots=True)
class Worked:
    """One time a step was worked; `by` is the person's name, `note` what was said beyond the radio text.

    `sighted_at` is when the hit that was told of was captured.
    """

    step: str
    outcome: StepOutcome
    at: datetime
    by: str
    note: str = ""
    sighted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded confirmation; `by` is the name of the person who typed it in."""

    result: ConfirmationResult
    at: datetime
    by: str
    channel: str = ""
    record_number: str = ""

    @property
    def is_positive(self) -> bool:
        """True when the record is active."""
        return self.result is ConfirmationResult.CONFIRMED

    @property
    def is_decisive(self) -> bool:
        """False when none came."""
        return self.result is not ConfirmationResult.NO_ANSWER


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why an officer could not verify, recorded before enforcement action (B-466.4(f))."""

    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Closing:
    """The disposition that closed an alert. `stop_made` is None where nobody was asked."""

    code: str
    at: datetime
    by: str
    stop_made: bool | None = None
    stop_reason: str = ""

    @property
    def stop(self) -> str:
        """Whether somebody was stopped because of the alert, in a sentence; "" where nobody was asked."""
        if self.stop_made is None:
            return ""
        return f"A stop was made: {self.stop_reason}" if self.stop_made else "No stop was made."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """What the rules need to know about one alert; records stand in the order they were made.

    `sighted_at` is when the vehicle was last captured, None where nobody asked; `category` that of its entry.
    """

    category: str = ""
    status: AlertStatus = AlertStatus.UNVERIFIED
    worked: tuple[Worked, ...] = ()
    answers: tuple[Answer, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    closing: Closing | None = None
    sighted_at: datetime | None = None

    @property
    def answer(self) -> Answer | None:
        """The last answer that says anything of the record."""
        return next((one for one in reversed(self.answers) if one.is_decisive), None)

    @property
    def excuse(self) -> Excuse | None:
        """The last reason why nobody could verify, unless an answer came since."""
        last, answer = self.excuses[-1] if self.excuses else None, self.answer
        return last if last and (answer is None or last.at > answer.at) else None

    @property
    def is_confirmed(self) -> bool:
        """True while status and last answer both confirm the record.

        A clock set back can put the answers out of order; where the two disagree, nobody is told "verified".
        """
        last = self.answer
        return self.status is AlertStatus.VERIFIED and last is not None and last.is_positive

    def was_confirmed(self, at: datetime) -> bool:
        """True where the last answer on record at that time confirmed the record, whatever came since."""
        before = [one for one in self.answers if one.is_decisive and one.at <= at]
        return bool(before) and before[-1].is_positive

    def times(self, step: DispatchStep) -> tuple[Worked, ...]:
        """Each time the step was worked."""
        return tuple(one for one in self.worked if one.step == step.id)

    def standing(self, step: DispatchStep) -> Worked | None:
        """The record by which the step counts as done.

        Units told "verified" before a record was withdrawn have not been told of the confirmation after it.
        """
        times = self.times(step)
        if not step.requires_confirmation:
            return times[-1] if times else None
        if not self.is_confirmed or self.answer is None:
            return None
        return next((one for one in reversed(times) if one.at >= self.answer.at), None)

    def is_settled(self, step: DispatchStep) -> bool:
        """Whether nothing waits for the step any more.

        An answer shows that somebody asked, and leaves no confirmation in progress to advise units of.
        """
        if step.kind is StepKind.ASK_CONFIRMATION and self.answers:
            return True
        if step.kind is StepKind.ADVISE_PENDING and self.answer:
            return True
        return self.standing(step) is not None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the screen shows it. `lock` says why it cannot be worked; `offers` how it can be.

    `is_prompted`: the vehicle was seen again since the units were last told where it went.
    """

    step: DispatchStep
    state: StepState
    lock: Decision
    offers: tuple[StepOutcome, ...]
    times: tuple[Worked, ...]
    is_prompted: bool = False

    @property
    def is_repeat(self) -> bool:
        """True when the step was worked and may be worked again."""
        return bool(self.times) and bool(self.offers)


class UnknownStep(LookupError):
    """The profile in force has no such dispatch step."""


def step_by_id(profile: Profile, step_id: str) -> DispatchStep:
    """The profile's dispatch step; raises UnknownStep."""
    for step in dispatch_steps(profile):
        if step.id == step_id:
            return step
    raise UnknownStep(step_id)


@enforces("B-466.9(a)", "B-466.9(b)", "B-466.9(c)", "B-466.9(d)", "B-466.9(e)")
def check_step(
    profile: Profile,
    facts: AlertFacts,
    step: DispatchStep,
    outcome: StepOutcome = StepOutcome.DONE,
    *,
    seen: int | None = None,
) -> Decision:
    """Whether the step can be worked now, with this outcome.

    `seen` is how many times the person's screen said that the step had been worked, so that a second click
    is not taken for a second update; None when nobody looked.
    """
    # A refusal is falsy, as every Decision that denies, so its absence is asked for by name.
    if (over := closed(profile, facts)) is not None:
        return over
    if (done := _already(profile, facts, step, seen)) is not None:
        return done
    if (waits := _waits(profile, facts, step)) is not None:
        return waits
    return _outcome_fits(facts, step, outcome)


def closed(profile: Profile, facts: AlertFacts) -> Decision | None:
    """The refusal of any further act on a closed alert, None while it is open."""
    if facts.closing is None:
        return None
    name = disposition_name(profile, facts.closing.code)
    reason = f"This alert was closed {when(profile, facts.closing.at)} by {facts.closing.by}: {name}."
    remedy = "Nothing more can be recorded on it. A new hit raises a new alert."
    return deny(profile, profile.dispatch.dispositions, reason, remedy)


def _already(profile: Profile, facts: AlertFacts, step: DispatchStep, seen: int | None) -> Decision | None:
    times, standing = facts.times(step), facts.standing(step)
    if step.kind is StepKind.ASK_CONFIRMATION and not times and facts.answers:
        first = facts.answers[0]
        said = f"CLETS was asked: {first.by} recorded its answer {when(profile, first.at)}."
        return _no(step, said, "Go on with the next step.")
    if is_repeatable(step):
        if seen is None or seen == len(times):
            return None
        said = (
            f"Another update was recorded {when(profile, times[-1].at)} by {times[-1].by}." if times else ""
        )
        return _no(step, said, "Look at it, and record yours if it still adds something.")
    if standing is None:
        return None
    said = f"Already {standing.outcome.label.lower()} {when(profile, standing.at)} by {standing.by}."
    return _no(step, said, "Go on with the next step.")


def _waits(profile: Profile, facts: AlertFacts, step: DispatchStep) -> Decision | None:
    """The first thing the step waits for: an earlier step or, where it says so, the confirmation."""
    for earlier in itertools.takewhile(lambda one: one.id != step.id, dispatch_steps(profile)):
        if earlier.kind in WAITS_FOR[step.kind] and not facts.is_settled(earlier):
            return _no(step, f"First: {earlier.title} ({earlier.clause}).", "Work the steps in their order.")
    if not step.requires_confirmation or facts.is_confirmed:
        return None
    remedy = "Record the answer from CLETS when it arrives."
    if facts.answer is None:
        return _no(step, "No confirmation is recorded, so nobody may be told that it is verified.", remedy)
    last = facts.answer
    told = " Tell the units that the alert is not verified." if facts.times(step) else ""
    said = f"The answer recorded {when(profile, last.at)} by {last.by} did not confirm the record.{told}"
    return _no(step, said, remedy)


def _outcome_fits(facts: AlertFacts, step: DispatchStep, outcome: StepOutcome) -> Decision:
    answered = step.kind is StepKind.ADVISE_PENDING and facts.answer is not None
    if outcome is StepOutcome.OVERTAKEN and not answered:
        said = "Only advising that confirmation is in progress can be overtaken, once the answer is here."
        return _no(step, said, "Work the step.")
    if outcome is StepOutcome.DONE and answered:
        said = "The answer has arrived, so units cannot be told any more that confirmation is in progress."
        return _no(step, said, "Mark the step as overtaken.")
    if outcome is StepOutcome.NOT_POSSIBLE and not step.if_possible:
        return _no(step, "The policy asks for this step without “if possible”.", "Work the step.")
    return Decision(True, step.clause, step.instruction)


def _no(step: DispatchStep, reason: str, remedy: str) -> Decision:
    return Decision(False, step.clause, reason, remedy)


def is_repeatable(step: DispatchStep) -> bool:
    """True for updates of the direction, which go on as long as somebody sees the vehicle."""
    return step.kind is StepKind.UPDATE_DIRECTION


def step_views(profile: Profile, facts: AlertFacts) -> tuple[StepView, ...]:
    """Every step as the screen shows it; empty where the policy is silent on dispatch."""
    views = [_step_view(profile, facts, step) for step in dispatch_steps(profile)]
    current = next((view for view in views if _is_next(view)), None)
    return tuple(replace(view, state=StepState.CURRENT) if view is current else view for view in views)


def _is_next(view: StepView) -> bool:
    """Whether there is something to do: a step not worked yet, or somewhere new to tell of."""
    if StepOutcome.DONE not in view.offers:
        return False
    return view.is_prompted or not (view.times or is_repeatable(view.step))


def is_prompted(profile: Profile, facts: AlertFacts, step: DispatchStep) -> bool:
    """Whether the vehicle was seen again since the units were last given its direction (B-466.9(c), (e))."""
    telling = {StepKind.DESCRIBE, StepKind.UPDATE_DIRECTION}
    steps = {one.id for one in dispatch_steps(profile) if one.kind in telling}
    told = [
        one.sighted_at or one.at
        for one in facts.worked
        if one.step in steps and one.outcome is StepOutcome.DONE
    ]
    if not is_repeatable(step) or not told or facts.sighted_at is None or facts.closing:
        return False
    return facts.sighted_at > max(told)


def waits_since(facts: AlertFacts, view: StepView, raised_at: datetime) -> datetime | None:
    """Since when the step can be worked and was not: the last thing done, or the raising of the alert."""
    if view.state not in {StepState.CURRENT, StepState.OPEN} or view.times:
        return None
    done = [one.at for one in facts.worked]
    if view.step.requires_confirmation:
        done += [answer.at for answer in facts.answers]
    return max([raised_at, *done])


def due_at(profile: Profile, step: DispatchStep, since: datetime | None) -> datetime | None:
    """By when a step that waits since then is to be worked; None where the policy states no limit for it."""
    limit = (profile.dispatch.step_limits.settled or {}).get(step.id)
    return limit.after(since) if limit is not None and since is not None else None


def asked_at(profile: Profile, facts: AlertFacts) -> datetime | None:
    """When CLETS was asked, where the policy orders it and somebody did."""
    asked = [one.at for step in dispatch_steps(profile) if is_asking(step) for one in facts.times(step)]
    return asked[-1] if asked else None


def is_asking(step: DispatchStep) -> bool:
    """True for asking CLETS about the vehicle."""
    return step.kind is StepKind.ASK_CONFIRMATION


def _step_view(profile: Profile, facts: AlertFacts, step: DispatchStep) -> StepView:
    verdicts = {outcome: check_step(profile, facts, step, outcome) for outcome in StepOutcome}
    offers = tuple(outcome for outcome, verdict in verdicts.items() if verdict)
    state = StepState.LOCKED
    if facts.standing(step) or (step.kind is StepKind.ASK_CONFIRMATION and facts.is_settled(step)):
        state = StepState.DONE
    elif offers:
        state = StepState.OPEN
    elif facts.status is AlertStatus.CLOSED:
        state = StepState.LEFT
    prompted = is_prompted(profile, facts, step)
    return StepView(step, state, verdicts[StepOutcome.DONE], offers, facts.times(step), prompted)


@enforces("B-466.9(a)", "B-466.4(f)", "H-426.3(f)")
def check_confirmation(
    profile: Profile, facts: AlertFacts, result: ConfirmationResult | None = None, *, seen: int | None = None
) -> Decision:
    """Whether an answer from CLETS (None: any) can be recorded now.

    An answer is taken whether or not dispatch recorded that it asked: an officer may have asked from the car
    (B-466.4(f)). `seen` is how many answers the person's screen showed; None when nobody looked.
    """
    if (over := closed(profile, facts)) is not None:
        return over
    before = profile.verification.before_enforcement
    last = facts.answers[-1] if facts.answers else None
    repeated = result is not None and (facts.status, result) not in TRANSITIONS
    if last and (repeated or (seen is not None and seen != len(facts.answers))):
        said = f"Already recorded {when(profile, last.at)} by {last.by}: {last.result.label}."
        return deny(profile, before, said, "Look at it; a later, different answer can still be recorded.")
    return allow(profile, before, "The answer from CLETS can be recorded.")


def check_channel(profile: Profile, channel: str) -> Decision:
    """Whether the policy knows this way of verifying."""
    channels = profile.verification.channels
    known = {one.id: one.name for one in channels.settled or ()}
    if channel in known:
        return allow(profile, channels, f"{known[channel]} is a way to verify.")
    return deny(profile, channels, f"“{channel}” is no way to verify.", f"Use: {', '.join(known.values())}.")


def channel_name(profile: Profile, channel: str) -> str:
    """The channel's name; an older profile's id stands for itself."""
    if channel == ENTERING_AGENCY:
        return "Hit confirmation with the entering agency"
    known = {one.id: one.name for one in profile.verification.channels.settled or ()}
    return known.get(channel, channel)


@enforces("B-466.4(f)", "H-426.3(f)")
def check_disposition(
    profile: Profile,
    facts: AlertFacts,
    code: str,
    *,
    note: str = "",
    not_practicable_reason: str = "",
    done_at: datetime | None = None,
) -> Decision:
    """Whether the alert can be closed this way; `done_at` is when it was acted on, None for now.

    Enforcement action on an alert that is not verified asks why verification was not practicable: never
    skipped silently, and never stopped where the policy says "should, if practicable". What the policy has
    for information only ends with no enforcement action, verified or not.
    """
    if (over := closed(profile, facts)) is not None:
        return over
    param, disposition = profile.dispatch.dispositions, disposition_by_code(profile, code)
    if disposition is None:
        names = ", ".join(one.name for one in param.settled or ())
        return deny(profile, param, f"“{code}” is no disposition of this agency.", f"Choose one of: {names}.")
    if disposition.enforcement and not (stop := stop_permitted(profile, facts.category)):
        reason = f"“{disposition.name}” is enforcement action. {stop.reason}"
        remedy = "Choose an outcome without enforcement. What had other grounds belongs in its own report."
        return Decision(False, stop.clause, reason, remedy)
    if disposition.note_required and not note.strip():
        return deny(profile, param, f"“{disposition.name}” needs a note.", "Write what was found.")
    was_confirmed = done_at is not None and facts.was_confirmed(done_at)
    if disposition.enforcement and not facts.is_confirmed and not was_confirmed:
        why = not_practicable_reason.strip() or (facts.excuse.reason if facts.excuse else "")
        return _unverified_enforcement(profile, disposition, why)
    return allow(profile, param, f"The alert can be closed: {disposition.name}.")


def _unverified_enforcement(profile: Profile, disposition: Disposition, why: str) -> Decision:
    rule, excuse = profile.verification.before_enforcement, profile.verification.reason_if_not_practicable
    reason = f"“{disposition.name}” is enforcement action, and this alert is not verified."
    if rule.settled is Strength.SHALL:
        return deny(profile, rule, reason, "Record the confirmation first.")
    if rule.settled is not None and excuse.settled and not why:
        remedy = "Record the confirmation first, or state why verification was not practicable."
        return deny(profile, rule, reason, remedy)
    return allow(profile, rule, f"{reason} {why}".strip())


def check_stop(profile: Profile, *, stop_made: bool | None, reason: str) -> Decision:
    """Whether what is said of a stop can be recorded: where the agency asks, one has its reason."""
    rule = profile.dispatch.stop_asked
    if rule.settled and stop_made and not reason.strip():
        return deny(
            profile, rule, "A stop was made, and no reason is given.", "State the reason for the stop."
        )
    return allow(profile, rule, "What is said of a stop can be recorded.")


def disposition_by_code(profile: Profile, code: str) -> Disposition | None:
    """The profile's disposition, or None."""
    return next((one for one in profile.dispatch.dispositions.settled or () if one.id == code), None)


def disposition_name(profile: Profile, code: str) -> str:
    """The disposition's name; an older profile's code stands for itself."""
    found = disposition_by_code(profile, code)
    return found.name if found else code


def when(profile: Profile, at: datetime) -> str:
    """Such as "at 03:12", in the agency's time."""
    return f"at {at.astimezone(ZoneInfo(profile.agency.time_zone)):%H:%M}"
