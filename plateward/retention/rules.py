"""When data may go, which states a purge passes, and that its figures add up (R81–R92). No I/O."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from plateward.policy import (
    DataClass,
    Decision,
    Limit,
    Profile,
    RetentionRule,
    deny,
    enforces,
    is_short_ceiling,
    may_purge,
    retention_window,
)

CLASSES: Final = (DataClass.READS, DataClass.IMAGES)
"""What a purge of reads destroys: a read's pictures never outlive it."""
PICTURES: Final = (DataClass.IMAGES,)
"""What a purge of pictures alone destroys, where the policy says a length of their own for them."""
Classes = tuple[DataClass, ...]
AHEAD: Final = timedelta(days=2)
"""Where only a ceiling is said a day goes so long before its last instant reaches it."""
SLACK: Final = timedelta(minutes=2)
"""Where a ceiling is short, the clock looks each minute; so long before it what is due has to go."""
_MOST_AT_ONCE: Final = timedelta(hours=6)
_PARTS: Final = 12
_TICK: Final = timedelta(milliseconds=1)
"""Captures are known to the millisecond."""
_DAY: Final = timedelta(days=1)
_CLAMPED: Final = 4
"""One month after the 28th to the 31st of January is the same day: so many days can end out of order."""
_LONG_AGO: Final = timedelta(days=365 * 250)


class PurgeState(StrEnum):
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    RUNNING = "RUNNING"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    ENDED = "ENDED"

    @property
    def label(self) -> str:
        """The state in words."""
        return _WORDS[self]


_WORDS: Final = {
    PurgeState.PROPOSED: "Waits for a second person",
    PurgeState.APPROVED: "Approved, not begun",
    PurgeState.REFUSED: "Refused",
    PurgeState.RUNNING: "Under way",
    PurgeState.VERIFIED: "Done and verified",
    PurgeState.FAILED: "Stopped",
    PurgeState.ENDED: "Ended in part",
}
UNDER_WAY: Final = frozenset({PurgeState.PROPOSED, PurgeState.APPROVED, PurgeState.RUNNING})


@dataclass(frozen=True, slots=True)
class PurgeTransition:
    """An act takes a purge from `source` (none: it does not exist yet) to `target`."""

    act: str
    source: PurgeState | None
    target: PurgeState
    by: str


PURGE_TRANSITIONS: Final = (
    PurgeTransition("PROPOSE", None, PurgeState.PROPOSED, "a person who may purge; the clock"),
    PurgeTransition(
        "APPROVE", PurgeState.PROPOSED, PurgeState.APPROVED, "another such person; a standing authority"
    ),
    PurgeTransition("REFUSE", PurgeState.PROPOSED, PurgeState.REFUSED, "a person who may purge"),
    PurgeTransition("BEGIN", PurgeState.APPROVED, PurgeState.RUNNING, "the worker"),
    PurgeTransition("VERIFY", PurgeState.RUNNING, PurgeState.VERIFIED, "the worker"),
    PurgeTransition("STOP", PurgeState.RUNNING, PurgeState.FAILED, "the worker, when it may not go on"),
    PurgeTransition("RESUME", PurgeState.FAILED, PurgeState.RUNNING, "a person who may purge"),
    PurgeTransition("END", PurgeState.FAILED, PurgeState.ENDED, "a person who may purge"),
)


def rules_digest(profile: Profile) -> str:
    """SHA-256 over the retention rules as they stand: what the schedule's signatures are bound to."""
    return hashlib.sha256(msgspec.json.encode(profile.retention, order="deterministic")).hexdigest()


def sources(profile: Profile) -> Mapping[str, RetentionRule]:
    """The sources of reads that the profile has a rule for, each with it."""
    rules = profile.retention.rules.values()
    return {rule.source: rule for rule in rules if DataClass.READS in rule.data_classes}


def rule_of_pictures(profile: Profile, source: str) -> RetentionRule | None:
    """The rule for a source's pictures where it is not that of its reads; None where they go with them."""
    rules = profile.retention.rules.values()
    found = (rule for rule in rules if rule.source == source and DataClass.IMAGES in rule.data_classes)
    return next((rule for rule in found if DataClass.READS not in rule.data_classes), None)


