"""What the browser tests are handed: the running site, and pages of people who are logged in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from playwright.sync_api import Locator, Page, expect

from tests.personas import Town

PageAs = Callable[[str], Page]
"""`page_as("dunn")`: a page of a new browser in which Dispatcher Dunn is logged in; "" is nobody."""

Accessible = Callable[[Page], None]
"""`accessible(page)` fails with axe-core's findings when the page breaks a WCAG 2.1 A or AA rule."""


@dataclass(frozen=True)
class Site:
    """The running site with both towns in it; `now` is the instant they were built at."""

    base_url: str
    ingest_url: str
    now: datetime
    barstow: Town
    huntington_park: Town


def pressed(page: Page, button: Locator, address: str) -> None:
    """Press a button and wait for the answer to what it sends to an address with these words."""
    with page.expect_response(lambda answer: answer.request.method == "POST" and address in answer.url):
        button.click()


def log_in(page: Page, username: str, password: str, site: str = "") -> None:
    """Step one of logging in, on its page; keys need the `site`'s own address."""
    page.goto(f"{site}/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_text("I have read this notice").click()
    expect(page.get_by_label("I have read this notice")).to_be_checked()
    with page.expect_navigation():
        pressed(page, page.get_by_role("button", name="Log in"), "/login/")


def give_code(page: Page, code: str) -> None:
    """Step two, with an authenticator app's code."""
    page.get_by_role("textbox", name="Code").fill(code)
    with page.expect_navigation():
        pressed(page, page.get_by_role("button", name="Continue"), "/login/")
