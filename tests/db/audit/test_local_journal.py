"""While the database refuses its journal, what cannot wait is recorded in files, and merged exactly once."""

import json
import os
import stat
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from plateward.alerts import actions as alerts
from plateward.alerts import queries
from plateward.alerts.rules import Place
from plateward.audit import actions as audit
from plateward.audit import local, local_actions
from plateward.audit.local import JournalUnwritableError, NothingWritableError
from plateward.audit.models import AccessRecord, AlarmKind, AuditRecord, LedgerAlarm
from plateward.audit.who import Who
from plateward.governance.queries import profile_for
from plateward.notices.models import Notice
from plateward.search import actions as search
from tests.alarms import alerted, arrives, wanted
from tests.failing import FAULTS, journal_refuses
from tests.personas import Town
from tests.stage import Stage

DUNN = Who("dunn", "Dana Dunn", "dispatcher", "Barstow Police Department", "10.0.0.4")


def looked(now: datetime, plate: str = "8ABC123", once: str = "") -> local.LocalAccess:
    """A look recorded locally."""
    return local.record_access(
        by=DUNN,
        agency="barstow-pd",
        elements={"plate": plate},
        purpose="stolen-or-wanted-vehicle",
        reason="Alert delivered on the dispatch console",
        reference="26-01234",
        result_count=1,
        subject="",
        profile_version="2026.2",
        now=now,
        once=once,
    )


def the_file() -> Path:
    (path,) = local.files(local.folder())
    return path


