"""A week's review in the browser: who looked, the queue, a question, its answer, a decision."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Accessible, PageAs, Site
from tests.reviewing import searched

Seen = Callable[[Page, str], None]


@pytest.fixture
def seen(accessible: Accessible, screenshots: Path) -> Seen:
    """Check a page, and keep how it looks on a desk, on a telephone and on paper."""

    def look(page: Page, name: str) -> None:
        accessible(page)
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide on a screen of {width}"
        page.emulate_media(media="print")
        page.screenshot(path=screenshots / f"{name}-print.png", full_page=True)
        page.emulate_media(media="screen")

    return look


@pytest.mark.clause("B-466.3.1(c)", "CJIS-AU-6", "B-466.6(a)")
def test_the_commander_reviews_the_week_and_the_officer_explains(
    site: Site, page_as: PageAs, seen: Seen
) -> None:
    for minutes in (10, 20, 30):
        searched(site.barstow, "ortiz", "7RVN204", site.now - timedelta(minutes=minutes))
    searched(site.barstow, "soto", "6TRK*", site.now - timedelta(minutes=40), reason="BOLO susp vehicle")

    cole = page_as("cole")
    cole.goto("/oversight/reviews/")
    seen(cole, "reviews")
    cole.get_by_role("button", name="Review now").click()
    expect(cole.get_by_role("heading", level=1)).to_have_text("Review of accesses")
    seen(cole, "review-queue")
    cole.get_by_role("link", name="One plate again and again").click()
    seen(cole, "review-item")
    cole.get_by_label("Note").fill("Which case were these three for?")
    for button in ("In policy", "Out of policy", "Ask Olivia Ortiz"):
        cole.keyboard.press("Tab")
        expect(cole.get_by_role("button", name=button, exact=True)).to_be_focused()
    cole.keyboard.press("Enter")
    expect(cole.get_by_text("Olivia Ortiz is asked to explain.")).to_be_visible()

    ortiz = page_as("ortiz")
    ortiz.goto("/oversight/my-record/")
    seen(ortiz, "my-record")
    ortiz.get_by_label("Your explanation").fill("26-0311; the report was opened the morning after.")
    ortiz.get_by_role("button", name="Explain").click()
    expect(ortiz.get_by_text("Your explanation went to the reviewer.")).to_be_visible()

    cole.get_by_role("link", name="One plate again and again").click()
    expect(cole.get_by_text("opened the morning after")).to_be_visible()
    seen(cole, "review-item-answered")
    cole.get_by_label("Note").fill("Report 26-0311 bears it out.")
    cole.get_by_role("button", name="In policy").click()
    expect(cole.get_by_text("Found in policy.")).to_be_visible()
    seen(cole, "review-decided")
    cole.get_by_role("link", name="One plate again and again").click()
    expect(cole.get_by_text("found it in policy")).to_be_visible()
    seen(cole, "review-item-decided")


@pytest.mark.clause("B-466.3.1(d)", "CC-1798.90.52")
def test_the_commander_answers_a_subpoena_on_screen_and_paper(
    site: Site, page_as: PageAs, seen: Seen
) -> None:
    searched(site.barstow, "ortiz", "7RVN204", site.now - timedelta(minutes=10))
    searched(site.barstow, "soto", "7RV*", site.now - timedelta(minutes=20))
    cole = page_as("cole")
    cole.goto("/oversight/who-looked/")
    seen(cole, "who-looked")
    cole.get_by_label("Plate, case number, or person").fill("7RVN 204")
    cole.get_by_label("Why is it asked?").select_option("Discovery or court order")
    cole.get_by_label("Who asked for it").fill("Subpoena 26-118 of defense counsel")
    cole.get_by_role("button", name="Ask the record").click()
    expect(cole.get_by_role("row")).to_have_count(3)
    seen(cole, "who-looked-answer")


@pytest.mark.clause("B-466.6(c)")
def test_the_commander_has_the_record_tested_in_the_browser(page_as: PageAs, seen: Seen) -> None:
    cole = page_as("cole")
    cole.goto("/oversight/completeness/")
    cole.get_by_role("button", name="Test now").click()
    expect(cole.get_by_text("Every known act is wholly on record.")).to_be_visible()
    seen(cole, "record-whole")


def test_an_officer_enters_a_plate_of_their_own(page_as: PageAs, seen: Seen) -> None:
    ortiz = page_as("ortiz")
    ortiz.goto("/oversight/my-record/")
    ortiz.get_by_role("link", name="My plates").click()
    ortiz.get_by_role("textbox", name="Plate").fill("5ORT 123")
    ortiz.get_by_role("button", name="Enter").click()
    expect(ortiz.get_by_text("on the list, as a digest")).to_be_visible()
    seen(ortiz, "my-plates")
