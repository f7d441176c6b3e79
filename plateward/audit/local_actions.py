"""Taking the local journal into the database's, each record exactly once (R133)."""

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from django.db import connection, transaction
from django.db.models.fields.json import KeyTextTransform

from plateward.audit import alarms, local
from plateward.audit.actions import record, record_access
from plateward.audit.alarm_actions import raise_alarm
from plateward.audit.local import Chain, JournalUnwritableError
from plateward.audit.models import AlarmKind, AuditRecord, LedgerAlarm
from plateward.audit.who import CLOCK, Who
from plateward.policy import enforces
from plateward.walls import scope

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Records to a transaction."""
_ONE_MERGER: Final = 0x506C_6A72  # advisory lock; any number that nothing else takes


@enforces("B-466.6(a)", "H-426.5(a)")
@scope.as_system("A local journal holds the acts of every agency's people.")
def merge(*, now: datetime) -> int:
    """Raise the alarm that a local journal exists, then take it in; returns how many records were new.

    While the journal still refuses, what is left waits for the next call. A file is removed once all of its
    records are seen to be committed; killed at any moment, this can be done again.
    """
    merged = 0
    found = [chain for chain in local.chains() if chain.size]
    if found:
        _raise_alarm(found, now)
    for chain in found:
        try:
            merged += _merge_file(chain, now)
        except JournalUnwritableError:
            log.error("The journal still cannot be written; the local journal waits.")  # noqa: TRY400  told already
            return merged
        if chain.broken:
            raise_alarm(kind=AlarmKind.LOCAL, told=[chain.broken], now=now)
        if _committed(one["id"] for one in chain.records) >= {one["id"] for one in chain.records}:
            local.finish(chain)
    if found:
        _tell_now()
    return merged


def _raise_alarm(found: Collection[Chain], now: datetime) -> None:
    if LedgerAlarm.objects.filter(kind=AlarmKind.DOWN, ended_at=None).exists():
        return
    begun = min((one.records[0]["now"] for one in found if one.records), default=now.isoformat())
    at = datetime.fromisoformat(begun).astimezone(UTC)
    told = f"since {at:%Y-%m-%d %H:%M:%S} UTC acts were refused, and looks at alerts recorded locally"
    raise_alarm(kind=AlarmKind.DOWN, told=[told], now=now)


@transaction.atomic
def _tell_now() -> None:
    """Tell people of the alarms that could not be told while it lasted; nobody is told twice."""
    for alarm in LedgerAlarm.objects.filter(kind=AlarmKind.DOWN, ended_at=None):
        alarms.tell(alarm, CLOCK)


def _merge_file(chain: Chain, now: datetime) -> int:
    merged = 0
    for start in range(0, len(chain.records), BATCH):
        merged += _merge_batch(chain.records[start : start + BATCH], now)
    if merged:
        _note_merged(chain, now)
    return merged


@transaction.atomic
def _merge_batch(batch: Collection[Mapping[str, Any]], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_MERGER])
    known = _committed(one["id"] for one in batch)
    new = [one for one in batch if one["id"] not in known]
    for one in new:
        _write(one, now)
    return len(new)


def _write(one: Mapping[str, Any], now: datetime) -> None:
    """Write a record as its act would have, at its own time, marked with where it was kept meanwhile."""
    facts = {name: value for name, value in one.items() if name not in {"id", "before", "by", "now"}}
    marks = {"local_id": one["id"], "recorded": "locally", "merged_at": now.isoformat()}
    write = record if "verb" in facts else record_access
    write(by=Who(**one["by"]), now=datetime.fromisoformat(one["now"]), marks=marks, **facts)


@transaction.atomic
def _note_merged(chain: Chain, now: datetime) -> None:
    number = str(uuid5(NAMESPACE_URL, f"{chain.path.name}:{chain.size}"))
    if _committed([number]):
        return
    record(
        verb="audit.local.merged",
        by=CLOCK,
        agency="",
        subject="",
        detail={
            "file": chain.path.name,
            "count": len(chain.records),
            "from": chain.records[0]["now"],
            "until": chain.records[-1]["now"],
            "broken": chain.broken,
        },
        marks={"local_id": number},
        now=now,
    )


def _committed(ids: Any) -> set[str]:
    """Which of the local records are in the journal."""
    rows = AuditRecord.objects.filter(detail__has_key="local_id").annotate(
        local_id=KeyTextTransform("local_id", "detail")
    )
    return set(rows.filter(local_id__in=list(ids)).values_list("local_id", flat=True))
