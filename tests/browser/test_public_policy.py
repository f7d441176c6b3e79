"""Somebody from the town reads the policy on a telephone, without an account."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browsing import Accessible, PageAs, Site

PHONE = {"width": 360, "height": 740}


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)", "H-426.2.1(e)")
def test_a_resident_reads_the_policy_on_a_phone_and_fetches_it_as_pdf(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    page = page_as("")
    page.set_viewport_size(PHONE)
    page.goto(f"/public/{site.huntington_park.agency.pk}/policy")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Usage and privacy policy for automated license plate readers"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    accessible(page)
    page.screenshot(path=screenshots / "public-policy-phone.png", full_page=True)
    page.get_by_role("link", name="Accuracy and correction of errors").click()
    section = page.get_by_role("region", name="Accuracy and correction of errors")
    expect(section).to_contain_text("Not addressed by this policy.")
    address = page.get_by_role("link", name="This page as PDF").get_attribute("href")
    assert address is not None
    fetched = page.request.get(address)
    assert fetched.headers["content-type"] == "application/pdf", fetched.text()
    (screenshots / "policy.pdf").write_bytes(fetched.body())
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/public/{site.barstow.agency.pk}/policy")
    accessible(page)
    page.screenshot(path=screenshots / "public-policy.png")
