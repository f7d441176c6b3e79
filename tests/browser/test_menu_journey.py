"""The frame on a desk and on a telephone: a menu of one row for the keyboard, tables as stacked rows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browsing import Accessible, PageAs, Site

PHONE: ViewportSize = {"width": 360, "height": 740}

TABLES = (
    "/people/",
    "/organization/",
    "/organization/data/",
    "/organization/delegations/",
    "/control/accounts/",
    "/control/reviews/",
    "/policy/",
    "/policy/checklist/",
    "/policy/registers/",
    "/oversight/reviews/",
    "/oversight/who-looked/",
    "/audit/journal/",
    "/audit/accesses/",
    "/audit/ledger/",
    "/posting/",
    "/public/barstow-pd/policy",
)


@pytest.mark.usefixtures("site")
def test_the_captains_menu_is_one_row_and_its_groups_are_worked_by_the_keyboard(
    page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    cole = page_as("cole")
    cole.goto("/audit/journal/")
    menu = cole.get_by_label("Main")
    tops = "items => new Set(items.map(item => item.getBoundingClientRect().top)).size"
    assert menu.locator("#menu > li").evaluate_all(tops) == 1, "the menu is one row"
    group = menu.get_by_role("button", name="Oversight")
    expect(group).to_have_attribute("aria-current", "true")
    group.focus()
    cole.keyboard.press("Enter")
    expect(group).to_have_attribute("aria-expanded", "true")
    accessible(cole)
    cole.screenshot(path=screenshots / "menu-open.png")
    cole.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Who looked")).to_be_focused()
    cole.keyboard.press("Escape")
    expect(group).to_be_focused()
    expect(menu.get_by_role("link", name="Who looked")).to_be_hidden()
    cole.keyboard.press("Enter")
    menu.get_by_role("button", name="Mine").click()
    expect(group).to_have_attribute("aria-expanded", "false")
    menu.get_by_role("link", name="My record").click()
    expect(cole).to_have_url(f"{cole.url.split('/oversight')[0]}/oversight/my-record/")


def test_the_menu_works_on_a_telephone_and_without_scripts(page_as: PageAs, accessible: Accessible) -> None:
    cole = page_as("cole")
    cole.set_viewport_size(PHONE)
    cole.goto("/")
    cole.get_by_role("button", name="Menu").click()
    cole.get_by_role("button", name="Agency").click()
    accessible(cole)
    cole.get_by_role("link", name="Posting", exact=True).click()
    expect(cole.get_by_role("heading", level=1)).to_be_visible()
    cole.route("**/*.js", lambda route: route.abort())
    cole.goto("/")
    expect(cole.get_by_label("Main").get_by_role("link", name="Journal")).to_be_visible()


def test_no_table_scrolls_sideways_on_a_telephone(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    look = _look(page_as("cole"), accessible, screenshots)
    for address in TABLES:
        look(address)
    _look(page_as("cruz"), accessible, screenshots)("/training/board/")
    _look(page_as("imani"), accessible, screenshots)(f"/reads/upload/{site.barstow.camera.pk}/")


def _look(page: Page, accessible: Accessible, screenshots: Path) -> Callable[[str], None]:
    wide = """() => [document.documentElement, ...document.querySelectorAll('.pw-table')]
        .filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.ariaLabel)"""

    def look(address: str) -> None:
        page.set_viewport_size(PHONE)
        assert page.goto(address).status == 200, address  # type: ignore[union-attr]  # an address of ours answers
        assert page.evaluate(wide) == [], address
        accessible(page)
        name = address.strip("/").replace("/", "-")
        page.screenshot(path=screenshots / f"phone-{name}.png", full_page=True)

    return look
