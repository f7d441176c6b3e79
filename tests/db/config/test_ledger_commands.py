"""`plateward verify`, `export-journal` and `witness`, as a person at a terminal runs them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection, transaction

from plateward.audit import actions, ledger, sealing, sealing_actions
from plateward.audit.models import AuditRecord, TreeHead
from plateward.audit.who import Who
from plateward.config.checkup import _seal
from plateward.config.cli import main
from plateward.config.environment import Environment
from plateward.findings import Finding, State
from plateward.ledger.notes import COSIGNATURE, Note, SigningKey, VerifierKey
from tests.ownership import the_owner
from tests.personas import Town

CLERK = "clerk.example/witness"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def paper(barstow: Town, now: datetime, tmp_path: Path) -> Path:
    """Barstow's journal, sealed, and the checkpoint that was printed then."""
    del barstow
    sealing_actions.seal(now=now)
    kept = tmp_path / "paper.txt"
    kept.write_text(TreeHead.objects.get().note, encoding="utf-8")
    return kept


def test_verify_passes_an_honest_journal_and_names_the_key(paper: Path) -> None:
    done = run("verify", "--checkpoint", paper)
    assert done.exit_code == 0, done.output
    assert "FAIL" not in done.output
    assert f"PASS  the journal continues {paper}" in done.output
    assert sealing.signing_key().verifier.fingerprint in done.output


def test_verify_ends_with_one_when_a_row_was_edited(paper: Path) -> None:
    del paper
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditrecord DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditrecord SET username = 'somebody-else'")
    done = run("verify")
    assert done.exit_code == 1
    assert "FAIL  every sealed row of the journal is as it was sealed" in done.output
    assert "more" in done.output


def test_verify_with_another_key_fails_and_with_no_key_says_what_is_wrong(paper: Path) -> None:
    del paper
    other = SigningKey.from_seed("other.example", b"\1" * 32).verifier
    assert run("verify", "--key", other).exit_code == 1
    assert "--key cannot be used" in run("verify", "--key", "nonsense").output


def test_an_export_is_journaled_sealed_and_verified(paper: Path, tmp_path: Path) -> None:
    out = tmp_path / "journal.zip"
    done = run("export-journal", "--out", out, "--by", "Carl Cole", "--agency", "barstow-pd")
    assert done.exit_code == 0, done.output
    assert AuditRecord.objects.latest("pk").name == "Carl Cole"
    key = sealing.signing_key().verifier
    checked = run("verify", out, "--key", key, "--checkpoint", paper)
    assert checked.exit_code == 0
    assert run("verify", paper).exit_code == 1, "a checkpoint is no export"


def test_an_export_that_cannot_be_says_why(paper: Path, tmp_path: Path) -> None:
    taken = run("export-journal", "--out", paper, "--by", "Carl Cole")
    assert "cannot be written" in taken.output
    unknown = run("export-journal", "--out", tmp_path / "x.zip", "--by", "Carl Cole", "--agency", "nowhere")
    assert "There is no agency 'nowhere' here." in unknown.output


@pytest.mark.django_db
def test_an_empty_journal_is_not_exported(tmp_path: Path) -> None:
    done = run("export-journal", "--out", tmp_path / "x.zip", "--by", "Carl Cole")
    assert "no rows yet" in done.output


def test_a_witness_answers_a_file_and_refuses_what_does_not_continue(paper: Path, tmp_path: Path) -> None:
    del paper
    head = ledger.newest_head()
    assert head is not None
    request, log = tmp_path / "request.txt", sealing.signing_key().verifier
    request.write_text(str(ledger.witness_request(head, 0)), encoding="utf-8")
    place = ("witness", "--log", log, "--folder", tmp_path / "witness")
    assert "a new witness needs a --name" in run(*place, "--request", request).output
    done = run(*place, "--name", CLERK, "--request", request)
    assert done.exit_code == 0, done.output
    witness = SigningKey.parse((tmp_path / "witness" / "witness.key").read_text())
    assert (tmp_path / "witness" / "witness.key").stat().st_mode & 0o777 == 0o600
    assert witness.kind == COSIGNATURE
    assert Note.parse(head.note + done.output).verified_by(witness.verifier) is not None
    again = run(*place, "--request", request)
    assert again.exit_code == 1
    assert f"Refused (409): {head.size}" in again.output
    assert "the folder's key is called" in run(*place, "--name", "other", "--request", request).output


def test_a_witness_needs_the_journals_key_once_and_witnesses_no_other(paper: Path, tmp_path: Path) -> None:
    del paper
    head, folder = ledger.newest_head(), tmp_path / "witness"
    assert head is not None
    request, log = tmp_path / "request.txt", str(sealing.signing_key().verifier)
    request.write_text(str(ledger.witness_request(head, 0)), encoding="utf-8")
    place = ("witness", "--folder", folder, "--request", request)
    unknown = run(*place, "--name", CLERK)
    assert unknown.exit_code == 1
    assert "a new folder needs --log" in unknown.output
    assert run(*place, "--name", CLERK, "--log", log).exit_code == 0
    by_itself = run(*place)
    assert f"Refused (409): {head.size}" in by_itself.output, "it knows the journal, and what it cosigned"
    other = SigningKey.from_seed("other.example/journal", b"7" * 32).verifier
    assert "leave --log out, or choose another folder" in run(*place, "--log", other).output


def found(environment: Environment) -> dict[str, Finding]:
    return {one.name: one for one in _seal(environment)}


@pytest.mark.django_db
def test_doctor_tells_when_sealing_or_the_witness_fails(
    now: datetime, monkeypatch: pytest.MonkeyPatch, record: Callable[[datetime], None]
) -> None:
    environment = Environment.load()
    assert found(environment)["journal's seal"].state is State.NOTE
    record(now - timedelta(minutes=5))
    assert found(environment)["journal's seal"].state is State.WRONG
    sealing_actions.seal(now=now - timedelta(minutes=4))
    assert found(environment)["journal's seal"].state is State.FINE
    assert found(environment)["journal's witness"].state is State.NOTE
    key = str(SigningKey.from_seed(CLERK, b"\1" * 32, COSIGNATURE).verifier)
    monkeypatch.setenv("PLATEWARD_WITNESS_KEY", key)
    monkeypatch.setenv("PLATEWARD_WITNESS_URL", "http://localhost:8002")
    watched = Environment.load()
    assert found(watched)["journal's witness"].state is State.WRONG
    ledger.Cosignature.objects.create(
        size=1, witness=VerifierKey.parse(key).name, line="— x AAAA\n", cosigned_at=now
    )
    assert found(watched)["journal's witness"].state is State.FINE


@pytest.fixture
def record() -> Callable[[datetime], None]:
    def write(at: datetime) -> None:
        with transaction.atomic():
            actions.record(verb="a.b.c", by=Who.system("test"), agency="", subject="", now=at)

    return write
