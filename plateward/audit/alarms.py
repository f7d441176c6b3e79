"""Alarms about the journal itself: which are open, what is news, and who is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from plateward.audit import ledger
from plateward.audit.models import AlarmKind, LedgerAlarm, LedgerCheck
from plateward.audit.who import Who

TOLD: Final = 50
"""So many defects are kept of one look; a rewritten journal has millions."""

_RECURRING: Final = (AlarmKind.LATE, AlarmKind.DOWN)

Listener = Callable[[LedgerAlarm, Who], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` called with every alarm raised or ended and by whom.

    It runs inside the alarm's transaction, with every agency's rows in sight.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def tell(alarm: LedgerAlarm, by: Who) -> None:
    """Call whoever listens."""
    for listener in _listeners:
        listener(alarm, by)


def news(kind: AlarmKind, told: Sequence[str]) -> list[str]:
    """What no earlier alarm of the kind told; one that is over by itself may come again."""
    if not told:
        return []
    earlier = LedgerAlarm.objects.filter(kind=kind)
    known = {line for alarm in earlier.exclude(kind__in=_RECURRING) for line in alarm.told}
    return [line for line in told if line not in known][:TOLD]


def open_alarms() -> list[LedgerAlarm]:
    """Alarms that nobody has answered yet, newest first."""
    return list(LedgerAlarm.objects.filter(ended_at=None))


@dataclass(frozen=True, slots=True)
class Health:
    """What the frame of a page and the doctor say of the journal itself."""

    alarms: list[LedgerAlarm]
    is_late: bool
    last_check: LedgerCheck | None
    round_done_at: datetime | None

    @property
    def is_bad(self) -> bool:
        """Whether somebody must look."""
        return bool(self.alarms) or self.is_late


def health(now: datetime) -> Health:
    """How the journal itself stands; `is_late` also when no worker runs that could raise an alarm."""
    rounds = LedgerCheck.objects.filter(portion_end=0, portion_row=0)
    done = rounds.values_list("checked_at", flat=True).first()
    late = ledger.is_late(now)
    return Health(open_alarms(), late, LedgerCheck.objects.first(), done)
