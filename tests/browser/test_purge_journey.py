"""A purge in the browser: both sign, one proposes, the other approves, an outsider checks the certificate."""

import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.audit import sealing_actions
from plateward.audit.models import AccessRecord
from plateward.reads.models import Read
from plateward.reads.tokens import open_url
from plateward.retention import finishing_actions
from plateward.retention.models import Purge
from tests import holds
from tests.browsing import Accessible, PageAs, Site
from tests.hiding import old_and_new, two_phased
from tests.personas import Town
from tests.purges import COMMANDER, CUSTODIAN, appoint_custodian, authorize, drive, long_ago, ready


def looked_at(page: Page, name: str, accessible: Accessible, screenshots: Path) -> None:
    """Check a page and keep how it looks, on a desk and on a telephone."""
    accessible(page)
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide on a screen of {width}"


@pytest.mark.clause("B-466.5¶2", "B-466.3.1(f)")
def test_from_the_signatures_to_a_certificate_that_an_outsider_checks(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path, tmp_path: Path
) -> None:
    town, now = site.barstow, site.now
    appoint_custodian(town, now)
    authorize(town, now)
    _old_reads(site, now)
    commander, custodian = page_as(COMMANDER), page_as(CUSTODIAN)
    for page in (commander, custodian):
        page.goto("/retention/")
        page.get_by_role("button", name="Sign these rules").click()
        expect(page.get_by_text("Signed. The schedule is in effect")).to_be_visible()
    looked_at(custodian, "retention", accessible, screenshots)
    custodian.goto("/retention/sources/")
    custodian.get_by_role("combobox", name="Device").select_option(label="Main St at 1st Ave")
    custodian.get_by_role("combobox", name="Its data are").select_option(
        label="Data on the department's own server"
    )
    custodian.get_by_label("How this is known").fill("The city owns it")
    custodian.get_by_role("button", name="Note it").click()
    expect(custodian.get_by_text("Noted.")).to_be_visible()
    custodian.goto("/retention/purges/new/")
    custodian.get_by_role("button", name="Show what would go").click()
    expect(custodian.get_by_role("heading", level=1)).to_contain_text("Purge 1")
    expect(custodian.get_by_text("2 reads", exact=True)).to_be_visible()
    looked_at(custodian, "purge-preview", accessible, screenshots)
    purge = Purge.objects.get()
    commander.goto(f"/retention/purges/{purge.pk}/")
    commander.get_by_role("button", name="Approve: destroy 2 reads").click()
    expect(commander.get_by_text("Approved. The worker begins within a minute.")).to_be_visible()

    assert finishing_actions.run(purge_id=purge.pk, clock=timezone.now)
    while sealing_actions.seal(now=timezone.now()):
        pass
    assert [read.plate for read in Read.objects.all()] == ["6HLD321"]
    commander.reload()
    looked_at(commander, "purge-done", accessible, screenshots)
    with commander.expect_download() as download:
        commander.get_by_role("link", name="Certificate (ZIP)").click()
    _checked_by_an_outsider(Path(download.value.path()), tmp_path)


@pytest.mark.clause("B-466.5¶2")
def test_what_is_deleted_logically_is_out_of_sight_and_looked_up_on_record(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    town, now = site.barstow, site.now
    two_phased(town, now)
    ready(town, now)
    old, new = old_and_new(town, now)
    chief, officer = page_as("chen"), page_as("ortiz")
    chief.goto("/retention/")
    expect(chief.get_by_text("Only who may look up reads that are deleted logically can")).to_be_visible()
    looked_at(chief, "deleted-logically-schedule", accessible, screenshots)
    for page, username in ((chief, "chen"), (officer, "ortiz")):
        page.goto(_address(town, new, username))
        expect(page.get_by_role("heading", level=1)).to_contain_text("8ABC123")
        expect(page.get_by_text("This read is deleted logically")).to_have_count(0)
    chief.goto(_address(town, old, "chen"))
    expect(chief.get_by_text("This read is deleted logically")).to_be_visible()
    looked_at(chief, "deleted-logically-read", accessible, screenshots)
    officer.goto(_address(town, old, "ortiz"))
    expect(officer.get_by_text("look up reads that are deleted logically")).to_be_visible()
    expect(officer.get_by_text("8ABC123")).to_have_count(0)
    looked_at(officer, "deleted-logically-refused", accessible, screenshots)
    looks = AccessRecord.objects.filter(elements__has_key="deleted_logically")
    assert [look.username for look in looks] == ["chen"]


def _address(town: Town, read: Read, username: str) -> str:
    return open_url(
        read_id=read.id,
        purpose="stolen-plate",
        reason="Vehicle seen leaving the robbery at 1st and Main",
        reference="",
        user_id=town.users[username].pk,
    )


def _old_reads(site: Site, now: datetime) -> None:
    drive(site.barstow.camera, long_ago(now), ["8ABC123", "7XYZ789", "6HLD321"])
    holds.asked(site.barstow, "ortiz", now, holds.plate("6HLD321"))


def _checked_by_an_outsider(file: Path, folder: Path) -> None:
    """With a Python that has nothing of ours."""
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    key = (folder / "log.vkey").read_text(encoding="utf-8")
    command = [sys.executable, "-S", "-E", "purge_verifier.py", ".", "--key", key]
    done = subprocess.run(  # noqa: S603  the file that the test just unpacked
        command, cwd=folder, capture_output=True, text=True, check=False, env={}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 purged, 0 before, 1 held" in done.stdout
