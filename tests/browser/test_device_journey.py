"""The device register: a camera gets its key, sends, falls ill, is repaired, moved and switched off."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.devices import watch_actions
from plateward.devices.health import HOUR, HourFacts, whole_hour
from plateward.devices.models import Device
from plateward.governance.queries import profile_for
from tests.browsing import Accessible, PageAs, Site
from tests.cameras import sees, send

NAME = "Barstow Rd at I-15"


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_it_manager_registers_a_camera_sees_it_fall_ill_has_it_repaired_and_switches_it_off(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    imani = page_as("imani")

    def looked_over(name: str) -> None:
        accessible(imani)
        imani.screenshot(path=screenshots / f"{name}.png", full_page=True)

    key = registered(imani, looked_over=lambda: looked_over("device-key"))
    send(site.ingest_url, key, sees("7ABC123", site.now - timedelta(minutes=1), event="first"))
    imani.reload()
    expect(imani.locator("#device-key")).to_have_count(0)

    falls_ill(site)
    imani.goto("/devices/")
    row = imani.get_by_role("row").filter(has_text=NAME)
    expect(row).to_contain_text("Payloads cannot be used")
    looked_over("device-register")
    row.get_by_role("link", name=NAME).click()
    expect(imani.get_by_text("9 of its payloads of the past 24 hours could not be used")).to_be_visible()
    expect(imani.get_by_role("img", name="Reads in each hour")).to_be_visible()
    looked_over("device-ill")

    repaired(imani)
    imani.get_by_role("button", name="Disable").click()
    imani.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(imani.get_by_text("What it sends is refused.")).to_be_visible()
    with pytest.raises(AssertionError, match="disabled"):
        send(site.ingest_url, key, sees("7ABC123", site.now, event="second"))
    imani.set_viewport_size({"width": 360, "height": 780})
    looked_over("device-phone")


def registered(imani: Page, *, looked_over: Callable[[], None]) -> str:
    """Fill in the form, first with a mistake; the key as the page shows it this once."""
    imani.goto("/devices/")
    imani.get_by_role("link", name="Register a device").click()
    imani.get_by_label("Name").fill(NAME)
    imani.get_by_label("Location").fill("Barstow Road at Interstate 15, southbound")
    imani.get_by_label("Owner").fill("Barstow Police Department")
    imani.get_by_label("Latitude").fill("34.8880")
    imani.get_by_label("Heading").fill("180")
    imani.get_by_role("button", name="Register").click()
    expect(imani.get_by_role("alert").first).to_be_focused()
    imani.get_by_label("Longitude").fill("-117.0260")
    imani.get_by_role("button", name="Register").click()
    looked_over()
    return imani.locator("#device-key").inner_text()


def test_it_manager_chooses_how_a_camera_gets_in_and_sees_its_password_once(
    page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    imani = page_as("imani")
    imani.goto("/devices/")
    imani.get_by_role("link", name="Main St at 1st Ave").first.click()
    imani.get_by_role("link", name="Change how it gets in").click()
    imani.get_by_label("Whose format it sends").select_option("dahua")
    imani.get_by_label("How it proves who it is").select_option("DIGEST")
    imani.get_by_label("From where it may send").fill("192.0.2.7/24")
    imani.get_by_role("button", name="Save").click()
    expect(imani.get_by_text("write 192.0.2.0/24").first).to_be_visible()
    accessible(imani)
    imani.screenshot(path=screenshots / "device-way.png", full_page=True)
    imani.get_by_label("From where it may send").fill("192.0.2.0/24")
    imani.get_by_role("button", name="Save").click()
    expect(imani.locator("#device-login")).to_contain_text("cam-")
    expect(imani.locator("#device-key")).to_be_visible()
    expect(imani.get_by_text("/NotificationInfo/TollgateInfo")).to_be_visible()
    accessible(imani)
    imani.screenshot(path=screenshots / "device-secret.png", full_page=True)
    imani.reload()
    expect(imani.locator("#device-key")).to_have_count(0)


def falls_ill(site: Site) -> None:
    """Hours of traffic in the past, and payloads that could not be used."""
    device = Device.objects.get(name=NAME)
    last = whole_hour(site.now)
    hours = [
        HourFacts(hour_at=last - back * HOUR, reads=60 + back % 24, confidence=0.9) for back in range(24, 160)
    ]
    watch_actions.record_hours(agency=device.agency_id, hours={device.pk: hours})
    watch_actions.watch(
        agency=device.agency_id,
        profile=profile_for(device.agency_id, site.now),
        lately={device.pk: watch_actions.Lately(last_read_at=site.now, refused=9)},
        now=site.now,
    )


def repaired(imani: Page) -> None:
    imani.get_by_role("link", name="Record work").click()
    imani.get_by_label("What was done").select_option("REPAIR")
    imani.get_by_label("Done by").fill("Pat Pole, Poles Inc.")
    imani.get_by_label("What was found and changed").fill("New firmware; payloads are complete again.")
    imani.get_by_role("button", name="Put on file").click()
    expect(imani.get_by_text("New firmware; payloads are complete again.")).to_be_visible()
    imani.get_by_role("link", name="Change the entry").click()
    imani.get_by_label("Location").fill("Barstow Road at Interstate 15, on the north pole")
    imani.get_by_role("button", name="Save the change").click()
    expect(imani.get_by_text("Barstow Road at Interstate 15, on the north pole")).to_be_visible()
