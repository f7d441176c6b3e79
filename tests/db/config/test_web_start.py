"""What the web process does before it serves: takes in what an earlier one recorded locally (R133)."""

from datetime import datetime
from pathlib import Path

import pytest

from plateward.audit import local, local_actions
from plateward.audit.models import AuditRecord
from plateward.audit.who import Who
from plateward.config.commands.web import take_in_local_journal
from tests.failing import journal_refuses

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def waiting(now: datetime) -> Path:
    """A file that an earlier process left."""
    local.record(verb="alerts.alert.raised", by=Who.system("intake"), agency="", subject="", now=now)
    return local.folder()


def test_what_waits_is_merged_before_a_page_is_served(waiting: Path, now: datetime) -> None:
    take_in_local_journal()
    row = AuditRecord.objects.get(verb="alerts.alert.raised")
    assert (row.recorded_at, row.detail["recorded"]) == (now, "locally")
    assert not local.files(waiting)


def test_with_the_journal_still_down_the_start_goes_on_and_nothing_is_lost(waiting: Path) -> None:
    with journal_refuses():
        take_in_local_journal()
    assert len(local.files(waiting)) == 1
    take_in_local_journal()
    assert AuditRecord.objects.filter(verb="alerts.alert.raised").count() == 1


def test_a_merge_that_fails_is_logged_and_does_not_keep_the_web_down(
    waiting: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(local_actions, "merge", broken)
    take_in_local_journal()
    assert "the worker tries again" in capsys.readouterr().err
    assert len(local.files(waiting)) == 1
