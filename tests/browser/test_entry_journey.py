"""A detective's entry from request to recovery, and a partial plate watched for after a shooting."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.hotlists import actions, clock_actions
from plateward.hotlists.models import Entry
from tests.browsing import Accessible, PageAs, Site
from tests.cameras import sees, send

WHITE = {"color": "White", "make": "Toyota", "model": "Camry"}


def fill_in(page: Page, plate: str, reason: str) -> None:
    page.get_by_label("License plate").fill(plate)
    page.get_by_label("Purpose").select_option(index=1)
    page.get_by_label("Reason").fill(reason)


@pytest.mark.clause("B-466.11¶2", "B-466.11¶3", "B-466.11¶3-recovery", "B-466.4(e)")
def test_a_detectives_entry_is_warned_of_approved_entered_re_confirmed_and_removed(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"entry-{name}.png", full_page=True)

    diaz = page_as("diaz")
    diaz.goto("/hotlists/")
    diaz.get_by_role("link", name="Request an entry").click()
    fill_in(diaz, "8ABC123", "Owner is on parole; taken from Main Street at 02:10.")
    looked_over(diaz, "request")
    diaz.get_by_role("button", name="Send request").click()
    expect(diaz.get_by_text("looks like criminal history")).to_be_visible()
    looked_over(diaz, "warned")
    diaz.get_by_label("Reason").fill("Taken from Main Street at 02:10 by the robbers.")
    diaz.get_by_label("Caution").fill("Armed")
    diaz.get_by_role("button", name="Send request").click()
    expect(diaz.get_by_role("heading", level=1)).to_contain_text("Waiting for approval")

    cole = page_as("cole")
    cole.goto(diaz.url)
    cole.get_by_role("button", name="Approve entry").click()
    expect(cole.get_by_role("heading", level=1)).to_contain_text("Approved, to be entered")
    diaz.goto("/")
    expect(diaz.get_by_text("was approved: enter it")).to_be_visible()
    looked_over(diaz, "start")
    diaz.goto("/hotlists/?tab=approved")
    looked_over(diaz, "to-enter")
    diaz.get_by_role("link", name=re.compile("8ABC123")).click()
    looked_over(diaz, "approved")
    diaz.get_by_role("button", name="Enter it").click()
    expect(diaz.get_by_role("heading", level=1)).to_contain_text("Active")

    entry = Entry.objects.get()
    assert entry.expires_at is not None
    clock_actions.remind_due(now=entry.expires_at - timedelta(hours=4))
    cole.goto("/")
    cole.get_by_role("link", name=re.compile("expires soon")).first.click()
    cole.get_by_text("Re-confirm", exact=True).first.click()
    cole.get_by_label("Checked against").fill("CLETS record")
    cole.get_by_label("How it was checked").fill("Still active, entered by us.")
    looked_over(cole, "re-confirm")
    cole.get_by_role("button", name="Re-confirm entry").click()
    expect(cole.get_by_text("Checked against CLETS record: Still active").first).to_be_visible()

    now = timezone.now()
    actions.report_recovered(entry=entry, by=site.barstow.actor("quinn", now), now=now)
    finder_removes(page_as("quinn"), looked_over)


def finder_removes(quinn: Page, looked_over: Callable[[Page, str], None]) -> None:
    quinn.goto("/")
    quinn.get_by_role("link", name=re.compile("have its entry removed")).first.click()
    expect(quinn.get_by_text("this entry still matches")).to_be_visible()
    looked_over(quinn, "recovered")
    quinn.set_viewport_size({"width": 360, "height": 780})
    looked_over(quinn, "recovered-360")
    quinn.get_by_text("Remove", exact=True).first.click()
    quinn.get_by_label("Reason").fill("Recovered at L Street.")
    quinn.get_by_role("button", name="Remove entry").click()
    expect(quinn.get_by_role("heading", level=1)).to_contain_text("Removed")
    looked_over(quinn, "removed")


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_a_partial_plate_is_counted_requested_approved_and_its_alert_explained(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    ortiz = page_as("ortiz")
    ortiz.goto("/hotlists/")
    ortiz.get_by_role("link", name="Watch for a partial plate").click()
    fill_in(ortiz, "?ABC12*", "Shots fired at 1st and Main, partial plate by a witness.")
    ortiz.get_by_label("Major crime").select_option(label="Shooting")
    ortiz.get_by_label("Color").fill("white")
    ortiz.get_by_label("State of the plate").select_option(label="California")
    ortiz.get_by_text("Only plates of that state").click()
    ortiz.get_by_role("button", name="Count known plates").click()
    expect(ortiz.get_by_role("heading", name="0 known plates of the last 30 days fit")).to_be_visible()
    accessible(ortiz)
    ortiz.screenshot(path=screenshots / "watch-counted.png", full_page=True)
    ortiz.set_viewport_size({"width": 360, "height": 780})
    accessible(ortiz)
    ortiz.screenshot(path=screenshots / "watch-360.png", full_page=True)
    ortiz.get_by_role("button", name="Send request").click()
    expect(ortiz.get_by_role("heading", level=1)).to_contain_text("Partial plate")

    lane = page_as("lane")
    lane.goto(ortiz.url)
    expect(lane.get_by_text("white, US-CA only")).to_be_visible()
    lane.get_by_role("button", name="Approve entry").click()
    expect(lane.get_by_role("heading", level=1)).to_contain_text("Active")
    accessible(lane)
    lane.screenshot(path=screenshots / "watch-approved.png", full_page=True)

    send(
        site.ingest_url,
        site.barstow.camera_key,
        sees("8ABC123", timezone.now(), event="watched", vehicle=WHITE),
    )
    dunn = page_as("dunn")
    dunn.goto("/dispatch/")
    expect(dunn.get_by_text("Partial plate").first).to_be_visible()
    dunn.screenshot(path=screenshots / "watch-alert.png", full_page=True)
