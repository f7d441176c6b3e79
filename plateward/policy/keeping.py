"""May data be kept, may they be purged, which stage of deletion is due: pure answers with their clause."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from msgspec import Struct

from plateward.policy.conflicts import Conflict, Limit, Limits, conflicts_of, limits_of
from plateward.policy.decisions import Decision, allow, deny
from plateward.policy.parameters import Basis, Period, State, Unit, Unsettled
from plateward.policy.profile import Profile
from plateward.policy.retention import DataClass, RetentionRule, Stage, StageAction
from plateward.policy.wording import written

_SILENT = Basis(silent=True)


class RetentionWindow(Struct, frozen=True):
    """Between which limits data stay; None where nothing sets one.

    Of several layers the longest floor and the shortest ceiling count; where layers contradict, those of
    the prevailing layer. `open_conflicts` holds contradictions that nobody has settled, `left_to` the
    ground that leaves a length to another document, if one does.
    """

    rule: str
    floor: Limit | None
    ceiling: Limit | None
    stages: tuple[Stage, ...]
    open_conflicts: tuple[Conflict, ...]
    left_to: Basis | None


def retention_window(
    profile: Profile, source: str, data_class: DataClass, on: date | None = None
) -> RetentionWindow:
    """Return how long data of a source stay; `on` leaves out layers not in force that day.

    Raises:
        Unsettled: the profile has no rule for this source and class.
    """
    key, rule = _rule_for(profile, source, data_class)
    conflicts = tuple(conflicts_of(profile, key, rule, on))
    limits = limits_of(profile, rule, on)
    if conflicts and rule.prevailing_layer.settled is not None:
        limits = _of_layer(limits, rule.prevailing_layer.settled)
    return RetentionWindow(
        key,
        reduce(_longer, limits.floors) if limits.floors else None,
        reduce(_shorter, limits.ceilings) if limits.ceilings else None,
        tuple(rule.stages.values()),
        tuple(conflict for conflict in conflicts if conflict.is_open),
        next((basis for basis in _lengths(rule) if basis.state is State.DELEGATED), None),
    )


def _lengths(rule: RetentionRule) -> tuple[Basis, ...]:
    return (rule.floor, rule.ceiling, rule.schedule, *(stage.after for stage in rule.stages.values()))


def _rule_for(profile: Profile, source: str, data_class: DataClass) -> tuple[str, RetentionRule]:
    for key, rule in profile.retention.rules.items():
        if rule.source == source and data_class in rule.data_classes:
            return key, rule
    what = data_class.replace("_", " ").lower()
    raise Unsettled(
        f"How long {what} from “{source}” are kept is not addressed by this policy. "
        "Record a local decision in the profile to settle it."
    )


def _of_layer(limits: Limits, layer: str) -> Limits:
    return Limits(
        tuple(limit for limit in limits.floors if limit.layer == layer),
        tuple(limit for limit in limits.ceilings if limit.layer == layer),
    )


def _longer(one: Limit, other: Limit) -> Limit:
    return other if other.period.exceeds(one.period) else one


def _shorter(one: Limit, other: Limit) -> Limit:
    return other if one.period.exceeds(other.period) else one


def _window(profile: Profile, source: str, data_class: DataClass, at: datetime) -> RetentionWindow | None:
    try:
        return retention_window(profile, source, data_class, profile.agency.day(at))
    except Unsettled:
        return None


def _local(profile: Profile, instant: datetime) -> datetime:
    """The instant by the agency's own calendar, which months and years are counted by.

    Raises:
        ValueError: it has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be counted from")
    return instant.astimezone(ZoneInfo(profile.agency.time_zone))


def may_keep(
    profile: Profile,
    source: str,
    data_class: DataClass,
    *,
    captured_at: datetime,
    at: datetime,
    held: bool = False,
) -> Decision:
    """Tell whether data captured at `captured_at` may still be there at `at`.

    Past the ceiling only a hold keeps them; while layers contradict each other nothing must go, since a
    destruction cannot be undone.

    Raises:
        ValueError: an instant has no time zone.
    """
    window = _window(profile, source, data_class, at)
    if window is None or window.ceiling is None:
        return allow(profile, _SILENT, "This policy sets no limit after which these data must be gone.")
    ceiling = window.ceiling
    if at < ceiling.period.after(_local(profile, captured_at)):
        return allow(profile, ceiling.basis, f"These data stay at most {ceiling.period}, which are not over.")
    if held:
        return allow(profile, profile.retention.holds.reasons, "These data are held past their limit.")
    if window.open_conflicts:
        reason = f"Nothing must go while this is open: {window.open_conflicts[0].explanation}"
        return allow(profile, ceiling.basis, reason)
    reason = f"These data stay at most {ceiling.period}, which are over."
    return deny(
        profile, ceiling.basis, reason, "Purge them, or place a hold for one of the policy's reasons."
    )


