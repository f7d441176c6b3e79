"""How often a device reads rightly: reads that people compared with their pictures (CC 1798.90.51(b)(2)(F)).

Of a read that nobody checked, nobody knows. Those checked are those that raised an alert or a doubt, no
sample: their share says where to look, not how good the camera is. Reads lie above devices in the order of
imports, so they register the answer.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One read that was checked. `pairs` are characters as read and as shown: ("8/B",)."""

    captured_at: datetime
    is_misread: bool
    is_wrong_state: bool
    pairs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Reads checked, and what was found wrong with them; one read can be wrong in both ways."""

    checked: int = 0
    misread: int = 0
    wrong_state: int = 0

    @property
    def misread_share(self) -> float | None:
        """Share of the checked reads with a wrong character, 0–1; None while none was checked."""
        return self.misread / self.checked if self.checked else None

    @property
    def wrong_state_share(self) -> float | None:
        """Share of the checked reads with a wrong state, 0–1; None while none was checked."""
        return self.wrong_state / self.checked if self.checked else None


@dataclass(frozen=True, slots=True)
class Month:
    """A local month: its first day, its reads (None where not counted), and what checks found."""

    first: date
    reads: int | None
    tally: Tally

    @property
    def unchecked(self) -> int | None:
        """Reads nobody compared with their picture, as far as the month's reads are counted."""
        return None if self.reads is None else max(self.reads - self.tally.checked, 0)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A device's record: over all, by month, newest first, and by pair of characters, most frequent first."""

    tally: Tally
    months: tuple[Month, ...]
    pairs: tuple[tuple[str, int], ...]


Source = Callable[[UUID], Sequence[Checked]]
"""From a device's id to its checked reads, each read once, by its last check."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Name who knows which reads were checked; called once, when the apps are ready."""
    _sources[:] = [source]


def checked_of(device_id: UUID) -> Sequence[Checked]:
    """The device's checked reads."""
    return _sources[0](device_id) if _sources else ()


def accuracy_of(checks: Sequence[Checked], reads_by_month: Mapping[date, int], zone: tzinfo) -> Accuracy:
    """Sum the checks up, by months of the zone in which the reads were captured."""
    by_month: dict[date, list[Checked]] = {}
    for one in checks:
        by_month.setdefault(one.captured_at.astimezone(zone).date().replace(day=1), []).append(one)
    months = tuple(
        Month(first, reads_by_month.get(first), _tally(by_month.get(first, ())))
        for first in sorted({*by_month, *reads_by_month}, reverse=True)
    )
    pairs = Counter(pair for one in checks for pair in one.pairs)
    return Accuracy(_tally(checks), months, tuple(sorted(pairs.items(), key=lambda one: (-one[1], one[0]))))


def _tally(checks: Iterable[Checked]) -> Tally:
    counted = list(checks)
    return Tally(
        checked=len(counted),
        misread=sum(one.is_misread for one in counted),
        wrong_state=sum(one.is_wrong_state for one in counted),
    )