def merged() -> list[AccessRecord]:
    return list(AccessRecord.objects.filter(username="dunn").order_by("accessed_at"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_search_shows_nothing_where_it_cannot_be_recorded(barstow: Town, now: datetime, fault: str) -> None:
    stage = Stage(town=barstow, now=now)
    with journal_refuses(fault), pytest.raises(JournalUnwritableError):
        search.run_search(query=stage.query(), **stage.by("ortiz"))
    assert not local.files(local.folder())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_hit_raises_its_alert_and_a_dispatcher_sees_it_with_its_pictures(
    barstow: Town, now: datetime, fault: str
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    arrives(barstow.camera, "8ABC123", now)
    dunn = barstow.actor("dunn", now)
    with journal_refuses(fault):
        alerts.match_waiting(limit=10, now=now)
        (alert,) = queries.open_alerts("barstow-pd", profile_for("barstow-pd"))
        shown = alerts.deliver(by=dunn, alerts=[alert], place=Place.CONSOLE, now=now)
        assert alerts.deliver(by=dunn, alerts=[alert], place=Place.CONSOLE, now=now) == shown, (
            "the same look is recorded once"
        )
        opened = alerts.open_alert(by=dunn, alert=alert, now=now)
    assert opened.seen.read_plate == "8ABC123"
    (chain,) = local.chains()
    assert [one.get("verb", one.get("reason", ""))[:15] for one in chain.records] == [
        "alerts.alert.raised"[:15],
        "Alert delivered",
        f"Alert {alert.pk}"[:15],
    ]
    later = now + timedelta(minutes=9)
    assert local_actions.merge(now=later) == 3
    row = AuditRecord.objects.get(verb="alerts.alert.raised", detail__entry=str(entry.pk))
    assert (row.recorded_at, row.detail["recorded"], row.detail["merged_at"]) == (
        now,
        "locally",
        later.isoformat(),
    )
    assert [one.accessed_at for one in merged()] == [now, now]
    assert not local.files(local.folder())


def test_a_step_is_refused_while_it_cannot_be_recorded(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    with journal_refuses(), pytest.raises(JournalUnwritableError):
        alerts.work_step(alert=alert, step="confirm", by=barstow.actor("dunn", now), now=now)
    assert not alert.steps.exists()


def test_nothing_is_shown_where_the_local_journal_fails_too(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerted(barstow, now)
    shown = list(queries.open_alerts("barstow-pd", profile_for("barstow-pd")))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with journal_refuses(), pytest.raises(NothingWritableError):
        alerts.deliver(by=barstow.actor("dunn", now), alerts=shown, place=Place.CONSOLE, now=now)
    monkeypatch.undo()
    assert not any(chain.records for chain in local.chains())


def test_a_folder_that_is_a_file_is_unwritable_even_for_root(now: datetime) -> None:
    local.folder().touch()
    try:
        with pytest.raises(NothingWritableError, match="cannot be written"):
            looked(now)
    finally:
        local.folder().unlink()


def test_file_and_folder_are_their_owners_alone(now: datetime) -> None:
    looked(now)
    assert stat.S_IMODE(the_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(local.folder().stat().st_mode) == 0o700


@pytest.mark.django_db
def test_killed_between_commit_and_removal_nothing_is_doubled_or_lost(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        looked(now + timedelta(seconds=number))

    def killed(_chain: local.Chain) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(local, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            local_actions.merge(now=now)
    assert len(merged()) == 3
    assert the_file().exists()
    assert local_actions.merge(now=now) == 0
    assert len(merged()) == 3
    assert AuditRecord.objects.filter(verb="audit.local.merged").count() == 1
    assert not local.files(local.folder())


@pytest.mark.django_db
def test_killed_within_the_merging_the_rest_follows(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_actions, "BATCH", 2)
    for number in range(5):
        looked(now + timedelta(seconds=number))
    whole, calls = local_actions._write, []

    def dies_at_the_fourth(one: Any, at: datetime) -> None:
        calls.append(one)
        if len(calls) == 4:
            raise KeyboardInterrupt
        whole(one, at)

    with monkeypatch.context() as dying:
        dying.setattr(local_actions, "_write", dies_at_the_fourth)
        with pytest.raises(KeyboardInterrupt):
            local_actions.merge(now=now)
    assert len(merged()) == 2
    assert local_actions.merge(now=now) == 3
    assert len(merged()) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["edited", "removed", "last edited"])
def test_a_changed_line_is_an_alarm_that_names_it_and_the_good_part_is_merged(
    now: datetime, change: str
) -> None:
    for number in range(4):
        looked(now + timedelta(seconds=number))
    path = the_file()
    lines = path.read_bytes().splitlines()
    at = 3 if change == "last edited" else 2
    if change == "removed":
        del lines[at]
    else:
        lines[at] = lines[at].replace(b"8ABC123", b"1AAA111")
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert local_actions.merge(now=now) == at
    alarm = LedgerAlarm.objects.get(kind=AlarmKind.LOCAL)
    assert f"{path.name}, line {at + 1}" in alarm.told[0]
    assert not local.files(local.folder())
    (kept,) = local.set_aside(local.folder())
    assert kept.read_bytes().splitlines() == lines, "evidence stays as it was found"
    assert local_actions.merge(now=now) == 0


@pytest.mark.django_db
def test_a_line_that_was_never_whole_is_no_record(now: datetime) -> None:
    looked(now)
    with the_file().open("ab") as file:
        file.write(b'{"agency":"barstow-pd","be')
    assert local_actions.merge(now=now) == 1
    assert not LedgerAlarm.objects.filter(kind=AlarmKind.LOCAL).exists()


@pytest.mark.django_db
def test_a_line_written_while_the_file_is_merged_is_not_lost(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(now)
    whole = local_actions._note_merged

    def meanwhile(chain: local.Chain, at: datetime) -> None:
        looked(now + timedelta(seconds=1))
        whole(chain, at)

    with monkeypatch.context() as busy:
        busy.setattr(local_actions, "_note_merged", meanwhile)
        assert local_actions.merge(now=now) == 1
    assert local_actions.merge(now=now) == 1
    assert len(merged()) == 2
    looked(now + timedelta(seconds=2))  # goes to a new file: the first is gone
    assert local_actions.merge(now=now) == 1


WRITES = """
import sys, django
django.setup()
from datetime import datetime
from plateward.audit import local
from plateward.audit.who import Who
for number in range(40):
    local.record(verb="alerts.alert.raised", by=Who.system("web"), agency="", subject=sys.argv[1],
                 now=datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.django_db
def test_processes_write_side_by_side_each_its_own_file(now: datetime) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "plateward.config.settings"}
    running = [
        subprocess.Popen(  # noqa: S603  ours
            [sys.executable, "-c", WRITES, f"web {number}", now.isoformat()], env=env
        )
        for number in range(2)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    found = local.chains()
    assert [(len(chain.records), chain.broken) for chain in found] == [(40, ""), (40, "")]
    assert local_actions.merge(now=now) == 80
    assert AuditRecord.objects.filter(verb="alerts.alert.raised").count() == 80


def test_the_alarm_stands_at_once_and_people_are_told_when_the_journal_works(
    barstow: Town, now: datetime
) -> None:
    looked(now)
    with journal_refuses():
        assert local_actions.merge(now=now) == 0
        assert local_actions.merge(now=now + timedelta(minutes=1)) == 0
    alarm = LedgerAlarm.objects.get(kind=AlarmKind.DOWN)
    assert alarm.raised_at == now
    assert not Notice.objects.filter(agency=barstow.agency.pk).exists()
    local_actions.merge(now=now + timedelta(minutes=2))
    assert Notice.objects.filter(subject=f"audit.LedgerAlarm:{alarm.pk}").exists()
    assert AuditRecord.objects.filter(verb="audit.alarm.raised").count() == 1


@pytest.mark.django_db
def test_what_meets_another_transaction_is_no_fault_of_the_journal(now: datetime) -> None:
    """A wrong value, say, is a defect of ours, and no reason to record anything locally."""
    with pytest.raises(Exception, match="too long") as raised, transaction.atomic():
        audit.record(verb="alerts.alert.raised", by=DUNN, agency="x" * 100, subject="", now=now)
    assert not isinstance(raised.value, JournalUnwritableError)


def test_a_line_is_json_that_any_tool_reads(now: datetime) -> None:
    looked(now)
    facts = json.loads(the_file().read_text())
    assert facts["elements"] == {"plate": "8ABC123"}
    assert facts["by"]["username"] == "dunn"
