"""From a camera's read to the auditor: searching with a purpose, refused by policy, found in the records."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.reads.models import Read
from tests.browsing import Accessible, PageAs, Site
from tests.cameras import SIZE, sees, send
from tests.sightings import seen

REASON = "Vehicle seen leaving the robbery at 1st and Main"
STORED_WITHIN_MS = 10_000

LookedOver = Callable[[Page, str], None]
"""`looked_over(page, name)` checks the page with axe-core and takes its picture under this name."""


def fill(page: Page, plate: str, purpose: str, reason: str = REASON, reference: str = "") -> None:
    page.goto("/search/")
    page.get_by_role("textbox", name="Plate").fill(plate)
    page.get_by_label("Purpose").select_option(purpose)
    page.get_by_label("Reason").fill(reason)
    page.get_by_label("Case or incident number").fill(reference)


def press_search(page: Page) -> None:
    page.get_by_role("button", name="Search", exact=True).click()


@pytest.mark.clause("B-466.3", "B-466.4(c)", "B-466.6(a)", "B-466.6(b)", "H-426.2")
def test_officer_searches_detective_is_refused_and_captain_sees_both_on_record(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    send(site.ingest_url, site.barstow.camera_key, sees("7ABC123", site.now, event="search-1"))
    for plate, hours in (("7ABD123", 2), ("6XYZ789", 3), ("7ABC123", 30)):
        seen(site.barstow.camera, plate, site.now - timedelta(hours=hours))

    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)

    officer_finds_whole_and_partial_plates(page_as("ortiz"), looked_over)
    detective_cannot_analyze_crime(page_as("hale"), looked_over)
    captain_finds_who_looked(page_as("cole"), looked_over)


def officer_finds_whole_and_partial_plates(ortiz: Page, looked_over: LookedOver) -> None:
    ortiz.goto("/search/")
    form = ortiz.url
    looked_over(ortiz, "search-form")
    wait_until_stored(ortiz)
    fill(ortiz, "7abc 123", "stolen-or-wanted-vehicle", reference="26-01234")
    press_search(ortiz)
    expect(ortiz.get_by_role("heading", level=1)).to_have_text("2 reads for 7ABC123")
    expect(ortiz.get_by_role("heading", level=1)).to_be_focused()
    picture = ortiz.locator("img.pw-alert__picture").first
    width = picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert 0 < width < SIZE[0], "a list shows thumbnails"
    assert ortiz.url.startswith(form)
    assert ortiz.url != form, "the results have an address of their own"

    # What was given of a partial plate and what was left open can be told apart.
    fill(ortiz, "7AB?1*", "stolen-or-wanted-vehicle", reference="26-01234")
    press_search(ortiz)
    expect(ortiz.get_by_role("heading", level=1)).to_have_text("3 reads for 7AB?1*")
    expect(ortiz.locator(".plate__open").first).to_have_text("C")
    looked_over(ortiz, "search-results")

    # A read is opened for the same purpose; going back shows the results again, on record.
    ortiz.get_by_role("link", name="Open the read of 7ABC123").first.click()
    expect(ortiz.get_by_role("heading", level=1)).to_contain_text("7ABC123")
    expect(ortiz.get_by_text("Opened for: Stolen or wanted vehicle")).to_be_visible()
    ortiz.go_back()
    expect(ortiz.get_by_role("heading", level=1)).to_have_text("3 reads for 7AB?1*")
    ortiz.goto("/search/mine/")
    expect(ortiz.get_by_role("row")).to_have_count(3)
    looked_over(ortiz, "search-mine")

    # A mistake is told where it is, with the keyboard on it.
    fill(ortiz, "7", "stolen-or-wanted-vehicle")
    press_search(ortiz)
    expect(ortiz.get_by_role("alert").first).to_be_focused()
    expect(ortiz.locator("#id_plate_error")).to_contain_text("At least 2 known letters or digits")
    looked_over(ortiz, "search-mistake")


def detective_cannot_analyze_crime(hale: Page, looked_over: LookedOver) -> None:
    hale.goto("/search/")
    expect(hale.locator("option[value='crime-analysis']")).to_have_count(0)
    expect(hale.get_by_text("Crime analysis")).to_be_visible()
    looked_over(hale, "search-form-huntington-park")
    hale.locator("select[name=purpose]").evaluate(
        "select => select.add(new Option('Crime analysis', 'crime-analysis'))"
    )
    hale.get_by_role("textbox", name="Plate").fill("7ABC123")
    hale.get_by_label("Purpose").select_option("crime-analysis")
    hale.get_by_label("Reason").fill(REASON)
    press_search(hale)
    refusal = hale.locator("#failure")
    expect(refusal).to_contain_text("H-426.2")
    expect(refusal).to_contain_text("Crime analysis is not a purpose")
    looked_over(hale, "search-refused")
    assert AuditRecord.objects.filter(agency="huntington-park-pd", verb="governance.access.refused").exists()
    assert not AccessRecord.objects.filter(agency="huntington-park-pd").exists()


def captain_finds_who_looked(cole: Page, looked_over: LookedOver) -> None:
    cole.goto("/audit/accesses/")
    cole.get_by_role("textbox", name="Plate").fill("7ABC123")
    cole.get_by_role("button", name="Show").click()
    records = cole.get_by_role("row").filter(has_text="Olivia Ortiz")
    expect(records).to_have_count(AccessRecord.objects.filter(username="ortiz").count())
    expect(records.first).to_contain_text(REASON)
    expect(records.first).to_contain_text("26-01234")
    records.first.get_by_text("What was asked").click()
    looked_over(cole, "audit-accesses")
    cole.goto("/audit/journal/?area=audit")
    expect(cole.get_by_text("looked at reads of").first).to_be_visible()
    cole.get_by_text("Details").first.click()
    looked_over(cole, "audit-journal")


def wait_until_stored(page: Page) -> None:
    """The camera's read passes the inbox in its own process."""
    for _ in range(STORED_WITHIN_MS // 100):
        if Read.objects.filter(source_event_id="search-1").exists():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the camera's read was not stored")


def test_search_works_without_scripts(site: Site, page_as: PageAs) -> None:
    seen(site.barstow.camera, "7ABC123", site.now - timedelta(hours=1))
    ortiz = page_as("ortiz")
    ortiz.route("**/*.js", lambda route: route.abort())
    fill(ortiz, "7ABC*", "stolen-plate")
    press_search(ortiz)
    expect(ortiz.get_by_role("heading", level=1)).to_have_text("1 read for 7ABC*")
    fill(ortiz, "7ABC*", "stolen-plate", reason="my ex drives it")
    press_search(ortiz)
    expect(ortiz.get_by_role("heading", name="Nothing was searched yet: look at your reason")).to_be_visible()
    ortiz.get_by_role("button", name="Search nevertheless").click()
    expect(ortiz.get_by_text("Your reason is marked for review")).to_be_visible()