def standing_refusal(
    profile: Profile, source: str, at: datetime, classes: Classes = CLASSES
) -> Decision | None:
    """Why nothing of a source may be destroyed at all, however old; None when only time decides."""
    for data_class in classes:
        decision = may_purge(profile, source, data_class, captured_at=at - _LONG_AGO, at=at)
        if not decision.allowed:
            return decision
    return None


@enforces("B-466.5¶2", "H-426.4¶2")
def purgeable_before(
    profile: Profile, source: str, at: datetime, classes: Classes = CLASSES
) -> datetime | None:
    """Before which capture everything of a source may be destroyed at `at`; None while nothing may be.

    A whole number of UTC days, unless the ceiling is short (see `is_short`). The agency's own calendar
    decides: a day counts once no instant of it is below the floor, also where a year ends on 28 February.
    Where only a ceiling is said, its days go in time for none of their reads to pass it.

    Raises:
        ValueError: `at` has no time zone.
    """
    if standing_refusal(profile, source, at, classes) is not None:
        return None
    local = at.astimezone(ZoneInfo(profile.agency.time_zone))
    if classes == CLASSES and is_short(profile, source, at):
        return _before_short(profile, source, local)
    near = min(limit.period.before(local) for limit in _limits(profile, source, at, classes))
    before = datetime.combine(near.astimezone(UTC).date() + AHEAD + (_CLAMPED + 1) * _DAY, time(), UTC)
    while not _days_may_go(profile, source, before, at, classes):
        before -= _DAY
    return before


def is_short(profile: Profile, source: str, at: datetime) -> bool:
    """Whether a source's reads are to be gone so soon that purges by whole days would come too late."""
    ceiling = _ceiling(profile, source, at)
    return ceiling is not None and is_short_ceiling(ceiling.period)


def must_go(profile: Profile, source: str, oldest_at: datetime, at: datetime) -> bool:
    """Whether a source's oldest read would pass a short ceiling before the clock's next look.

    Raises:
        ValueError: an instant has no time zone.
    """
    ceiling = _ceiling(profile, source, at)
    if ceiling is None:
        return False
    local = oldest_at.astimezone(ZoneInfo(profile.agency.time_zone))
    return ceiling.period.after(local) <= at + SLACK


def _ceiling(profile: Profile, source: str, at: datetime, classes: Classes = CLASSES) -> Limit | None:
    """The shortest ceiling that makes a purge of these classes due."""
    on = profile.agency.day(at)
    due = _due(profile, source, classes)
    found = [retention_window(profile, source, one, on).ceiling for one in due]
    said = [limit for limit in found if limit]
    return min(said, key=lambda limit: limit.period.after(at)) if said else None


def _due(profile: Profile, source: str, classes: Classes) -> Classes:
    """Whose ceilings make a purge due: pictures with a rule of their own go before by their own purge."""
    return classes[:1] if rule_of_pictures(profile, source) else classes


