"""From hiring to the first search, by way of a training session."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browsing import Accessible, PageAs, Site, log_in
from tests.days import day_of
from tests.factors import code_of, secret_shown
from tests.personas import CONTENT
from tests.teaching import PDF

Seen = Callable[[Page, str], None]
OWN = "a phrase of nobody else's"
SIGNATURE_PX = 50
"""13 mm at 96 pixels an inch: what a signature by hand needs."""


def act(page: Page, task: str, **fields: str) -> None:
    page.get_by_role("link", name=task, exact=True).click()
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name=task, exact=True).click()


def tick(page: Page, *labels: str) -> None:
    for label in labels:
        page.locator("label", has_text=label).first.click()


@pytest.mark.clause("B-466.4(d)", "B-466.8", "B-466.8-content", "B-466.8-record", "B-466.10-accounts")
def test_hiring_session_certification_and_first_search(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def seen(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"training-{name}.png", full_page=True)

    day = (day_of(site.now) - timedelta(days=2)).isoformat()
    imani, cole, cruz = page_as("imani"), page_as("cole"), page_as("cruz")

    # The I.T. Manager creates the account; the Commander approves it; its papers go on file.
    imani.goto("/people/new/")
    imani.get_by_label("Full name").fill("Nina Novak")
    imani.get_by_label("Username").fill("novak")
    imani.get_by_label("Title").select_option("patrol-officer")
    imani.get_by_role("button", name="Create account").click()
    novak_page = imani.url
    cole.goto(novak_page)
    act(cole, "Approve access", Need_to_know="Patrols Main Street.")
    imani.goto(novak_page)
    act(imani, "Record clearance", Screened_on=day)
    act(imani, "Record signed agreement", Signed_on=day)
    expect(imani.get_by_text("has not been completed")).to_be_visible()

    session_held_and_certified(cruz, timezone.localtime(site.now - timedelta(minutes=5)), seen)

    # Activation, first log-in, first search.
    imani.goto(novak_page)
    act(imani, "Activate")
    given, novak = imani.locator("#one-time").inner_text(), page_as("")
    first_log_in_and_search(novak, given)
    novak.goto("/training/")
    seen(novak, "mine")
    novak.goto("/training/courses/")
    seen(novak, "courses")
    scan_filed_and_certification_withdrawn(cruz, novak_page.rpartition("/people/")[2].strip("/"), seen)
    novak.goto("/search/")
    expect(novak.get_by_text("has not been completed").first).to_be_visible()


def scan_filed_and_certification_withdrawn(cruz: Page, person: str, seen: Seen) -> None:
    """The scan goes on file with the certificate; withdrawn, the certification counts no more."""
    cruz.goto(f"/training/people/{person}/")
    seen(cruz, "person")
    cruz.locator("a[href*='/training/certificates/']").first.click()
    cruz.get_by_role("link", name="Put a scan on file").click()
    scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": PDF}
    cruz.get_by_label("File").set_input_files(scan)
    seen(cruz, "attach")
    cruz.get_by_role("button", name="Put on file").click()
    expect(cruz.get_by_text("The file is on file.")).to_be_visible()
    seen(cruz, "certificate")
    cruz.get_by_role("link", name="Withdraw").click()
    cruz.get_by_label("Reason").fill("Another person's sheet.")
    seen(cruz, "withdraw")
    cruz.get_by_role("button", name="Withdraw").click()
    expect(cruz.get_by_text("it counts no more")).to_be_visible()
    seen(cruz, "person-withdrawn")


def session_held_and_certified(cruz: Page, begun: datetime, seen: Seen) -> None:
    """The Training Corporal holds a session; what it leaves out keeps it from being completed."""
    cruz.goto("/training/board/")
    seen(cruz, "board")
    cruz.get_by_role("link", name="Plan a session").click()
    cruz.get_by_label("Begins").fill(f"{begun:%Y-%m-%dT%H:%M}")
    cruz.get_by_label("Place").fill("Briefing room")
    tick(cruz, "Nina Novak", "Rey Ruiz")
    seen(cruz, "plan")
    cruz.get_by_role("button", name="Plan the session").click()
    session_page = cruz.url
    cruz.get_by_role("link", name="Sign-in sheet").click()
    seen(cruz, "sheet")
    cruz.emulate_media(media="print")
    seen(cruz, "sheet-printed")
    signature = cruz.locator("tbody td:nth-child(3)").first.bounding_box()
    assert signature is not None
    assert signature["height"] >= SIGNATURE_PX
    cruz.emulate_media(media="screen")
    cruz.goto(session_page)
    cruz.get_by_role("link", name="Record attendance").click()
    tick(cruz, *CONTENT[1:], "Nina Novak")
    seen(cruz, "record")
    cruz.get_by_role("button", name="Record attendance").click()
    expect(cruz.get_by_text("leaves out: ALPR policy")).to_be_visible()
    seen(cruz, "left-out")
    cruz.get_by_role("link", name="Record attendance").click()
    tick(cruz, CONTENT[0])
    cruz.get_by_role("button", name="Record attendance").click()
    act(cruz, "Certify completions")
    expect(cruz.get_by_text("The completions are certified.")).to_be_visible()
    seen(cruz, "session")


def first_log_in_and_search(novak: Page, given: str) -> None:
    log_in(novak, "novak", given)
    novak.get_by_label("Present password").fill(given)
    novak.locator("#id_new_password").fill(OWN)
    novak.get_by_label("New password again").fill(OWN)
    novak.get_by_role("button", name="Change password").click()
    novak.get_by_role("link", name="Set up an authenticator app").click()
    secret = secret_shown(novak.locator("#secret").inner_text())
    novak.get_by_role("textbox", name="Code").fill(code_of(secret))
    novak.get_by_role("button", name="Set up").click()
    novak.get_by_role("link", name="I have kept them").click()
    novak.goto("/search/")
    novak.get_by_role("textbox", name="Plate").fill("7ABC123")
    novak.get_by_label("Purpose").select_option("stolen-plate")
    novak.get_by_label("Reason").fill("Plate taken overnight from the lot at 1st and Main")
    novak.get_by_role("button", name="Search", exact=True).click()
    expect(novak.get_by_role("heading", level=1)).to_have_text("No reads for 7ABC123")
