"""Retention in the browser: signed, authorized, previewed, approved, certified, and proved to an outsider."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.audit import sealing_actions
from plateward.reads import actions as reads
from plateward.retention import rules
from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState
from tests.pages import text
from tests.personas import Town
from tests.purges import COMMANDER, CUSTODIAN, appoint_custodian, approved, drive, long_ago, ready, run
from tests.retention_acts import attested
from tests.days import day_of
from tests.stage import Stage

Login = Callable[[str], Client]
HOME = "retention:overview"


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("resolution.pdf", b"%PDF-1.7 resolution")


@pytest.mark.clause("B-466.3.1(f)")
def test_both_sign_and_the_authority_is_put_on_file(barstow: Town, now: datetime, login: Login) -> None:
    appoint_custodian(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    commander = login(COMMANDER)
    page = commander.get(reverse(HOME))
    assert "Not in effect" in text(page)
    assert "Ask counsel which of them counts" in text(page)  # of the vendor's cloud
    digest = page.context["schedule"].digest
    shown = text(commander.post(reverse("retention:sign"), {"digest": digest}, follow=True))
    assert "Carl Cole" in shown
    assert "Custodian of Records: not signed yet" in shown
    custodian = login(CUSTODIAN)
    shown = text(custodian.post(reverse("retention:sign"), {"digest": digest}, follow=True))
    assert "In effect" in shown
    before = rules.purgeable_before(barstow.actor(COMMANDER, now).profile, "server", timezone.now())
    assert before is not None
    assert f"captured before {before:%Y-%m-%d} (UTC)" not in shown  # no authority is on file yet
    assert "Main St at 1st Ave" in shown  # nobody said whose its data are
    given = {
        "sources": ["server"],
        "resolution": "Resolution 2026-14",
        "resolution_date": (day_of(now) - timedelta(days=9)).isoformat(),
        "consent_by": "Ana Abt",
        "consent_date": (day_of(now) - timedelta(days=8)).isoformat(),
    }
    assert custodian.post(reverse("retention:authority"), given).status_code == 422
    answered = custodian.post(reverse("retention:authority"), given | {"document": scan()}, follow=True)
    assert "Resolution 2026-14" in text(answered)
    assert f"captured before {before:%Y-%m-%d} (UTC)" in text(answered)
    source = {"device": str(barstow.camera.pk), "source": "server", "reason": "The city's"}
    assert "Noted." in text(custodian.post(reverse("retention:source"), source, follow=True))
    answered = custodian.post(reverse("retention:propose"), {"source": "server"}, follow=True)
    assert "1 reads" in text(answered)
    assert Purge.objects.get().state == PurgeState.PROPOSED


@pytest.mark.clause("B-466.5¶2")
def test_a_day_below_the_floor_is_refused_with_its_clause(barstow: Town, now: datetime, login: Login) -> None:
    ready(barstow, now)
    young = {"source": "server", "before": (day_of(now) - timedelta(days=20)).isoformat()}
    refused = login(COMMANDER).post(reverse("retention:propose"), young)
    assert refused.status_code == 403
    assert "B-466.5" in text(refused)
    assert "nobody can shorten it" in text(refused)
    assert login("ortiz").get(reverse("retention:propose")).status_code == 403


def test_the_certificate_is_checked_by_an_outsider(
    barstow: Town, now: datetime, login: Login, tmp_path: Path
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    done = run(approved(barstow, now), now)
    client, address = login(CUSTODIAN), reverse("retention:certificate", args=[done.pk])
    assert "has not sealed" in text(client.get(address, follow=True))
    while sealing_actions.seal(now=timezone.now()):
        pass
    answer = client.get(address)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)

    def verified() -> subprocess.CompletedProcess[str]:
        key = (tmp_path / "log.vkey").read_text()
        command = [sys.executable, "-S", "-E", str(tmp_path / "purge_verifier.py"), str(tmp_path), "--key", key]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})

    passed = verified()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "2 purged, 0 before, 0 held" in passed.stdout
    told = tmp_path / "certificate.json"
    told.write_text(told.read_text().replace('"purged":2', '"purged":1'))
    failed = verified()
    assert failed.returncode == 1
    assert "FAIL" in failed.stdout


def test_each_stores_oldest_the_ages_used_and_the_vendors_word(
    barstow: Town, now: datetime, login: Login
) -> None:
    ready(barstow, now)
    (read,) = drive(barstow.camera, long_ago(now), ["8ABC123"])
    why = {"purpose": "stolen-plate", "reason": "Plate taken overnight from the lot", "reference": ""}
    reads.open_read(by=barstow.actor("diaz", now), read_id=read.id, **why, now=now)
    client = login(COMMANDER)
    assert "Directory of plates" in text(client.get(reverse("retention:oldest")))
    assert "More than a year" in text(client.get(reverse("retention:used")))
    assert "1 (100%)" in text(client.get(reverse("retention:used")))
    shown = text(client.get(reverse("retention:vendor")))
    assert "Flock Safety Group Inc." in shown
    assert "Nothing is attested yet" in shown
    attestation = attested(Stage(barstow, now))
    tried = {"tried": 4, "found": 1, "note": "By the portal"}
    answered = client.post(reverse("retention:sample", args=[attestation.pk]), tried, follow=True)
    assert "1 of 4 still retrievable" in text(answered)
    assert "Not purged" in text(answered)
