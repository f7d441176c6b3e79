"""A homicide: what was read around it, what covers it, and who is sent to read what is parked there."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord
from plateward.audit.who import Who
from plateward.devices.actions import register
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.search.models import Canvass
from tests.browsing import Accessible, PageAs, Site
from tests.sightings import seen

CORNER, SECOND = (34.8962, -117.0168), (34.8950, -117.0180)


def lived(site: Site) -> None:
    """Three cameras about the scene, one of them silent, and a car that passed."""
    devices = {}
    for name, kind, at in (
        ("Second at Main", DeviceKind.FIXED, CORNER),
        ("Buena Vista at 2nd", DeviceKind.FIXED, SECOND),
        ("Car 12", DeviceKind.MOBILE, None),
    ):
        latitude, longitude = at or (None, None)
        facts = DeviceFacts(
            name=name, kind=kind, location=name, owner="Barstow PD", latitude=latitude, longitude=longitude
        )
        made, _ = register(agency=site.barstow.agency, facts=facts, by=Who.system("tests"), now=site.now)
        devices[name] = made
    plates = ["7ABC123", "6XYZ789", "7ABC123", "8TRK001", "7ABC123", "5NOP456"]
    for minutes, plate in enumerate(plates, start=10):
        seen(site.barstow.camera, plate, site.now - timedelta(minutes=minutes), color="blue")
    seen(devices["Second at Main"], "6XYZ789", site.now - timedelta(minutes=40))
    seen(devices["Car 12"], "4PRK222", site.now - timedelta(minutes=3), at=CORNER)


def state(page: Page, purpose: str) -> None:
    page.get_by_label("Purpose").select_option(purpose)
    page.get_by_label("Reason").fill("Homicide at 1st and Main, every car that was near")


Look = Callable[[Page, str], None]


def type_place(page: Page, looked_over: Look) -> None:
    """Typed: the preview says what covers it, before anything is asked."""
    page.goto("/search/")
    page.get_by_role("link", name="Crime scenes").click()
    page.get_by_role("link", name="New canvass").click()
    page.get_by_label("Kind of crime").select_option("Homicide")
    page.get_by_label("Address or place").fill("1st and Main")
    page.get_by_label("Point", exact=True).fill("34.8958, -117.0173")
    page.get_by_label("Radius in meters").fill("300")
    page.get_by_label("Radius in meters").press("Tab")
    covers = page.locator("#coverage")
    said = page.locator("#coverage-said")
    expect(said).to_contain_text("3 cameras inside, 1 of them silent in this time.")
    expect(covers).to_contain_text("passed through")
    expect(page.locator(".pw-map canvas")).to_be_visible()
    expect(page.get_by_text("Take the last one back")).to_be_visible()
    looked_over(page, "canvass-typed")


def draw_place(page: Page, looked_over: Look) -> None:
    """Drawn by mouse, then by keyboard; the places stand in the field either way."""
    page.get_by_text("Inside a drawn area").click()
    drawing, corners = page.locator(".pw-map canvas"), page.get_by_label("Corners or stops")
    box = drawing.bounding_box()
    assert box
    for number, (across, down) in enumerate(((0.2, 0.2), (0.8, 0.2), (0.5, 0.85)), start=1):
        drawing.click(position={"x": box["width"] * across, "y": box["height"] * down})
        expect(page.get_by_text(f"Corner {number} added at")).to_be_attached()
        page.wait_for_timeout(400)  # a second click at once would be a double click
    expect(corners).to_have_value(re.compile(r"^(34\.\d{5}, -117\.\d{5}\n?){3}$"))
    expect(page.locator("#coverage-said")).to_contain_text("inside")
    looked_over(page, "canvass-drawn")

    page.get_by_role("button", name="Take the last one back").click()
    expect(corners).to_have_value(re.compile(r"^\S+ \S+\n\S+ \S+$"))
    drawing.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(500)  # the map glides
    page.keyboard.press("Enter")
    expect(corners).to_have_value(re.compile(r"^(\S+ \S+\n?){3}$"))
    page.get_by_role("button", name="Clear").click()
    expect(corners).to_have_value("")
    page.get_by_text("Around a point").click()


def open_canvass(page: Page, site: Site, looked_over: Look) -> Canvass:
    """Refused over a month, with what to do; opened over two hours."""
    from_at = page.get_by_label("From").input_value()
    page.get_by_label("From").fill(f"{site.now - timedelta(days=30):%Y-%m-%dT%H:%M}")
    state(page, "investigatory-lead")
    page.get_by_role("button", name="Open the canvass").click()
    alert = page.get_by_role("alert").first
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("at most 7 days")
    looked_over(page, "canvass-refused")
    assert not Canvass.objects.exists()

    page.get_by_label("From").fill(from_at)
    page.get_by_role("button", name="Open the canvass").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1st and Main")
    assert not AccessRecord.objects.exists()
    looked_over(page, "canvass-page")
    return Canvass.objects.get()


def look_at_plates(page: Page, looked_over: Look) -> None:
    """From the canvass to vehicles, and to every read."""
    title = page.get_by_role("heading", level=1)
    page.get_by_role("button", name="Plates seen there").click()
    expect(title).to_contain_text("5 plates seen")
    expect(page.get_by_role("row").nth(1)).to_contain_text("7ABC123")
    assert AccessRecord.objects.count() == 1
    looked_over(page, "canvass-plates")
    page.get_by_role("link", name="Homicide, 1st and Main").click()
    page.get_by_label("Reason").fill("Which cars stopped at the scene")
    page.get_by_role("button", name="All reads").click()
    expect(title).to_contain_text("8 reads for all plates")
    looked_over(page, "canvass-reads")


def send_car(page: Page, officer: Page, canvass: Canvass, looked_over: Look) -> None:
    """Assigned by the detective; the officer has it on the start page until it is done."""
    page.goto(f"/search/canvass/{canvass.pk}/")
    page.get_by_role("link", name="Assign a car").click()
    page.get_by_label("Person").select_option("Quentin Quinn, Patrol Officer")
    page.get_by_label("ALPR-equipped car").select_option("Car 12")
    looked_over(page, "canvass-assign")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("row", name="Quentin Quinn")).to_contain_text("Assigned")
    officer.goto("/")
    looked_over(officer, "canvass-start-page")
    officer.get_by_role("link", name="Canvass the area of 1st and Main").click()
    officer.get_by_role("link", name="Done or withdraw").click()
    officer.get_by_role("button", name="Record").click()
    expect(officer.get_by_role("row", name="Quentin Quinn")).to_contain_text("Done")
    officer.set_viewport_size({"width": 360, "height": 740})
    looked_over(officer, "canvass-narrow")


def be_refused(page: Page, looked_over: Look) -> None:
    """Huntington Park's policy knows no investigatory lead: refused with its clause, nothing on record."""
    page.goto("/search/canvass/new/")
    page.get_by_label("Kind of crime").select_option("Homicide")
    page.get_by_label("Address or place").fill("Pacific and Gage")
    page.get_by_label("Point", exact=True).fill("33.9817, -118.2251")
    add = "select => select.add(new Option('Investigatory lead', 'investigatory-lead'))"
    page.get_by_label("Purpose").evaluate(add)
    state(page, "investigatory-lead")
    page.get_by_role("button", name="Open the canvass").click()
    expect(page.get_by_text("H-426.2").first).to_be_visible()
    looked_over(page, "canvass-not-permitted")
    assert Canvass.objects.count() == 1


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_a_detective_canvasses_a_homicide_and_sends_a_car(
    site: Site,
    page_as: PageAs,
    accessible: Accessible,
    screenshots: Path,
) -> None:
    lived(site)
    diaz = page_as("diaz")

    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)

    type_place(diaz, looked_over)
    draw_place(diaz, looked_over)
    canvass = open_canvass(diaz, site, looked_over)
    look_at_plates(diaz, looked_over)
    send_car(diaz, page_as("quinn"), canvass, looked_over)
    be_refused(page_as("hale"), looked_over)
