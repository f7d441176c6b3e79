"""What a search found, looked at as list, map, timeline and pictures, under one access record."""

import csv
import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord
from plateward.devices.actions import register
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.reads.models import Read
from tests.browsing import Accessible, PageAs, Site
from tests.cameras import sees, send
from tests.personas import SETUP
from tests.sightings import seen

STORED_WITHIN_MS = 10_000
LookedOver = Callable[[str], None]


def camera_at(site: Site, name: str, location: str, latitude: float, longitude: float) -> Device:
    facts = DeviceFacts(
        name=name,
        kind=DeviceKind.FIXED,
        location=location,
        owner="Barstow Police Department",
        latitude=latitude,
        longitude=longitude,
    )
    device, _ = register(agency=site.barstow.agency, facts=facts, by=SETUP, now=site.now)
    return device


def a_car_drives_by(site: Site, page: Page) -> None:
    """Three reads of one pass at Main Street, one of them otherwise; then two at other places."""
    rear = camera_at(site, "Main St rear", "Main Street at First Avenue, southbound", 34.8961, -117.0173)
    east = camera_at(site, "Barstow Rd", "Barstow Road at Virginia Way", 34.8853, -117.0228)
    passing = site.now - timedelta(hours=5)
    for number, (plate, seconds, sure) in enumerate([("8BC1234", 0, 0.97), ("BBC1234", 2, 0.81)]):
        read = sees(plate, passing + timedelta(seconds=seconds), event=f"drive-{number}")
        send(site.ingest_url, site.barstow.camera_key, read | {"confidence": sure})
    wait_until_stored(page, 2)
    seen(rear, "8BC1234", passing + timedelta(seconds=4))
    seen(east, "8BC1234", passing + timedelta(minutes=25))
    seen(site.barstow.camera, "8BC1234", passing + timedelta(hours=3))