def _before_short(profile: Profile, source: str, local: datetime) -> datetime:
    """Each purge takes a twelfth of the ceiling's length at once, so that reads have not one each."""
    ceiling = _ceiling(profile, source, local)
    assert ceiling is not None  # noqa: S101  it is short
    begun = ceiling.period.begun(local)
    before = begun + SLACK + min(_MOST_AT_ONCE, (local - begun) / _PARTS)
    on = local.date()
    for data_class in CLASSES:
        if floor := retention_window(profile, source, data_class, on).floor:
            before = min(before, floor.period.begun(local))
    before = before.astimezone(UTC)
    return before.replace(microsecond=before.microsecond // 1000 * 1000)


def grain(profile: Profile, source: str, at: datetime, classes: Classes = CLASSES) -> str:
    """How near to its ceiling a source's reads or pictures go, in a sentence; "" where no ceiling is said."""
    ceiling = _ceiling(profile, source, at, classes)
    if ceiling is None:
        return ""
    if is_short_ceiling(ceiling.period):
        return "The clock looks each minute, and purges before the ceiling by the standing authority."
    on = profile.agency.day(at)
    floors = [retention_window(profile, source, one, on).floor for one in classes]
    latest = ceiling.period.after(at)
    if any(floor and latest - floor.period.after(at) < AHEAD for floor in floors):
        return (
            "Floor and ceiling are less than two days apart: what a day brought goes together once the last "
            "of it may, the earliest of it up to a day past the ceiling."
        )
    approved = "" if profile.retention.standing_authority.settled else ", if each purge is approved in time"
    what = "Reads" if DataClass.READS in classes else "Pictures"
    return f"{what} go by whole days, none later than the ceiling{approved}."


def kept_since(
    profile: Profile, source: str, at: datetime, data_class: DataClass = DataClass.READS
) -> datetime | None:
    """Before which capture no read, or picture, of a source is to be there at `at`; None without a limit.

    Also where a layer's limit contradicts another's floor: it is past the one limit that is said.
    """
    local = at.astimezone(ZoneInfo(profile.agency.time_zone))
    ceiling = retention_window(profile, source, data_class, local.date()).ceiling
    return ceiling.period.before(local) if ceiling else None


def _limits(profile: Profile, source: str, at: datetime, classes: Classes = CLASSES) -> Iterator[Limit]:
    """The length that decides for each class: the floor, and where there is none the ceiling."""
    on, due = profile.agency.day(at), _due(profile, source, classes)
    for data_class in classes:
        window = retention_window(profile, source, data_class, on)
        if limit := window.floor or (window.ceiling if data_class in due else None):
            yield limit


def _days_may_go(profile: Profile, source: str, before: datetime, at: datetime, classes: Classes) -> bool:
    """Whether every instant of the days that end at `before` may go, those that can end out of order too."""
    zone = ZoneInfo(profile.agency.time_zone)
    for number in range(_CLAMPED):
        end = before - number * _DAY
        midnight = datetime.combine(end.astimezone(zone).date(), time(), zone)
        moments = {end - _TICK, min(midnight, end) - _TICK}
        if not all(_may_go(profile, source, moment, at, classes) for moment in moments):
            return False
    return True


def _may_go(profile: Profile, source: str, captured_at: datetime, at: datetime, classes: Classes) -> bool:
    local = captured_at.astimezone(ZoneInfo(profile.agency.time_zone))
    if not all(may_purge(profile, source, one, captured_at=captured_at, at=at).allowed for one in classes):
        return False
    on = profile.agency.day(at)
    for data_class in _due(profile, source, classes):
        window = retention_window(profile, source, data_class, on)
        if window.floor is None and window.ceiling and window.ceiling.period.after(local) > at + AHEAD:
            return False
    return True


def floor_refusal(
    profile: Profile, source: str, until_at: datetime, at: datetime, classes: Classes = CLASSES
) -> Decision:
    """Why what was captured just before `until_at` may not go yet, in the policy's words where it refuses."""
    for data_class in classes:
        decision = may_purge(profile, source, data_class, captured_at=until_at - _TICK, at=at)
        if not decision.allowed:
            return decision
    longest = max(_limits(profile, source, at, classes), key=lambda limit: limit.period.after(at))
    return deny(
        profile,
        longest.basis,
        f"Data are purged by whole days, each once all of it is older than {longest.period}.",
        "Choose an earlier day, or leave the day to the preview.",
    )


def ground(profile: Profile, source: str, at: datetime, classes: Classes = CLASSES) -> str:
    """How long such data stay and by which clauses, in a line."""
    found = {
        f"{limit.period} ({limit.clause or 'local decision'})"
        for limit in _limits(profile, source, at, classes)
    }
    return "; ".join(sorted(found))


def day_of(at: datetime) -> datetime:
    """The beginning of an instant's UTC day."""
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of one camera's reads of one UTC day.

    `ingested` is what the day's commitments counted; `purged_before` went in earlier purges; `remaining` are
    not old enough yet, or came after the commitments.
    """

    ingested: int
    purged_before: int
    purged: int
    held: int
    remaining: int = 0

    @property
    def is_even(self) -> bool:
        """Whether every read that was ever taken in is accounted for."""
        return self.purged_before + self.purged + self.held + self.remaining == self.ingested


def total(balances: Iterable[Balance]) -> Balance:
    """The sums of several days or cameras."""
    each = list(balances)
    names = ("ingested", "purged_before", "purged", "held", "remaining")
    return Balance(*(sum(getattr(one, name) for one in each) for name in names))


def missing_signatures(agreed_by: Iterable[str], signed: Mapping[str, str]) -> tuple[str, ...]:
    """Which of the positions have not signed; one person who signed for two counts for the first alone.

    `signed` gives the person who signed for each position.
    """
    counted: set[str] = set()
    missing = []
    for position in agreed_by:
        person = signed.get(position, "")
        if person and person not in counted:
            counted.add(person)
        else:
            missing.append(position)
    return tuple(missing)
