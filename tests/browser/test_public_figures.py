"""Somebody from the town reads a month's figures on a telephone, in English and in Spanish."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from plateward.audit.sealing_actions import seal
from plateward.governance.models import Adoption
from plateward.transparency import figures
from tests.browsing import Accessible, PageAs, Site

PHONE = {"width": 360, "height": 740}
ZONE = ZoneInfo("America/Los_Angeles")


def last_month() -> date:
    return figures.before(timezone.now().astimezone(ZONE).date().replace(day=1))


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)")
def test_the_commander_publishes_a_month_and_a_resident_reads_it(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    month = last_month()
    began = figures.bounds(month, ZONE)[0]
    Adoption.objects.filter(agency=site.barstow.agency).update(adopted_at=began, effective_at=began)
    seal(now=timezone.now())
    cole = page_as("cole")
    cole.goto("/posting/")
    cole.get_by_role("link", name="Monthly figures").click()
    cole.get_by_role("link", name=f"{month:%B %Y}").click()
    accessible(cole)
    cole.screenshot(path=screenshots / "figures-publish.png", full_page=True)
    cole.get_by_role("button", name="Publish").click()
    expect(cole.get_by_text(f"{month:%Y-%m} is published, edition 1.")).to_be_visible()
    accessible(cole)

    page = page_as("")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # width and height
    page.goto(f"/public/{site.barstow.agency.pk}/policy")
    page.get_by_role("link", name="Monthly figures").click()
    expect(page.get_by_role("heading", name=f"{month:%B %Y}")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.screenshot(path=screenshots / "figures-phone.png", full_page=True)
    page.get_by_role("link", name="En español").click()
    expect(page.get_by_text("Búsquedas, según su propósito")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.screenshot(path=screenshots / "cifras-phone.png", full_page=True)
