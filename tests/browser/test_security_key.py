"""A security key, set up beside the app and used to log in; the browser's virtual key stands in for metal."""

from pathlib import Path

from playwright.sync_api import Page, expect

from plateward.audit.models import AuditRecord
from tests.browsing import Accessible, PageAs, Site, give_code, log_in
from tests.factors import fresh_code
from tests.personas import PASSWORD


def plug_key_in(page: Page) -> None:
    """Give the browser a key that is touched at once."""
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": False,
        "hasUserVerification": False,
        "automaticPresenceSimulation": True,
    }
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_key_is_set_up_and_opens_the_next_session(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def looked_over(name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"key-{name}.png", full_page=True)

    page, home = page_as(""), site.base_url.replace("127.0.0.1", "localhost")
    plug_key_in(page)
    log_in(page, "soto", PASSWORD, home)
    give_code(page, fresh_code("soto"))
    page.goto(f"{home}/me/")
    page.get_by_role("link", name="Manage second factors").click()
    page.get_by_role("link", name="Set up a security key").click()
    page.get_by_label("Name").fill("Key on my ring")
    looked_over("add")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{home}/me/factors/")
    expect(page.get_by_role("rowheader", name="Key on my ring")).to_be_visible()
    looked_over("factors")

    page.get_by_role("button", name="Log out").click()
    log_in(page, "soto", PASSWORD, home)
    looked_over("asked")
    page.get_by_role("button", name="Use security key").click()
    page.wait_for_url(f"{home}/")
    opened = AuditRecord.objects.filter(verb="accounts.session.opened").latest("id")
    assert (opened.username, opened.detail["factor"]) == ("soto", "KEY")

    # Both factors open what is privileged, and the last factor cannot be removed.
    page.goto(f"{home}/me/factors/")
    page.get_by_role("button", name="Remove Phone").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Phone opens nothing any more.")).to_be_visible()
    expect(page.get_by_text("the only one")).to_be_visible()
