"""From a hold to the property room: packed, put on a disc, checked with a bare Python, booked."""

import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Page, expect
from pycdlib import PyCdlib
from pypdf import PdfReader

from plateward.evidence import disc_check, disc_work, package_work
from plateward.evidence.package_models import Package
from plateward.walls import scope
from tests.browsing import Accessible, PageAs, Site
from tests.holds import approved, one_read
from tests.packages import bare_python, unpacked_disc
from tests.sightings import seen


def test_a_hold_is_packed_put_on_a_disc_checked_and_booked(
    site: Site, page_as: PageAs, accessible: Accessible, tmp_path: Path, screenshots: Path
) -> None:
    read = seen(site.barstow.camera, "8ABC123", site.now)
    hold = approved(site.barstow, "diaz", site.now, one_read(read))
    page = page_as("diaz")

    page.goto(f"/evidence/packages/new/?hold={hold.pk}")
    expect(page.get_by_label("Purpose")).to_have_value(hold.purpose)
    expect(page.get_by_label("Case number")).to_have_value(hold.reference)
    page.get_by_label("What it is for").fill("Robbery at 1st and Main, for the property room")
    page.get_by_label("Case number").fill("26-01234")
    page.get_by_role("button", name="Order the package").click()
    expect(page.get_by_role("status").first).to_be_visible()

    with scope.as_system("The worker, which these tests do not run."):
        package_work.work_waiting(now=timezone.now())
        package = Package.objects.get()
    page.reload()
    expect(page.get_by_text(package.fingerprint)).to_be_visible()
    expect(page.get_by_text("Our copy stays. It waits to be booked")).to_be_visible()
    expect(page.get_by_role("link", name="Destroy our copy")).to_have_count(0)
    accessible(page)

    disc_is_made_burned_and_verified(page, package, accessible, tmp_path, screenshots)

    page.goto(f"/evidence/holds/{hold.pk}/book/")
    page.screenshot(path=screenshots / "booking.png", full_page=True)
    accessible(page)
    page.get_by_label("Evidence item number").fill("26-77")
    page.get_by_label("Where it is kept").fill("Property room, shelf 4")
    expect(page.get_by_label("copy SN-77, verified")).to_be_checked()
    page.get_by_role("button", name="Record the booking").click()
    expect(page.get_by_text("Booked as item 26-77")).to_be_visible()
    expect(page.get_by_text("CD-R, 700 MB: SN-77")).to_be_visible()

    page.goto(f"/evidence/packages/{package.pk}/")
    label_is_printed_and_the_copy_handed_over(page, site, accessible)
    page.screenshot(path=screenshots / "discs-custody.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 800})
    page.screenshot(path=screenshots / "discs-custody-360.png", full_page=True)
    page.goto(f"/evidence/holds/{hold.pk}/")
    page.screenshot(path=screenshots / "hold-booked-360.png", full_page=True)


def this_minute() -> str:
    """Now, as the agency's clock has it and a form takes it."""
    return f"{timezone.now().astimezone(ZoneInfo('America/Los_Angeles')):%Y-%m-%dT%H:%M}"


def disc_is_made_burned_and_verified(
    page: Page, package: Package, accessible: Accessible, folder: Path, screenshots: Path
) -> None:
    page.get_by_role("link", name="Make disc images").click()
    accessible(page)
    page.get_by_label("Burn it on").select_option("CD")
    page.get_by_text("Not encrypted: the discs stay within secure places").click()
    page.get_by_label("Handling marks").fill("LAW ENFORCEMENT SENSITIVE – CLETS")
    page.get_by_role("button", name="Order the discs").click()
    expect(page.get_by_text("The images are made by themselves: 0 so far.")).to_be_visible()
    with scope.as_system("The worker, which these tests do not run."):
        disc_work.work_waiting(now=timezone.now())
    page.reload()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Take image 1 to burn").click()
    burned = Path(downloading.value.path())
    image = PyCdlib()
    image.open_fp(io.BytesIO(burned.read_bytes()))
    disc = unpacked_disc(image, folder / "disc")
    checked = bare_python(disc / "verify.py", disc, "--fingerprint", package.fingerprint)
    assert checked.returncode == 0, checked.stdout

    expect(page.get_by_text("Record that a copy was burned; then it can be")).to_be_visible()
    expect(page.get_by_role("link", name="Handed over")).to_have_count(0)
    report = folder / "report.json"
    assert disc_check.verify(disc, fingerprint=package.fingerprint, report_to=str(report)) == 0
    page.get_by_role("link", name="Burned", exact=True).click()
    accessible(page)
    page.get_by_label("Serial number of the copy").fill("SN-77")
    expect(page.get_by_label("When")).to_have_value(re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d"))
    page.screenshot(path=screenshots / "disc-burned.png", full_page=True)
    page.get_by_label("When").fill(this_minute())
    page.get_by_label("What happened").fill("Drive 2, session closed")
    page.get_by_label("Report of the check").set_input_files(report)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("Verified: the report says that everything passed.")).to_be_visible()
    accessible(page)


def label_is_printed_and_the_copy_handed_over(page: Page, site: Site, accessible: Accessible) -> None:
    label = page.get_by_role("link", name="Label of copy SN-77").get_attribute("href")
    printed = page.request.get(f"{site.base_url}{label}").body()
    words = PdfReader(io.BytesIO(printed)).pages[0].extract_text()
    assert all(told in words for told in ("26-77", "SN-77", "LAW ENFORCEMENT SENSITIVE", "Disc 1 of 1"))
    page.get_by_role("link", name="Handed over").click()
    page.get_by_label("Copy").select_option("SN-77")
    page.get_by_label("When").fill(this_minute())
    page.get_by_label("Handed to").fill("D. Ames, District Attorney")
    page.get_by_label("Receipt").fill("Receipt 77")
    page.get_by_label("What happened").fill("Sealed bag 12, for trial")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("to D. Ames, District Attorney, receipt Receipt 77")).to_be_visible()
    accessible(page)
