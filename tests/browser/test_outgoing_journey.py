"""Another system is told of alerts where the agency decided so, and its page shows whether they arrive."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.outgoing.models import Message, System
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site
from tests.cameras import sees, send
from tests.receiving import decide_to_send, reaches_itself, receiving, sent


def seen(page: Page, accessible: Accessible, path: Path) -> None:
    """The page obeys WCAG and fits a phone; both are kept as pictures."""
    accessible(page)
    page.screenshot(path=path.with_suffix(".png"), full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=path.with_name(f"{path.name}-360.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 1000})


@pytest.mark.clause("B-466.6(a)", "B-466.4(e)")
def test_a_system_is_set_up_its_secret_shown_once_and_deliveries_told(
    site: Site,
    page_as: PageAs,
    accessible: Accessible,
    screenshots: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide_to_send(site.barstow, site.now)
    imani = page_as("imani")
    imani.goto("/outgoing/systems/")
    expect(imani.get_by_text("Messages hold no plate")).to_be_visible()
    seen(imani, accessible, screenshots / "outgoing-none")
    imani.get_by_role("link", name="Set a system up").click()
    imani.get_by_label("Name").fill("County CAD")
    imani.get_by_label("What it does with alerts").fill(
        "Dispatchers of the county see it beside their calls."
    )
    imani.get_by_label("Address").fill("http://cad.county.example/alerts")
    imani.get_by_role("button", name="Set it up").click()
    expect(imani.get_by_role("alert")).to_contain_text("https")
    seen(imani, accessible, screenshots / "outgoing-refused")
    imani.get_by_label("Address").fill("https://cad.county.example/alerts")
    imani.get_by_role("button", name="Set it up").click()
    expect(imani.get_by_role("heading", name="Its secret")).to_be_visible()
    expect(imani.locator("#system-secret")).to_contain_text("whsec_")
    seen(imani, accessible, screenshots / "outgoing-secret")
    imani.get_by_role("link", name="I have kept it").click()
    expect(imani.locator("#system-secret")).to_have_count(0)

    reaches_itself(monkeypatch)
    with receiving() as receiver:
        System.objects.update(url=receiver.url)
        wanted(site.barstow, "8ABC123", site.now)
        send(site.ingest_url, site.barstow.camera_key, sees("8ABC123", timezone.now(), event="sent-on"))
        while not sent(timezone.now()):
            imani.wait_for_timeout(200)
        assert len(receiver.received) == 1
        receiver.status = 503
        imani.get_by_role("button", name="Send a test message").click()
        expect(imani.get_by_text("A test message is on its way.")).to_be_visible()
        sent(timezone.now())
    Message.objects.filter(state="WAITING").update(state="DEAD", ended_at=timezone.now())
    imani.reload()
    deliveries = imani.get_by_role("region", name="Deliveries")
    expect(deliveries).to_contain_text("Arrived")
    expect(deliveries).to_contain_text("Given up")
    expect(imani.get_by_text("It answered 503.").first).to_be_visible()
    seen(imani, accessible, screenshots / "outgoing-deliveries")
    deliveries.get_by_role("button", name="Send again").click()
    expect(imani.get_by_text("It is tried again now.")).to_be_visible()
    imani.get_by_role("link", name="Alerts sent on").first.click()
    expect(imani.get_by_text("Does not arrive")).to_be_visible()
    seen(imani, accessible, screenshots / "outgoing-systems")


def test_while_the_policy_is_silent_the_page_says_that_nothing_is_sent(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    assert site.barstow.users["imani"]
    imani = page_as("imani")
    imani.goto("/outgoing/systems/")
    expect(imani.get_by_text("Nothing is sent to other systems.")).to_be_visible()
    expect(imani.get_by_role("link", name="Set a system up")).to_have_count(0)
    seen(imani, accessible, screenshots / "outgoing-silent")
    imani.goto("/outgoing/systems/new/")
    expect(
        imani.get_by_text("The policy does not say whether alerts are sent to other systems.")
    ).to_be_visible()
