"""An audit from plan to sign-off: the commander draws and judges, the corporal puts a finding right."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.audit.sealing_actions import seal
from tests.auditing import CONCLUSION, DONE, WHY
from tests.browsing import Accessible, PageAs, Site
from tests.reviewing import searched

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 1000}


Look = Callable[[Page, str], None]


@pytest.fixture
def looked_over(accessible: Accessible, screenshots: Path) -> Look:
    """Check a page with axe and take its pictures on a phone and at a desk."""

    def look(page: Page, name: str) -> None:
        accessible(page)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
            page.screenshot(path=screenshots / f"{name}-{size['width']}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    return look


@pytest.mark.clause("B-466.6(c)", "H-426.5(c)")
def test_the_commander_audits_a_quarter_and_signs_it_off(
    site: Site, page_as: PageAs, looked_over: Look, screenshots: Path
) -> None:
    for person in ("ortiz", "quinn"):
        searched(site.barstow, person, "7ABC123", site.now)
    hayes = page_as("hayes")
    hayes.goto("/audits/")
    expect(hayes.get_by_text("asks for audits on a regular basis")).to_be_visible()

    cole = page_as("cole")
    cole.goto("/audits/")
    looked_over(cole, "audits")
    cole.get_by_role("button", name="Begin the audit").click()
    expect(cole.get_by_text("The sample is not drawn yet")).to_be_visible()
    seal(now=timezone.now())
    cole.get_by_role("button", name="Draw it now").click()
    expect(cole.get_by_role("region", name="Search activity")).to_be_visible()
    looked_over(cole, "audit")
    judge_one_out_of_policy(cole, looked_over)
    judge_the_rest(cole)
    cole.get_by_label("Conclusion").fill(CONCLUSION)
    cole.get_by_role("button", name="Sign off").click()
    expect(cole.get_by_text("Audit A-1 is signed off.")).to_be_visible()
    looked_over(cole, "audit-signed")
    with cole.expect_download() as download:
        cole.get_by_role("button", name="Download the report as PDF").click()
    download.value.save_as(screenshots / "audit.pdf")

    cruz = page_as("cruz")
    cruz.goto("/")
    cruz.get_by_role("link", name="Finding A-1.1 of an audit is yours to resolve.").first.click()
    cruz.get_by_label("What was done").fill(DONE)
    looked_over(cruz, "finding")
    cruz.get_by_role("button", name="It is resolved").click()
    expect(cruz.get_by_text("It waits for an auditor")).to_be_visible()

    cole.goto("/audits/")
    cole.get_by_role("link", name="A-1.1").click()
    cole.get_by_role("radio", name="Yes: close it").focus()
    cole.keyboard.press("Space")
    cole.get_by_label("What you looked at").fill(DONE)
    cole.get_by_role("button", name="Record it").click()
    expect(cole.get_by_text("Closed.", exact=True)).to_be_visible()


def judge_one_out_of_policy(cole: Page, looked_over: Look) -> None:
    cole.get_by_role("region", name="The sample", exact=True).get_by_role("link").first.click()
    looked_over(cole, "audit-record")
    cole.get_by_role("radio", name="Out of policy").focus()
    cole.keyboard.press("Space")
    cole.get_by_label("Why").fill(WHY)
    cole.get_by_role("button", name="Record it").click()
    cole.get_by_role("link", name="Raise a finding").click()
    cole.get_by_role("radio", name="Medium").focus()
    cole.keyboard.press("Space")
    cole.get_by_label("What did you find?").fill("Reasons are not looked at when a shift ends.")
    cole.get_by_label("Who puts it right?").select_option(label="Celia Cruz, Corporal")
    cole.get_by_label("To be resolved by").fill("2099-01-31")
    looked_over(cole, "audit-finding-new")
    cole.get_by_role("button", name="Raise the finding").click()
    expect(cole.get_by_text("Finding A-1.1 is with Celia Cruz.")).to_be_visible()


def judge_the_rest(cole: Page) -> None:
    cole.get_by_role("row").filter(has_text="To judge").get_by_role("link").click()
    cole.get_by_role("radio", name="In policy").focus()
    cole.keyboard.press("Space")
    cole.get_by_role("button", name="Record it").click()
    expect(cole.get_by_role("heading", name="Sign off")).to_be_visible()
    asked = cole.get_by_role("link", name="No finding, because")
    for left in range(asked.count(), 0, -1):
        asked.first.click()
        cole.get_by_label("Why it needs no finding").fill("Known, and answered by letter of this week.")
        cole.get_by_role("button", name="Record it").click()
        expect(cole.get_by_text("Your word stands beside the check.")).to_be_visible()
        expect(asked).to_have_count(left - 1)
