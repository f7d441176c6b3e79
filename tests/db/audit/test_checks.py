"""The worker looks at the ledger each hour; what was changed raises one alarm that a person must answer."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from plateward.audit import alarm_actions, alarms, rounds, sealing_actions, tasks
from plateward.audit.models import (
    AlarmKind,
    AuditRecord,
    Leaf,
    LedgerAlarm,
    LedgerCheck,
    TreeHead,
    TreeNode,
    Unsealed,
)
from plateward.audit.sealing import TamperedTreeError
from plateward.audit.timekeeping import ClockState
from plateward.audit.who import Who
from tests.db.audit.test_every_column import look
from tests.db.audit.test_sealing import write_many
from tests.ownership import the_owner

pytestmark = pytest.mark.django_db

Unguarded = Callable[..., None]
COLE = Who("cole", "Cora Cole", "captain", "Barstow Police Department", "10.0.0.3")
HOUR = timedelta(hours=1)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portion is one group of 256 leaves."""
    monkeypatch.setattr(rounds, "LEAST", 256)


@pytest.fixture
def sealed(now: datetime) -> None:
    for _ in range(4):
        write_many(now, 300)
        look(now, "7ABC123")
        sealing_actions.seal(now=now)


@pytest.fixture
def heard() -> Iterator[list[LedgerAlarm]]:
    """Alarms that a listener was told of."""
    told: list[LedgerAlarm] = []

    def hear(alarm: LedgerAlarm, by: Who) -> None:
        told.append(alarm)
        assert by.name

    alarms.listen(hear)
    yield told
    alarms._listeners.remove(hear)


def look_each_hour(now: datetime, times: int) -> list[LedgerCheck]:
    return [alarm_actions.check_ledger(now=now + HOUR * number) for number in range(times)]


@pytest.mark.usefixtures("sealed")
def test_an_untouched_ledger_passes_and_nothing_is_journaled(now: datetime) -> None:
    before = AuditRecord.objects.count()
    check = alarm_actions.check_ledger(now=now)
    assert (check.defects, check.rows, check.size) == ([], 1204, 1204)
    assert AuditRecord.objects.count() == before
    assert alarms.health(now).round_done_at == now
    assert check.clock in set(ClockState)


def test_a_ledger_without_rows_passes(now: datetime) -> None:
    assert alarm_actions.check_ledger(now=now).defects == []


@pytest.mark.usefixtures("sealed", "small_portions")
def test_later_looks_take_the_new_rows_and_one_portion_until_all_were_seen(now: datetime) -> None:
    first, *others = look_each_hour(now, 6)
    assert first.rows == 1204, "everything is new"
    # the last group is not full, so it is looked at each time
    assert [check.rows for check in others] == [256 + 180] * 4 + [256 + 180]
    assert [check.portion_end for check in others] == [256, 512, 768, 0, 256]
    write_many(now, 10)
    sealing_actions.seal(now=now)
    assert alarm_actions.check_ledger(now=now + 7 * HOUR).rows == 256 + 190


@pytest.mark.usefixtures("sealed", "small_portions")
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_auditrecord SET username = 'dunn' WHERE id = {row}", "row {row}: it was edited"),
        ("DELETE FROM audit_auditrecord WHERE id = {row}", "row {row}: it was removed"),
        ("UPDATE audit_accessrecord SET organization = 'x' WHERE audit_id = {row}", "row {row}: its access"),
        ("UPDATE audit_leaf SET hash = salt WHERE audit_id = {row}", "its hash is not that of its bytes"),
        ("UPDATE audit_treenode SET hash = hash || 'x' WHERE index = 1", "the kept hash 8/1"),
        ("UPDATE audit_treehead SET root = 'x' WHERE size = 602", "the head of 602 rows"),
    ],
)
def test_a_change_to_an_old_row_is_found_within_a_round(
    now: datetime, unguarded: Unguarded, statement: str, told: str
) -> None:
    alarm_actions.check_ledger(now=now)
    row = Leaf.objects.get(index=300).audit_id
    unguarded(statement.format(row=row))
    found = [line for check in look_each_hour(now, 6) for line in check.defects]
    assert any(told.format(row=row) in line for line in found), found


@pytest.mark.usefixtures("sealed")
def test_a_cut_tail_is_found_by_the_last_good_check(now: datetime, unguarded: Unguarded) -> None:
    alarm_actions.check_ledger(now=now)
    unguarded("DELETE FROM audit_leaf WHERE index >= 903")
    unguarded("DELETE FROM audit_treehead WHERE size > 903")
    assert (
        "1,204 rows were sealed and verified; 903 are left" in alarm_actions.check_ledger(now=now).defects[0]
    )


@pytest.mark.usefixtures("sealed")
def test_a_tree_rewritten_with_the_key_is_found_by_the_last_good_check(
    now: datetime, unguarded: Unguarded, tree_forgotten: Callable[[], None]
) -> None:
    alarm_actions.check_ledger(now=now)
    unguarded("UPDATE audit_auditrecord SET username = 'dunn' WHERE verb = 'search.search.run'")
    tree_forgotten()
    Unsealed.objects.bulk_create(Unsealed(audit_id=row.pk) for row in AuditRecord.objects.all())
    sealing_actions.seal(now=now)
    assert "does not continue the one of 1,204 rows" in alarm_actions.check_ledger(now=now).defects[0]


