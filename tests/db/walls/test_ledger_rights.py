"""The whole life of the ledger needs no more than the product's own rights, and those change no row."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction

from plateward.audit import pruning_actions, reading_actions, sealing, sealing_actions
from plateward.audit.exporting import Part
from plateward.audit.models import AccessRecord, AuditRecord, TreeHead
from plateward.ledger.notes import SigningKey
from plateward.walls import scope
from plateward.walls.rights import APPLICATION
from tests.ledger_acts import decide, order, ordered
from tests.personas import Town
from tests.stage import Stage


@pytest.fixture
def stage(barstow: Town, now: datetime) -> Stage:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APPLICATION,)
    return Stage(town=barstow, now=now)


def test_the_product_seals_prunes_rotates_and_exports(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(stage, ordered(stage), approve=True)
    while pruning_actions.prune(now=stage.now):
        pass
    assert not AccessRecord.objects.exclude(plate="").exists()
    old = sealing.signing_key()
    new = SigningKey.from_seed(old.name, b"\5" * 32)
    by = stage.actor("cole").who
    sealing_actions.rotate_key(by=by, old=old, new=new, reason="ROUTINE", now=stage.now)
    monkeypatch.setattr(sealing, "signing_key", lambda: new)
    assert sealing_actions.seal(now=stage.now + timedelta(minutes=1))
    path = tmp_path / "journal.zip"
    shown = reading_actions.export_journal(by=by, agency="barstow-pd", path=path, now=stage.now)
    assert shown == TreeHead.objects.latest("size").size
    with scope.as_agency("barstow-pd"):
        assert b"".join(reading_actions.send_journal(**order(stage), part=Part()))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditrecord SET username = 'nobody'",
        "UPDATE audit_accessrecord SET plate = ''",
        "DELETE FROM audit_auditrecord",
        "DELETE FROM audit_leaf",
        "DELETE FROM audit_prunedrow",
    ],
)
def test_the_product_changes_no_row_of_the_journal_by_hand(stage: Stage, statement: str) -> None:
    decide(stage, ordered(stage), approve=True)
    pruning_actions.prune(now=stage.now)
    before = list(AuditRecord.objects.values())
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditRecord.objects.values()) == before
