"""A private university is refused; a district attorney is approved, and collects in the portal (B-466.7)."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord
from plateward.evidence import package_work
from plateward.policy import PartnerClass
from plateward.releases.models import ReleaseRequest
from tests.browsing import Accessible, PageAs, Site
from tests.releasing import DA, partner, portal_person, seen_read, with_clerk
from tests.teaching import PDF

LookedOver = Callable[[Page, str], None]
LETTER = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def looked_over(accessible: Accessible, screenshots: Path) -> LookedOver:
    """Check a page and photograph it, at last on a phone."""

    def check(page: Page, name: str) -> None:
        page.evaluate("window.scrollTo(0, 0)")  # the menu would lie over the form, and be held against it
        accessible(page)
        page.screenshot(path=screenshots / f"release-{name}.png", full_page=True)
        size = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.screenshot(path=screenshots / f"release-{name}-phone.png", full_page=True)
        page.set_viewport_size(size or {"width": 1440, "height": 1000})
        assert wide <= 360, f"{name} is {wide} px wide on a phone"

    return check


@pytest.mark.clause("B-466.7", "B-466.7(a)", "B-466.7(b)", "B-466.7(c)")
def test_one_is_refused_one_is_approved_and_collects(
    site: Site, page_as: PageAs, looked_over: LookedOver, tmp_path: Path
) -> None:
    town, now = site.barstow, site.now
    seen_read(town, now)
    attorney = partner(town, now)
    partner(town, now, "Mojave Private University", kind=PartnerClass.PRIVATE, is_enforcement=False)
    person = portal_person(town, now, attorney)
    clerk, cole, lane = page_as(with_clerk(town, now)), page_as("cole"), page_as("lane")
    pat = page_as(person.username)

    clerk.goto(f"{site.base_url}/releases/")
    clerk.get_by_role("link", name="Record a request").click()
    fill_in(clerk, "Mojave Private University", "A study of traffic")
    looked_over(clerk, "record")
    clerk.get_by_role("button", name="Record").click()
    expect(clerk.get_by_text("Hard stop.").first).to_be_visible()
    cole.goto(clerk.url)
    looked_over(cole, "stopped")
    cole.get_by_role("link", name="Refuse").click()
    cole.get_by_label("Reason").fill("A private body.")
    cole.get_by_role("button", name="Refuse").click()
    expect(cole.get_by_text("The request is refused. It stays on file.")).to_be_visible()

    pat.goto(site.base_url)
    pat.get_by_role("link", name="Submit a request").click()
    fill_in(pat, "", "Robbery at First and Main")
    pat.get_by_text("I acknowledge that these data").click()
    looked_over(pat, "portal-submit")
    pat.get_by_role("button", name="Submit").click()
    expect(pat.get_by_text("Nothing yet.")).to_be_visible()
    asked = ReleaseRequest.objects.get(asked_by=person)

    lane.goto(f"{site.base_url}/releases/{asked.pk}/")
    lane.get_by_role("link", name="Approve").click()
    lane.get_by_label("Reason").fill("A prosecutor's case.")
    lane.get_by_role("button", name="Approve").click()
    expect(lane.get_by_text("Your decision is on record.")).to_be_visible()

    clerk.goto(f"{site.base_url}/releases/{asked.pk}/")
    clerk.get_by_role("link", name="Prepare the data").click()
    looked_over(clerk, "prepare")
    clerk.get_by_role("button", name="Pack the data").click()
    expect(clerk.get_by_text("The package is being built.")).to_be_visible()
    package_work.work_waiting(now=timezone.now())
    clerk.reload()
    leave(clerk)
    looked_over(clerk, "fulfilled")

    pat.reload()
    looked_over(pat, "portal-collect")
    with pat.expect_download() as given:
        pat.get_by_role("button", name="Collect the package").click()
    given.value.save_as(tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as bag:
        assert any(name.endswith("bagit.txt") for name in bag.namelist())
    assert AccessRecord.objects.filter(organization=DA, username=person.username).count() == 1


def leave(clerk: Page) -> None:
    """Leave the package in the portal for two weeks."""
    clerk.get_by_role("link", name="Leave in the portal").click()
    clerk.get_by_label("Collected through").fill((timezone.localdate() + timedelta(days=14)).isoformat())
    clerk.get_by_role("button", name="Leave it there").click()
    expect(clerk.get_by_text("may collect it in the portal through")).to_be_visible()


def fill_in(page: Page, agency: str, intended: str) -> None:
    """What a written request says."""
    if agency:
        page.get_by_label("Agency, as the request writes it").fill(agency)
        page.get_by_label("On the partner register as").select_option(label=agency)
        page.get_by_label("Person requesting").fill("Dr. Drew Dean")
    else:
        page.get_by_label("Purpose under this agency’s policy").select_option(label="Suspect interdiction")
    page.get_by_label("Intended purpose").fill(intended)
    page.get_by_label("Plates").fill("8ABC123")
    begins = timezone.now() - timedelta(days=3)
    page.get_by_label("Captured from").fill(begins.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Captured until").fill((begins + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M"))
    page.locator('input[type="file"]').set_input_files(files=[LETTER])