def wait_until_stored(page: Page, count: int) -> None:
    for _ in range(STORED_WITHIN_MS // 100):
        if Read.objects.filter(source_event_id__startswith="drive-").count() == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the camera's reads were not stored")


def search(page: Page, plate: str, reference: str = "26-01234") -> None:
    page.goto("/search/")
    page.get_by_role("textbox", name="Plate").fill(plate)
    page.get_by_text("Look-alikes too").click()
    page.get_by_label("Purpose").select_option("investigatory-lead")
    page.get_by_label("Reason").fill("Homicide at 1st and Main, the car seen leaving")
    page.get_by_label("Case or incident number").fill(reference)
    page.get_by_role("button", name="Search", exact=True).click()


def test_results_are_looked_at_in_four_ways(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    diaz = page_as("diaz")
    a_car_drives_by(site, diaz)

    def looked_over(name: str) -> None:
        accessible(diaz)
        diaz.screenshot(path=screenshots / f"results-{name}.png", full_page=True)

    search(diaz, "8BC1234")
    expect(diaz.get_by_role("heading", level=1)).to_contain_text("5 reads for 8BC1234")
    expect(diaz.get_by_text("5 reads in 3 passes")).to_be_visible()
    the_list_folds_a_pass_and_hides_no_reading(diaz, looked_over)
    ways = diaz.get_by_role("navigation", name="Ways of looking at this page")
    the_map_is_reached_by_keyboard_and_equals_its_list(diaz, looked_over)
    the_timeline_is_a_table_too(diaz, looked_over)
    ways.get_by_role("link", name="Pictures").click()
    expect(diaz.get_by_role("listitem").filter(has_text="No picture")).to_have_count(3)
    picture = diaz.get_by_role("img", name="Whole scene of 8BC1234 taken by Main St at 1st Ave")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    looked_over("pictures")
    assert AccessRecord.objects.count() == 1, "looking otherwise at the same page is no new access"
    assert diaz.url.endswith("?show=pictures")
    on_a_telephone(diaz, screenshots)

    # The address brings the chosen way back; that is an access of its own, as every showing is.
    diaz.reload()
    expect(diaz.get_by_role("list", name="Pictures of the reads, newest pass first")).to_be_visible()
    expect(diaz.get_by_role("list", name="Reads, newest first")).to_be_hidden()
    assert AccessRecord.objects.count() == 2
    a_file_is_taken_out_for_the_case(diaz, looked_over)
    an_auditor_finds_the_file(page_as("cole"))


def a_file_is_taken_out_for_the_case(diaz: Page, looked_over: LookedOver) -> None:
    diaz.get_by_role("link", name="Take out as a file").click()
    expect(diaz.get_by_text("the newest 1,000 reads found now")).to_be_visible()
    with diaz.expect_download() as downloading:
        diaz.get_by_role("button", name="Take out as CSV").click()
    path = downloading.value.path()
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 5
    assert {line["case"] for line in lines} == {"26-01234"}
    assert {line["access record"] for line in lines} == {str(AccessRecord.objects.latest("pk").pk)}
    diaz.reload()
    expect(diaz.get_by_role("row").filter(has_text=downloading.value.suggested_filename)).to_contain_text(
        hashlib.sha256(path.read_bytes()).hexdigest()
    )
    looked_over("file")
    diaz.set_viewport_size({"width": 360, "height": 800})
    assert diaz.evaluate("document.documentElement.scrollWidth") <= 360
    looked_over("file-360")


def an_auditor_finds_the_file(cole: Page) -> None:
    cole.goto("/audit/journal/?area=search")
    expect(cole.get_by_text("took 5 reads out as the file")).to_be_visible()


def the_list_folds_a_pass_and_hides_no_reading(diaz: Page, looked_over: LookedOver) -> None:
    fold = diaz.get_by_text("Seen 3 times in 4 s by 2 cameras, also read BBC1234")
    expect(diaz.get_by_text("look-alike: B read, 8 asked")).to_be_hidden()
    fold.focus()
    diaz.keyboard.press("Enter")
    expect(diaz.get_by_text("look-alike: B read, 8 asked")).to_be_visible()
    looked_over("list")


def the_map_is_reached_by_keyboard_and_equals_its_list(diaz: Page, looked_over: LookedOver) -> None:
    diaz.get_by_role("link", name="Map", exact=True).press("Enter")
    assert diaz.url.endswith("?show=map")
    places = diaz.get_by_role("list", name="Places").get_by_role("listitem")
    expect(places).to_have_count(2)
    expect(places.first).to_contain_text("Main St at 1st Ave 2 passes, 4 reads")
    expect(diaz.get_by_role("list", name="In the order of time").get_by_role("listitem")).to_have_count(3)
    marker = diaz.get_by_role("link", name="Main St at 1st Ave: seen 2 times. Show it on the list.")
    expect(marker).to_have_text("2")
    marker.press("Enter")
    expect(places.first).to_be_focused()
    looked_over("map")


def the_timeline_is_a_table_too(diaz: Page, looked_over: LookedOver) -> None:
    diaz.get_by_role("link", name="Timeline").click()
    expect(diaz.get_by_role("table").get_by_role("row")).to_have_count(4)
    expect(diaz.locator(".pw-times circle")).to_have_count(3)
    looked_over("timeline")


def on_a_telephone(diaz: Page, screenshots: Path) -> None:
    diaz.set_viewport_size({"width": 360, "height": 800})
    for way in ("List", "Map", "Timeline", "Pictures"):
        diaz.get_by_role("link", name=way, exact=True).click()
        diaz.wait_for_timeout(300)
        wide = diaz.evaluate("document.documentElement.scrollWidth")
        diaz.screenshot(path=screenshots / f"results-{way.lower()}-360.png", full_page=True)
        assert wide <= 360, f"{way} scrolls sideways"
    diaz.set_viewport_size({"width": 1440, "height": 1000})
