"""Plate details of old accesses go by an order of two people; rows stay and proofs stay valid."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import Error, connection, transaction

from plateward.audit import (
    actions,
    alarm_actions,
    exporting,
    ledger,
    pruning_actions,
    sealing,
    sealing_actions,
)
from plateward.audit.models import AccessRecord, AuditRecord, Leaf, PrunedRow, Pruning, PruningState
from plateward.audit.verification import verify
from plateward.audit.who import Who
from plateward.ledger import verifier
from tests.db.audit.test_every_column import look
from tests.ownership import the_owner

pytestmark = pytest.mark.django_db

Unguarded = Callable[..., None]
COLE = Who("cole", "Carl Cole", "captain", "Barstow Police Department", "10.0.0.3")
CHEN = Who("chen", "Cora Chen", "chief-of-police", "Barstow Police Department", "10.0.0.4")
YEAR = timedelta(days=366)
OLD, TAIL = 3, 2
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def journal(now: datetime) -> None:
    """Three accesses of two years ago, two of today."""
    for number in range(OLD):
        look(now - 2 * YEAR, f"7ABC00{number}")
    for number in range(TAIL):
        look(now, f"8NEW00{number}")
    sealing_actions.seal(now=now)


def proposed(now: datetime, until_at: datetime | None = None) -> Pruning:
    return pruning_actions.propose_pruning(
        by=COLE,
        agency="barstow-pd",
        until_at=until_at or now - YEAR,
        period="1 year",
        reason="Period is over.",
        profile_version="1",
        now=now,
    )


def decided(
    order: Pruning,
    now: datetime,
    *,
    by: Who = CHEN,
    approve: bool = True,
    prunable_until: datetime | None = LATER,
) -> Pruning:
    return pruning_actions.decide_pruning(
        by=by,
        agency="barstow-pd",
        pruning_id=order.pk,
        approve=approve,
        prunable_until=prunable_until,
        profile_version="1",
        now=now,
    )


def pruned(now: datetime) -> Pruning:
    order = decided(proposed(now), now)
    while pruning_actions.prune(now=now, limit=2):
        pass
    order.refresh_from_db()
    return order


def defects() -> list[str]:
    keys = [sealing.signing_key().verifier]
    return [defect for check in verify(keys=keys, trusted={}) for defect in check.defects]


@pytest.mark.usefixtures("journal")
def test_old_details_and_salts_are_destroyed_and_the_rest_stays(now: datetime) -> None:
    order = pruned(now)
    assert (order.state, order.rows) == (PruningState.DONE, OLD)
    old = AccessRecord.objects.filter(accessed_at__lt=now - YEAR)
    for access in old:
        emptied = (access.plate, access.reason, access.reference, access.subject, access.address)
        assert set(emptied) == {""}
        assert (access.elements, access.flags) == ({}, [])
        kept = (access.username, access.purpose, access.organization, access.result_count)
        assert kept == ("ortiz", "stolen-plate", "Barstow Police Department", 2)
        assert bytes(Leaf.objects.get(audit_id=access.audit_id).salt) == b""
    assert "7ABC" not in str(list(AuditRecord.objects.values_list("detail", flat=True)))
    assert AccessRecord.objects.filter(plate__startswith="8NEW").count() == TAIL
    assert set(AuditRecord.objects.filter(verb="audit.access.pruned").values_list("detail__approved_by")) == {
        ("Cora Chen",)
    }


@pytest.mark.usefixtures("journal")
def test_verification_and_the_auditors_file_pass_afterward_and_name_the_act(
    now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pruned(now)
    assert defects() == []
    sealing_actions.seal(now=now)
    assert defects() == []
    assert alarm_actions.check_ledger(now=now).defects == []
    out = tmp_path / "journal.zip"
    exporting.write_file(out, agency="", now=now)
    assert verifier.main([str(out)]) == 0
    told = capsys.readouterr().out
    assert "by Cora Chen, proposed by Carl Cole; commitments intact" in told


@pytest.mark.usefixtures("journal")
def test_a_pruned_row_is_still_proved(now: datetime, tmp_path: Path) -> None:
    row = AuditRecord.objects.get(pk=AccessRecord.objects.earliest("pk").audit_id)
    pruned(now)
    sealing_actions.seal(now=now)
    row.refresh_from_db()
    leaf = Leaf.objects.get(audit_id=row.pk)
    proof, key = ledger.proof_of(row), sealing.signing_key().verifier
    proof.verify(bytes(leaf.hash), key)
    file = tmp_path / "row.tlog-proof"
    file.write_text(str(proof), encoding="utf-8")
    assert verifier.main([str(file), "--key", str(key)]) == 0


@pytest.mark.usefixtures("journal")
def test_an_export_of_the_old_rows_alone_brings_the_act_along(
    now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pruned(now)
    sealing_actions.seal(now=now)
    out = tmp_path / "journal.zip"
    with out.open("wb") as file:
        exporting.write(file, agency="", now=now, part=exporting.Part(0, OLD))
    assert verifier.main([str(out)]) == 0
    assert "commitments intact" in capsys.readouterr().out


@pytest.mark.parametrize("prunable_until", [None, datetime(2020, 1, 1, tzinfo=UTC)])
@pytest.mark.usefixtures("journal")
def test_a_policy_that_came_to_keep_details_longer_stops_an_order_proposed_before(
    now: datetime, prunable_until: datetime | None
) -> None:
    order = proposed(now)
    with pytest.raises(actions.NotAllowedError, match="keeps these details longer"):
        decided(order, now, prunable_until=prunable_until)
    assert not pruning_actions.prune(now=now)
    assert decided(order, now, prunable_until=prunable_until, approve=False).state == PruningState.REFUSED


@pytest.mark.usefixtures("journal")
def test_an_interrupted_pruning_goes_on_where_it_stopped(now: datetime) -> None:
    decided(proposed(now), now)
    assert pruning_actions.prune(now=now, limit=2) == 2
    assert PrunedRow.objects.count() == 2
    assert defects() == []
    assert pruning_actions.prune(now=now, limit=2) == 1
    assert pruning_actions.prune(now=now, limit=2) == 0
    assert PrunedRow.objects.count() == OLD


@pytest.mark.usefixtures("journal")
def test_it_takes_two_people_and_one_order_at_a_time(now: datetime) -> None:
    order = proposed(now)
    with pytest.raises(actions.NotAllowedError, match="somebody else"):
        decided(order, now, by=COLE)
    with pytest.raises(actions.NotAllowedError, match="under way"):
        proposed(now)
    assert pruning_actions.prune(now=now) == 0, "nothing before the second person"
    decided(order, now, approve=False)
    assert pruning_actions.prune(now=now) == 0
    with pytest.raises(Pruning.DoesNotExist):
        decided(order, now)
    pruned(now)
    with pytest.raises(actions.NotAllowedError, match="No access is old enough"):
        proposed(now)


@pytest.mark.usefixtures("journal")
def test_within_a_year_the_database_refuses_whatever_an_order_says(now: datetime) -> None:
    order = decided(proposed(now, until_at=now + timedelta(days=1)), now)
    with pytest.raises(Error, match="may not be pruned"), transaction.atomic():
        pruning_actions.prune(now=now)
    assert not PrunedRow.objects.exists()
    assert order.state == PruningState.APPROVED


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditrecord SET detail = '{}'",
        "UPDATE audit_leaf SET salt = ''",
        "UPDATE audit_accessrecord SET plate = '', elements = '{}'",
        "INSERT INTO audit_prunedrow SELECT id, 1, 1 FROM audit_auditrecord LIMIT 1",
    ],
)
def test_nothing_is_emptied_without_an_order(statement: str) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.usefixtures("journal", "as_owner")  # to the product it is not even given (tests/db/walls)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditrecord SET username = 'x' WHERE id IN (SELECT audit_id FROM audit_prunedrow)",
        "UPDATE audit_accessrecord SET purpose = 'x' WHERE plate = ''",
        "DELETE FROM audit_prunedrow",
        "UPDATE audit_prunedrow SET act_id = 1",
        "DELETE FROM audit_pruning",
    ],
)
def test_a_tombstone_lets_no_other_change_through(now: datetime, statement: str) -> None:
    pruned(now)
    with (
        pytest.raises(Error, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("auditrecord", "subject = 'x'"),
        ("auditrecord", 'detail = detail || \'{"purpose": "x"}\''),
        ("accessrecord", "plate = 'FAKE'"),
        ("accessrecord", "organization = 'x'"),
        ("accessrecord", "result_count = 9"),
    ],
)
def test_what_is_left_of_a_pruned_row_cannot_be_changed_unseen(
    now: datetime, unguarded: Unguarded, table: str, change: str
) -> None:
    pruned(now)
    whose = "audit_id" if table == "accessrecord" else "id"
    chosen = "(SELECT min(audit_id) FROM audit_prunedrow)"
    unguarded(f"UPDATE audit_{table} SET {change} WHERE {whose} = {chosen}")  # noqa: S608  the names above
    assert defects() != []


@pytest.mark.usefixtures("journal")
def test_details_that_somebody_emptied_without_the_act_are_named(now: datetime, unguarded: Unguarded) -> None:
    pruned(now)
    row = AccessRecord.objects.latest("pk").audit_id
    act = AuditRecord.objects.filter(verb="audit.access.pruned").latest("pk").pk
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_prunedrow DISABLE TRIGGER USER")
        cursor.execute("INSERT INTO audit_prunedrow VALUES (%s, 1, %s)", [row, act])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    unguarded("UPDATE audit_leaf SET salt = '' WHERE audit_id = %s", row)
    assert any(f"row {row}: " in defect for defect in defects())
