"""The screen in the car, as the person beside the cameras touches it, with and without network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from plateward.edge.screen.app import create_app
from plateward.edge.screen.serving import Screen
from tests.browser.conftest import Complaints
from tests.browsing import Accessible
from tests.edge.screens import PIN, Car, car_in, entry, grant, show_alert, show_read, without_network

SMALL_CAR = {"width": 800, "height": 480}


@pytest.fixture
def car(tmp_path: Path) -> Car:
    return car_in(tmp_path)


@pytest.fixture
def page(car: Car, browser: Browser, complaints: Complaints) -> Iterator[Page]:
    screen = Screen(car.parts)
    screen._app = create_app(car.desk)
    port = screen.start(0)
    with browser.new_context(viewport=SMALL_CAR) as context:  # type: ignore[arg-type]  # Playwright's own words
        page = context.new_page()
        complaints.listen(page)
        page.goto(f"http://127.0.0.1:{port}/")
        yield page
    screen.stop()


def enter(page: Page, pin: str, last: str) -> None:
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name=last, exact=True).click()


@pytest.mark.browser
@pytest.mark.clause("B-466.6(a)", "B-466.4(f)", "H-426.5(a)", "H-426.3(f)")
def test_an_officer_answers_an_alert_and_opens_the_screen_without_network(
    car: Car, page: Page, accessible: Accessible, screenshots: Path
) -> None:
    car.server.answers = [grant()]
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    enter(page, PIN, "Next")
    enter(page, PIN, "Set")
    expect(page.get_by_text("No reads yet.")).to_be_visible()

    show_read(car, "8ABC120", 1, doubt="8")
    page.get_by_role("button", name="8 A B C 1 2 0; doubtful: 8").click()
    expect(page.get_by_role("heading", name="Read from near")).to_be_visible()

    show_alert(car, entry("8ABC123"), "BABC123", 2, "read BABC123, entry 8ABC123: one look-alike (B/8)")
    expect(page.get_by_role("heading", name="Stolen vehicle")).to_be_focused()
    unverified = page.get_by_text("UNVERIFIED – confirm by dispatch before any stop (B-466.4(f)).")
    expect(unverified).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("button", name="Matches", exact=True).click()
    expect(page.get_by_text("The picture shows what was read (ortiz,")).to_be_attached()
    expect(unverified).to_be_visible()
    accessible(page)
    page.screenshot(path=screenshots / "unit-alert.png")
    page.get_by_label("How you were told").select_option(label="Radio to a CLETS-certified dispatcher")
    page.get_by_role("button", name="Record is active").click()
    expect(page.get_by_text("VERIFIED by dispatch, as recorded here.")).to_be_visible()

    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    assert "8ABC123" not in page.content()
    without_network(car)
    expect(page.get_by_text("No server since")).to_be_visible()
    page.get_by_role("button", name="Daniela Ortiz").click()
    enter(page, "999998", "Open")
    expect(page.get_by_role("alert").get_by_text("The PIN is wrong; 4 tries are left.")).to_be_visible()
    car.hands.pass_by(3)
    enter(page, PIN, "Open")
    expect(page.get_by_role("heading", name="Stolen vehicle")).to_be_hidden()
    expect(page.get_by_text("Alerts before (1)")).to_be_visible()
    accessible(page)
