"""Every journal row gets its place in the tree in whatever order it is committed, and the tree only grows."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import InternalError, ProgrammingError, connection, connections, transaction

from plateward.audit import actions, exporting, ledger, sealing, sealing_actions
from plateward.audit.models import AuditRecord, Leaf, TreeHead, TreeNode, Unsealed
from plateward.audit.sealing import TamperedTreeError
from plateward.audit.who import Who
from plateward.ledger import merkle
from plateward.ledger.checkpoints import Checkpoint
from plateward.ledger.leaves import Leaf as SealedRow
from plateward.ledger.tiles import Range

Unguarded = Callable[..., None]
ORTIZ = Who("ortiz", "Olivia Ortiz", "patrol-officer", "Barstow Police Department", "10.0.0.7")
AGENCY = "barstow-pd"


def write(now: datetime, plate: str = "7ABC123") -> AuditRecord:
    with transaction.atomic():
        return actions.record(
            verb="search.search.run",
            by=ORTIZ,
            agency=AGENCY,
            subject="search.Search:1",
            detail={"plate": plate, "score": 0.1},
            now=now,
        )


def write_many(now: datetime, count: int) -> None:
    made = (
        AuditRecord(
            recorded_at=now,
            verb="search.search.run",
            agency=AGENCY,
            username="x",
            name="X",
            subject="",
            detail={"n": n},
        )
        for n in range(count)
    )
    AuditRecord.objects.bulk_create(made)


def order() -> list[int]:
    return list(Leaf.objects.order_by("index").values_list("audit_id", flat=True))


@pytest.mark.django_db
def test_sealing_puts_every_row_into_the_signed_tree(now: datetime) -> None:
    rows = [write(now, f"7ABC{number}") for number in range(5)]
    assert sealing_actions.seal(now=now) == 5
    assert order() == [row.pk for row in rows]
    assert not Unsealed.objects.exists()
    head = TreeHead.objects.get()
    checkpoint = Checkpoint.verified(head.note, sealing.signing_key().verifier)
    assert (checkpoint.size, checkpoint.root) == (5, bytes(head.root))
    tree = Range()
    for leaf in Leaf.objects.order_by("index"):
        tree.append_data(bytes(leaf.data))
    assert tree.root() == bytes(head.root)


@pytest.mark.django_db
def test_the_plate_is_in_no_leaf_and_opens_it_with_the_salt(now: datetime) -> None:
    row = write(now)
    sealing_actions.seal(now=now)
    leaf = Leaf.objects.get()
    assert b"7ABC123" not in bytes(leaf.data)
    sealed = SealedRow.parse(bytes(leaf.data))
    row.refresh_from_db()
    assert sealed.opens_with(bytes(leaf.salt), sealing.opening_of(row))
    assert sealed.header["username"] == "ortiz"
    assert sealed.header["recorded_at"] == now.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


@pytest.mark.django_db
def test_with_nothing_waiting_nothing_is_signed(now: datetime) -> None:
    assert sealing_actions.seal(now=now) == 0
    write(now)
    sealing_actions.seal(now=now)
    assert sealing_actions.seal(now=now) == 0
    assert TreeHead.objects.count() == 1


@pytest.mark.django_db
def test_every_portion_continues_the_tree_and_every_row_can_be_proved(now: datetime) -> None:
    sizes = []
    for portion in (1, 200, 100, 513):
        write_many(now, portion)
        sealing_actions.seal(now=now)
        sizes.append(ledger.newest_head().size)  # type: ignore[union-attr]  # just sealed
    assert sizes == [1, 201, 301, 814]
    assert list(TreeNode.objects.order_by("index").values_list("level", "index")) == [(8, 0), (8, 1), (8, 2)]
    head, key = ledger.newest_head(), sealing.signing_key().verifier
    assert head is not None
    for index in (0, 255, 256, 700, 813):
        row = AuditRecord.objects.get(pk=Leaf.objects.get(index=index).audit_id)
        proof = ledger.proof_of(row)
        assert proof.verify(bytes(Leaf.objects.get(index=index).hash), key).size == 814
    for old in TreeHead.objects.all():
        request = ledger.witness_request(head, old.size)
        merkle.verify_consistency(old.size, bytes(old.root), 814, bytes(head.root), request.hashes)


@pytest.mark.django_db
def test_batches_follow_each_other_without_gap(now: datetime) -> None:
    write_many(now, 7)
    key = sealing.signing_key()
    assert [sealing.seal_batch(key=key, now=now, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(7))


@pytest.mark.django_db(transaction=True)
def test_a_row_committed_late_is_sealed_late_and_never_missed(now: datetime) -> None:
    written, may_commit, rows = threading.Event(), threading.Event(), []

    def slow() -> None:
        with transaction.atomic():
            rows.append(write(now, "SLOW"))
            written.set()
            assert may_commit.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    quick = write(now, "QUICK")
    assert rows[0].pk < quick.pk
    assert sealing_actions.seal(now=now) == 1
    assert order() == [quick.pk]
    may_commit.set()
    thread.join()
    assert sealing_actions.seal(now=now) == 1
    assert order() == [quick.pk, rows[0].pk]


@pytest.mark.django_db(transaction=True)
def test_sealers_and_writers_at_once_leave_one_gap_free_tree(now: datetime) -> None:
    failures: list[Exception] = []

    def repeated(work: Callable[[], object], times: int) -> threading.Thread:
        def run() -> None:
            try:
                for _ in range(times):
                    work()
            except Exception as error:  # noqa: BLE001  a thread's failure is the test's
                failures.append(error)
            finally:
                connections.close_all()

        return threading.Thread(target=run)

    threads = [repeated(lambda: write(now), 15) for _ in range(3)]
    threads += [repeated(lambda: sealing_actions.seal(now=now), 8) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealing_actions.seal(now=now)
    assert failures == []
    assert sorted(order()) == sorted(AuditRecord.objects.values_list("pk", flat=True))
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(45))
    assert ledger.newest_head().size == 45  # type: ignore[union-attr]  # just sealed


@pytest.mark.django_db
def test_a_transaction_that_fails_leaves_nothing_to_seal(now: datetime) -> None:
    with transaction.atomic():
        write(now)
        transaction.set_rollback(True)
    assert not Unsealed.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("as_owner")  # to the product it is not even given (tests/db/walls)
@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.parametrize("table", ["audit_leaf", "audit_treenode", "audit_treehead", "audit_cosignature"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET size = 1", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_the_ledger(now: datetime, table: str, statement: str) -> None:
    write_many(now, 300)
    sealing_actions.seal(now=now)
    head = TreeHead.objects.get()
    ledger.Cosignature.objects.create(size=head.size, witness="w", line="— w AAAA\n", cosigned_at=now)
    column = {"audit_leaf": "index", "audit_treenode": "index"}.get(table, "size")
    with (
        pytest.raises((ProgrammingError, InternalError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.replace("size", column).format(table))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM audit_leaf WHERE index = 9", "covers 10 rows, but 9"),
        ("UPDATE audit_leaf SET hash = hash || 'x'::bytea WHERE index = 9", "no longer the one"),
        ("DELETE FROM audit_leaf WHERE index = 4", "torn"),
        ("DELETE FROM audit_treehead", "covers 0 rows, but 10"),
    ],
)
def test_nothing_is_signed_on_top_of_a_tampered_tree(
    now: datetime, unguarded: Unguarded, statement: str, told: str
) -> None:
    write_many(now, 10)
    sealing_actions.seal(now=now)
    unguarded(statement)
    write(now)
    with pytest.raises(TamperedTreeError, match=told):
        sealing_actions.seal(now=now)
    assert Unsealed.objects.count() == 1


@pytest.mark.django_db
def test_sealing_goes_on_after_a_restart_with_the_same_key(now: datetime) -> None:
    write(now)
    sealing_actions.seal(now=now)
    again = replace(settings.ENVIRONMENT)
    assert again.ledger_key == settings.ENVIRONMENT.ledger_key
    write(now)
    sealing_actions.seal(now=now + timedelta(minutes=1))
    keys = set(TreeHead.objects.values_list("key", flat=True))
    assert keys == {str(sealing.signing_key().verifier)}
    assert settings.ENVIRONMENT.ledger_key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_sealing_that_fails_is_late_after_two_minutes(now: datetime, unguarded: Unguarded) -> None:
    row = write(now)
    assert not ledger.state(now + timedelta(minutes=2)).late
    late = ledger.state(now + timedelta(minutes=2, seconds=1))
    assert late.late
    assert (late.waiting, late.waiting_since) == (1, now)
    unguarded("DELETE FROM audit_auditrecord WHERE id = %s", row.pk)
    assert ledger.state(now).late, "a row that waits and is gone was removed"
    assert sealing_actions.seal(now=now) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("from_day", "until_day", "rows"),
    [(1, 2, (2, 4)), (0, 1, (0, 2)), (1, None, (2, None)), (None, 1, (0, 2)), (3, 9, (0, 0))],
)
def test_a_part_holds_what_was_sealed_between_two_instants_and_no_more(
    now: datetime, from_day: int | None, until_day: int | None, rows: tuple[int, int | None]
) -> None:
    for day in range(3):
        write_many(now, 2)
        sealing.seal_batch(key=sealing.signing_key(), now=now + timedelta(days=day))
    from_at, until_at = (None if day is None else now + timedelta(days=day) for day in (from_day, until_day))
    part = exporting.part_sealed(from_at, until_at)
    assert (part.first, part.last) == rows
