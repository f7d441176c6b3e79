"""The captain hands out a checkpoint; with it an auditor proves later what was changed and what not."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.audit import reading_actions, sealing_actions
from plateward.audit.models import AuditRecord
from plateward.audit.who import Who
from tests.browsing import Accessible, PageAs, Site

AUDITOR = Who("plateward export-journal", "Ada Auditor", "", "")


def verifier(folder: Path, *arguments: object) -> tuple[int, str]:
    """What the auditor sees who runs the export's own file with nothing of ours installed."""
    command = [sys.executable, "-I", "-S", "verifier.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  ours
    return done.returncode, done.stdout + done.stderr


def kept(page: Page, link: str, folder: Path) -> Path:
    """The file that a link hands out."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_auditor_verifies_the_journal_with_the_checkpoint_from_the_captain(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path, tmp_path: Path
) -> None:
    sealing_actions.seal(now=site.now)
    cole = page_as("cole")
    cole.goto("/audit/journal/")
    expect(cole.get_by_role("heading", name="Seal")).to_be_visible()
    cole.get_by_text("Details").last.click()
    accessible(cole)
    cole.screenshot(path=screenshots / "ledger-journal.png", full_page=True)
    proof = kept(cole, "proof of row", tmp_path)

    cole.get_by_role("link", name="Checkpoints, and how").click()
    expect(cole.get_by_role("heading", level=1)).to_have_text("Ledger")
    accessible(cole)
    cole.screenshot(path=screenshots / "ledger.png", full_page=True)
    key = cole.locator("#public-key").inner_text()

    cole.get_by_role("link", name="on paper").click()
    expect(cole.get_by_role("img", name="QR code")).to_be_visible()
    accessible(cole)
    cole.screenshot(path=screenshots / "ledger-checkpoint.png", full_page=True)
    paper = kept(cole, "Keep it as a file", tmp_path)

    sealing_actions.seal(now=site.now)
    out = tmp_path / "journal.zip"
    reading_actions.export_journal(by=AUDITOR, agency=site.barstow.agency.pk, path=out, now=site.now)
    folder = tmp_path / "export"
    zipfile.ZipFile(out).extractall(folder)
    status, report = verifier(folder, ".", "--key", key, "--checkpoint", paper)
    assert status == 0, report
    status, report = verifier(folder, proof, "--key", key)
    assert status == 0, report

    leaves = folder / "leaves.jsonl"
    leaves.write_text(leaves.read_text(encoding="utf-8").replace("ruiz", "soto"), encoding="utf-8")
    status, report = verifier(folder, ".", "--key", key, "--checkpoint", paper)
    assert status == 1
    assert "are not those that were sealed" in report
    assert AuditRecord.objects.filter(verb="audit.proof.taken", username="cole").exists()
