"""An auditor finds who looked, takes the proof and the export; details go by two; alarms reach people."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from playwright.sync_api import Page, expect

from plateward.audit import alarm_actions, ledger, pruning_actions, sealing, sealing_actions
from plateward.audit.actions import record_access
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.config.witness import Witness
from plateward.governance import actions as governance
from tests.browsing import Accessible, PageAs, Site, give_code, log_in
from tests.factors import fresh_code
from tests.ownership import the_owner
from tests.personas import PASSWORD, SETUP
from tests.versions import policy_text

NARROW = {"width": 390, "height": 844}
KEPT_A_YEAR = (
    "      source: server\n      data_classes: [READS, IMAGES]",
    "      source: server\n      data_classes: [READS, IMAGES, ACCESS_RECORDS]",
)

LookedOver = Callable[[Page, str], None]


@pytest.fixture
def looked_over(accessible: Accessible, screenshots: Path) -> LookedOver:
    """Checks a page with axe-core and takes its picture, on a desk and in a hand."""

    def check(page: Page, name: str) -> None:
        wide = page.viewport_size
        assert wide is not None
        for size, suffix in ((wide, ""), (NARROW, "-390")):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a dict of the same keys
            accessible(page)
            page.screenshot(path=screenshots / f"{name}{suffix}.png", full_page=True)
        page.set_viewport_size(wide)

    return check


def verifier(folder: Path, *arguments: object) -> tuple[int, str]:
    """What the auditor sees who runs the export's own file with nothing of ours installed."""
    command = [sys.executable, "-I", "-S", "verifier.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  ours
    return done.returncode, done.stdout + done.stderr


def kept(page: Page, folder: Path, role: str, name: str) -> Path:
    """The file that a link or button hands out."""
    with page.expect_download() as download:
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # link or button
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def looked_at(site: Site, plate: str, *, days: int = 0) -> AccessRecord:
    """Officer Ortiz asked for a plate so many days ago."""
    with transaction.atomic():
        return record_access(
            by=site.barstow.actor("ortiz", site.now).who,
            agency=site.barstow.agency.pk,
            elements={"plate": plate},
            purpose="stolen-or-wanted-vehicle",
            reason="Vehicle seen leaving the robbery at 1st and Main",
            reference="26-01234",
            result_count=2,
            subject="search.Search:1",
            profile_version="2026.2",
            now=site.now - timedelta(days=days),
        )


def witnessed(site: Site, folder: Path) -> None:
    """The City Clerk's witness cosigns the newest checkpoint, by a file carried there."""
    clerk = Witness.at(folder, str(sealing.signing_key().verifier), "clerk.barstow.example/witness")
    head = ledger.newest_head()
    assert head is not None
    line = clerk.answer(str(ledger.witness_request(head, 0)), site.now)
    sealing_actions.keep_cosignature(head=head, lines=line, witness=clerk.key.verifier)


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_auditor_finds_who_looked_and_verifies_what_the_browser_gave(
    site: Site, page_as: PageAs, looked_over: LookedOver, tmp_path: Path
) -> None:
    asked = looked_at(site, "7ABC123")
    sealing_actions.seal(now=site.now)
    cole = page_as("")
    log_in(cole, "cole", PASSWORD, site.base_url)
    give_code(cole, fresh_code("cole"))
    cole.wait_for_url(f"{site.base_url}/")
    proof = finds_who_looked(cole, asked, looked_over, tmp_path)
    key, paper = takes_a_checkpoint(cole, looked_over, tmp_path)
    witnessed(site, tmp_path / "clerk")
    cole.goto("/audit/ledger/")
    expect(cole.get_by_text("clerk.barstow.example/witness cosigned")).to_be_visible()
    looked_over(cole, "ledger")
    folder = exports_a_part(cole, asked, looked_over, tmp_path)
    for given in ((".", "--key", key, "--checkpoint", paper), (proof, "--key", key)):
        status, report = verifier(folder, *given)
        assert status == 0, report
        assert "PASS" in report
        assert "FAIL" not in report
    leaves = folder / "leaves.jsonl"
    leaves.write_text(leaves.read_text(encoding="utf-8").replace("ortiz", "soto"), encoding="utf-8")
    status, report = verifier(folder, ".", "--key", key, "--checkpoint", paper)
    assert status == 1
    assert "are not those that were sealed" in report
    given_out = AuditRecord.objects.filter(username="cole").values_list("verb", flat=True)
    assert {"audit.accesses.viewed", "audit.proof.taken", "audit.journal.exported"} <= set(given_out)


def finds_who_looked(cole: Page, asked: AccessRecord, looked_over: LookedOver, folder: Path) -> Path:
    cole.goto("/audit/accesses/")
    cole.get_by_label("Plate").fill("7abc 123")
    cole.get_by_role("button", name="Show").click()
    row = cole.get_by_role("row").filter(has_text="Olivia Ortiz")
    expect(row).to_contain_text("7ABC123")
    row.get_by_text("What was asked").click()
    looked_over(cole, "ledger-accesses")
    return kept(cole, folder, "link", f"proof of row {asked.audit_id}")


def takes_a_checkpoint(cole: Page, looked_over: LookedOver, folder: Path) -> tuple[str, Path]:
    cole.goto("/audit/journal/")
    looked_over(cole, "ledger-journal")
    cole.get_by_role("link", name="Checkpoints, and how").click()
    expect(cole.get_by_role("heading", level=1)).to_have_text("Ledger")
    expect(cole.get_by_text("none has cosigned")).to_be_visible()
    key = cole.locator("#public-key").inner_text()
    cole.get_by_role("link", name="on paper").click()
    expect(cole.get_by_role("img", name="QR code")).to_be_visible()
    looked_over(cole, "ledger-checkpoint")
    return key, kept(cole, folder, "link", "Keep it as a file")


def exports_a_part(cole: Page, asked: AccessRecord, looked_over: LookedOver, folder: Path) -> Path:
    cole.get_by_role("link", name="export the journal").click()
    cole.get_by_label("From row").fill("5")
    cole.get_by_label("To row").fill("1")
    cole.get_by_role("button", name="Export").click()
    expect(cole.get_by_role("alert").first).to_contain_text("lies before the first")
    looked_over(cole, "ledger-export-mistake")
    place = sealing.Leaf.objects.get(audit_id=asked.audit_id).index
    cole.get_by_label("From row").fill(str(place))
    cole.get_by_label("To row").fill("")
    packed = kept(cole, folder, "button", "Export")
    zipfile.ZipFile(packed).extractall(folder / "export")
    return folder / "export"


@pytest.mark.clause("B-466.5¶2")
def test_details_past_their_period_go_by_two_people(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    text = policy_text("barstow-pd", "2026.3", KEPT_A_YEAR)
    governance.adopt(agency=site.barstow.agency, profile_bytes=text, by=SETUP, now=site.now)
    looked_at(site, "7NEW123", days=300)
    cole, chen = page_as("cole"), page_as("chen")
    cole.goto("/audit/ledger/pruning/")
    expect(cole.get_by_text("No access is old enough yet")).to_be_visible()
    expect(cole.get_by_role("button", name="Propose")).to_have_count(0)
    looked_over(cole, "pruning-too-early")

    looked_at(site, "7OLD123", days=800)
    sealing_actions.seal(now=site.now)
    cole.reload()
    cole.get_by_label("Reason").fill("The year of the retention schedule is over.")
    cole.get_by_role("button", name="Propose").click()
    expect(cole.get_by_text("Now a second person decides")).to_be_visible()
    looked_over(cole, "pruning-proposed")
    cole.get_by_role("link", name="The page where a second person decides").click()
    expect(cole.get_by_text("You proposed it")).to_be_visible()
    expect(cole.get_by_role("button", name="Approve")).to_have_count(0)

    chen.goto("/audit/ledger/pruning/decision/")
    looked_over(chen, "pruning-decision")
    chen.get_by_role("button", name="Approve").click()
    chen.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(chen.get_by_text("Nothing waits for a decision")).to_be_visible()
    while pruning_actions.prune(now=site.now):
        pass
    cole.goto("/audit/ledger/pruning/")
    expect(cole.get_by_role("table")).to_contain_text("Cora Chen")
    looked_over(cole, "pruning-done")
    assert set(AccessRecord.objects.values_list("plate", flat=True)) == {"7NEW123", ""}


def test_an_edited_row_reaches_people_who_answer_it(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    edited = looked_at(site, "7ABC123")
    sealing_actions.seal(now=site.now)
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditrecord DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditrecord SET username = 'soto' WHERE id = %s", [edited.audit_id])
        cursor.execute("ALTER TABLE audit_auditrecord ENABLE TRIGGER USER")
    alarm_actions.check_ledger(now=site.now)

    cole = page_as("cole")
    cole.goto("/for-you/")
    expect(cole.get_by_role("alert")).to_contain_text("The journal is not what was sealed")
    looked_over(cole, "alarm-for-you")
    cole.get_by_role("link", name="Alarm: The journal is not what was sealed").click()
    expect(
        cole.get_by_role("listitem").filter(has_text=f"row {edited.audit_id}: it was edited")
    ).to_be_visible()
    cole.get_by_role("button", name="End the alarm").click()
    expect(cole.get_by_role("alert").last).to_be_visible()
    looked_over(cole, "alarm")
    cole.get_by_label("What was found, and what was done").fill("Put back from the backup of this morning.")
    cole.get_by_role("button", name="End the alarm").click()
    expect(cole.get_by_role("heading", level=1)).to_have_text("Ledger")
    expect(cole.get_by_text("ended by Carl Cole")).to_be_visible()
    looked_over(cole, "alarm-ended")
    cole.goto("/for-you/")
    expect(cole.get_by_role("link", name="Alarm: The journal")).to_have_count(0)
