"""A burglary series: who drives with a vehicle, who was at the scenes, and a search kept for the case."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord
from plateward.devices.models import Device
from tests.browsing import Accessible, PageAs, Site
from tests.drives import drives, more_cameras
from tests.sightings import seen

REASON = "Burglary series on Main Street, two vehicles by night"
PACIFIC = ZoneInfo("America/Los_Angeles")


def local(moment: datetime) -> str:
    return f"{moment.astimezone(PACIFIC):%Y-%m-%dT%H:%M}"


def whole_second(site: Site) -> datetime:
    """Reads are told apart by their millisecond."""
    return site.now.replace(microsecond=0)


def states(page: Page, purpose: str, reference: str) -> None:
    page.get_by_label("Purpose").select_option(purpose)
    page.get_by_label("Reason").fill(REASON)
    page.get_by_label("Case or incident number").fill(reference)


def a_series(site: Site) -> list[Device]:
    """Two cars past five cameras on three days, others around them, and one on its way from work."""
    cameras = more_cameras(site.barstow, 4, site.now)
    for days in (1, 3, 4):
        at = whole_second(site) - timedelta(days=days)
        drives(cameras, "7ABC123", at)
        drives(cameras[: 5 - days % 2], "8XYZ789", at, late=35)
        for number, camera in enumerate(cameras):
            seen(camera, f"4CRW{days}{number}0", at + timedelta(minutes=10 * number, seconds=-50))
    drives(cameras[:3], "6WRK456", whole_second(site) - timedelta(days=1), late=-70)
    return cameras


def test_a_detective_looks_who_travels_with_a_vehicle(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    a_series(site)
    diaz = page_as("diaz")
    title = diaz.get_by_role("heading", level=1)

    def looked_over(name: str) -> None:
        accessible(diaz)
        diaz.screenshot(path=screenshots / f"{name}.png", full_page=True)

    # Who travels with it: from the search page, by keyboard.
    diaz.goto("/search/")
    diaz.get_by_role("link", name="Traveling together").press("Enter")
    diaz.get_by_label("Plate").fill("7abc123")
    states(diaz, "crime-analysis", "26-004401")
    looked_over("travel-form")
    diaz.get_by_label("Plate").press("Enter")
    expect(title).to_have_text("2 vehicles traveled with 7ABC123")
    expect(title).to_be_focused()
    first = diaz.get_by_role("list", name="Companions").get_by_role("listitem").first
    expect(first).to_contain_text("8XYZ789")
    expect(first.get_by_text("35 s after").first).to_be_visible()
    looked_over("travel-result")
    diaz.set_viewport_size({"width": 360, "height": 780})
    diaz.screenshot(path=screenshots / "travel-narrow.png", full_page=True)
    diaz.set_viewport_size({"width": 1280, "height": 900})
    first.get_by_role("link", name="8XYZ789").first.click()
    expect(diaz.get_by_text("8XYZ789").first).to_be_visible()


def test_a_detective_compares_three_scenes(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    cameras = a_series(site)
    diaz = page_as("diaz")
    title = diaz.get_by_role("heading", level=1)

    def looked_over(name: str) -> None:
        accessible(diaz)
        diaz.screenshot(path=screenshots / f"{name}.png", full_page=True)

    # A third scene is added to the two that are there.
    diaz.goto("/search/incidents/")
    diaz.get_by_role("button", name="Add an incident").click()
    expect(diaz.get_by_role("heading", name="Incident 3")).to_be_focused()
    for number, days in enumerate((1, 3, 4), start=1):
        scene = diaz.get_by_role("region", name=f"Incident {number}", exact=True)
        at = site.now - timedelta(days=days)
        scene.get_by_label("Incident").fill(f"26-00440{number}")
        scene.get_by_label("From").fill(local(at - timedelta(minutes=5)))
        scene.get_by_label("Until").fill(local(at + timedelta(minutes=45)))
        scene.get_by_label("Place").fill(f"{cameras[1].latitude}, {cameras[1].longitude}")
        scene.get_by_label("Within so many meters").fill("300")
    diaz.get_by_label("Seen at so many of them").fill("3")
    states(diaz, "crime-analysis", "26-004401")
    looked_over("incidents-form")
    diaz.get_by_role("button", name="Compare the incidents").click()
    expect(title).to_contain_text("2 plates at 3 or more of 3 incidents")
    expect(diaz.get_by_role("list", name="Plates").get_by_role("listitem")).to_have_count(2)
    looked_over("incidents-result")


def test_a_search_is_kept_for_the_case_and_runs_only_when_looked_at(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    a_series(site)
    diaz = page_as("diaz")
    title = diaz.get_by_role("heading", level=1)

    def looked_over(name: str) -> None:
        accessible(diaz)
        diaz.screenshot(path=screenshots / f"{name}.png", full_page=True)

    before = AccessRecord.objects.count()
    diaz.goto("/search/")
    diaz.get_by_role("link", name="Kept for a case").click()
    diaz.get_by_role("link", name="Keep a search").click()
    diaz.get_by_label("Plate").fill("8XYZ789")
    states(diaz, "investigatory-lead", "26-004401")
    looked_over("keep-form")
    diaz.get_by_role("button", name="Keep this search").click()
    expect(title).to_contain_text("kept for 26-004401")
    assert AccessRecord.objects.count() == before
    looked_over("kept")
    diaz.get_by_role("button", name="Look what is new").click()
    expect(title).to_contain_text("new reads for 8XYZ789")
    looked_over("kept-news")
    assert AccessRecord.objects.count() == before + 1

    # Who audits sees that it is kept.
    cole = page_as("cole")
    cole.goto("/search/kept/of-agency/")
    expect(cole.get_by_role("row", name="Dolores Diaz")).to_contain_text("26-004401")
    accessible(cole)
    cole.screenshot(path=screenshots / "kept-of-agency.png", full_page=True)


def test_huntington_park_is_told_that_its_policy_does_not_permit_it(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    assert site.huntington_park
    hale = page_as("hale")
    for address in ("/search/travel/", "/search/incidents/"):
        hale.goto(address)
        expect(hale.get_by_role("heading", name="Not permitted in this agency")).to_be_visible()
        expect(hale.get_by_text("H-426.2", exact=True)).to_be_visible()
        expect(hale.get_by_label("Purpose")).to_have_count(0)
        accessible(hale)
    hale.screenshot(path=screenshots / "analysis-refused.png", full_page=True)
