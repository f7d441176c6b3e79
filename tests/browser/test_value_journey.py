"""The commander changes one value in a form and proposes it; the chief finds the notice and adopts it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Accessible, PageAs, Site

LookedOver = Callable[[Page, str], None]
"""`looked_over(page, name)` checks the page with axe-core and takes its picture under this name."""


@pytest.fixture
def looked_over(accessible: Accessible, screenshots: Path) -> LookedOver:
    def look(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"values-{name}.png", full_page=True)

    return look


@pytest.mark.clause("B-466.3¶2", "B-466.3.1")
def test_a_value_goes_from_a_form_to_force_by_two_people(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    del site
    cole = page_as("cole")
    cole.goto("/policy/edit/")
    looked_over(cole, "overview")
    cole.locator("summary", has_text="Audit").click()
    cole.get_by_role("link", name="Change Audit: how often", exact=True).click()
    expect(cole.get_by_label("Which document")).to_be_hidden()
    cole.get_by_label("How many").fill("2")
    looked_over(cole, "form")
    cole.get_by_role("button", name="Change in what I prepare").click()
    expect(cole.get_by_role("region", name="What you prepared")).to_contain_text("3 months to 2 months")
    cole.get_by_label("New version").fill("2026.3")
    cole.get_by_label("Why this change").fill("The council asked.")
    looked_over(cole, "prepared")
    cole.get_by_role("button", name="Propose to a second person").click()
    looked_over(cole, "draft")
    chen = page_as("chen")
    chen.goto("/policy/versions/")
    chen.get_by_role("link", name="2026.3").click()
    looked_over(chen, "decision")
    chen.get_by_role("button", name="Put this version in force").click()
    expect(chen.get_by_role("main")).to_contain_text("Adopted.")


@pytest.mark.clause("CC-1798.90.55", "B-466.3.1(f)")
def test_the_pages_beside_the_policy_are_looked_over(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    del site
    cole = page_as("cole")
    for name, address in (
        ("checklist", "/policy/checklist/"),
        ("sb34", "/policy/completeness/"),
        ("registers", "/policy/registers/"),
        ("register-comment", "/policy/registers/enter?register=comment"),
        ("postings", "/posting/"),
    ):
        cole.goto(address)
        looked_over(cole, name)
    cole.goto("/policy/registers/enter?register=contract")
    cole.get_by_label("Vendor", exact=False).first.fill("Reader Works Inc.")
    looked_over(cole, "register-contract")
