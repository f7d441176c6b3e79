"""The journal's key is replaced by an announcement that both keys sign, and verification follows."""

from datetime import datetime

import pytest
from click.testing import CliRunner
from django.conf import settings

from plateward.audit import sealing, sealing_actions
from plateward.audit.models import AuditRecord, TreeHead
from plateward.audit.sealing import StaleKeyError
from plateward.audit.verification import verify
from plateward.config.commands.ledger import command
from plateward.ledger.notes import SigningKey
from tests.db.audit.test_every_column import look

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(now: datetime) -> SigningKey:
    look(now, "7ABC123")
    sealing_actions.seal(now=now)
    return sealing.signing_key()


def rotate(*options: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["rotate-key", "--by", "Ivy Imani", *options])
    return done.exit_code, done.output


def defects(key: SigningKey) -> list[str]:
    return [defect for check in verify(keys=[key.verifier], trusted={}) for defect in check.defects]


def sealed(now: datetime) -> None:
    look(now, "7ABC124")
    sealing_actions.seal(now=now)


def test_after_a_rotation_either_key_verifies_the_whole_journal(first: SigningKey, now: datetime) -> None:
    status, told = rotate()
    assert status == 0, told
    second = sealing.signing_key()
    assert second.verifier != first.verifier
    assert second.verifier.fingerprint in told
    sealed(now)
    assert TreeHead.objects.latest("size").key == str(second.verifier)
    assert defects(first) == defects(second) == []
    assert AuditRecord.objects.get(verb="audit.key.rotated").name == "Ivy Imani"
    assert settings.ENVIRONMENT.ledger_key_file.stat().st_mode & 0o777 == 0o600
    assert settings.ENVIRONMENT.ledger_key_file.parent.stat().st_mode & 0o777 == 0o700


def test_the_old_key_seals_nothing_any_more(first: SigningKey, now: datetime) -> None:
    rotate("--reason", "COMPROMISED")
    look(now, "7ABC124")
    with pytest.raises(StaleKeyError):
        sealing.seal_batch(key=first, now=now)


def test_after_a_loss_the_new_key_vouches_for_the_old_one_only(first: SigningKey, now: datetime) -> None:
    rotate("--reason", "LOST")
    sealed(now)
    assert defects(sealing.signing_key()) == []
    assert any("no key" in defect or "expected" in defect for defect in defects(first))


def test_a_key_that_is_given_needs_a_file_for_its_successor(first: SigningKey) -> None:
    del first
    status, told = rotate("--to", "somewhere")
    assert status == 1
    assert AuditRecord.objects.filter(verb="audit.key.rotated").count() == 0, told
