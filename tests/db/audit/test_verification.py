"""The live journal is verified against what was sealed; every way of changing it is caught by name."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction

from plateward.audit import actions, reading_actions, sealing, sealing_actions
from plateward.audit.models import AuditRecord, Leaf, TreeHead, Unsealed
from plateward.audit.verification import Check, verify
from plateward.audit.who import Who
from plateward.ledger import verifier
from plateward.ledger.checkpoints import Checkpoint
from plateward.ledger.notes import SigningKey

pytestmark = pytest.mark.django_db

ORTIZ = Who("ortiz", "Olivia Ortiz", "patrol-officer", "Barstow Police Department", "10.0.0.7")
RAMOS = Who("ramos", "Rita Ramos", "detective", "Huntington Park Police Department", "10.0.1.7")
Unguarded = Callable[..., None]


def look(now: datetime, plate: str, *, by: Who = ORTIZ, agency: str = "barstow-pd") -> None:
    with transaction.atomic():
        actions.record_access(
            by=by,
            agency=agency,
            elements={"plate": plate, "wide": None},
            purpose="stolen-plate",
            reason="Taken on Main St – ‘überall’",
            reference="26-1",
            result_count=2,
            subject="search.Search:1",
            profile_version="1",
            now=now,
        )


@pytest.fixture
def journal(now: datetime) -> str:
    """Ten sealed accesses under two heads; gives the first checkpoint, as somebody outside keeps it."""
    for number in range(6):
        look(now, f"7ABC00{number}")
    sealing_actions.seal(now=now)
    kept = TreeHead.objects.get().note
    for number in range(4):
        look(now, f"6XYZ00{number}", by=RAMOS, agency="huntington-park-pd")
    sealing_actions.seal(now=now)
    return kept


def checked(kept: str = "", *keys: SigningKey) -> list[Check]:
    known = [key.verifier for key in keys or (sealing.signing_key(),)]
    return list(verify(keys=known, trusted={"paper": kept} if kept else {}))


def defects(kept: str = "", *keys: SigningKey) -> str:
    """What is wrong, one line each."""
    return "\n".join(f"{check.name}: {defect}" for check in checked(kept, *keys) for defect in check.defects)


def test_an_untouched_journal_passes_every_check(journal: str) -> None:
    checks = checked(journal)
    assert defects(journal) == ""
    assert checks[0].name == "10 leaves are complete and in order"
    assert checks[-1].name == "the journal continues paper"


def test_an_empty_journal_passes(now: datetime) -> None:
    assert defects() == ""
    look(now, "7ABC123")
    assert defects() == "", "a row that waits is no defect"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_auditrecord SET username = 'dunn' WHERE id = %s", "who, what or when differs"),
        (
            "UPDATE audit_auditrecord SET recorded_at = recorded_at + interval '1 s' WHERE id = %s",
            "who, what",
        ),
        ('UPDATE audit_auditrecord SET detail = detail || \'{"reason": "x"}\' WHERE id = %s', "its details"),
        ("UPDATE audit_auditrecord SET address = '' WHERE id = %s", "its details differ"),
        ("DELETE FROM audit_auditrecord WHERE id = %s", "it was removed from the journal"),
        ("UPDATE audit_leaf SET salt = '' WHERE audit_id = %s", "its details differ"),
        ("UPDATE audit_leaf SET data = 'x' WHERE audit_id = %s", "these bytes are no leaf"),
    ],
)
def test_an_edited_or_removed_row_is_caught(
    journal: str, unguarded: Unguarded, statement: str, told: str
) -> None:
    row = Leaf.objects.get(index=2).audit_id
    unguarded(statement, row)
    assert f"row {row}: " in defects(journal)
    assert told in defects(journal)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_accessrecord SET reason = 'x' WHERE plate = '7ABC002'", "missing, added or edited"),
        ("UPDATE audit_accessrecord SET username = 'x' WHERE plate = '7ABC002'", "missing, added or edited"),
        ("DELETE FROM audit_accessrecord WHERE plate = '7ABC002'", "missing, added or edited"),
        ("UPDATE audit_accessrecord SET audit_id = 0 WHERE plate = '7ABC002'", "missing, added or edited"),
        ("DELETE FROM audit_leaf WHERE index = 9", "rows were cut off"),
        ("DELETE FROM audit_leaf WHERE index = 3", "expected leaf 3, found 4"),
        ("UPDATE audit_leaf SET hash = salt WHERE index = 3", "its hash is not that of its bytes"),
        ("UPDATE audit_leaf SET hash = salt WHERE index = 3", "the kept hashes were changed"),
        ("DELETE FROM audit_treehead WHERE size = 10", "the leaves are fewer or more"),
        ("UPDATE audit_treehead SET root = 'x' WHERE size = 6", "its note is about another tree"),
        ("UPDATE audit_treehead SET note = replace(note, '10', '11') WHERE size = 10", "forged"),
    ],
)
def test_a_tampered_ledger_is_caught(journal: str, unguarded: Unguarded, statement: str, told: str) -> None:
    unguarded(statement)
    assert told in defects(journal)


def test_a_reordering_is_caught(journal: str, unguarded: Unguarded) -> None:
    unguarded("UPDATE audit_leaf SET index = CASE index WHEN 3 THEN -4 ELSE -3 END WHERE index IN (3, 4)")
    unguarded("UPDATE audit_leaf SET index = CASE index WHEN -4 THEN 4 ELSE 3 END WHERE index < 0")
    assert "the head of 6 rows: its rows are not those that were sealed" in defects(journal)


def test_a_row_kept_from_sealing_is_caught(journal: str, now: datetime, unguarded: Unguarded) -> None:
    look(now, "7ABC123")
    unguarded("DELETE FROM audit_unsealed")
    assert "1 rows have no place in the tree" in defects(journal)


def test_a_rewritten_tree_is_caught_by_the_checkpoint_kept_outside(
    journal: str, unguarded: Unguarded, tree_forgotten: Callable[[], None], now: datetime
) -> None:
    unguarded("DELETE FROM audit_accessrecord WHERE plate = '7ABC002'")
    unguarded("DELETE FROM audit_auditrecord WHERE detail -> 'elements' ->> 'plate' = '7ABC002'")
    tree_forgotten()
    Unsealed.objects.bulk_create(Unsealed(audit_id=row.pk) for row in AuditRecord.objects.all())
    sealing_actions.seal(now=now)
    assert defects() == "", "nothing inside tells"
    assert "the journal continues paper: its rows are not those that were sealed" in defects(journal)


def test_a_cut_tail_is_caught_by_the_checkpoint_kept_outside(
    journal: str, unguarded: Unguarded, tree_forgotten: Callable[[], None], now: datetime
) -> None:
    unguarded("DELETE FROM audit_accessrecord WHERE id > 0")
    unguarded("DELETE FROM audit_auditrecord WHERE id > 0")
    tree_forgotten()
    look(now, "8NEW111")
    sealing_actions.seal(now=now)
    assert defects() == ""
    assert "it covers 6 rows, but the tree has 1: rows were cut off" in defects(journal)


def test_a_forged_signature_is_caught(journal: str, unguarded: Unguarded) -> None:
    forger = SigningKey.from_seed(sealing.signing_key().name, b"\7" * 32)
    head = TreeHead.objects.get(size=10)
    forged = Checkpoint(forger.name, 10, bytes(head.root)).signed(forger)
    unguarded("UPDATE audit_treehead SET note = %s, key = %s WHERE size = 10", forged, str(forger.verifier))
    assert "the head of 10 rows: expected a signature of" in defects(journal)
    assert "no key" not in defects(journal)


def test_a_checkpoint_of_somebody_else_is_no_help(journal: str) -> None:
    other = SigningKey.from_seed("other.example", b"\7" * 32)
    foreign = Checkpoint("other.example", 6, b"x" * 32).signed(other)
    assert "the journal continues paper: expected a signature" in defects(foreign)
    assert "found none" in defects(journal, other)


def test_what_is_exported_passes_the_auditors_file(
    journal: str, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text(journal, encoding="utf-8")
    out, key = tmp_path / "journal.zip", str(sealing.signing_key().verifier)
    assert reading_actions.export_journal(by=ORTIZ, agency="", path=out, now=now) == 10
    assert out.stat().st_mode & 0o777 == 0o600
    assert verifier.main([str(out), "--key", key, "--checkpoint", str(paper), "--every-signature"]) == 0
    assert "the details of 10 rows" in capsys.readouterr().out
    assert AuditRecord.objects.latest("pk").detail == {"of": "all agencies"}


def test_an_agencys_export_shows_nothing_of_the_other_and_still_proves(
    journal: str, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del journal
    out = tmp_path / "journal.zip"
    assert reading_actions.export_journal(by=ORTIZ, agency="barstow-pd", path=out, now=now) == 6
    assert verifier.main([str(out)]) == 0
    assert "4 rows are not part of this export" in capsys.readouterr().out
    export = verifier.Export(str(out))
    shown = export.text("leaves.jsonl")
    assert "7ABC001" in shown
    assert "huntington" not in shown
    assert "ramos" not in shown


def test_an_edit_in_the_live_journal_shows_in_the_export(
    journal: str, unguarded: Unguarded, now: datetime, tmp_path: Path
) -> None:
    del journal
    unguarded("UPDATE audit_auditrecord SET detail = '{}' WHERE detail -> 'elements' ->> 'plate' = '7ABC002'")
    out = tmp_path / "journal.zip"
    reading_actions.export_journal(by=ORTIZ, agency="", path=out, now=now)
    assert verifier.main([str(out)]) == 1


def test_an_export_that_fails_leaves_no_file_and_no_journal_row(now: datetime, tmp_path: Path) -> None:
    from plateward.audit.exporting import NothingSealedError  # noqa: PLC0415  this story's alone

    out = tmp_path / "journal.zip"
    with pytest.raises(NothingSealedError):
        reading_actions.export_journal(by=ORTIZ, agency="", path=out, now=now)
    assert not out.exists()
    assert not AuditRecord.objects.exists()
    out.touch()
    look(now, "7ABC123")
    sealing_actions.seal(now=now)
    with pytest.raises(FileExistsError):
        reading_actions.export_journal(by=ORTIZ, agency="", path=out, now=now)
