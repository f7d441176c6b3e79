"""A violation from report to retraining: the officer, the commander, the colleague, the Training Corporal."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.violations import actions
from tests.browsing import Accessible, PageAs, Site
from tests.reporting import WHAT, patrol, retrained

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 1000}


@pytest.mark.clause("B-466.6(e)")
def test_an_officer_reports_a_violation_and_it_ends_with_certified_retraining(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    patrol(site.barstow, site.now)

    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
            page.screenshot(path=screenshots / f"{name}-{size['width']}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    ortiz = page_as("ortiz")
    ortiz.goto("/violations/")
    ortiz.get_by_role("link", name="Report an error or violation").click()
    ortiz.get_by_role("radio", name="A suspected violation").focus()
    ortiz.keyboard.press("Space")
    ortiz.get_by_label("Whom is it about?").select_option(label="Sam Soto, Sergeant")
    ortiz.get_by_label("What happened?").fill(WHAT)
    looked_over(ortiz, "violation-new")
    ortiz.get_by_role("button", name="Report", exact=True).click()
    expect(ortiz.get_by_text("Report V-1 went to Carl Cole, Cora Chen.")).to_be_visible()
    expect(ortiz.get_by_text("a superior was passed over")).to_be_visible()

    soto = page_as("soto")
    soto.goto("/violations/")
    expect(soto.get_by_role("link", name="V-1")).to_have_count(0)

    cole = page_as("cole")
    cole.goto("/violations/")
    looked_over(cole, "violations")
    cole.get_by_role("link", name="V-1").click()
    cole.get_by_role("button", name="Record the finding").click()
    expect(cole.get_by_role("alert").first).to_be_focused()
    cole.get_by_text("A violation of the policy by this person").click()
    cole.get_by_label("Why").fill("The plate was searched without a case and shown around.")
    looked_over(cole, "violation-decide")
    cole.get_by_role("button", name="Record the finding").click()
    expect(cole.get_by_text("The finding is on record.")).to_be_visible()
    looked_over(cole, "violation-found")

    soto.goto("/violations/")
    soto.get_by_role("link", name="V-1").click()
    expect(soto.get_by_text("The plate was searched without a case")).to_be_visible()
    expect(soto.get_by_text("Olivia Ortiz")).to_have_count(0)
    looked_over(soto, "violation-about-me")
    soto.get_by_role("main").get_by_role("link", name="My training").click()
    expect(soto.get_by_role("main").get_by_text("After report V-1")).to_be_visible()

    now = timezone.now()
    retrained(site.barstow, "soto", now)
    assert actions.close_retrained(now=now) == 1
    cole.reload()
    expect(cole.get_by_text("closed it: the retraining is completed")).to_be_visible()
