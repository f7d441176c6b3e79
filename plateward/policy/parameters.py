"""Values of a policy, each with the ground it stands on; nothing is ever a silent default."""

import calendar
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

T = TypeVar("T")


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One part of a profile: frozen, written with field names, unknown keys refused."""


class State(StrEnum):
    """Where a value comes from (requirement R2)."""

    SPECIFIED = "SPECIFIED"  # the policy says it, in the cited clause
    DELEGATED = "DELEGATED"  # the policy names another document that says it
    SILENT = "SILENT"  # the policy does not address it
    LOCAL = "LOCAL"  # the agency decided a question the text leaves open


class Unsettled(LookupError):
    """A value was needed that the policy leaves silent or to another document."""


class Basis(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Exactly one ground: a clause, a clause naming another document, silence, or a local decision."""

    clause: str = ""
    delegated_to: str = ""
    silent: bool = False
    local_decision: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        grounds = [self.silent, bool(self.local_decision), bool(self.clause)]
        if sum(grounds) != 1:
            raise ValueError("give exactly one of `clause`, `local_decision: <id>` and `silent: true`")
        if self.delegated_to and not self.clause:
            raise ValueError("`delegated_to` needs the `clause` that names the document")

    @property
    def state(self) -> State:
        if self.silent:
            return State.SILENT
        if self.local_decision:
            return State.LOCAL
        return State.DELEGATED if self.delegated_to else State.SPECIFIED


class Param(Basis, Generic[T], frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A value with its ground; specified and local ones carry `value`, the others must not."""

    value: T | UnsetType = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        wanted = self.state in {State.SPECIFIED, State.LOCAL}
        if wanted and self.value is UNSET:
            raise ValueError("`value` is missing")
        if not wanted and self.value is not UNSET:
            raise ValueError(f"a {self.state.lower()} parameter has no `value`; say who decided it instead")

    @property
    def settled(self) -> T | None:
        """The value, or None where the policy is silent or delegates."""
        return None if isinstance(self.value, UnsetType) else self.value

    def require(self, what: str) -> T:
        """Return the value; `what` names it for people.

        Raises:
            Unsettled: the policy is silent or delegates; the message says how to settle it.
        """
        if isinstance(self.value, UnsetType):
            where = f"left to “{self.delegated_to}”" if self.delegated_to else "not addressed by this policy"
            raise Unsettled(f"{what} is {where}. Record a local decision in the profile to settle it.")
        return self.value


class Unit(StrEnum):
    SECONDS = "SECONDS"
    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"
    YEARS = "YEARS"


_CLAMPED = 3  # the 29th to 31st of a month can end on the 28th of another
_LONGEST_YEARS = 200  # longer ones are slips of the pen, and overflow the calendar
_PER_YEAR = {
    Unit.SECONDS: 31_536_000,
    Unit.MINUTES: 525_600,
    Unit.HOURS: 8_760,
    Unit.DAYS: 365,
    Unit.WEEKS: 52,
    Unit.MONTHS: 12,
    Unit.YEARS: 1,
}
# Four years of firsts of the month: months and years reach their full length from one of these.
_STARTS = tuple(datetime(2023 + month // 12, 1 + month % 12, 1, tzinfo=UTC) for month in range(48))


class Period(Struct, frozen=True, forbid_unknown_fields=True):
    """A length of time as a policy writes it: 72 hours, 30 days, 1 year; 200 years at most."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError("a period is longer than nothing: give a positive `amount`")
        if self.amount > _LONGEST_YEARS * _PER_YEAR[self.unit]:
            raise ValueError(f"a period is {_LONGEST_YEARS} years at most; correct `amount` or `unit`")

    def __str__(self) -> str:
        unit = self.unit.lower()
        return f"{self.amount} {unit.removesuffix('s') if self.amount == 1 else unit}"

    def exceeds(self, other: "Period") -> bool:
        """Tell whether this period can end after `other` when both begin at the same instant.

        A year exceeds 365 days, because of leap years; it does not exceed 12 months.
        """
        return any(self.after(start) > other.after(start) for start in _STARTS)

    def after(self, instant: datetime) -> datetime:
        """Return the end of this period begun at `instant`, in the same zone.

        Hours and shorter units are elapsed time; days and longer follow the calendar, so that one
        year from 29 February ends on 28 February.

        Raises:
            ValueError: `instant` has no time zone.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be counted from")
        if self.unit in {Unit.SECONDS, Unit.MINUTES, Unit.HOURS}:
            elapsed = timedelta(**{self.unit.lower(): self.amount})
            return (instant.astimezone(UTC) + elapsed).astimezone(instant.tzinfo)
        if self.unit in {Unit.DAYS, Unit.WEEKS}:
            return instant + timedelta(**{self.unit.lower(): self.amount})
        return _add_months(instant, self.amount * (12 if self.unit is Unit.YEARS else 1))

    def begun(self, instant: datetime) -> datetime:
        """Return the latest instant from which this period is over at `instant`, to the microsecond.

        Also where several days end on one, as two years from 28 and from 29 February do.

        Raises:
            ValueError: `instant` has no time zone.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be counted from")
        if self.unit not in {Unit.MONTHS, Unit.YEARS}:
            whole = self.after(datetime(2023, 1, 1, tzinfo=UTC)) - datetime(2023, 1, 1, tzinfo=UTC)
            is_calendar = self.unit in {Unit.DAYS, Unit.WEEKS}
            return instant - whole if is_calendar else (instant.astimezone(UTC) - whole)
        near = _add_months(instant, -self.amount * (12 if self.unit is Unit.YEARS else 1))
        if near.day != instant.day:  # a shorter month: all of its last day ended before
            return near.replace(hour=23, minute=59, second=59, microsecond=999_999)
        later = (near + timedelta(days=days) for days in range(_CLAMPED, 0, -1))
        return next((one for one in later if self.after(one) <= instant), near)

    def before(self, instant: datetime) -> datetime:
        """Return the latest whole day's distance back from which this period is over at `instant`.

        Raises:
            ValueError: `instant` has no time zone.
        """
        found = instant
        while self.after(found) > instant:
            found -= max(self.after(found) - instant, timedelta(days=1))
        return found


def _add_months(instant: datetime, months: int) -> datetime:
    years, month = divmod(instant.month - 1 + months, 12)
    year = instant.year + years
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
