"""An auditor gets the journal in the browser; old plate details go by two people and the policy's period."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit import actions, custody_views, pruning_actions, sealing, sealing_actions
from plateward.audit.models import AccessRecord, AuditRecord, Pruning, TreeHead
from plateward.audit.who import Who
from plateward.policy import Limit
from plateward.policy.parameters import Basis, Period, Unit
from tests.days import day_of
from tests.personas import Town

Login = Callable[[str], Client]
EXPORT, PRUNING, DECIDE = (reverse(f"audit:{name}") for name in ("export", "pruning", "decide-pruning"))
YEAR = timedelta(days=366)


def access(town: Town, now: datetime, plate: str) -> None:
    with transaction.atomic():
        actions.record_access(
            by=Who("ortiz", "Olivia Ortiz", "patrol-officer", "Barstow Police Department", "10.0.0.7"),
            agency=town.agency.pk,
            elements={"plate": plate},
            purpose="stolen-plate",
            reason="Taken on Main Street",
            reference="26-1",
            result_count=1,
            subject="search.Search:1",
            profile_version="2026.2",
            now=now,
        )


def saved(response: StreamingHttpResponse, folder: Path) -> Path:
    """The export as the auditor unpacked it."""

    async def whole() -> bytes:
        return b"".join([chunk async for chunk in response])

    packed = folder / "journal.zip"
    packed.write_bytes(async_to_sync(whole)())
    zipfile.ZipFile(packed).extractall(folder / "journal")
    return folder / "journal"


def verified(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", "verifier.py", ".", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  ours
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def journal(barstow: Town, now: datetime) -> Town:
    for number in range(4):
        access(barstow, now, f"7ABC00{number}")
        sealing_actions.seal(now=now + timedelta(minutes=number))
    return barstow


@pytest.mark.parametrize("asked", [{}, {"first": "2"}, {"first": "1", "last": "3"}])
def test_an_export_passes_its_own_verifier_with_nothing_of_ours_installed(
    journal: Town, login: Login, tmp_path: Path, asked: dict[str, str]
) -> None:
    del journal
    response = login("cole").post(EXPORT, asked)
    assert response["Content-Disposition"].startswith('attachment; filename="journal-barstow-pd-')
    folder, key = saved(response, tmp_path), sealing.signing_key().verifier
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.txt",
        "checkpoints.jsonl",
        "leaves.jsonl",
        "log.vkey",
        "manifest.json",
        "rotations.jsonl",
        "verifier.py",
    ]
    assert key.fingerprint in (folder / "README.txt").read_text(encoding="utf-8")
    status, report = verified(folder, "--key", str(key))
    assert status == 0, report
    exported = AuditRecord.objects.get(verb="audit.journal.exported")
    assert (exported.username, exported.agency) == ("cole", "barstow-pd")


@pytest.mark.usefixtures("journal")
def test_a_part_is_compared_with_the_checkpoint_that_the_auditor_holds(
    login: Login, tmp_path: Path
) -> None:
    first = TreeHead.objects.earliest("size")
    (tmp_path / "paper.txt").write_text(first.note, encoding="utf-8")
    last = TreeHead.objects.latest("size").size
    response = login("cole").post(EXPORT, {"first": str(last - 1), "known": str(first.size)})
    folder = saved(response, tmp_path)
    status, report = verified(folder, "--checkpoint", str(tmp_path / "paper.txt"))
    assert status == 0, report
    assert "rows are not part of this export" in report


@pytest.mark.usefixtures("journal")
def test_an_export_by_days_shows_what_was_sealed_on_them(login: Login, tmp_path: Path, now: datetime) -> None:
    tomorrow = (day_of(now) + timedelta(days=2)).isoformat()
    folder = saved(login("cole").post(EXPORT, {"from_date": tomorrow}), tmp_path)
    assert verified(folder)[0] == 0
    assert "7ABC00" not in (folder / "leaves.jsonl").read_text(encoding="utf-8")


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"first": "3", "last": "1"}, "lies before the first"),
        ({"first": "3", "from_date": "2026-11-01"}, "not both"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(login: Login, asked: dict[str, str], told: str) -> None:
    response = login("cole").post(EXPORT, asked)
    assert response.status_code == 422
    assert told in response.content.decode()


@pytest.mark.parametrize("address", [EXPORT, PRUNING, DECIDE])
@pytest.mark.parametrize("username", ["ortiz", "vendor"])
@pytest.mark.usefixtures("journal")
def test_those_who_do_not_audit_export_and_prune_nothing(login: Login, address: str, username: str) -> None:
    assert login(username).post(address).status_code == 403
    assert not AuditRecord.objects.filter(verb="audit.journal.exported").exists()


def test_nothing_sealed_is_nothing_to_export(login: Login, barstow: Town) -> None:
    del barstow
    assert "Nothing is sealed yet" in login("cole").post(EXPORT, {}).content.decode()


@pytest.mark.usefixtures("journal")
def test_where_the_policy_is_silent_nothing_is_prunable_and_the_page_says_so(login: Login) -> None:
    page = login("cole").get(PRUNING).content.decode()
    assert "Nothing can be pruned" in page
    assert "not addressed by this policy" in page


def decided(by: Who, number: int, now: datetime) -> Pruning:
    return pruning_actions.decide_pruning(
        by=by,
        agency="barstow-pd",
        pruning_id=number,
        approve=True,
        prunable_until=now - YEAR,
        profile_version="1",
        now=now,
    )


@pytest.fixture
def decided_period(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """A policy that keeps details for a year."""
    limit = Limit("policy", Period(1, Unit.YEARS), "B-466.5¶2", Basis(clause="B-466.5¶2"))
    monkeypatch.setattr(custody_views, "prunable_before", lambda _profile, _at: (now - YEAR, limit))


@pytest.mark.usefixtures("decided_period")
def test_details_are_pruned_by_two_people_in_the_browser(
    journal: Town, login: Login, now: datetime
) -> None:
    access(journal, now - 2 * YEAR, "7OLD111")
    sealing_actions.seal(now=now)
    cole = login("cole")
    assert cole.post(PRUNING, {"reason": ""}).status_code == 422
    assert "Proposed" in cole.post(PRUNING, {"reason": "Period is over."}, follow=True).content.decode()
    number = Pruning.objects.get().pk
    with pytest.raises(actions.NotAllowedError, match="somebody else decide"):
        decided(journal.actor("cole", now).who, number, now)
    chen = login("chen")
    assert "Waits for a second person" in chen.get(DECIDE).content.decode()
    assert chen.post(DECIDE, {"number": number}).status_code == 404, "silence decides nothing"
    chen.post(DECIDE, {"number": number, "decision": "approve"})
    while pruning_actions.prune(now=now):
        pass
    assert not AccessRecord.objects.filter(plate="7OLD111").exists()
    assert "done" in cole.get(PRUNING).content.decode()
    assert chen.post(DECIDE, {"number": number, "decision": "refuse"}).status_code == 404
    assert chen.post(DECIDE, {"number": "x"}).status_code == 404
