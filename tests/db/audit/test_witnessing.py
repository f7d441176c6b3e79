"""The sealer asks the witness, a real service with its own folder, which refuses a rewritten journal."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from django.conf import settings

from plateward.audit import ledger, sealing, sealing_actions, tasks, witnessing
from plateward.audit.models import AlarmKind, AuditRecord, Cosignature, LedgerAlarm, TreeHead
from plateward.audit.who import Who
from plateward.audit.witnessing import JournalRewrittenError, WitnessUnavailableError
from plateward.config.witness import Witness, service
from plateward.ledger.checkpoints import Checkpoint
from plateward.ledger.notes import Note, NoteError, SigningKey

pytestmark = pytest.mark.django_db


def write(now: datetime, count: int) -> None:
    AuditRecord.objects.bulk_create(
        AuditRecord(recorded_at=now, verb="a.b.c", agency="barstow-pd", username="x", name="X", subject="")
        for _ in range(count)
    )


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness.at(tmp_path / "witness", str(sealing.signing_key().verifier), "clerk.example/witness")


@pytest.fixture
def address(witness: Witness) -> Iterator[str]:
    """The witness's service on a port of this machine."""
    server = uvicorn.Server(
        uvicorn.Config(service(witness, lambda: datetime.now(UTC)), port=0, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def sealed(now: datetime, count: int) -> TreeHead:
    write(now, count)
    sealing.seal_batch(key=sealing.signing_key(), now=now)
    head = ledger.newest_head()
    assert head is not None
    return head


def test_every_minute_the_newest_head_is_sealed_and_cosigned(
    now: datetime, witness: Witness, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = replace(settings.ENVIRONMENT, witness_url=address, witness_key=str(witness.key.verifier))
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    for size in (5, 12):
        write(now, size - TreeHead.objects.count() * 5)
        tasks.seal_journal(timestamp=0)
    assert list(Cosignature.objects.values_list("size", flat=True)) == [12, 5]
    head = ledger.newest_head()
    assert head is not None
    ((_, (cosigned,)),) = ledger.cosignatures([head])
    assert cosigned.witness == witness.key.name
    assert Note.parse(ledger.note_of(head)).verified_by(witness.key.verifier) is not None
    tasks.seal_journal(timestamp=0)
    assert Cosignature.objects.count() == 2, "with nothing new nobody is asked"


def test_a_witness_that_remembers_more_than_we_is_asked_from_there(
    now: datetime, witness: Witness, address: str
) -> None:
    sealed(now, 5)
    tasks.ask_witness(address, witness.key.verifier)
    later = sealed(now, 7)
    with httpx.Client() as client:
        lines = witnessing.cosignature_lines(client, address, later, 0)
    assert witness.key.name in lines


def test_the_witness_refuses_a_rewritten_journal_and_keeps_the_evidence(
    now: datetime, witness: Witness, address: str, tree_forgotten: Callable[[], None]
) -> None:
    sealed(now, 5)
    tasks.ask_witness(address, witness.key.verifier)
    tree_forgotten()
    sealed(now, 9)
    with pytest.raises(WitnessUnavailableError, match="does not continue the one of size 5"):
        tasks.ask_witness(address, witness.key.verifier)
    (evidence,) = witness.folder.glob("refused-*")
    assert evidence.read_text(encoding="utf-8").startswith("old 5\n")
    remembered = (witness.folder / "last.checkpoint").read_text(encoding="utf-8")
    assert Checkpoint.parse(Note.parse(remembered).body).size == 5


def test_the_witness_refuses_a_cut_tail(
    now: datetime, witness: Witness, address: str, tree_forgotten: Callable[[], None]
) -> None:
    sealed(now, 9)
    tasks.ask_witness(address, witness.key.verifier)
    tree_forgotten()
    sealed(now, 5)
    with pytest.raises(WitnessUnavailableError, match="remembers 9 rows, but the journal has 5"):
        tasks.ask_witness(address, witness.key.verifier)


def test_what_the_witness_finds_rewritten_raises_an_alarm(
    now: datetime,
    witness: Witness,
    address: str,
    tree_forgotten: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = replace(settings.ENVIRONMENT, witness_url=address, witness_key=str(witness.key.verifier))
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    write(now, 5)
    tasks.seal_journal(timestamp=0)
    assert not LedgerAlarm.objects.exists()
    tree_forgotten()
    sealed(now, 9)
    for _ in range(2):
        with pytest.raises(JournalRewrittenError):
            tasks.seal_journal(timestamp=0)
    told_once = LedgerAlarm.objects.get(kind=AlarmKind.MODIFIED).told
    assert "does not continue the one of size 5" in told_once[0]


def test_a_witness_that_is_away_is_told_and_the_seal_stays(now: datetime, witness: Witness) -> None:
    sealed(now, 3)
    with pytest.raises(WitnessUnavailableError, match="does not answer"):
        tasks.ask_witness("http://127.0.0.1:9", witness.key.verifier)
    assert TreeHead.objects.count() == 1


def test_an_answer_of_somebody_else_is_not_kept(now: datetime, witness: Witness) -> None:
    from plateward.audit.sealing_actions import keep_cosignature  # noqa: PLC0415  this story's alone

    head = sealed(now, 3)
    impostor = replace(witness.key, seed=b"\x09" * 32)
    line = impostor.cosign(Note.parse(head.note).body, 1_795_000_000)
    with pytest.raises(NoteError):
        keep_cosignature(head=head, lines=line, witness=witness.key.verifier)
    plain = SigningKey.from_seed("log.example", b"\1" * 32)
    with pytest.raises(NoteError, match="has no time"):
        keep_cosignature(head=head, lines=plain.sign(Note.parse(head.note).body), witness=plain.verifier)
    assert not Cosignature.objects.exists()


def test_a_request_that_is_too_long_or_no_text_is_refused(address: str) -> None:
    assert httpx.post(f"{address}/add-checkpoint", content=b"x" * 70_000).status_code == 413
    assert httpx.post(f"{address}/add-checkpoint", content=b"\xff").status_code == 400
    assert httpx.get(f"{address}/add-checkpoint").status_code == 405


def test_a_running_witness_follows_the_journals_new_key(
    now: datetime, address: str, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = witness.key.verifier
    sealed(now, 3)
    tasks.ask_witness(address, key)
    old = sealing.signing_key()
    new = SigningKey.from_seed(old.name, b"\7" * 32)
    sealing_actions.rotate_key(by=Who.system("test"), old=old, new=new, reason="ROUTINE", now=now)
    monkeypatch.setattr(sealing, "signing_key", lambda: new)
    head = sealed(now, 2)
    tasks.ask_witness(address, key)
    assert Cosignature.objects.filter(size=head.size, witness=key.name).exists()
    again = Witness.at(witness.folder, str(new.verifier), None)
    assert again.answer(str(ledger.witness_request(head, head.size)), now)
