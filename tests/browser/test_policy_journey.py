"""A change of the policy by two people, in plain words, tried on the past, in force for everybody."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.audit.models import AuditRecord
from plateward.hotlists import actions as hotlists
from tests.browsing import Accessible, PageAs, Site
from tests.versions import WITHOUT_CRIME_ANALYSIS

REMOVED = "Purpose “Crime analysis” is removed."

LookedOver = Callable[[Page, str], None]
"""`looked_over(page, name)` checks the page with axe-core and takes its picture under this name."""


@pytest.mark.clause("B-466.3¶2", "B-466.3.1", "CC-1798.90.51", "CC-1798.90.53")
def test_commander_proposes_chief_adopts_and_detective_works_under_the_new_version(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    hotlists.request_entry(
        plate="6XYZ789",
        region="US-CA",
        vehicle_description="",
        purpose="crime-analysis",
        reason="Seen at three burglaries",
        by=site.barstow.actor("diaz", site.now),
        now=site.now,
    )

    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)

    commander_proposes(page_as("cole"), looked_over)
    chief_adopts(page_as("chen"), looked_over)
    detective_works_under_it(page_as("diaz"), looked_over)


def commander_proposes(cole: Page, looked_over: LookedOver) -> None:
    cole.goto("/policy/")
    cole.get_by_role("link", name="Versions").click()
    cole.get_by_role("link", name="Propose a version").click()
    cole.wait_for_load_state()  # a text still coming in is read cut off
    text = cole.get_by_label("The policy as YAML")
    begun = text.input_value()
    broken = begun.replace("clause: B-466.4, value: true", "clause: B-9, value: true")
    text.fill(broken)
    cole.get_by_role("button", name="Check and compare").click()
    expect(cole.get_by_role("alert").first).to_be_focused()
    expect(cole.get_by_role("alert").first).to_contain_text("there is no clause `B-9`")
    looked_over(cole, "policy-mistake")

    changed = begun.replace('version: "2026.2"', 'version: "2026.3"').replace(*WITHOUT_CRIME_ANALYSIS)
    cole.get_by_label("The policy as YAML").fill(changed)
    cole.get_by_label("Why this change").fill("The council ended crime analysis.")
    cole.get_by_role("button", name="Check and compare").click()
    expect(cole.get_by_text(REMOVED)).to_be_visible()
    looked_over(cole, "policy-compared")
    cole.get_by_role("button", name="Propose").click()
    expect(cole.get_by_role("heading", level=1)).to_contain_text("Waiting for a second person")
    expect(cole.get_by_text("Nobody decides on a version they proposed").first).to_be_visible()
    looked_over(cole, "policy-draft-own")

    cole.get_by_role("link", name="Try it on the last 90 days").click()
    expect(cole.get_by_text("1 of 1 hotlist requests would have been refused")).to_be_visible()
    expect(cole.get_by_role("cell", name="Dolores Diaz")).to_be_visible()
    looked_over(cole, "policy-dry-run")


def chief_adopts(chen: Page, looked_over: LookedOver) -> None:
    chen.goto("/policy/versions/")
    chen.get_by_role("link", name="2026.3").click()
    expect(chen.get_by_text(REMOVED)).to_be_visible()
    looked_over(chen, "policy-draft")
    chen.get_by_role("button", name="Put this version in force").click()
    expect(chen.get_by_text("Adopted. It decides from its effective date on.")).to_be_visible()
    chen.goto("/policy/versions/")
    expect(chen.get_by_role("row", name="2026.3 In force")).to_contain_text("Proposed by Carl Cole")
    looked_over(chen, "policy-versions")
    with chen.expect_download() as fetched:
        chen.get_by_role("link", name="Download version 2026.3 as YAML").click()
    assert fetched.value.suggested_filename == "barstow-pd-2026.3.yaml"
    chen.get_by_role("link", name="2026.3", exact=True).click()
    looked_over(chen, "policy-version")
    verbs = AuditRecord.objects.filter(verb__startswith="governance.draft").order_by("id")
    assert [(row.verb.rpartition(".")[2], row.username) for row in verbs] == [
        ("proposed", "cole"),
        ("replayed", "cole"),
        ("adopted", "chen"),
    ]


def detective_works_under_it(diaz: Page, looked_over: LookedOver) -> None:
    diaz.goto("/search/")
    expect(diaz.locator("option[value='crime-analysis']")).to_have_count(0)
    diaz.goto("/policy/checklist/")
    expect(diaz.get_by_role("row").filter(has_text="To be confirmed").first).to_be_visible()
    looked_over(diaz, "policy-checklist")
    diaz.get_by_role("link", name="SB 34").click()
    accuracy = diaz.get_by_role("row").filter(has_text="Measures for accuracy")
    expect(accuracy.first).to_contain_text("Missing")
    looked_over(diaz, "policy-sb34")
