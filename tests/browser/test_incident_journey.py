"""A security incident from its report to the letter: the officer, then the commander."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.incidents.letters import HEADINGS
from tests.browsing import Accessible, PageAs, Site
from tests.incident_acts import HAPPENED

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 1000}


@pytest.mark.clause("CC-1798.90.51")
def test_an_officer_reports_an_incident_and_the_commander_works_it(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    del site

    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
            page.screenshot(path=screenshots / f"{name}-{size['width']}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    ortiz = page_as("ortiz")
    ortiz.goto("/incidents/")
    ortiz.get_by_role("link", name="Report an incident").click()
    ortiz.get_by_label("What happened?").fill(HAPPENED)
    ortiz.get_by_label("Reads: plates with place and time").focus()
    ortiz.keyboard.press("Space")
    looked_over(ortiz, "incident-new")
    ortiz.get_by_role("button", name="Report", exact=True).click()
    expect(ortiz.get_by_text(HAPPENED)).to_be_visible()
    expect(ortiz.get_by_text("Checklist")).to_have_count(0)

    cole = page_as("cole")
    cole.goto("/incidents/")
    looked_over(cole, "incidents")
    cole.get_by_role("link", name="I-1").click()
    cole.get_by_label("How, and with whom").fill("Disks copied with the IT manager.")
    cole.get_by_role("button", name="Record the step").click()
    expect(cole.get_by_text("The step is on record.")).to_be_visible()
    cole.get_by_role("link", name="Draw who is affected").click()
    cole.get_by_label("Searches, and results").focus()
    cole.keyboard.press("Space")
    cole.get_by_label("From").fill("2026-01-01T00:00")
    cole.get_by_label("Until").fill("2026-01-02T00:00")
    looked_over(cole, "incident-affected")
    cole.get_by_role("button", name="Draw who is affected").click()
    cole.get_by_role("link", name="Write the letter").click()
    for heading in HEADINGS.values():
        cole.get_by_label(heading).fill(f"{heading}, in plain words.")
    cole.get_by_label("Whom to ask").fill("Records, (760) 555-0100")
    looked_over(cole, "incident-letter")
    cole.get_by_role("button", name="Write the letter").click()
    with cole.expect_download() as download:
        cole.get_by_role("button", name="Download letter 1 as PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    download.value.save_as(screenshots / "letter.pdf")
    looked_over(cole, "incident")