def may_purge(
    profile: Profile,
    source: str,
    data_class: DataClass,
    *,
    captured_at: datetime,
    at: datetime,
    held: bool = False,
) -> Decision:
    """Tell whether data may be destroyed at `at`.

    Not while they are held, while layers contradict each other, below the floor, before the stage of
    permanent deletion, or while a length is left to a document that the profile does not speak for.

    Raises:
        ValueError: an instant has no time zone.
    """
    if held:
        reason = "These data are held, and a hold always comes before a purge."
        return deny(profile, profile.retention.holds.reasons, reason, "Have the hold released first.")
    window = _window(profile, source, data_class, at)
    if window is None or (window.floor is None and window.ceiling is None):
        reason = "Nothing says how long these data are kept, so nothing says when they may be destroyed."
        return deny(profile, _SILENT, reason, "Record the length, with its ground, in the profile.")
    if window.open_conflicts:
        conflict = window.open_conflicts[0]
        remedy = "Ask counsel which of them counts, and have it recorded in the policy’s profile."
        return deny(profile, conflict.first.basis, conflict.explanation, remedy)
    if window.floor is not None and at < window.floor.period.after(_local(profile, captured_at)):
        until = window.floor.period.after(_local(profile, captured_at))
        reason = (
            f"These data stay at least {window.floor.period}; that is until {written(until)}, {until:%H:%M}."
        )
        return deny(profile, window.floor.basis, reason, "Wait until then; nobody can shorten it.")
    if window.left_to is not None:
        reason = f"How long these data stay is also left to the {window.left_to.delegated_to}."
        return deny(
            profile, window.left_to, reason, "Record what it says as a local decision in the profile."
        )
    ground = next(limit.basis for limit in (window.floor, window.ceiling) if limit)
    return allow(profile, ground, "These data may be destroyed.")


def stage_due(
    profile: Profile,
    source: str,
    data_class: DataClass,
    *,
    captured_at: datetime,
    at: datetime,
    held: bool = False,
) -> Stage | None:
    """Return the last stage of deletion that data have reached at `at`; None before it.

    What is held goes no further than a logical deletion, which destroys nothing.

    Raises:
        ValueError: an instant has no time zone.
    """
    window = _window(profile, source, data_class, at)
    due = None
    for stage in window.stages if window else ():
        if held and stage.action is StageAction.PERMANENT_DELETION:
            break
        if (after := stage.after.settled) is not None and after.after(_local(profile, captured_at)) <= at:
            due = stage
    return due


def hiding_stage(profile: Profile, source: str, data_class: DataClass, at: datetime) -> Stage | None:
    """Return the stage by which such data are deleted logically; None where the policy has none."""
    window = _window(profile, source, data_class, at)
    for stage in window.stages if window else ():
        if stage.action is StageAction.LOGICAL_DELETION and stage.after.settled is not None:
            return stage
    return None


def hidden_before(profile: Profile, source: str, data_class: DataClass, at: datetime) -> datetime | None:
    """Return before which capture, to the instant, such data are deleted logically at `at`; None: none are.

    Where the 29th to 31st end on one day with the 28th, all that was captured before the last of them is.

    Raises:
        ValueError: `at` has no time zone.
    """
    stage = hiding_stage(profile, source, data_class, at)
    length = stage.after.settled if stage else None
    if length is None:
        return None
    return length.begun(_local(profile, at)).astimezone(UTC) + timedelta(microseconds=1)


def hold_review_at(profile: Profile, confirmed_at: datetime) -> datetime:
    """Return until when a hold confirmed at `confirmed_at` must be confirmed again.

    Raises:
        Unsettled: the policy is silent on it.
        ValueError: `confirmed_at` has no time zone.
    """
    return profile.retention.holds.reverify_every.require("How often a hold is confirmed").after(
        _local(profile, confirmed_at)
    )


def booking_allowed(profile: Profile, *, on_verified_disc: bool) -> Decision:
    """Whether held data may be booked as evidence so: on verified discs, where the policy wants media."""
    rule = profile.retention.holds.portable_media
    if on_verified_disc or not rule.settled:
        return allow(profile, rule, "It may be booked on this medium.")
    return deny(
        profile,
        rule,
        "What was held is booked as evidence on portable media, such as a disc, that holds it.",
        "Burn a disc of the package, record its check with the report, and choose this copy.",
    )


LEAST_FOR_ACCESSES = Period(1, Unit.YEARS)
"""CJIS AU-11: audit records stay a year at least, whatever a policy says (R53)."""


def prunable_before(profile: Profile, at: datetime) -> tuple[datetime, Limit]:
    """Return before which instant accesses may lose their plate details at `at`, and by which limit.

    Never less than a year, and never shorter than the reads that they concern (R53).

    Raises:
        Unsettled: the policy says no length for access records, leaves it to another document, or its
            layers contradict each other.
        ValueError: `at` has no time zone.
    """
    found = (
        rule for rule in profile.retention.rules.values() if DataClass.ACCESS_RECORDS in rule.data_classes
    )
    rule = next(found, None)
    if rule is None:
        raise Unsettled(
            "How long the plate details of access records are kept is not addressed by this policy. "
            "Until a local decision settles it, none is destroyed."
        )
    local = _local(profile, at)
    window = retention_window(profile, rule.source, DataClass.ACCESS_RECORDS, local.date())
    limit = window.floor or window.ceiling
    if window.open_conflicts:
        raise Unsettled(window.open_conflicts[0].explanation)
    if window.left_to is not None or limit is None:
        left_to = window.left_to.delegated_to if window.left_to else "nothing"
        raise Unsettled(f"How long access records are kept is left to {left_to}. None is destroyed.")
    periods = [limit.period, LEAST_FOR_ACCESSES, *_of_reads(profile, local.date())]
    return min(period.before(local) for period in periods), limit


def _of_reads(profile: Profile, on: date) -> Iterator[Period]:
    for rule in profile.retention.rules.values():
        if DataClass.READS in rule.data_classes:
            limits = limits_of(profile, rule, on)
            yield from (limit.period for limit in (*limits.floors, *limits.ceilings))


def reads_kept_since(profile: Profile, at: datetime) -> datetime | None:
    """Return before which capture no read is kept any more at `at`; None where a source has no such limit."""
    local = _local(profile, at)
    rules = [rule for rule in profile.retention.rules.values() if DataClass.READS in rule.data_classes]
    ceilings = [limits_of(profile, rule, local.date()).ceilings for rule in rules]
    if not ceilings or not all(ceilings):
        return None
    return min(reduce(_shorter, found).period.before(local) for found in ceilings)
