"""Looking at the ledger, and the alarms that come of it (R131, R133, R135)."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from plateward.audit import alarms, ledger, rounds, sealing
from plateward.audit.actions import record, record_or_locally
from plateward.audit.local import JournalUnwritableError
from plateward.audit.models import (
    AlarmKind,
    LedgerAlarm,
    LedgerCheck,
)
from plateward.audit.timekeeping import clock_state
from plateward.audit.who import CLOCK, Who
from plateward.ledger.merkle import EMPTY_ROOT
from plateward.walls import scope

log = logging.getLogger(__name__)

EVERY_AGENCYS: Final = "An alarm about the journal is every agency's, whoever caused or ended it."


def check_ledger(*, now: datetime) -> LedgerCheck:
    """Take the worker's look at the ledger, keep its result, and raise an alarm for what is newly found.

    Writes no journal row unless something is wrong; the result itself is kept for good.
    """
    found = rounds.look(keys=sealing.known_keys())
    with transaction.atomic():
        made = LedgerCheck.objects.create(
            checked_at=now,
            size=found.head.size if found.head else 0,
            root=bytes(found.head.root) if found.head else EMPTY_ROOT,
            rows=found.rows,
            portion_end=found.portion_end,
            portion_row=found.portion_row,
            defects=found.defects[: alarms.TOLD],
            clock=clock_state(),
        )
        raise_alarm(kind=AlarmKind.MODIFIED, told=found.defects, now=now)
        raise_alarm(kind=AlarmKind.CLOCK, told=found.setbacks, now=now)
    return made


@transaction.atomic
def watch_sealing(*, now: datetime) -> LedgerAlarm | None:
    """Raise an alarm when sealing falls behind, and end it once it caught up; returns the open one."""
    state = ledger.state(now)
    if not state.late:
        for alarm in LedgerAlarm.objects.filter(kind=AlarmKind.LATE, ended_at=None):
            _end_alarm(alarm, CLOCK, "sealing caught up", now)
        return None
    since = f"{state.waiting_since:%Y-%m-%d %H:%M:%S} UTC" if state.waiting_since else "it left the journal"
    open_one = LedgerAlarm.objects.filter(kind=AlarmKind.LATE, ended_at=None).first()
    told = [f"rows wait to be sealed, the oldest since {since}"]
    return open_one or raise_alarm(kind=AlarmKind.LATE, told=told, now=now)


@scope.as_system(EVERY_AGENCYS)
@transaction.atomic
def raise_alarm(*, kind: AlarmKind, told: Sequence[str], now: datetime) -> LedgerAlarm | None:
    """Raise an alarm about the journal itself, in every agency's journal and to whoever listens (R135).

    What an earlier alarm told, open or answered, is no news; None when nothing is. While the journal cannot
    be written the alarm stands on the pages all the same, and listeners are told later.
    """
    news = alarms.news(kind, told)
    if not news:
        return None
    alarm = LedgerAlarm.objects.create(kind=kind, told=news, raised_at=now)
    record_or_locally(
        verb="audit.alarm.raised",
        by=CLOCK,
        agency="",
        subject=f"audit.LedgerAlarm:{alarm.pk}",
        detail={"kind": kind, "what": alarm.get_kind_display(), "told": news},
        now=now,
    )
    try:
        with transaction.atomic():
            alarms.tell(alarm, CLOCK)
    except JournalUnwritableError:
        log.error("%s: %s; nobody can be given a notice until the journal works", kind.label, news[0])  # noqa: TRY400  known
    return alarm


@transaction.atomic
def answer_alarm(*, by: Who, agency: str, alarm_id: int, answer: str, now: datetime) -> LedgerAlarm:
    """End an alarm with a person's finding; what was found stays on record and is not told again.

    Raises LedgerAlarm.DoesNotExist (also for one that ended) and ValueError without an answer.
    """
    if not answer.strip():
        raise ValueError("Say what was found and what was done.")
    alarm = LedgerAlarm.objects.select_for_update().get(pk=alarm_id, ended_at=None)
    return _end_alarm(alarm, by, answer.strip(), now, agency)


@scope.as_system(EVERY_AGENCYS)
def _end_alarm(alarm: LedgerAlarm, by: Who, answer: str, now: datetime, agency: str = "") -> LedgerAlarm:
    alarm.ended_at, alarm.ended_by, alarm.answer = now, by.name, answer
    alarm.save(update_fields=["ended_at", "ended_by", "answer"])
    record(
        verb="audit.alarm.ended",
        by=by,
        agency="",
        subject=f"audit.LedgerAlarm:{alarm.pk}",
        detail={"what": alarm.get_kind_display(), "answer": answer, "of": agency},
        now=now,
    )
    alarms.tell(alarm, by)
    return alarm