@pytest.mark.usefixtures("sealed")
def test_what_is_found_raises_one_alarm_in_every_agencys_journal(
    now: datetime, unguarded: Unguarded, heard: list[LedgerAlarm]
) -> None:
    row = Leaf.objects.get(index=1203).audit_id
    unguarded("UPDATE audit_auditrecord SET name = 'Dunn' WHERE id = %s", row)
    for _ in range(3):
        alarm_actions.check_ledger(now=now)
    alarm = LedgerAlarm.objects.get()
    assert (alarm.kind, heard) == (AlarmKind.MODIFIED, [alarm])
    raised = AuditRecord.objects.get(verb="audit.alarm.raised")
    assert (raised.agency, raised.detail["told"]) == ("", alarm.told)
    assert any(f"row {row}" in line for line in alarm.told)


@pytest.mark.usefixtures("sealed")
def test_an_alarm_ends_by_a_persons_answer_and_stays_on_record(now: datetime, unguarded: Unguarded) -> None:
    unguarded("UPDATE audit_auditrecord SET name = 'Dunn' WHERE id = %s", Leaf.objects.get(index=9).audit_id)
    alarm_actions.check_ledger(now=now)
    alarm = LedgerAlarm.objects.get()
    with pytest.raises(ValueError, match="Say what was found"):
        alarm_actions.answer_alarm(by=COLE, agency="barstow-pd", alarm_id=alarm.pk, answer=" ", now=now)
    answer = {"by": COLE, "agency": "barstow-pd", "alarm_id": alarm.pk, "answer": "Restored.", "now": now}
    alarm_actions.answer_alarm(**answer)
    with pytest.raises(LedgerAlarm.DoesNotExist):
        alarm_actions.answer_alarm(**answer)
    assert alarms.open_alarms() == []
    assert AuditRecord.objects.get(verb="audit.alarm.ended").username == "cole"
    alarm_actions.check_ledger(now=now)
    assert alarms.open_alarms() == [], "the same finding is no news"
    with (
        the_owner(),
        pytest.raises((ProgrammingError, InternalError), match="append-only"),
        transaction.atomic(),
    ):
        alarm.delete()


def test_sealing_that_falls_behind_raises_an_alarm_that_ends_when_it_caught_up(now: datetime) -> None:
    look(now, "7ABC123")
    assert alarm_actions.watch_sealing(now=now + timedelta(minutes=2)) is None
    late = alarm_actions.watch_sealing(now=now + timedelta(minutes=3))
    assert late is not None
    assert alarm_actions.watch_sealing(now=now + timedelta(minutes=4)) == late, "one alarm, not one a minute"
    sealing_actions.seal(now=now + timedelta(minutes=5))
    assert alarm_actions.watch_sealing(now=now + timedelta(minutes=5)) is None
    late.refresh_from_db()
    assert late.answer == "sealing caught up"


def test_sealing_behind_again_is_told_again(now: datetime) -> None:
    for later in (timedelta(), timedelta(hours=1)):
        look(now + later, "7ABC123")
        assert alarm_actions.watch_sealing(now=now + later + timedelta(minutes=3)) is not None
        sealing_actions.seal(now=now + later)
        alarm_actions.watch_sealing(now=now + later)
    assert LedgerAlarm.objects.filter(kind=AlarmKind.LATE).count() == 2


def test_a_clock_that_goes_back_is_told(now: datetime) -> None:
    for when in (now, now - timedelta(minutes=5), now + timedelta(minutes=1)):
        look(when, "7ABC123")
        sealing_actions.seal(now=when)
    assert alarm_actions.check_ledger(now=now).defects == []
    alarm = LedgerAlarm.objects.get()
    assert alarm.kind == AlarmKind.CLOCK
    assert alarm.told[0].startswith("2 rows were sealed at ")


def test_a_torn_tree_raises_the_alarm_at_the_next_sealing(now: datetime, unguarded: Unguarded) -> None:
    write_many(now, 10)
    sealing_actions.seal(now=now)
    unguarded("DELETE FROM audit_leaf WHERE index = 4")
    look(now, "7ABC123")
    with pytest.raises(TamperedTreeError):
        tasks.seal_journal(timestamp=0)
    assert "torn" in LedgerAlarm.objects.get(kind=AlarmKind.MODIFIED).told[0]


def test_the_worker_seals_and_checks_as_soon_as_it_runs(now: datetime) -> None:
    look(now, "7ABC123")
    tasks.at_start()
    tasks.at_start()
    assert tasks.seal_journal(timestamp=0) == 1
    assert tasks.check_ledger(timestamp=0) == 0
    assert TreeHead.objects.count() == LedgerCheck.objects.count() == 1


@pytest.mark.usefixtures("as_owner")  # to the product it is not even given (tests/db/walls)
@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_ledgercheck SET rows = 1", "DELETE FROM audit_ledgercheck"]
)
def test_the_results_of_checks_cannot_be_changed(now: datetime, statement: str) -> None:
    alarm_actions.check_ledger(now=now)
    with (
        pytest.raises((ProgrammingError, InternalError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_kept_hashes_over_many_leaves_are_bound_to_those_below(now: datetime) -> None:
    TreeNode.objects.create(level=16, index=0, hash=b"x" * 32)
    found = alarm_actions.check_ledger(now=now).defects
    assert found == ["the kept hash 16/0 is not that of the hashes below it"]
